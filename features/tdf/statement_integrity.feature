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
