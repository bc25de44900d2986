@req:BR-042 @risk:medium
Feature: A failure says what to do about it and reveals no secret
  Mistakes in the set-up are the most frequent failures of all. Each gives a message of its own, and
  no message repeats a secret.

  @cap:decrypt_sdk=any @cap:format=any
  Scenario Outline: A reader with <mistake> is told so
    Given a document that holds a short note
    And the reader's client is set up with <mistake>
    When the reader opens the document
    Then access is refused because <reason>
    And nothing that was printed reveals a secret

    Examples: mistakes
      | mistake                           | reason                            |
      | a wrong secret                    | the credentials are wrong         |
      | the name of a client nobody knows | the credentials are wrong         |
      | an address where nobody listens   | the platform cannot be reached    |

  @cap:decrypt_sdk=any @cap:format=any
  Scenario: A reader without credentials is told so
    Given a document that holds a short note
    And the reader's client is set up with no credentials
    When the reader opens the document
    Then access is refused because there are no credentials

  @cap:encrypt_sdk=any @cap:format=any
  Scenario: An author whose platform cannot be reached is told so
    Given the author's client is set up with an address where nobody listens
    When the author protects a document
    Then protection is refused because the platform cannot be reached
    And nothing that was printed reveals a secret

  # Public keys are for everybody: otdf-python seals a document without signing in at all.
  @cap:encrypt_sdk=go @cap:encrypt_sdk=java @cap:encrypt_sdk=js @cap:format=any
  Scenario: An author with a wrong secret is told so
    Given the author's client is set up with a wrong secret
    When the author protects a document
    Then protection is refused because the credentials are wrong
    And nothing that was printed reveals a secret

  @cap:decrypt_sdk=any @cap:format=any
  Scenario: Each mistake has a message of its own
    Given a document that holds a short note
    When the reader opens the document with each of these mistakes in turn
      | mistake                         |
      | a wrong secret                  |
      | no credentials                  |
      | an address where nobody listens |
    Then no two of the messages are the same
