@req:BR-029 @risk:high @needs:key-management @serial
Feature: Documents live on when the platform rotates its own keys
  A key service that manages its keys seals their private parts under a root key. It gives the newest
  one to authors, and opens documents with any that it ever had.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And a reader who holds "apollo"
    And these keys
      | key    | of           | kept                   |
      | ledger | the platform | sealed by the platform |
    And the key "ledger" is assigned to the value of "apollo"

  @smoke @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:key_management=managed
  Scenario: A document of before a rotation opens after it
    Given a document that needs "apollo"
    And the key "ledger" was rotated to "new ledger"
    When the reader opens the document
    Then the document opens with its original content

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:key_management=managed
  Scenario: A document of after a rotation is sealed for the new key, and opens
    Given the key "ledger" was rotated to "new ledger"
    And a document that needs "apollo"
    When the reader opens the document
    Then the document opens with its original content
    And the document is sealed for the key "new ledger"

  @cap:operation=administer-keys @cap:key_management=managed
  Scenario: Authors are given the newest key of the platform
    When an author asks which keys protect documents that need "nothing"
    Then exactly the keys "ledger" are given

  @cap:operation=administer-keys @cap:key_management=managed
  Scenario: Authors are not given a key that was rotated out
    Given the key "ledger" was rotated to "new ledger"
    When an author asks which keys protect documents that need "nothing"
    Then exactly the keys "new ledger" are given

  @cap:operation=rewrap @cap:key_management=managed
  Scenario: An envelope of before a rotation opens after it
    Given these key envelopes
      | envelope | needs  |
      | report   | apollo |
    And the key "ledger" was rotated to "new ledger"
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer      |
      | report   | its own key |
