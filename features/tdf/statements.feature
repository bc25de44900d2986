@req:BR-006 @risk:medium
Feature: Statements travel with a document and are verified
  An author can attach a statement, such as how to handle the content. It is bound to the document,
  or signed with a key whose counterpart the reader holds.

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:assertions=unsigned
  Scenario: An unsigned statement arrives with the document
    Given a document that carries the statement "handle with care"
    When the reader opens the document
    Then the document opens with its original content
    And the manifest carries the statement "handle with care"

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:assertions=signed
  Scenario Outline: A statement signed with <algorithm> is accepted by a reader who holds the key
    Given a document that carries the statement "released by the records office" signed with <algorithm>
    And the reader holds the key that verifies the statement
    When the reader opens the document
    Then the document opens with its original content
    And the manifest carries the statement "released by the records office"

    Examples: algorithms
      | algorithm |
      | HS256     |
      | RS256     |

  @risk:high @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:assertions=signed
  Scenario Outline: A statement signed with <algorithm> is refused by a reader who holds another key
    Given a document that carries the statement "released by the records office" signed with <algorithm>
    And the reader holds a key that belongs to somebody else
    When the reader opens the document
    Then access is refused because a statement cannot be trusted

    Examples: algorithms
      | algorithm |
      | HS256     |
      | RS256     |

  @risk:low @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:assertions=signed
  Scenario: A reader who does without verification opens a document whatever its statement
    Given a document that carries the statement "released by the records office" signed with RS256
    And the reader holds a key that belongs to somebody else
    And the reader does without the verification of statements
    When the reader opens the document
    Then the document opens with its original content

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:assertions=unsigned
  @cap:target_version=any
  Scenario: A statement arrives in a document for the targeted version
    Given a document written for the targeted version that carries the statement "handle with care"
    When the reader opens the document
    Then the document opens with its original content
    And the manifest has the form of the targeted version
    And the manifest carries the statement "handle with care"
