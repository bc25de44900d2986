@req:BR-024 @risk:high @cap:identity=claims @needs:claims-identity
Feature: People are who a trusted request says they are
  Where a platform is told to believe claims, nobody has to be known to its identity provider. It
  believes the user name, the department and the groups of whoever has a user name, and the
  memberships of whoever has some, be they a text with commas or a list; nothing else.

  Background:
    Given the attribute "document" with the rule "any of" and the values "plan, offer, minutes"

  @smoke @cap:operation=decide
  Scenario Outline: A claim entitles whom it names, <case>
    Given whoever has the department "engineering" may "read" what is labelled "plan"
    And a person who claims "<claims>"
    When a client asks whether they may <action> a document that needs "<needs>"
    Then the decision is <decision>

    Examples: claims
      | case                        | claims                                              | action | needs | decision |
      | the department              | userName: diana, department: engineering            | read   | plan  | permit   |
      | another department          | userName: bob, department: marketing                | read   | plan  | deny     |
      | another document            | userName: diana, department: engineering            | read   | offer | deny     |
      | another action              | userName: diana, department: engineering            | update | plan  | deny     |
      | the department in capitals  | userName: diana, department: ENGINEERING            | read   | plan  | deny     |
      | a part of the department    | userName: diana, department: engineer               | read   | plan  | deny     |
      | no department               | userName: diana                                     | read   | plan  | deny     |
      | an empty department         | userName: diana, department:                        | read   | plan  | deny     |
      | another claim               | userName: diana, office: engineering                | read   | plan  | deny     |
      | a list of departments       | userName: diana, department: list of engineering    | read   | plan  | deny     |

    Examples: claims that fit no way to believe them
      | case                        | claims                                              | action | needs | decision |
      | no user name                | department: engineering                             | read   | plan  | deny     |
      | nothing is claimed          | nothing                                             | read   | plan  | deny     |
      | a user name of another kind | username: diana, department: engineering            | read   | plan  | deny     |

  @cap:operation=decide
  Scenario Outline: Each entry of a list counts by itself, <case>
    Given whoever has among the groups "engineering" may "read" what is labelled "plan"
    And whoever has among the groups "security" may "read" what is labelled "minutes"
    And a person who claims "userName: diana, groups: <groups>"
    When a client asks whether they may read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: lists
      | case                          | groups                              | needs         | decision |
      | the first entry               | list of engineering and sales       | plan          | permit   |
      | the last entry                | list of sales and engineering       | plan          | permit   |
      | the only entry                | list of engineering                 | plan          | permit   |
      | no such entry                 | list of marketing and sales         | plan          | deny     |
      | a part of an entry            | list of engineer and sales          | plan          | deny     |
      | an entry in capitals          | list of ENGINEERING and sales       | plan          | deny     |
      | an empty list                 | list of nothing                     | plan          | deny     |
      | no list                       | engineering                         | plan          | deny     |
      | any of two labels             | list of sales and security          | plan, minutes | permit   |
      | the other entitlement's entry | list of security and sales          | plan          | deny     |

  @cap:operation=decide
  Scenario: A list is not found where a single value is looked for
    Given whoever has the groups "engineering" may "read" what is labelled "plan"
    And a person who claims "userName: diana, groups: list of engineering and sales"
    When a client asks whether they may read a document that needs "plan"
    Then the decision is deny

  @cap:operation=decide
  Scenario Outline: What one way of reading claims cannot read, the next one can, <case>
    Given whoever has among the groups "engineering" may "read" what is labelled "plan"
    And a person who claims "memberships: <memberships>"
    When a client asks whether they may read a document that needs "plan"
    Then the decision is <decision>

    Examples: memberships
      | case                   | memberships                   | decision |
      | a list                 | list of sales and engineering | permit   |
      | a text                 | engineering                   | permit   |
      | a list without it      | list of sales and support     | deny     |
      | a text without it      | sales                         | deny     |

  @cap:operation=decide
  Scenario Outline: Claims that nobody asked for are not believed, <case>
    Given whoever has <property> "<value>" may "read" what is labelled "plan"
    And a person who claims "userName: diana, department: sales, role: auditor"
    When a client asks whether they may read a document that needs "plan"
    Then the decision is <decision>

    Examples: properties
      | case                | property       | value   | decision |
      | believed            | the department | sales   | permit   |
      | believed and named  | the username   | diana   | permit   |
      | not believed        | the role       | auditor | deny     |
      | not under that name | the userName   | diana   | deny     |

  @cap:encrypt_sdk=go @cap:decrypt_sdk=go @cap:format=any @cap:policy=abac-basic
  Scenario: A reader opens what the claims of the reader's own token entitle to
    Given a reader who holds "plan"
    And a document that needs "plan"
    When the reader opens the document
    Then the document opens with its original content

  @cap:encrypt_sdk=go @cap:decrypt_sdk=go @cap:format=any @cap:policy=abac-basic
  Scenario: A reader does not open what the claims of the reader's own token entitle nobody to
    Given a reader who holds "offer"
    And a document that needs "plan"
    When the reader opens the document
    Then access is refused because the reader is not entitled
