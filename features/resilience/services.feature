Feature: What holds when services go away, tokens run out or clocks go wrong
  A platform is never alone: an identity provider issues the tokens, and everybody goes by some clock. When one
  of them fails, nothing opens that should not, readers learn why, and all is well again when it is back.

  @req:BR-042 @risk:medium @cap:decrypt_sdk=any @cap:format=any
  Scenario Outline: A reader is told so when the way to the identity provider <trouble>
    Given a document that holds a short note
    And the way to the identity provider <trouble>
    And the reader waits 20 seconds and no longer
    When the reader opens the document
    Then access is refused because the identity provider cannot be reached

    Examples: troubles
      | trouble                 |
      | is closed               |
      | is cut before an answer |

  @req:BR-042 @risk:medium @cap:decrypt_sdk=any @cap:format=any
  Scenario: A document opens once the identity provider is back
    Given a document that holds a short note
    And the way to the identity provider is closed
    And the reader has tried in vain to open the document
    And the way to the identity provider is open again
    When the reader opens the document
    Then the document opens with its original content

  @req:BR-027 @risk:high @cap:format=any @cap:auth_type=handed-token @needs:expired-token
  Scenario: A reader whose token runs out while they work opens nothing more
    Given a document that holds a short note
    And the reader has opened the document
    And the reader's client goes on with an expired token
    When the reader opens the document
    Then access is refused because the reader's token is not accepted

  @req:BR-027 @risk:medium @cap:format=any @needs:own-clock @serial
  Scenario: A document that is being read when the reader's token runs out is read to its end
    Given a document that holds three megabytes
    And the platform's clock is an hour ahead once the key service has answered
    When the reader opens the document
    Then the document opens with its original content

  @req:BR-027 @risk:high @cap:decrypt_sdk=any @cap:format=any @cap:auth_type=handed-token
  Scenario: A reader whose token somebody altered opens nothing
    Given a document that holds a short note
    And the reader's client goes on with a token with altered claims
    When the reader opens the document
    Then access is refused because the reader's token is not accepted

  @req:BR-027 @risk:medium @cap:auth_type=client-credentials @needs:own-clock @serial
  Scenario Outline: A platform whose clock is <clock> takes a new token so: <outcome>
    Given the platform's clock is <clock>
    When a caller with the standard role tries to read the policy
    Then the attempt is <outcome>

    Examples: clocks
      | clock                | outcome         |
      | an hour ahead        | unauthenticated |
      | an hour behind       | unauthenticated |
      | half a minute ahead  | allowed         |
      | half a minute behind | allowed         |

  @req:BR-027 @risk:medium @cap:format=any @needs:own-clock @serial
  Scenario: A platform whose clock is an hour ahead opens nothing for a reader
    Given a document that holds a short note
    And the platform's clock is an hour ahead
    When the reader opens the document
    Then access is refused because the reader's token is not accepted

  @req:BR-027 @risk:medium @cap:format=any @needs:own-clock @serial
  Scenario: A document opens once the platform's clock is right again
    Given a document that holds a short note
    And the platform's clock is an hour ahead
    And the reader has tried in vain to open the document
    And the platform's clock is right again
    When the reader opens the document
    Then the document opens with its original content
