@req:BR-002 @risk:medium @needs:ec-wrapping
Feature: Keys travel under elliptic curves too
  A document's key can be wrapped for an elliptic-curve key of the key service, and a reader can have
  it sent back for one. Either is smaller and faster than RSA, and neither may be less safe.

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:wrapping=p-256
  Scenario: A document whose key is wrapped by a curve opens everywhere
    Given a document that holds a short note
    When the reader opens the document
    Then the document opens with its original content

  @cap:encrypt_sdk=any @cap:format=any @cap:wrapping=p-256
  Scenario: The manifest of a document whose key is wrapped by a curve is well formed
    Given a document that holds a short note
    When the manifest of the document is read
    Then every key in it is wrapped by an elliptic curve
    And the manifest keeps every rule of the published form
    And the document's key opens all of it and proves every hash, signature and binding in it

  @cap:decrypt_sdk=any @cap:format=any @cap:session_key=p-256
  Scenario: A reader has the key sent back for a curve
    Given a document that holds a short note
    When the reader opens the document
    Then the document opens with its original content

  @risk:high @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:wrapping=p-256
  Scenario: A policy that was altered is refused under a curve as well
    Given a document that holds a short note
    And the reader has opened an untouched copy of the document
    And a copy of the document in which one bit of the policy binding is flipped
    When the reader opens the document
    Then access is refused because the policy was altered
