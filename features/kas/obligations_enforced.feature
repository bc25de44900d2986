@req:BR-019 @risk:high
Feature: The key service enforces obligations
  Whoever opens a document gets its key only through an application that can fulfil what the policy
  requires. An application that cannot is told what it lacks, so that it can be put right; whoever is
  not entitled at all is told nothing.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And a reader who holds "apollo"

  @smoke @cap:decrypt_sdk=any @cap:format=any @cap:policy=obligations
  Scenario: A document under an obligation that the reader's client cannot fulfil stays closed, and the client says why
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark, no-copy"
    And a document that needs "apollo"
    When the reader opens the document
    Then access is refused because an obligation is not fulfilled
    And the refusal names the obligations "watermark, no-copy"

  @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: A document under an obligation stays closed to every client that cannot fulfil it
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    And a document that needs "apollo"
    When the reader opens the document
    Then access is refused because the key service forbids it

  @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: Whoever is not entitled is refused without a word about obligations
    Given whoever wants to read what is labelled "gemini" must fulfil "watermark"
    And a document that needs "gemini"
    When the reader opens the document
    Then access is refused because the reader is not entitled
    And nothing that was printed names an obligation

  @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: An obligation of another client does not bind the reader's
    Given whoever uses the author's client to read what is labelled "apollo" must fulfil "watermark"
    And a document that needs "apollo"
    When the reader opens the document
    Then the document opens with its original content

  @cap:decrypt_sdk=any @cap:format=any @cap:policy=obligations
  Scenario: An obligation of the reader's client alone binds it
    Given whoever uses the reader's client to read what is labelled "apollo" must fulfil "watermark"
    And a document that needs "apollo"
    When the reader opens the document
    Then access is refused because an obligation is not fulfilled
    And the refusal names the obligations "watermark"

  @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: An obligation to update does not keep a document from being opened
    Given whoever wants to update what is labelled "apollo" must fulfil "watermark"
    And a document that needs "apollo"
    When the reader opens the document
    Then the document opens with its original content

  @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic @cap:obligations=declared
  Scenario: A document under obligations opens with a client that can fulfil all of them
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark, no-copy"
    And the reader's client can fulfil "watermark, no-copy"
    And a document that needs "apollo"
    When the reader opens the document
    Then the document opens with its original content

  @cap:decrypt_sdk=any @cap:format=any @cap:policy=obligations @cap:obligations=declared
  Scenario: A client that can fulfil one of two obligations is told of both
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark, no-copy"
    And the reader's client can fulfil "watermark"
    And a document that needs "apollo"
    When the reader opens the document
    Then access is refused because an obligation is not fulfilled
    And the refusal names the obligations "watermark, no-copy"

  @smoke @cap:operation=rewrap @cap:policy=obligations
  Scenario Outline: A client that can fulfil <can fulfil> of watermark and no-copy gets: <answer>
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark, no-copy"
    And the reader's client can fulfil "<can fulfil>"
    And these key envelopes
      | envelope | needs  |
      | report   | apollo |
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer   | obligations        |
      | report   | <answer> | no-copy, watermark |

    Examples: what the client can fulfil
      | case        | can fulfil         | answer      |
      | none        | nothing            | forbidden   |
      | one of both | watermark          | forbidden   |
      | both        | watermark, no-copy | its own key |
      | in capitals | WATERMARK, NO-COPY | its own key |

  @cap:operation=rewrap @cap:policy=obligations
  Scenario Outline: An obligation through <person>'s client alone is answered with <answer>
    Given whoever uses <person>'s client to read what is labelled "apollo" must fulfil "watermark"
    And these key envelopes
      | envelope | needs  |
      | report   | apollo |
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer   | obligations   |
      | report   | <answer> | <obligations> |

    Examples: clients
      | person     | answer      | obligations |
      | the reader | forbidden   | watermark   |
      | the author | its own key | nothing     |

  @cap:operation=rewrap @cap:policy=obligations
  Scenario: Each envelope of one request is answered with its own obligations, and those not entitled with none
    Given whoever wants to read what is labelled "apollo, gemini" must fulfil "watermark"
    And these key envelopes
      | envelope | needs          |
      | report   | apollo         |
      | letter   | gemini         |
      | memo     | nothing        |
      | draft    | apollo, gemini |
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer      | obligations |
      | report   | forbidden   | watermark   |
      | letter   | forbidden   | nothing     |
      | memo     | its own key | nothing     |
      | draft    | forbidden   | watermark   |

  @cap:operation=rewrap @cap:policy=obligations
  Scenario: An envelope whose policy was altered is answered without a word about obligations
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    And these key envelopes
      | envelope | needs  |
      | report   | apollo |
    And a copy of the envelope "report" in which one bit of the binding is flipped
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer  | obligations |
      | report   | invalid | nothing     |

  @cap:operation=rewrap @cap:policy=obligations @needs:audit-log
  Scenario Outline: A key that was <key> is on record as such
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    And the reader's client can fulfil "<can fulfil>"
    And these key envelopes
      | envelope | needs  |
      | report   | apollo |
    When the reader asks the key service to open the envelopes
    Then the audit says about the envelopes
      | envelope | key   |
      | report   | <key> |

    Examples: keys
      | can fulfil | key      |
      | watermark  | released |
      | nothing    | withheld |
