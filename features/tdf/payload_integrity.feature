@req:BR-007 @risk:high
Feature: An altered payload is refused
  Whoever stores or carries a document must not be able to change what the reader sees: not a bit
  of it, not its length, not the order of its parts.

  @cap:decrypt_sdk=any @cap:format=any @cap:integrity=segments
  Scenario Outline: A reader refuses a document when <alteration>
    Given a document that holds three megabytes
    And the reader has opened an untouched copy of the document
    And a copy of the document in which <alteration>
    When the reader opens the document
    Then access is refused because the payload was altered

    Examples: segments
      | alteration                                 |
      | one bit of the first segment is flipped    |
      | one bit of the last segment is flipped     |
      | the last byte is cut off                   |
      | a segment is declared longer than it is    |

  @cap:decrypt_sdk=any @cap:format=any @cap:integrity=whole
  Scenario Outline: A reader refuses a document as a whole when <alteration>
    Given a document that holds three megabytes
    And the reader has opened an untouched copy of the document
    And a copy of the document in which <alteration>
    When the reader opens the document
    Then access is refused because the payload was altered

    Examples: document
      | alteration                                 |
      | one bit of the root signature is flipped   |
      | one bit of a segment's hash is flipped     |
      | the last segment is taken away             |
      | the first two segments are exchanged       |

  @smoke @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:integrity=segments
  Scenario: A flipped bit is noticed by any reader in a document of any writer
    Given a document that holds a short note
    And the reader has opened an untouched copy of the document
    And a copy of the document in which one bit of the first segment is flipped
    When the reader opens the document
    Then access is refused because the payload was altered
