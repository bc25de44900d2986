@req:BR-033 @risk:high @needs:every-mechanism @cap:key_management=managed
Feature: Keys are sealed so that a quantum computer does not open them
  Who records documents today may own a quantum computer later. Post-quantum mechanisms seal a key against
  that, alone (ML-KEM) or together with an elliptic curve, so that both would have to be broken.

  @cap:encrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  @cap:wrapping=x-wing @cap:wrapping=p-256-ml-kem-768 @cap:wrapping=p-384-ml-kem-1024
  @cap:wrapping=ml-kem-768 @cap:wrapping=ml-kem-1024
  Scenario: A document is sealed for the post-quantum key that its label asks for, and opens
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And a reader who holds "apollo"
    And documents labelled "apollo" are sealed for the targeted kind of key
    And a document that needs "apollo"
    And the reader has opened the document
    When the manifest of the document is read
    Then every key in it is sealed for the targeted kind of key

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic @cap:wrapping=x-wing
  Scenario: A reader who knows nothing of post-quantum mechanisms opens the document all the same
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And a reader who holds "apollo"
    And documents labelled "apollo" are sealed for the targeted kind of key
    And a document that needs "apollo"
    When the reader opens the document
    Then the document opens with its original content

  @cap:operation=discover
  @cap:wrapping=x-wing @cap:wrapping=p-256-ml-kem-768 @cap:wrapping=p-384-ml-kem-1024
  @cap:wrapping=ml-kem-768 @cap:wrapping=ml-kem-1024
  Scenario: Anybody learns the key service's post-quantum keys
    When somebody without a token asks for the public key of the algorithm
    Then a public key of that algorithm is given, with its name

  @cap:operation=rewrap @cap:policy=abac-basic
  @cap:wrapping=x-wing @cap:wrapping=p-256-ml-kem-768 @cap:wrapping=p-384-ml-kem-1024
  @cap:wrapping=ml-kem-768 @cap:wrapping=ml-kem-1024
  Scenario: The key service opens what was sealed for its post-quantum key, for whoever may have it
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And a reader who holds "apollo"
    And these key envelopes
      | envelope | needs   |
      | report   | apollo  |
      | letter   | nothing |
      | memo     | gemini  |
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer      |
      | report   | its own key |
      | letter   | its own key |
      | memo     | forbidden   |

  @cap:operation=rewrap
  @cap:wrapping=x-wing @cap:wrapping=p-256-ml-kem-768 @cap:wrapping=p-384-ml-kem-1024
  @cap:wrapping=ml-kem-768 @cap:wrapping=ml-kem-1024
  Scenario Outline: The key service refuses a post-quantum envelope when <alteration>
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
      | alteration                                   |
      | one bit of the post-quantum half is flipped  |
      | the key is sealed for another key service    |
      | one bit of the sealed key is flipped         |
      | the sealed key is cut short                  |
      | a byte is added to the sealed key            |

  @cap:operation=rewrap
  @cap:wrapping=x-wing @cap:wrapping=p-256-ml-kem-768 @cap:wrapping=p-384-ml-kem-1024
  Scenario: The classical half counts as well
    Given these key envelopes
      | envelope | needs   |
      | report   | nothing |
    And the reader has opened the envelopes
    And a copy of the envelope "report" in which one bit of the classical half is flipped
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer  |
      | report   | invalid |
