@req:BR-015 @risk:high
Feature: Decisions about several documents agree with the overall decision
  An application that lists documents asks once for all of them. Each document gets its own decision,
  and the overall decision is permit only where every single one is.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini, mercury"
    And a reader who holds "apollo, gemini"

  @smoke @cap:operation=decide-each @cap:policy=abac-basic
  Scenario: Every document is permitted, and so are they together
    When the reader asks for permission to read each of these documents
      | document | needs  |
      | report   | apollo |
      | letter   | gemini |
    Then the decisions are
      | document | decision |
      | report   | permit   |
      | letter   | permit   |
    And the overall decision is permit

  @cap:operation=decide-each @cap:policy=abac-basic
  Scenario: One denied document makes the overall decision deny, and spoils no other
    When the reader asks for permission to read each of these documents
      | document | needs           |
      | report   | apollo          |
      | letter   | mercury         |
      | memo     | gemini, mercury |
    Then the decisions are
      | document | decision |
      | report   | permit   |
      | letter   | deny     |
      | memo     | permit   |
    And the overall decision is deny

  @cap:operation=decide-each @cap:policy=abac-basic
  Scenario: Every document is denied, and so are they together
    When the reader asks for permission to read each of these documents
      | document | needs   |
      | report   | mercury |
      | letter   | mercury |
    Then the decisions are
      | document | decision |
      | report   | deny     |
      | letter   | deny     |
    And the overall decision is deny

  @cap:operation=decide-each @cap:policy=abac-basic
  Scenario: A single document is decided as in a request of its own
    When the reader asks for permission to read each of these documents
      | document | needs   |
      | report   | mercury |
    Then the decisions are
      | document | decision |
      | report   | deny     |
    And the overall decision is deny

  @risk:medium @cap:operation=decide-each @cap:policy=abac-basic
  Scenario: Ten documents get ten decisions
    When the reader asks for permission to read each of these documents
      | document | needs   |
      | one      | apollo  |
      | two      | gemini  |
      | three    | mercury |
      | four     | apollo  |
      | five     | gemini  |
      | six      | mercury |
      | seven    | apollo  |
      | eight    | gemini  |
      | nine     | mercury |
      | ten      | apollo  |
    Then the decisions are
      | document | decision |
      | one      | permit   |
      | two      | permit   |
      | three    | deny     |
      | four     | permit   |
      | five     | permit   |
      | six      | deny     |
      | seven    | permit   |
      | eight    | permit   |
      | nine     | deny     |
      | ten      | permit   |
    And the overall decision is deny

  @cap:operation=decide-each @cap:policy=abac-basic
  Scenario: An action that the reader lacks denies every document
    When the reader asks for permission to update each of these documents
      | document | needs  |
      | report   | apollo |
      | letter   | gemini |
    Then the decisions are
      | document | decision |
      | report   | deny     |
      | letter   | deny     |
    And the overall decision is deny

  @cap:operation=decide-in-bulk @cap:policy=abac-basic
  Scenario: Requests of several persons in bulk are decided one by one
    When these requests are decided in bulk
      | request | person       | action | document | needs   |
      | first   | the reader   | read   | report   | apollo  |
      | first   | the reader   | read   | letter   | gemini  |
      | second  | the reader   | read   | report   | apollo  |
      | second  | the reader   | read   | memo     | mercury |
      | third   | the stranger | read   | report   | apollo  |
    Then the decisions in bulk are
      | request | document | decision | overall |
      | first   | report   | permit   | permit  |
      | first   | letter   | permit   | permit  |
      | second  | report   | permit   | deny    |
      | second  | memo     | deny     | deny    |
      | third   | report   | deny     | deny    |

  @cap:operation=decide-in-bulk @cap:policy=abac-basic
  Scenario: One bulk may ask for different actions
    When these requests are decided in bulk
      | request | person     | action | document | needs  |
      | first   | the reader | read   | report   | apollo |
      | second  | the reader | delete | report   | apollo |
    Then the decisions in bulk are
      | request | document | decision | overall |
      | first   | report   | permit   | permit  |
      | second  | report   | deny     | deny    |
