@req:BR-020 @risk:medium
Feature: Registered resources are asked for, and ask, by name
  Things that carry no labels of their own, such as printers or services, are registered once with
  what acting on them needs. They may be asked for by name, and they may ask themselves: then they
  hold what they are tied to.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And the attribute "training" with the rule "all of" and the values "safety, privacy"
    And a reader who holds "apollo, safety"

  @smoke @cap:operation=decide @cap:policy=registered-resources
  Scenario Outline: A resource whose <tied> needs "<label>" answers the reader who wants to <action> it with <decision>
    Given the registered resource "printers/hall" is tied to
      | action | label   |
      | <tied> | <label> |
    When the reader asks for permission to <action> the registered resource "printers/hall", which is called by its full name
    Then the decision is <decision>

    Examples: what the resource is tied to
      | case                  | tied   | label           | action | decision |
      | entitled              | read   | apollo          | read   | permit   |
      | not entitled          | read   | gemini          | read   | deny     |
      | another action        | update | apollo          | read   | deny     |
      | an action one lacks   | update | apollo          | update | deny     |
      | action in capitals    | read   | apollo          | READ   | permit   |
      | tied in capitals      | READ   | apollo          | read   | permit   |
      | one of two, any of    | read   | apollo, gemini  | read   | permit   |
      | one of two, all of    | read   | safety, privacy | read   | deny     |
      | two attributes        | read   | apollo, safety  | read   | permit   |
      | one attribute lacking | read   | apollo, privacy | read   | deny     |

  @cap:operation=decide @cap:policy=registered-resources
  Scenario: Only what the action needs is looked at
    Given the registered resource "printers/hall" is tied to
      | action | label  |
      | update | gemini |
      | read   | apollo |
    When the reader asks for permission to read the registered resource "printers/hall", which is called by its full name
    Then the decision is permit

  @cap:operation=decide @cap:policy=registered-resources
  Scenario Outline: A resource that is called by <form> is answered with <decision>
    Given the registered resource "printers/hall" is tied to
      | action | label  |
      | read   | apollo |
    When the reader asks for permission to read the registered resource "printers/hall", which is called by <form>
    Then the decision is <decision>

    Examples: forms of names
      | form                             | decision |
      | its full name in capital letters | permit   |
      | the older form of its name       | permit   |
      | an unknown value                 | deny     |
      | an unknown name                  | deny     |
      | an unknown namespace             | deny     |
      | a malformed name                 | deny     |

  @cap:operation=decide @cap:policy=registered-resources
  Scenario Outline: A resource of no namespace that needs "<label>" to be read is answered with <decision>
    Given the registered resource "printers/hall", which stands in no namespace, is tied to
      | action | label   |
      | read   | <label> |
    When the reader asks for permission to read the registered resource "printers/hall", which is called by the older form of its name
    Then the decision is <decision>

    Examples: labels
      | label  | decision |
      | apollo | permit   |
      | gemini | deny     |

  @cap:operation=decide-each @cap:policy=registered-resources
  Scenario: Registered resources and documents are decided in one request
    Given the registered resource "printers/hall" is tied to
      | action | label  |
      | read   | apollo |
    And the registered resource "scanners/attic" is tied to
      | action | label  |
      | read   | gemini |
    When the reader asks for permission to read each of these documents
      | document | needs                                  |
      | printer  | the registered resource printers/hall  |
      | scanner  | the registered resource scanners/attic |
      | report   | apollo                                 |
    Then the decisions are
      | document | decision |
      | printer  | permit   |
      | scanner  | deny     |
      | report   | permit   |
    And the overall decision is deny

  @cap:operation=decide-in-bulk @cap:policy=registered-resources
  Scenario: In bulk, a registered resource is open to whom it is open alone
    Given the registered resource "printers/hall" is tied to
      | action | label  |
      | read   | apollo |
    When these requests are decided in bulk
      | request | person       | action | document | needs                                 |
      | first   | the reader   | read   | printer  | the registered resource printers/hall |
      | second  | the stranger | read   | printer  | the registered resource printers/hall |
      | third   | the reader   | delete | printer  | the registered resource printers/hall |
    Then the decisions in bulk are
      | request | document | decision | overall |
      | first   | printer  | permit   | permit  |
      | second  | printer  | deny     | deny    |
      | third   | printer  | deny     | deny    |

  @smoke @cap:operation=decide @cap:policy=registered-resources
  Scenario Outline: A resource that is tied to reading gemini and updating apollo may <action> "<needs>": <decision>
    Given the registered resource "services/archive" is tied to
      | action | label  |
      | read   | gemini |
      | update | apollo |
    When a client asks whether the registered resource "services/archive" may <action> a document that needs "<needs>"
    Then the decision is <decision>

    Examples: what the resource wants
      | case                  | action | needs           | decision |
      | as tied               | read   | gemini          | permit   |
      | in capitals           | READ   | gemini          | permit   |
      | another label         | read   | apollo          | deny     |
      | another action        | update | apollo          | permit   |
      | the other way round   | update | gemini          | deny     |
      | an action without tie | delete | gemini          | deny     |
      | one of two            | read   | apollo, gemini  | permit   |
      | one attribute lacking | read   | gemini, privacy | deny     |

  @cap:operation=decide @cap:policy=hierarchy @cap:policy=registered-resources
  Scenario Outline: A resource that is tied to the rank secret may read the rank <needs>: <decision>
    Given the attribute "clearance" with the rule "hierarchy" and the values "top-secret, secret, public"
    And the registered resource "services/archive" is tied to
      | action | label  |
      | read   | secret |
    When a client asks whether the registered resource "services/archive" may read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: ranks
      | needs      | decision |
      | top-secret | deny     |
      | secret     | permit   |
      | public     | permit   |

  @cap:operation=decide @cap:policy=registered-resources
  Scenario Outline: A resource that asks for the resource "<asked>" gets: <decision>
    Given the registered resource "services/archive" is tied to
      | action | label  |
      | read   | gemini |
    And the registered resource "printers/hall" is tied to
      | action | label  |
      | read   | apollo |
    And the registered resource "scanners/attic" is tied to
      | action | label  |
      | read   | gemini |
    When a client asks whether the registered resource "services/archive" may read a document that needs "the registered resource <asked>"
    Then the decision is <decision>

    Examples: resources
      | asked            | decision |
      | scanners/attic   | permit   |
      | printers/hall    | deny     |
      | services/archive | permit   |

  @cap:operation=decide @cap:policy=registered-resources @cap:policy=obligations
  Scenario Outline: The obligations of a resource's labels come with it, for the action alone: <action>
    Given the reader may "read, update" what is labelled "apollo"
    And whoever wants to read what is labelled "apollo" must fulfil "watermark"
    And whoever wants to update what is labelled "safety" must fulfil "log"
    And the registered resource "printers/hall" is tied to
      | action | label  |
      | read   | apollo |
      | read   | safety |
      | update | apollo |
    When the reader asks for permission to <action> the registered resource "printers/hall", which is called by its full name
    Then the decision is <decision>
    And the obligations to fulfil are "<obligations>"

    Examples: actions
      | action | decision | obligations |
      | read   | deny     | watermark   |
      | update | permit   | nothing     |

  @cap:operation=decide @cap:policy=registered-resources @cap:policy=obligations
  Scenario Outline: A resource that asks learns of obligations only where it is entitled: <needs>
    Given whoever wants to read what is labelled "apollo, gemini" must fulfil "watermark"
    And the registered resource "services/archive" is tied to
      | action | label  |
      | read   | gemini |
    When a client asks whether the registered resource "services/archive" may read a document that needs "<needs>"
    Then the decision is deny
    And the obligations to fulfil are "<obligations>"

    Examples: labels
      | needs  | obligations |
      | gemini | watermark   |
      | apollo | nothing     |

  @cap:operation=decide @cap:policy=registered-resources
  Scenario Outline: The resource is open no longer after <change>
    Given the registered resource "printers/hall" is tied to
      | action | label  |
      | read   | apollo |
    And afterwards <change>
    When the reader asks for permission to read the registered resource "printers/hall", which is called by its full name
    Then the decision is deny

    Examples: changes
      | change                                          |
      | the value of the registered resource is removed |
      | the registered resource is removed              |

  @cap:operation=administer @cap:policy=registered-resources
  Scenario Outline: Among registered resources, the author who tries to <deed> is <outcome>
    Given the registered resource "printers/hall" is tied to
      | action | label  |
      | read   | apollo |
    When the author tries to <deed>
    Then the attempt is <outcome>

    Examples: deeds
      | deed                                                        | outcome                |
      | register the resource again                                 | refused as a duplicate |
      | register the resource again in capital letters              | refused as a duplicate |
      | add the same value to the registered resource again         | refused as a duplicate |
      | tie the registered resource to the same label twice         | refused as a duplicate |
      | tie the registered resource to an unknown label             | refused as unknown     |
      | register a resource in an unknown namespace                 | refused as unknown     |
      | remove an unknown registered resource                       | refused as unknown     |
      | tie the registered resource to a label of another namespace | refused as nonsense    |
      | register a resource whose name ends with a hyphen           | refused as nonsense    |
