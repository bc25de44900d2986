@needs:maintenance @serial
Feature: What a platform keeps when it is restarted, and what it refuses without its database
  Platforms are updated, moved and repaired while documents live on. A restart takes nothing from those who
  may read, and gives nothing to others. A platform that cannot look into its policy opens nothing and
  confirms nothing, and does its work again once its database is back.

  @req:BR-001 @risk:high @cap:decrypt_sdk=any @cap:format=any
  Scenario: A document that was protected before a restart opens after it
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And a reader who holds "apollo"
    And a document that needs "apollo"
    And the platform was restarted
    When the reader opens the document
    Then the document opens with its original content

  @req:BR-001 @risk:high @cap:operation=decide @cap:policy=abac-basic
  Scenario: A restart changes no decision
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And a reader who holds "apollo"
    And the platform was restarted
    When the reader asks for permission to read each of these documents
      | document | needs  |
      | plans    | apollo |
      | budget   | gemini |
    Then the decisions are
      | document | decision |
      | plans    | permit   |
      | budget   | deny     |

  @req:BR-042 @risk:high @cap:auth_type=client-credentials
  Scenario Outline: A platform without its database does not pretend to <operation>
    Given the platform's database is away
    When a caller with the admin role tries to <operation>
    Then the attempt is impossible for now

    Examples: operations
      | operation            |
      | read the policy      |
      | change the policy    |
      | ask for a decision   |
      | ask for entitlements |

  @req:BR-001 @risk:medium @cap:auth_type=client-credentials
  Scenario: A platform takes changes again once its database is back
    Given the platform's database is away
    And the platform's database is back
    When a caller with the admin role tries to change the policy
    Then the attempt is allowed

  @req:BR-042 @risk:high @cap:operation=rewrap
  Scenario: A key service without its database releases no key that needs a decision
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And a reader who holds "apollo"
    And these key envelopes
      | envelope | needs  |
      | plans    | apollo |
    And the platform's database is away
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer    |
      | plans    | forbidden |

  # With a list of key services: without one SDKs ask the platform, which cannot tell.
  @req:BR-042 @risk:high @cap:format=any
  Scenario: A document stays closed while the platform cannot look into its policy
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And a reader who holds "apollo"
    And a document that needs "apollo"
    And the reader trusts only the platform's key service
    And the platform's database is away
    When the reader opens the document
    Then access is refused because the key service forbids it

  @req:BR-001 @risk:high @cap:format=any
  Scenario: A document opens once the platform's database is back
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And a reader who holds "apollo"
    And a document that needs "apollo"
    And the platform's database is away
    And the reader has tried in vain to open the document
    And the platform's database is back
    When the reader opens the document
    Then the document opens with its original content
