@req:BR-031 @risk:high @needs:several-kas
Feature: The key of a document is shared by several key services, or split over them
  Partners keep their own key services. A document that any one of them may release has its whole key
  with each of them. One that all of them have to release has a part of its key with each.

  Background:
    Given the attribute "partner" with the rule "any of" and the values "east, west"
    And the attribute "training" with the rule "all of" and the values "safety, privacy"
    And the attribute "clearance" with the rule "hierarchy" and the values "secret, public"
    And a reader who holds "east, west, safety, privacy, secret"

  @smoke @cap:encrypt_sdk=any @cap:format=any @cap:policy=abac-basic @cap:kas_type=multi-or
  Scenario: A document of two partners, of whom either will do, opens
    Given documents labelled "east" are sealed for the key services "alpha"
    And documents labelled "west" are sealed for the key services "beta"
    And a document that needs "east, west"
    When the reader opens the document
    Then the document opens with its original content

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic @cap:kas_type=multi-and
  Scenario: A document that needs both of two key services opens
    Given documents labelled "safety" are sealed for the key services "alpha"
    And documents labelled "privacy" are sealed for the key services "beta"
    And a document that needs "safety, privacy"
    When the reader opens the document
    Then the document opens with its original content

  @cap:encrypt_sdk=any @cap:format=any @cap:policy=abac-basic @cap:kas_type=multi-or
  Scenario: Partners of whom either will do share the whole key
    Given documents labelled "east" are sealed for the key services "alpha"
    And documents labelled "west" are sealed for the key services "beta"
    And a document that needs "east, west"
    When the manifest of the document is read
    Then the key is split like this
      | key services |
      | alpha, beta  |

  @cap:encrypt_sdk=any @cap:format=any @cap:policy=abac-basic @cap:kas_type=multi-or
  Scenario: One partner with two key services shares the whole key between them
    Given documents labelled "east" are sealed for the key services "alpha, beta"
    And a document that needs "east"
    When the manifest of the document is read
    Then the key is split like this
      | key services |
      | alpha, beta  |

  @cap:encrypt_sdk=any @cap:format=any @cap:policy=abac-basic @cap:kas_type=multi-and
  Scenario: Trainings that are all required have a part of the key each
    Given documents labelled "safety" are sealed for the key services "alpha"
    And documents labelled "privacy" are sealed for the key services "beta"
    And a document that needs "safety, privacy"
    When the manifest of the document is read
    Then the key is split like this
      | key services |
      | alpha        |
      | beta         |
    And the manifest keeps every rule of the published form

  @cap:encrypt_sdk=any @cap:format=any @cap:policy=hierarchy @cap:kas_type=multi-and
  Scenario: No part of a key contradicts another one
    Given documents labelled "east" are sealed for the key services "alpha"
    And documents labelled "west" are sealed for the key services "beta"
    And documents labelled "secret" are sealed for the key services "gamma"
    And a document that needs "east, west, secret"
    When the document is inspected without any service
    Then nothing is wrong with it

  @cap:encrypt_sdk=any @cap:format=any @cap:policy=hierarchy @cap:kas_type=multi-and
  Scenario Outline: Whoever has no key notices that <alteration>
    Given documents labelled "east" are sealed for the key services "alpha"
    And documents labelled "secret" are sealed for the key services "beta"
    And a document that needs "east, secret"
    And a copy of the document in which <alteration>
    When the document is inspected without any service
    Then inspection finds that the parts of its key contradict each other

    Examples: alterations
      | alteration                               |
      | the first part of the key is there twice |
      | the parts of the key are said to be one  |

  @cap:encrypt_sdk=any @cap:format=any @cap:policy=hierarchy @cap:kas_type=multi-and
  Scenario: Either partner, and the key service of the clearance
    Given documents labelled "east" are sealed for the key services "alpha"
    And documents labelled "west" are sealed for the key services "beta"
    And documents labelled "secret" are sealed for the key services "gamma"
    And a document that needs "east, west, secret"
    When the manifest of the document is read
    Then the key is split like this
      | key services |
      | alpha, beta  |
      | gamma        |

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic @cap:kas_type=multi-or
  Scenario Outline: A document opens although one of two partners is away, <away>
    Given documents labelled "east" are sealed for the key services "alpha"
    And documents labelled "west" are sealed for the key services "beta"
    And a document that needs "east, west"
    And the way to the key service "<away>" is closed
    When the reader opens the document
    Then the document opens with its original content

    Examples: partners
      | away  |
      | alpha |
      | beta  |

  @cap:encrypt_sdk=any @cap:format=any @cap:policy=abac-basic @cap:kas_type=multi-or
  Scenario: A document stays closed when both of two partners are away
    Given documents labelled "east" are sealed for the key services "alpha"
    And documents labelled "west" are sealed for the key services "beta"
    And a document that needs "east, west"
    And the way to the key service "alpha" is closed
    And the way to the key service "beta" is closed
    When the reader opens the document
    Then access is refused because a key service cannot be reached

  @cap:encrypt_sdk=any @cap:format=any @cap:policy=abac-basic @cap:kas_type=multi-and
  Scenario Outline: A document stays closed when the key service <away> has its part and is away
    Given documents labelled "safety" are sealed for the key services "alpha"
    And documents labelled "privacy" are sealed for the key services "beta"
    And a document that needs "safety, privacy"
    And the way to the key service "<away>" is closed
    When the reader opens the document
    Then access is refused because a key service cannot be reached

    Examples: key services
      | away  |
      | alpha |
      | beta  |

  @cap:encrypt_sdk=any @cap:format=any @cap:policy=abac-basic @cap:kas_type=multi-and
  Scenario Outline: A document whose key is split is not opened when <alteration>
    Given documents labelled "safety" are sealed for the key services "alpha"
    And documents labelled "privacy" are sealed for the key services "beta"
    And a document that needs "safety, privacy"
    And the reader has opened an untouched copy of the document
    And a copy of the document in which <alteration>
    When the reader opens the document
    Then access is refused because the payload was altered

    Examples: alterations
      | alteration                                |
      | the first key service is left out         |
      | the first part of the key is there twice  |
      | the parts of the key are said to be one   |

  @cap:encrypt_sdk=any @cap:format=any @cap:policy=abac-basic @cap:kas_type=multi-and
  Scenario: No key service opens the part of another one
    Given documents labelled "safety" are sealed for the key services "km1"
    And documents labelled "privacy" are sealed for the key services "km2"
    And a document that needs "safety, privacy"
    And the reader has opened an untouched copy of the document
    And a copy of the document in which the key services of the first two keys are exchanged
    When the reader opens the document
    Then access is refused because the sealed key does not open

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic @cap:kas_type=multi-and
  Scenario: A part of a key is not released to whoever may not read the document
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And documents labelled "safety" are sealed for the key services "alpha"
    And documents labelled "apollo" are sealed for the key services "beta"
    And a document that needs "safety, apollo"
    When the reader opens the document
    Then access is refused because the reader is not entitled
