@req:BR-004 @risk:medium
Feature: Every document keeps the published form, and our stricter rules
  Other products read manifests too. What an SDK writes has every member that readers rely on, of
  the type that they expect, and no number in it contradicts another.

  @cap:encrypt_sdk=any @cap:format=any
  Scenario Outline: The manifest of a document that holds <content> is well formed
    Given a document that holds <content>
    When the manifest of the document is read
    Then the manifest keeps every rule of the published form
    And its segments account for every byte of the content and of the payload
    And every key in it is sealed for the platform's key service
    And the document's key opens all of it and proves every hash, signature and binding in it

    Examples: contents
      | content         |
      | a short note    |
      | a single byte   |
      | three megabytes |

  @cap:encrypt_sdk=any @cap:format=any @cap:payload_size=empty
  Scenario: The manifest of an empty document is well formed
    Given a document that holds nothing
    When the manifest of the document is read
    Then the manifest keeps every rule of the published form
    And its segments account for every byte of the content and of the payload

  @cap:encrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: The manifest names exactly what the document needs
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini, mercury"
    And a document that needs "apollo, mercury"
    When the manifest of the document is read
    Then the manifest keeps every rule of the published form
    And the policy in it requires exactly "apollo, mercury"

  @cap:encrypt_sdk=any @cap:format=any @cap:target_version=any
  Scenario: The manifest of a document for the targeted version is well formed
    Given a document written for the targeted version
    When the manifest of the document is read
    Then the manifest keeps every rule of the published form
    And its segments account for every byte of the content and of the payload
    And the document's key opens all of it and proves every hash, signature and binding in it

  @cap:encrypt_sdk=any @cap:format=any @cap:assertions=unsigned
  Scenario: The manifest of a document with a statement is well formed
    Given a document that carries the statement "handle with care"
    When the manifest of the document is read
    Then the manifest keeps every rule of the published form

  @cap:encrypt_sdk=any @cap:format=any @cap:assertions=unsigned @cap:target_version=any
  Scenario: The manifest of a document with a statement is well formed in the targeted version
    Given a document written for the targeted version that carries the statement "handle with care"
    When the manifest of the document is read
    Then the manifest keeps every rule of the published form
    And the manifest has the form of the targeted version
    And the document's key opens all of it and proves every hash, signature and binding in it

  @cap:encrypt_sdk=any @cap:format=any @cap:policy_id=unique
  Scenario: Two documents can be told apart in an audit
    Given two documents that hold the same content
    When the manifests of both documents are read
    Then no two policies have the same id
