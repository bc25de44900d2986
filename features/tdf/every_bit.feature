@req:BR-007 @risk:high
Feature: No flipped bit makes a reader see other content
  Disks and networks flip bits, and attackers flip them on purpose. Whichever it is, the reader sees
  what the author protected, or is told why not. Of parts with many bits a sample is tried.

  @cap:decrypt_sdk=any @cap:format=any @cap:integrity=segments
  Scenario Outline: Every flipped bit of <part> is refused
    Given a document that holds a short note
    And the reader has opened an untouched copy of the document
    When the reader opens copies in which one bit of <part> is flipped
    Then each copy is refused because the payload was altered

    Examples: parts that every reader checks
      | part        |
      | the payload |

  @cap:decrypt_sdk=any @cap:format=any @cap:integrity=whole
  Scenario Outline: Every flipped bit of <part> is refused by a reader who checks the whole
    Given a document that holds a short note
    And the reader has opened an untouched copy of the document
    When the reader opens copies in which one bit of <part> is flipped
    Then each copy is refused because the payload was altered

    Examples: parts that prove the whole
      | part               |
      | a segment's hash   |
      | the root signature |

  @cap:decrypt_sdk=any @cap:format=any @cap:integrity=segments
  Scenario Outline: No flipped bit of <part> changes what the reader sees
    Given a document that holds a short note
    And the reader has opened an untouched copy of the document
    When the reader opens copies in which one bit of <part> is flipped
    Then no copy opens with other content

    Examples: parts whose bits do not all matter
      | part                          |
      | a segment's size              |
      | the size of a segment's content |
      | the key service's address     |
      | the manifest                  |
      | the archive's directory       |
