@req:BR-014 @risk:high
Feature: A label that nobody knows opens nothing
  A document may carry a label that was misspelt, removed, or made on another platform. Nobody can be
  entitled to it, so the document stays closed, whatever else the reader holds.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And the attribute "training" with the rule "all of" and the values "safety, privacy"
    And a reader who holds "apollo, gemini, safety"

  @cap:operation=decide @cap:policy=abac-basic
  Scenario Outline: A decision about <case> is deny
    When the reader asks for permission to read a document that needs "<needs>"
    Then the decision is deny

    Examples: labels
      | case                                       | needs                                     |
      | an unknown value alone                     | an unknown value                          |
      | an unknown attribute alone                 | an unknown attribute                      |
      | an unknown namespace alone                 | an unknown namespace                      |
      | an unknown value beside a held one         | apollo, an unknown value                  |
      | an unknown attribute beside a held label   | apollo, an unknown attribute              |
      | an unknown namespace beside a held label   | apollo, an unknown namespace              |
      | an unknown value before two held labels    | an unknown value, gemini, safety          |

  @cap:operation=decide-each @cap:policy=abac-basic
  Scenario: An unknown label closes its own document and no other
    When the reader asks for permission to read each of these documents
      | document | needs                        |
      | report   | apollo                       |
      | letter   | an unknown value             |
      | memo     | an unknown attribute         |
      | note     | an unknown namespace         |
      | minutes  | apollo, an unknown value     |
      | plan     | safety, an unknown namespace |
      | budget   | gemini, safety               |
    Then the decisions are
      | document | decision |
      | report   | permit   |
      | letter   | deny     |
      | memo     | deny     |
      | note     | deny     |
      | minutes  | deny     |
      | plan     | deny     |
      | budget   | permit   |
    And the overall decision is deny
