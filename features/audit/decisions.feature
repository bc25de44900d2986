@req:BR-037 @risk:medium @needs:audit-log
Feature: Each decision is on record, with its reasons
  Whoever was denied asks why, and whoever was permitted may be asked why. The record says what was
  decided about each document, and which labels were lacking.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And the attribute "training" with the rule "all of" and the values "safety, privacy"
    And the attribute "clearance" with the rule "hierarchy" and the values "secret, public"
    And a reader who holds "apollo, safety, public"

  @cap:operation=decide @cap:policy=abac-basic @cap:policy=hierarchy
  Scenario Outline: The record of a decision about "<needs>" says <decision>, and why
    When the reader asks for permission to read a document that needs "<needs>"
    Then the decision is <decision>
    And the audit says about the decisions
      | document | decision   | overall    | reason   |
      | document | <decision> | <decision> | <reason> |

    Examples: decisions
      | needs            | decision | reason                 |
      | apollo           | permit   | entitled               |
      | apollo, gemini   | permit   | entitled               |
      | gemini           | deny     | lacks gemini           |
      | safety           | permit   | entitled               |
      | safety, privacy  | deny     | lacks privacy          |
      | public           | permit   | entitled               |
      | secret           | deny     | lacks secret           |
      | gemini, secret   | deny     | lacks gemini, secret   |
      | an unknown value | deny     | unknown label          |

  @cap:operation=decide @cap:policy=abac-basic
  Scenario: The record of a decision about another action says what was lacking
    When the reader asks for permission to delete a document that needs "apollo"
    Then the decision is deny
    And the audit says about the decisions
      | document | decision | overall | reason       |
      | document | deny     | deny    | lacks apollo |

  @cap:operation=decide-each @cap:policy=abac-basic
  Scenario: The record of several decisions has each of them
    When the reader asks for permission to read each of these documents
      | document | needs           |
      | report   | apollo          |
      | letter   | gemini          |
      | memo     | apollo, privacy |
    Then the audit says about the decisions
      | document | decision | overall | reason        |
      | report   | permit   | deny    | entitled      |
      | letter   | deny     | deny    | lacks gemini  |
      | memo     | deny     | deny    | lacks privacy |

  @cap:operation=decide-in-bulk @cap:policy=abac-basic
  Scenario: Decisions in bulk leave a record for each request
    When these requests are decided in bulk
      | request | person       | action | document | needs  |
      | first   | the reader   | read   | report   | apollo |
      | first   | the reader   | read   | letter   | gemini |
      | second  | the reader   | read   | report   | apollo |
      | third   | the stranger | read   | report   | apollo |
    Then the audit says about the decisions
      | document | decision | overall | reason       |
      | report   | permit   | deny    | entitled     |
      | letter   | deny     | deny    | lacks gemini |
      | report   | permit   | permit  | entitled     |
      | report   | deny     | deny    | lacks apollo |

  @cap:operation=rewrap @cap:policy=abac-basic
  Scenario: The record of a decision about a key request names for whom it was made
    Given these key envelopes
      | envelope | needs  |
      | report   | apollo |
    When the reader asks the key service to open the envelopes
    Then the audit names the reader as the one who acted in the record of the decision

  @cap:operation=decide @cap:policy=obligations
  Scenario Outline: The record of a decision names the obligation of a client that can fulfil <can fulfil>
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    And the reader's client can fulfil "<can fulfil>"
    When the reader asks for permission to read a document that needs "apollo"
    Then the audit says about the decisions
      | document | decision   | overall    | reason   | obligations |
      | document | <decision> | <decision> | entitled | watermark   |

    Examples: what can be fulfilled
      | can fulfil | decision |
      | watermark  | permit   |
      | nothing    | deny     |
