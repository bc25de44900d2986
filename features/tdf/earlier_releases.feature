@req:BR-005 @risk:high @needs:golden-keys
Feature: Documents of earlier releases stay readable
  Documents outlive the software that made them. What any released SDK protected is opened by every
  SDK that is supported now; when it was made, and by what, stands beside it in golden/golden.yaml.

  @cap:decrypt_sdk=any @cap:format=any
  Scenario Outline: A reader opens <document>
    Given <document>, kept from an earlier release
    When the reader opens the document
    Then the document opens with its original content

    Examples: releases
      | document                        |
      | a note by the Go SDK 0.4.7      |
      | a note by the Go SDK 0.31.0     |
      | a note by the Go SDK 0.32.0     |
      | a note by the Go SDK 0.33.0     |
      | a note by the Go SDK 0.34.0     |
      | a note by the Go SDK 0.35.0     |
      | a note by the Go SDK 0.36.0     |
      | a note by the Python SDK 0.11.0 |

  @cap:decrypt_sdk=any @cap:format=ztdf @cap:target_version=4.2.2
  Scenario Outline: A reader opens <document>, which names no version
    Given <document>, kept from an earlier release
    When the reader opens the document
    Then the document opens with its original content

    Examples: releases
      | document                           |
      | an older note by the Go SDK 0.4.7  |
      | an older note by the Go SDK 0.36.0 |

  @cap:decrypt_sdk=any @cap:format=any @cap:wrapping=p-256 @needs:ec-wrapping
  Scenario Outline: A reader opens <document>, whose key is under an elliptic curve
    Given <document>, kept from an earlier release
    When the reader opens the document
    Then the document opens with its original content

    Examples: releases
      | document                                |
      | a note under a curve by the Go SDK 0.4.7  |
      | a note under a curve by the Go SDK 0.36.0 |

  @cap:decrypt_sdk=any @cap:format=any @cap:assertions=unsigned
  Scenario Outline: A reader verifies the statement of <document>
    Given <document>, kept from an earlier release
    When the reader opens the document
    Then the document opens with its original content
    And the manifest carries the statement "handle with care"

    Examples: releases
      | document                                    |
      | a note with a statement by the Go SDK 0.4.7 |
      | a note with a statement by the Go SDK 0.36.0 |

  # Early writers had statements that are no text; what they signed, nobody computes any more.
  @risk:medium @cap:decrypt_sdk=any @cap:format=any @cap:assertions=unsigned
  Scenario: A reader who does without verification opens a document with a structured statement
    Given a note with a structured statement after the Go SDK 0.4.7, kept from an earlier release
    And the reader does without the verification of statements
    When the reader opens the document
    Then the document opens with its original content

  # Before splits and keys had names, all that is listed was an alternative.
  @cap:decrypt_sdk=any @cap:format=any
  Scenario: A reader opens a document that names no key, with two key services of three gone
    Given a note at three key services after the Go SDK 0.4.7, kept from an earlier release
    When the reader opens the document
    Then the document opens with its original content
