@req:BR-032 @risk:high @needs:every-mechanism @cap:key_management=managed
Feature: A document's key is sealed with the mechanism that policy chooses
  Organisations choose how strong keys are: an RSA key of either size, or one of three elliptic curves.
  Whatever they choose, the key service opens what was sealed for its key, and nothing else.

  @cap:encrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  @cap:wrapping=rsa-2048 @cap:wrapping=rsa-4096 @cap:wrapping=p-256 @cap:wrapping=p-384 @cap:wrapping=p-521
  Scenario: A document is sealed for the kind of key that its label asks for, and opens
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And a reader who holds "apollo"
    And documents labelled "apollo" are sealed for the targeted kind of key
    And a document that needs "apollo"
    And the reader has opened the document
    When the manifest of the document is read
    Then every key in it is sealed for the targeted kind of key
    And the manifest keeps every rule of the published form

  @cap:operation=rewrap
  @cap:wrapping=rsa-2048 @cap:wrapping=rsa-4096 @cap:wrapping=p-256 @cap:wrapping=p-384 @cap:wrapping=p-521
  Scenario: Authors find the key of every mechanism
    When an author looks up the key of the targeted kind
    Then a public key of that algorithm is given, with its name

  @cap:operation=rewrap @cap:policy=abac-basic
  @cap:wrapping=rsa-2048 @cap:wrapping=rsa-4096 @cap:wrapping=p-256 @cap:wrapping=p-384 @cap:wrapping=p-521
  Scenario: The key service opens what was sealed for its key, for whoever may have it
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
  @cap:wrapping=rsa-2048 @cap:wrapping=rsa-4096 @cap:wrapping=p-256 @cap:wrapping=p-384 @cap:wrapping=p-521
  Scenario Outline: The key service refuses an envelope of any mechanism when <alteration>
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
      | alteration                                |
      | the key is sealed for another key service |
      | one bit of the sealed key is flipped      |
      | the sealed key is cut short               |
      | a byte is added to the sealed key         |
      | it says that nobody knows what sealed it  |

  @cap:operation=rewrap @cap:wrapping=rsa-2048 @cap:wrapping=rsa-4096
  Scenario: The key service does not take an RSA key for an elliptic curve
    Given these key envelopes
      | envelope | needs   |
      | report   | nothing |
    And the reader has opened the envelopes
    And a copy of the envelope "report" in which it says that an elliptic curve sealed it
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer  |
      | report   | invalid |
