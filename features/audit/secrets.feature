@req:BR-035 @risk:high @needs:audit-log
Feature: What is on record gives nothing away
  Logs are read by more people than documents. Whatever happens to a document, no log holds its
  content, its key, the token of a reader or the secret of a client.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And a reader who holds "apollo"

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: A document that was opened leaves no secret in a log
    Given a document that needs "apollo"
    When the reader opens the document
    Then the document opens with its original content
    And no log holds a secret of this scenario

  @cap:operation=rewrap @cap:policy=abac-basic
  Scenario: Keys that were released, withheld or refused leave no secret in a log
    Given these key envelopes
      | envelope | needs  |
      | report   | apollo |
      | letter   | gemini |
      | memo     | apollo |
    And a copy of the envelope "memo" in which one bit of the binding is flipped
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer      |
      | report   | its own key |
      | letter   | forbidden   |
      | memo     | invalid     |
    And no log holds a secret of this scenario
