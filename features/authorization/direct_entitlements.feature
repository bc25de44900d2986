@req:BR-023 @risk:high @cap:policy=direct-entitlements @cap:identity=claims @cap:operation=decide
Feature: Entitlements that come with the request
  Where a platform is told so, whoever vouches for a person may send entitlements along, without
  any entitlement in the platform's own policy. They count for exactly what they name.

  Background:
    Given the attribute "department" with the rule "any of" and the values "sales, support"
    And the attribute "project" with the rule "all of" and the values "apollo, gemini"

  @smoke @needs:direct-entitlements
  Scenario Outline: An entitlement that comes along counts for what it names, <case>
    Given a person who claims "userName: diana"
    And the person brings an entitlement to "<brought>" what is labelled "<labelled>"
    When a client asks whether they may <action> a document that needs "<needs>"
    Then the decision is <decision>

    Examples: actions
      | case                         | brought        | labelled                                    | action | needs                               | decision |
      | the action                   | read           | department/sales                            | read   | department/sales                    | permit   |
      | the action in capitals       | READ           | department/sales                            | read   | department/sales                    | permit   |
      | another action               | read           | department/sales                            | update | department/sales                    | deny     |
      | one of several actions       | read, update   | department/sales                            | update | department/sales                    | permit   |
      | an action of one's own       | stamp          | department/sales                            | stamp  | department/sales                    | permit   |

    Examples: values
      | case                         | brought        | labelled                                    | action | needs                               | decision |
      | another value                | read           | department/sales                            | read   | department/support                  | deny     |
      | a value of another attribute | read           | department/sales                            | read   | project/apollo                      | deny     |
      | one of any                   | read           | department/sales                            | read   | department/sales, department/support | permit   |
      | one of all                   | read           | project/apollo                              | read   | project/apollo, project/gemini      | deny     |
      | all of all                   | read           | project/apollo, project/gemini              | read   | project/apollo, project/gemini      | permit   |

    Examples: values that the attribute does not list
      | case                         | brought        | labelled                                    | action | needs                               | decision |
      | the unlisted value           | read           | unlisted department/finance                 | read   | unlisted department/finance         | permit   |
      | another unlisted value       | read           | unlisted department/finance                 | read   | unlisted department/legal           | deny     |
      | an unlisted value, update    | read           | unlisted department/finance                 | update | unlisted department/finance         | deny     |
      | an unknown attribute         | read           | an unknown attribute                        | read   | an unknown attribute                | deny     |

  @needs:direct-entitlements
  Scenario: Nobody is entitled who brings nothing
    Given a person who claims "userName: diana"
    When a client asks whether they may read a document that needs "department/sales"
    Then the decision is deny

  @needs:direct-entitlements
  Scenario Outline: Entitlements of both kinds add up, <case>
    Given whoever has the assignment "apollo" may "<mapped>" what is labelled "project/apollo"
    And a person who claims "userName: diana, assignment: <assignment>"
    And the person brings an entitlement to "read" what is labelled "<labelled>"
    When a client asks whether they may read a document that needs "project/apollo, project/gemini"
    Then the decision is <decision>

    Examples: entitlements
      | case                                   | mapped | assignment | labelled       | decision |
      | one of each kind                       | read   | apollo     | project/gemini | permit   |
      | policy is about somebody else          | read   | soyuz      | project/gemini | deny     |
      | policy is about another action         | update | apollo     | project/gemini | deny     |
      | twice the same, the other one missing  | read   | apollo     | project/apollo | deny     |

  @needs:direct-entitlements
  Scenario: A higher rank that comes along opens what needs a lower one
    Given the attribute "clearance" with the rule "hierarchy" and the values "secret, internal, public"
    And a person who claims "userName: diana"
    And the person brings an entitlement to "read" what is labelled "clearance/secret"
    When a client asks whether they may read a document that needs "clearance/public"
    Then the decision is permit

  @needs:direct-entitlements
  Scenario: A lower rank that comes along does not open what needs a higher one
    Given the attribute "clearance" with the rule "hierarchy" and the values "secret, internal, public"
    And a person who claims "userName: diana"
    And the person brings an entitlement to "read" what is labelled "clearance/public"
    When a client asks whether they may read a document that needs "clearance/internal"
    Then the decision is deny

  @needs:claims-identity
  Scenario: A platform that was not told so heeds no entitlement that comes along
    Given a person who claims "userName: diana"
    And the person brings an entitlement to "read" what is labelled "department/sales"
    When a client asks whether they may read a document that needs "department/sales"
    Then the decision is deny
