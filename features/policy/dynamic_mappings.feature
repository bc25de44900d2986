@req:BR-022 @risk:high @cap:policy=dynamic-values @cap:identity=keycloak @needs:dynamic-mappings @needs:people
Feature: One entitlement for every value that a person's own attribute names
  Instead of one entitlement for each value, an organisation may say once: people read what is
  labelled with their own group. The platform compares the label with what it knows of the person.

  Background:
    Given the identity provider knows alice as "group/engineering, clearance/secret"
    And the identity provider knows bob as "group/marketing, clearance/public"
    And the identity provider knows carol as "group/engineering, group/marketing, clearance/public"
    And the attribute "team" with the rule "any of" and the values "engineering, marketing, engineer, legal"

  @smoke @cap:operation=decide
  Scenario Outline: People may read what is labelled with a value of their own, <case>
    Given people may "read" every "team" that is their group
    When a client asks whether <person>, known by name, may <action> a document that needs "<needs>"
    Then the decision is <decision>

    Examples: people
      | case                          | person           | action | needs                             | decision |
      | her group                     | alice            | read   | team/engineering                  | permit   |
      | the group of somebody else    | bob              | read   | team/engineering                  | deny     |
      | one of her groups             | carol            | read   | team/marketing                    | permit   |
      | nobody's group                | carol            | read   | team/legal                        | deny     |
      | any of two labels             | alice            | read   | team/engineering, team/marketing  | permit   |
      | a part of her group           | alice            | read   | team/engineer                     | deny     |
      | another action                | alice            | update | team/engineering                  | deny     |
      | nobody whom anybody knows     | somebody unknown | read   | team/engineering                  | deny     |

    Examples: values that the attribute does not list
      | case                          | person           | action | needs                             | decision |
      | a new label                   | alice            | read   | unlisted team/engineering-two     | deny     |
      | an unknown value              | alice            | read   | an unknown value                  | deny     |
      | an unknown attribute          | alice            | read   | an unknown attribute              | deny     |

  @cap:operation=decide
  Scenario Outline: A value need not be listed to be opened by those whose own it is, <case>
    Given the attribute "project" with the rule "any of" and the values "nothing"
    And people may "read" every "project" that is their group
    When a client asks whether <person>, known by name, may read a document that needs "unlisted project/marketing"
    Then the decision is <decision>

    Examples: people
      | case              | person | decision |
      | his own           | bob    | permit   |
      | one of her own    | carol  | permit   |
      | somebody else's   | alice  | deny     |

  @cap:operation=decide
  Scenario Outline: A value that is part of a person's own is enough where policy says so, <case>
    Given people may "read" every "team" that is part of their group
    When a client asks whether <person>, known by name, may read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: people
      | case                 | person | needs            | decision |
      | a part of her group  | alice  | team/engineer    | permit   |
      | the whole of it      | alice  | team/engineering | permit   |
      | no part of his group | bob    | team/engineer    | deny     |
      | nobody's group       | alice  | team/legal       | deny     |

  @cap:operation=decide
  Scenario Outline: What stands before such an entitlement has to hold as well, <case>
    Given people whose clearance is "secret" may "read" every "team" that is their group
    When a client asks whether <person>, known by name, may read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: people
      | case                                 | person | needs            | decision |
      | her group, and cleared               | alice  | team/engineering | permit   |
      | her group, but not cleared           | carol  | team/engineering | deny     |
      | cleared, but not her group           | alice  | team/marketing   | deny     |
      | neither                              | bob    | team/engineering | deny     |

  @cap:operation=decide
  Scenario Outline: Where all values are required, each has to be the person's own, <case>
    Given the attribute "duty" with the rule "all of" and the values "engineering, marketing"
    And people may "read" every "duty" that is their group
    When a client asks whether <person>, known by name, may read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: people
      | case               | person | needs                              | decision |
      | both are hers      | carol  | duty/engineering, duty/marketing   | permit   |
      | only one is hers   | alice  | duty/engineering, duty/marketing   | deny     |
      | the one that is    | alice  | duty/engineering                   | permit   |

  @cap:operation=decide
  Scenario: Such an entitlement is about its own attribute, not about like-named values of others
    Given the attribute "office" with the rule "any of" and the values "engineering"
    And people may "read" every "team" that is their group
    When a client asks whether alice, known by name, may read a document that needs "office/engineering"
    Then the decision is deny

  @cap:operation=decide
  Scenario Outline: Entitlements of both kinds add up over attributes, <case>
    Given the attribute "office" with the rule "any of" and the values "north, south"
    And people may "read" every "team" that is their group
    And people whose clearance is "secret" may read what is labelled "north"
    When a client asks whether <person>, known by name, may read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: people
      | case                 | person | needs                          | decision |
      | both                 | alice  | team/engineering, office/north | permit   |
      | the mapped one alone | alice  | team/engineering, office/south | deny     |
      | the group alone      | carol  | team/engineering, office/north | deny     |

  Scenario: An attribute whose values are ranked cannot be mapped as a whole
    Given the attribute "rank" with the rule "hierarchy" and the values "high, low"
    When the author lets people "read" every "rank" that is their clearance
    Then that policy is refused because its values are ranked

  Scenario: An attribute is not mapped as a whole while values of it are mapped one by one
    Given people whose group is "engineering" may read what is labelled "team/engineering"
    When the author lets people "read" every "team" that is their group
    Then that policy is refused because the two ways exclude each other

  @needs:people-tokens @cap:auth_type=password @cap:encrypt_sdk=go @cap:decrypt_sdk=any @cap:format=any
  Scenario: A person opens what is labelled with her own group
    Given people may "read" every "team" that is their group
    And alice is the reader
    And a document that needs "team/engineering"
    When the reader opens the document
    Then the document opens with its original content

  @needs:people-tokens @cap:auth_type=password @cap:encrypt_sdk=go @cap:decrypt_sdk=go @cap:format=any
  Scenario: A person does not open what is labelled with the group of others
    Given people may "read" every "team" that is their group
    And bob is the reader
    And a document that needs "team/engineering"
    When the reader opens the document
    Then access is refused because the reader is not entitled

  @needs:people-tokens @cap:auth_type=password @cap:encrypt_sdk=go @cap:decrypt_sdk=go @cap:format=any
  Scenario: A person who fails what stands before the entitlement does not open the document
    Given people whose clearance is "secret" may "read" every "team" that is their group
    And carol is the reader
    And a document that needs "team/engineering"
    When the reader opens the document
    Then access is refused because the reader is not entitled
