Feature: Documents open over bad networks, or stay closed and say why
  Between readers and key services there are networks: slow ones, and ones that break or spoil what they
  carry. A document opens as its author left it, or not at all. Readers here trust the address at which
  they find the key service.

  @req:BR-001 @risk:medium @cap:decrypt_sdk=any @cap:format=any @cap:kas_allow_list=enforced
  Scenario Outline: A document opens though the way to the key service <trouble>
    Given a document that holds every byte value
    And the way to the key service "default" <trouble>
    When the reader opens the document
    Then the document opens with its original content

    Examples: troubles
      | trouble   |
      | is slow   |
      | is narrow |

  @req:BR-042 @risk:high @cap:decrypt_sdk=any @cap:format=any @cap:kas_allow_list=enforced
  Scenario Outline: A reader is told so when the way to the key service <trouble>
    Given a document that holds a short note
    And the way to the key service "default" <trouble>
    And the reader waits 20 seconds and no longer
    When the reader opens the document
    Then access is refused because a key service cannot be reached

    Examples: troubles
      | trouble                             |
      | is closed                           |
      | is cut before an answer             |
      | is cut in the middle of an answer   |

  @req:BR-042 @risk:high @cap:decrypt_sdk=any @cap:format=any @cap:kas_allow_list=enforced
  Scenario: A spoiled answer opens nothing
    Given a document that holds a short note
    And the way to the key service "default" spoils answers
    When the reader opens the document
    Then access is refused because the key service's answer is unreadable

  @req:BR-042 @risk:medium @cap:format=any @cap:kas_allow_list=enforced
  Scenario: A reader who waits in vain leaves nothing behind
    Given a document that holds a short note
    And the way to the key service "default" swallows answers
    And the reader waits 2 seconds and no longer
    When the reader opens the document
    Then access is refused because the time limit was reached

  @req:BR-001 @risk:high @cap:decrypt_sdk=any @cap:format=any @cap:kas_allow_list=enforced
  Scenario Outline: A document opens once the key service is back, whose way <trouble> before
    Given a document that holds a short note
    And the way to the key service "default" <trouble>
    And the reader has tried in vain to open the document
    And the way to the key service "default" is open again
    When the reader opens the document
    Then the document opens with its original content

    Examples: troubles
      | trouble        |
      | is closed      |
      | spoils answers |

  @req:BR-042 @risk:high @cap:decrypt_sdk=any @cap:format=any @cap:kas_allow_list=enforced
  Scenario: A reader is told so when the platform is away
    Given a document that holds a short note
    And the way to the platform is closed
    And the reader waits 20 seconds and no longer
    When the reader opens the document
    Then access is refused because the platform cannot be reached

  @req:BR-001 @risk:high @cap:decrypt_sdk=any @cap:format=any @cap:kas_allow_list=enforced
  Scenario: A document that was protected before the platform went away opens when it is back
    Given a document that holds a short note
    And the way to the platform is closed
    And the reader has tried in vain to open the document
    And the way to the platform is open again
    When the reader opens the document
    Then the document opens with its original content
