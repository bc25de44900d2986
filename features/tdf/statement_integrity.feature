@req:BR-009 @risk:high
Feature: An altered statement is refused
  A statement that somebody changed on the way is worse than none: the reader gets no content
  together with it.

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:assertions=unsigned
  Scenario Outline: A document is refused when <alteration>
    Given a document that carries the statement "handle with care"
    And the reader has opened an untouched copy of the document
    And a copy of the document in which <alteration>
    When the reader opens the document
    Then access is refused because a statement cannot be trusted

    Examples: alterations
      | alteration                                |
      | the statement is altered                  |
      | the scope of the statement is altered     |
      | the signature of the statement is altered |

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:assertions=signed
  Scenario Outline: A signed statement is refused when it is altered under <algorithm>
    Given a document that carries the statement "released by the records office" signed with <algorithm>
    And the reader holds the key that verifies the statement
    And the reader has opened an untouched copy of the document
    And a copy of the document in which the statement is altered
    When the reader opens the document
    Then access is refused because a statement cannot be trusted

    Examples: algorithms
      | algorithm |
      | HS256     |
      | RS256     |

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:assertions=unsigned
  @cap:target_version=any
  Scenario: An altered statement is refused in a document for the targeted version
    Given a document written for the targeted version that carries the statement "handle with care"
    And the reader has opened an untouched copy of the document
    And a copy of the document in which the statement is altered
    When the reader opens the document
    Then access is refused because a statement cannot be trusted

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:assertions=unsigned
  Scenario: A statement of another document is refused
    Given a document that carries the statement "for everybody"
    And a document that carries the statement "handle with care"
    And the reader has opened an untouched copy of the document
    And a copy of the document that carries the statement of the document before it
    When the reader opens the document
    Then access is refused because a statement cannot be trusted

  # The signature is good, and by the right author: it is the document that it does not belong to.
  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:assertions=signed
  Scenario: A signed statement of another document is refused although its author is the same
    Given a document that carries the statement "for everybody" signed with RS256
    And a document that carries the statement "for the records office only" signed with RS256
    And the reader holds the key that verifies the statement
    And the reader has opened an untouched copy of the document
    And a copy of the document that carries the statement of the document before it
    When the reader opens the document
    Then access is refused because a statement cannot be trusted

  # What the form of the document cannot prove: nothing in it tells how many statements there were.
  @risk:low @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:assertions=unsigned
  Scenario: A statement that is taken away takes nothing of the content with it
    Given a document that carries the statement "handle with care"
    And a copy of the document in which the statement is taken away
    When the reader opens the document
    Then the document opens with its original content

  @risk:low @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:assertions=unsigned
  Scenario: A reader who does without verification sees the content beside an altered statement
    Given a document that carries the statement "handle with care"
    And the reader does without the verification of statements
    And a copy of the document in which the statement is altered
    When the reader opens the document
    Then the document opens with its original content
