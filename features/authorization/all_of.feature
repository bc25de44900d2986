@req:BR-012 @risk:high
Feature: Every value is required where the rule is "all of"
  A document may need several trainings. Whoever lacks one of them does not get in.

  Background:
    Given the attribute "training" with the rule "all of" and the values "safety, privacy, export"

  @cap:operation=decide @cap:policy=abac-basic
  Scenario Outline: A decision under "all of" with <case>
    Given a reader who holds "<holds>"
    When the reader asks for permission to read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: holdings
      | case                              | holds                   | needs                   | decision |
      | the one value that is needed      | safety                  | safety                  | permit   |
      | both values that are needed       | safety, privacy         | safety, privacy         | permit   |
      | one of two values that are needed | safety                  | safety, privacy         | deny     |
      | two of three values               | safety, export          | safety, privacy, export | deny     |
      | all of three values               | safety, privacy, export | safety, privacy, export | permit   |
      | more values than are needed       | safety, privacy, export | privacy                 | permit   |
      | another value than is needed      | privacy                 | export                  | deny     |
      | no value at all                   | nothing                 | safety                  | deny     |

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: A reader with every training opens the document
    Given a reader who holds "safety, privacy"
    And a document that needs "safety, privacy"
    When the reader opens the document
    Then the document opens with its original content

  @smoke @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: A reader who lacks one training does not open the document
    Given a reader who holds "safety"
    And a document that needs "safety, privacy"
    When the reader opens the document
    Then access is refused because the reader is not entitled
