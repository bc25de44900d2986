@req:BR-001 @risk:high
Feature: Any supported client opens what any other made
  Readers do not choose the client that the author used. A document protected by one SDK is
  readable by every other, byte for byte, whatever it holds.

  @smoke @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any
  Scenario Outline: A document that holds <content> travels between clients
    Given a document that holds <content>
    When the reader opens the document
    Then the document opens with its original content

    Examples: contents
      | content          |
      | a short note     |
      | a single byte    |
      | every byte value |
      | three megabytes  |

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:payload_size=empty
  Scenario: An empty document travels between clients
    Given a document that holds nothing
    When the reader opens the document
    Then the document opens with its original content

  @cap:encrypt_sdk=any @cap:format=any @cap:payload_size=boundary
  Scenario Outline: A document that holds <content> is whole at the edge of its segments
    Given a document that holds <content>
    When the manifest of the document is read
    Then its segments account for every byte of the content and of the payload
    And the document's key opens all of it and proves every hash, signature and binding in it

    Examples: contents
      | content                      |
      | one byte less than a segment |
      | exactly one segment          |
      | one byte more than a segment |
      | exactly two segments         |

  @cap:decrypt_sdk=any @cap:format=any @cap:payload_size=boundary
  Scenario Outline: A reader opens a document that holds <content>
    Given a document that holds <content>
    When the reader opens the document
    Then the document opens with its original content

    Examples: contents
      | content                      |
      | exactly one segment          |
      | one byte more than a segment |

  @risk:medium @cap:decrypt_sdk=any @cap:format=any
  Scenario: A document can be opened again and again
    Given a document that holds a short note
    And the reader has opened the document
    When the reader opens the document
    Then the document opens with its original content

  @risk:medium @cap:decrypt_sdk=any @cap:format=any
  Scenario: A document opens after its archive was packed anew
    Given a document that holds every byte value
    And the document is packed anew without a change
    When the reader opens the document
    Then the document opens with its original content

  @risk:low @cap:encrypt_sdk=any @cap:format=any @cap:payload_type=declared
  Scenario: The type of the content that the author declares is kept
    Given a document of the type "text/csv"
    When the manifest of the document is read
    Then the manifest declares the type "text/csv"

  @cap:encrypt_sdk=any @cap:format=any
  Scenario: Nothing of the content is readable in the protected document
    Given a document that holds a short note
    When the manifest of the document is read
    Then the content stands nowhere in the document in the clear

  @cap:encrypt_sdk=any @cap:format=any
  Scenario: The same content protected twice gives two unrelated documents
    Given two documents that hold the same content
    When the manifests of both documents are read
    Then the documents share neither ciphertext nor sealed key nor policy binding
