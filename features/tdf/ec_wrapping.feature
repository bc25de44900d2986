@req:BR-002 @risk:high @needs:ec-wrapping
Feature: Keys are sealed for elliptic curves
  Elliptic-curve keys are smaller and faster than RSA keys of the same strength. Documents whose key
  is sealed for one open like all others, and so do keys that travel back under one.

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:wrapping=p-256
  Scenario: A document whose key is wrapped by a curve opens everywhere
    Given a document that holds a short note
    When the reader opens the document
    Then the document opens with its original content

  @cap:encrypt_sdk=any @cap:format=any @cap:wrapping=p-256
  Scenario: The manifest of a document whose key is wrapped by a curve is well formed
    Given a document that holds a short note
    When the manifest of the document is read
    Then every key in it is sealed for the targeted kind of key
    And the manifest keeps every rule of the published form
    And the document's key opens all of it and proves every hash, signature and binding in it

  @cap:decrypt_sdk=any @cap:format=any @cap:session_key=p-256
  Scenario: A reader has the key sent back for a curve
    Given a document that holds a short note
    When the reader opens the document
    Then the document opens with its original content

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:wrapping=p-256
  Scenario: A policy that was altered is refused under a curve as well
    Given a document that holds a short note
    And the reader has opened an untouched copy of the document
    And a copy of the document in which one bit of the policy binding is flipped
    When the reader opens the document
    Then access is refused because the policy was altered

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:wrapping=p-256
  @cap:session_key=p-256
  Scenario: A document opens where its key travels back under an elliptic-curve key
    Given a document that holds a short note
    When the reader opens the document
    Then the document opens with its original content

  @cap:encrypt_sdk=any @cap:format=any @cap:wrapping=p-256
  Scenario: No two documents are sealed with the same key of the author's
    Given two documents that hold the same content
    When the manifests of both documents are read
    Then each document brings an elliptic-curve key of the author's that was made for it alone
    And the documents share neither ciphertext nor sealed key nor policy binding

  @cap:decrypt_sdk=any @cap:format=any @cap:wrapping=p-256
  Scenario Outline: A document that an elliptic-curve key sealed is not opened when <alteration>
    Given a document that holds a short note
    And the reader has opened an untouched copy of the document
    And a copy of the document in which <alteration>
    When the reader opens the document
    Then access is refused because the sealed key does not open

    Examples: alterations
      | alteration                                          |
      | the author's elliptic-curve key is somebody else's  |
      | the author's elliptic-curve key is on another curve |
      | one bit of the sealed key is flipped                |

  @cap:operation=rewrap @cap:wrapping=rsa-2048 @cap:wrapping=p-256 @cap:session_key=any
  Scenario: A key travels back under the kind of key that the reader asks for
    Given these key envelopes
      | envelope | needs   |
      | report   | nothing |
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer      |
      | report   | its own key |

  @cap:operation=rewrap @cap:session_key=p-256 @cap:session_key=p-384 @cap:session_key=p-521
  Scenario: Every answer travels under a session key of its own
    Given these key envelopes
      | envelope | needs   |
      | report   | nothing |
    When the reader asks the key service twice to open the envelopes
    Then each answer comes with a session key of its own

  @cap:operation=rewrap @cap:policy=abac-basic @cap:wrapping=p-256
  Scenario: A document that the reader may not open stays closed, whatever key sealed it
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And a reader who holds "apollo"
    And these key envelopes
      | envelope | needs  |
      | report   | apollo |
      | letter   | gemini |
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer      |
      | report   | its own key |
      | letter   | forbidden   |

  @cap:operation=rewrap @cap:wrapping=p-256
  Scenario Outline: The key service refuses an elliptic-curve envelope when <alteration>
    Given these key envelopes
      | envelope | needs   |
      | report   | nothing |
      | letter   | nothing |
    And the reader has opened the envelopes
    And a copy of the envelope "report" in which <alteration>
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer      |
      | report   | invalid     |
      | letter   | its own key |

    Examples: alterations
      | alteration                                 |
      | the sender's key is somebody else's        |
      | the sender's key is on another curve       |
      | the sender's key is missing                |
      | the sender's key is no key                 |
      | the key is sealed for another key service  |
      | one bit of the sealed key is flipped       |
      | the sealed key is cut short                |
      | a byte is added to the sealed key          |
      | it says that nobody knows what sealed it   |
