@req:BR-021 @risk:high @needs:namespaced-policy
Feature: Entitlements hold inside their own namespace only
  Where a platform is told so, what an organisation labels is opened by that organisation's policy
  alone: an entitlement that belongs to no namespace, or to another one, opens nothing.

  Background:
    Given the namespace "acme" has the attribute "department" with the rule "any of" and the values "sales, support"
    And the namespace "globex" has the attribute "department" with the rule "any of" and the values "sales, support"

  @smoke @cap:operation=decide @cap:policy=namespaced
  Scenario Outline: An action counts only as the namespace of the label means it, <case>
    Given the namespace "<namespace>" lets the reader "<may>" what is labelled "<labelled>"
    When the reader asks for permission to <action> a document that needs "<needs>"
    Then the decision is <decision>

    Examples: standard actions
      | case                               | namespace | may          | labelled                | action | needs                   | decision |
      | its own namespace                  | acme      | read         | acme/department/sales   | read   | acme/department/sales   | permit   |
      | the same label of another one      | globex    | read         | globex/department/sales | read   | acme/department/sales   | deny     |
      | another label of its own           | acme      | read         | acme/department/sales   | read   | acme/department/support | deny     |
      | another action                     | acme      | read         | acme/department/sales   | update | acme/department/sales   | deny     |
      | one of several actions             | acme      | read, update | acme/department/sales   | update | acme/department/sales   | permit   |

    Examples: custom actions
      | case                               | namespace | may          | labelled                | action | needs                   | decision |
      | its own namespace, custom          | acme      | export       | acme/department/sales   | export | acme/department/sales   | permit   |
      | its own namespace, in capitals     | acme      | export       | acme/department/sales   | EXPORT | acme/department/sales   | permit   |
      | the same label elsewhere, custom   | globex    | export       | globex/department/sales | export | acme/department/sales   | deny     |
      | another custom action              | acme      | export       | acme/department/sales   | import | acme/department/sales   | deny     |

  @cap:operation=decide @cap:policy=namespaced
  Scenario Outline: An entitlement that belongs to no namespace opens nothing, <case>
    Given the reader may "<may>" what is labelled "acme/department/sales"
    When the reader asks for permission to <action> a document that needs "acme/department/sales"
    Then the decision is deny

    Examples: actions
      | case              | may    | action |
      | a standard action | read   | read   |
      | a custom action   | export | export |

  @cap:operation=decide @cap:policy=namespaced
  Scenario Outline: A document of two namespaces needs an entitlement of each, <case>
    Given the namespace "acme" lets the reader "<acme>" what is labelled "acme/department/sales"
    And the namespace "globex" lets the reader "<globex>" what is labelled "globex/department/sales"
    When the reader asks for permission to <action> a document that needs "acme/department/sales, globex/department/sales"
    Then the decision is <decision>

    Examples: entitlements
      | case                                | acme   | globex | action | decision |
      | both, standard                      | read   | read   | read   | permit   |
      | another action in the other one     | read   | update | read   | deny     |
      | both, custom                        | export | export | export | permit   |
      | another custom action in the other  | export | import | export | deny     |

  @cap:operation=decide @cap:policy=namespaced
  Scenario Outline: A document of two namespaces stays closed to the entitlements of one, <case>
    Given the namespace "acme" lets the reader "<may>" what is labelled "acme/department/sales"
    When the reader asks for permission to <may> a document that needs "acme/department/sales, globex/department/sales"
    Then the decision is deny

    Examples: actions
      | case              | may    |
      | a standard action | read   |
      | a custom action   | export |

  @cap:operation=decide @cap:policy=namespaced
  Scenario: An entitlement of no namespace does not make up for one that is missing
    Given the namespace "acme" lets the reader "read" what is labelled "acme/department/sales"
    And the reader may "read" what is labelled "globex/department/sales"
    When the reader asks for permission to read a document that needs "acme/department/sales, globex/department/sales"
    Then the decision is deny

  @cap:operation=decide-each @cap:policy=namespaced
  Scenario: Of several documents, only those of the entitling namespace are open
    Given the namespace "acme" lets the reader "read" what is labelled "acme/department/sales"
    And the reader may "read" what is labelled "globex/department/support"
    When the reader asks for permission to read each of these documents
      | document | needs                     |
      | offer    | acme/department/sales     |
      | manual   | globex/department/support |
      | contract | globex/department/sales   |
    Then the decisions are
      | document | decision |
      | offer    | permit   |
      | manual   | deny     |
      | contract | deny     |
    And the overall decision is deny

  @cap:operation=decide @cap:policy=namespaced
  Scenario Outline: Whoever asks for the action of one namespace is not answered with that of another, <case>
    Given the namespace "acme" lets the reader "export" what is labelled "acme/department/sales"
    When the reader asks whether the namespace "<namespace>" permits to export a document that needs "acme/department/sales"
    Then the decision is <decision>

    Examples: namespaces
      | case        | namespace | decision |
      | its own     | acme      | permit   |
      | another one | globex    | deny     |

  @cap:operation=decide @cap:policy=namespaced
  Scenario Outline: Ranks count inside their namespace, <case>
    Given the namespace "acme" has the attribute "clearance" with the rule "hierarchy" and the values "secret, internal, public"
    And the namespace "acme" lets the reader "read" what is labelled "acme/clearance/internal"
    And the reader may "read" what is labelled "acme/clearance/secret"
    When the reader asks for permission to read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: ranks
      | case          | needs                   | decision |
      | below         | acme/clearance/public   | permit   |
      | the same      | acme/clearance/internal | permit   |
      | above         | acme/clearance/secret   | deny     |

  @cap:operation=decide @cap:policy=registered-resources
  Scenario Outline: A registered resource is opened by policy of its own namespace, <case>
    Given the registered resource "acme/printers/hall" is tied to
      | action | label                 |
      | <tied> | acme/department/sales |
    And the namespace "<namespace>" lets the reader "<may>" what is labelled "<namespace>/department/sales"
    When the reader asks for permission to <action> the registered resource "acme/printers/hall", which is called by its full name
    Then the decision is <decision>

    Examples: actions
      | case                         | tied   | namespace | may    | action | decision |
      | a standard action            | read   | acme      | read   | read   | permit   |
      | a standard action, elsewhere | read   | globex    | read   | read   | deny     |
      | a custom action              | export | acme      | export | export | permit   |
      | a custom action, elsewhere   | export | globex    | export | export | deny     |
      | another action               | read   | acme      | read   | update | deny     |

  @cap:operation=decide @cap:policy=registered-resources
  Scenario: A registered resource is not opened by an entitlement that belongs to no namespace
    Given the registered resource "acme/printers/hall" is tied to
      | action | label                 |
      | read   | acme/department/sales |
    And the reader may "read" what is labelled "acme/department/sales"
    When the reader asks for permission to read the registered resource "acme/printers/hall", which is called by its full name
    Then the decision is deny

  @cap:operation=decide-each @cap:policy=registered-resources
  Scenario Outline: Registered resources of two namespaces are open together only to entitlements of both, <case>
    Given the registered resource "acme/printers/hall" is tied to
      | action | label                 |
      | read   | acme/department/sales |
    And the registered resource "globex/printers/attic" is tied to
      | action | label                   |
      | read   | globex/department/sales |
    And the namespace "acme" lets the reader "read" what is labelled "acme/department/sales"
    And the namespace "globex" lets the reader "<globex>" what is labelled "globex/department/sales"
    When the reader asks for permission to read each of these documents
      | document | needs                                         |
      | hall     | the registered resource acme/printers/hall    |
      | attic    | the registered resource globex/printers/attic |
    Then the decisions are
      | document | decision   |
      | hall     | permit     |
      | attic    | <decision> |
    And the overall decision is <decision>

    Examples: entitlements
      | case                     | globex | decision |
      | both                     | read   | permit   |
      | another action elsewhere | update | deny     |

  @cap:policy=namespaced
  Scenario: A namespace cannot entitle to what another one labels
    When the namespace "globex" tries to let the reader "read" what is labelled "acme/department/sales"
    Then that policy is refused because its parts stand in different namespaces

  @cap:encrypt_sdk=go @cap:decrypt_sdk=any @cap:format=any @cap:policy=namespaced
  Scenario: A reader opens what the namespace of its label lets the reader read
    Given the namespace "acme" lets the reader "read" what is labelled "acme/department/sales"
    And a document that needs "acme/department/sales"
    When the reader opens the document
    Then the document opens with its original content

  @cap:encrypt_sdk=go @cap:decrypt_sdk=go @cap:format=any @cap:policy=namespaced
  Scenario: A reader who is entitled outside the namespace of the label does not open the document
    Given the reader may "read" what is labelled "acme/department/sales"
    And a document that needs "acme/department/sales"
    When the reader opens the document
    Then access is refused because the reader is not entitled
