@req:BR-003 @risk:medium
Feature: Writers may target a container version and readers accept each of them
  Clients are not upgraded on the same day. An author can write for older readers, and a reader
  opens what was written for any supported version.

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:target_version=any
  Scenario: A document for the targeted version opens everywhere
    Given a document written for the targeted version
    When the reader opens the document
    Then the document opens with its original content
    And the manifest has the form of the targeted version

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:target_version=any
  @cap:policy=abac-basic
  Scenario: An access rule is kept in a document for the targeted version
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And a reader who holds "gemini"
    And a document written for the targeted version that needs "apollo"
    When the reader opens the document
    Then access is refused because the reader is not entitled
