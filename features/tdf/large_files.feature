@req:BR-040 @risk:medium
Feature: Large files travel within bounds
  A file may be larger than the memory of the machine that protects or opens it, and larger than
  what the oldest form of the archive could hold.

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:payload_size=large
  @cap:memory=bounded
  Scenario: A hundred mebibytes pass through clients that do not hold them
    Given a file of a hundred mebibytes
    When the file travels from the author to the reader
    Then the file arrives whole
    And no client needed more than a hundred mebibytes of memory

  @slow @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:payload_size=large
  Scenario: A hundred mebibytes travel between all clients
    Given a file of a hundred mebibytes
    When the file travels from the author to the reader
    Then the file arrives whole

  @slow @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:payload_size=large
  @cap:memory=bounded
  Scenario Outline: A file of <size> passes through the memory of a small machine
    Given a file of <size>
    When the file travels from the author to the reader
    Then the file arrives whole
    And no client needed more than a hundred mebibytes of memory

    Examples: sizes
      | size                     |
      | a gibibyte               |
      | more than four gibibytes |
