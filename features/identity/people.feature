@req:BR-016 @risk:high @cap:identity=keycloak @cap:operation=decide @needs:people
Feature: People are entitled by what the identity provider knows of them
  Somebody's groups and clearances stand in the directory of the identity provider. The platform
  asks there, however a request names the person, and treats nobody as somebody else.

  Background:
    Given the identity provider knows alice as "group/engineering, clearance/secret"
    And the identity provider knows bob as "group/marketing, clearance/public"

  @smoke
  Scenario Outline: A person may read what the directory's attributes entitle to, <case>
    When a client asks whether <person>, known by name, may read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: people
      | case                              | person           | needs                               | decision |
      | her own group                     | alice            | group/engineering                   | permit   |
      | his own group                     | bob              | group/marketing                     | permit   |
      | her group and her clearance       | alice            | group/engineering, clearance/secret | permit   |
      | either of two groups              | bob              | group/engineering, group/marketing  | permit   |
      | the group of somebody else        | bob              | group/engineering                   | deny     |
      | her group, another clearance      | alice            | group/engineering, clearance/public | deny     |
      | nobody whom the directory knows   | somebody unknown | group/engineering                   | deny     |

  Scenario Outline: A person stays the same however a request names them, <case>
    When a client asks whether <person>, known by <way>, may read a document that needs "group/engineering"
    Then the decision is <decision>

    Examples: ways
      | case                           | person           | way                        | decision |
      | name in capitals               | alice            | name in capitals           | permit   |
      | e-mail address                 | alice            | e-mail address             | permit   |
      | e-mail address in capitals     | alice            | e-mail address in capitals | permit   |
      | e-mail address of another      | bob              | e-mail address             | deny     |
      | e-mail address nobody has      | somebody unknown | e-mail address             | deny     |
      | name, asked by the first version  | alice | name to the first version | permit |
      | name of another, first version    | bob   | name to the first version | deny   |

  @needs:people-tokens @cap:auth_type=password
  Scenario Outline: A person is recognised by an own access token, <case>
    When a client asks whether <person>, known by <way>, may read a document that needs "group/engineering"
    Then the decision is <decision>

    Examples: tokens
      | case                        | person | way                    | decision |
      | her token                   | alice  | access token           | permit   |
      | the token of another        | bob    | access token           | deny     |
      | her own request             | alice  | a request of their own | permit   |
      | the own request of another  | bob    | a request of their own | deny     |

  Scenario Outline: Values of attributes are compared exactly, <case>
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And people whose group is "<value>" may read what is labelled "apollo"
    When a client asks whether alice, known by name, may read a document that needs "apollo"
    Then the decision is <decision>

    Examples: values
      | case                   | value        | decision |
      | the same value         | engineering  | permit   |
      | another case           | Engineering  | deny     |
      | the beginning alone    | engineer     | deny     |
      | a longer value         | engineerings | deny     |

  Scenario Outline: A person may be entitled by name or e-mail address, <case>
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And people whose <property> is that of alice may read what is labelled "apollo"
    When a client asks whether <person>, known by name, may read a document that needs "apollo"
    Then the decision is <decision>

    Examples: properties
      | case                              | property         | person | decision |
      | her name                          | name             | alice  | permit   |
      | her e-mail address                | e-mail address   | alice  | permit   |
      | her name, somebody else           | name             | bob    | deny     |
      | her e-mail address, somebody else | e-mail address   | bob    | deny     |
      | her name in another case          | name in capitals | alice  | deny     |

  Scenario Outline: People who act together need an entitlement each, <case>
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And people whose group is "engineering" may read what is labelled "apollo"
    And people whose clearance is "<clearance>" may read what is labelled "apollo"
    When a client asks whether "alice, bob" together may read a document that needs "apollo"
    Then the decision is <decision>

    Examples: clearances
      | case                 | clearance | decision |
      | both are entitled    | public    | permit   |
      | only one is entitled | secret    | deny     |

  Scenario Outline: The client that a person uses neither helps nor hinders, <case>
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And a reader who holds "apollo"
    And people whose group is "engineering" may read what is labelled "gemini"
    When a client asks whether alice, who uses the reader's client, may read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: entitlements
      | case                           | needs  | decision |
      | only the person is entitled    | gemini | permit   |
      | only the client is entitled    | apollo | deny     |

  Scenario Outline: Conditions of an entitlement are combined as they say, <case>
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And people may read what is labelled "apollo" under these conditions
      | set   | meets   | attribute | is   | values   |
      | first | <meets> | group     | <is> | <group>  |
      | <set> | <meets> | clearance | <and> | <clearance> |
    When a client asks whether alice, known by name, may read a document that needs "apollo"
    Then the decision is <decision>

    Examples: conditions
      | case                               | meets | is                | group                  | set    | and     | clearance | decision |
      | every one of two, both are met     | every | one of            | engineering            | first  | one of  | secret    | permit   |
      | every one of two, one is met       | every | one of            | engineering            | first  | one of  | public    | deny     |
      | any of two, one is met             | any   | one of            | engineering            | first  | one of  | public    | permit   |
      | any of two, none is met            | any   | one of            | marketing              | first  | one of  | public    | deny     |
      | two sets, both are met             | every | one of            | engineering            | second | one of  | secret    | permit   |
      | two sets, one is met               | every | one of            | engineering            | second | one of  | public    | deny     |
      | one of several values              | every | one of            | marketing, engineering | first  | one of  | secret    | permit   |
      | a value that is not there          | every | one of            | engineering            | first  | none of | public    | permit   |
      | a value that must not be there     | every | one of            | engineering            | first  | none of | secret    | deny     |
      | a part of the value                | every | containing one of | engineer               | first  | one of  | secret    | permit   |
      | a part of another value            | every | containing one of | marketeer              | first  | one of  | secret    | deny     |
