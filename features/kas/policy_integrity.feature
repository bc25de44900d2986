@req:BR-008 @risk:high
Feature: An altered policy is refused by the key service
  The access rule travels with the document, in the hands of whoever stores it. It is bound to the
  document's key, so that a rule that somebody changed opens nothing.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And a reader who holds "apollo"

  @smoke @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario Outline: A document is not opened when <alteration>
    Given a document that needs "apollo"
    And the reader has opened an untouched copy of the document
    And a copy of the document in which <alteration>
    When the reader opens the document
    Then access is refused because the policy was altered

    Examples: alterations
      | alteration                               |
      | the policy no longer requires anything   |
      | one bit of the policy binding is flipped |

  @cap:operation=rewrap @cap:policy=abac-basic
  Scenario: The key service gives back each key that was sealed and no other
    Given these key envelopes
      | envelope | needs   |
      | report   | apollo  |
      | letter   | nothing |
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer      |
      | report   | its own key |
      | letter   | its own key |

  @cap:operation=rewrap @cap:policy=abac-basic
  Scenario: The key service keeps the key of a document that the reader may not open
    Given these key envelopes
      | envelope | needs  |
      | report   | gemini |
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer    |
      | report   | forbidden |

  @cap:operation=rewrap @cap:policy=abac-basic
  Scenario Outline: The key service refuses an envelope when <alteration>
    Given these key envelopes
      | envelope | needs  |
      | report   | apollo |
    And the reader has opened the envelopes
    And a copy of the envelope "report" in which <alteration>
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer  |
      | report   | invalid |

    Examples: alterations
      | alteration                             |
      | the policy no longer requires anything |
      | one bit of the binding is flipped      |
      | the binding is made with another key   |
      | only half of the binding is left       |
      | the binding is not base64              |
      | the binding is empty                   |
      | one bit of the sealed key is flipped   |

  @cap:operation=rewrap @cap:policy=abac-basic
  Scenario: A rule cannot be borrowed from another document
    Given these key envelopes
      | envelope | needs   |
      | report   | gemini  |
      | letter   | nothing |
    And the envelope "report" has the policy of the envelope "letter"
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer      |
      | report   | invalid     |
      | letter   | its own key |

  @cap:operation=rewrap @cap:policy=abac-basic
  Scenario: One altered envelope does not spoil the others of the same request
    Given these key envelopes
      | envelope | needs  |
      | report   | apollo |
      | letter   | apollo |
      | memo     | gemini |
    And a copy of the envelope "letter" in which one bit of the binding is flipped
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer      |
      | report   | its own key |
      | letter   | invalid     |
      | memo     | forbidden   |

  @cap:operation=rewrap @cap:policy=abac-basic
  Scenario Outline: No flipped bit of <part> opens an envelope
    Given these key envelopes
      | envelope | needs  |
      | report   | apollo |
    And the reader has opened the envelopes
    When the reader asks for the key of "report" with one bit of <part> flipped, again and again
    Then the key service answers "invalid" each time

    Examples: parts
      | part                |
      | the policy          |
      | the binding         |
      | the sealed key      |
      | the name of the key |
