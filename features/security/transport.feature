@req:BR-041 @risk:high
Feature: Readers look at certificates before they trust a way
  Tokens and keys travel over networks that others control. A reader who trusts one authority gives
  neither to a server with a certificate that this authority has not signed, for this host and this day.
  That holds for every server on its own, and for authors as well.

  @cap:decrypt_sdk=any @cap:format=any @cap:transport=own-authority @cap:kas_allow_list=enforced
  Scenario: A document opens over a way that the reader can trust
    Given a document that holds every byte value
    And the way to the platform is secured by a certificate that the reader can trust
    When the reader opens the document
    Then the document opens with its original content

  @cap:decrypt_sdk=any @cap:format=any @cap:transport=own-authority @cap:kas_allow_list=enforced
  Scenario Outline: A reader refuses a certificate of the trusted authority that <flaw>
    Given a document that holds a short note
    And the way to the platform is secured by a certificate that <flaw>
    When the reader opens the document
    Then access is refused because the certificate cannot be trusted

    Examples: flaws
      | flaw               |
      | has expired        |
      | is not valid yet   |
      | names another host |

  @cap:decrypt_sdk=any @cap:format=any @cap:transport=tls @cap:kas_allow_list=enforced
  Scenario Outline: A reader refuses a certificate that <signer> has signed
    Given a document that holds a short note
    And the way to the platform is secured by a certificate that <signer> has signed
    When the reader opens the document
    Then access is refused because the certificate cannot be trusted

    Examples: signers
      | signer               |
      | an unknown authority |
      | nobody but its owner |

  @cap:decrypt_sdk=any @cap:format=any @cap:transport=own-authority @cap:kas_allow_list=enforced
  Scenario: A document opens though platform and key service show different certificates
    Given a document that holds every byte value
    And the way to the platform is secured by a certificate that the reader can trust
    And the way to the key service "default" is secured by a certificate that the reader can trust
    When the reader opens the document
    Then the document opens with its original content

  @cap:decrypt_sdk=any @cap:format=any @cap:transport=own-authority @cap:kas_allow_list=enforced
  Scenario Outline: A reader who trusts the platform refuses its key service's certificate that <flaw>
    Given a document that holds a short note
    And the way to the platform is secured by a certificate that the reader can trust
    And the way to the key service "default" is secured by a certificate that <flaw>
    When the reader opens the document
    Then access is refused because the certificate cannot be trusted

    Examples: flaws
      | flaw               |
      | has expired        |
      | names another host |

  @cap:decrypt_sdk=any @cap:format=any @cap:transport=tls @cap:kas_allow_list=enforced
  Scenario: A reader refuses a key service whose certificate an unknown authority has signed
    Given a document that holds a short note
    And the way to the platform is secured by a certificate that the reader can trust
    And the way to the key service "default" is secured by a certificate that an unknown authority has signed
    When the reader opens the document
    Then access is refused because the certificate cannot be trusted

  @cap:encrypt_sdk=any @cap:format=any @cap:transport=own-authority @cap:kas_allow_list=enforced
  Scenario: A document that was protected over a way that its author can trust opens
    Given the author's way to the platform is secured by a certificate that the author can trust
    And a document that holds every byte value
    And the way to the platform is secured by a certificate that the reader can trust
    When the reader opens the document
    Then the document opens with its original content

  @cap:encrypt_sdk=any @cap:format=any @cap:transport=tls
  Scenario Outline: An author refuses a certificate that <flaw>
    Given the author's way to the platform is secured by a certificate that <flaw>
    When the author protects a document
    Then protection is refused because the certificate cannot be trusted

    Examples: flaws
      | flaw                            |
      | has expired                     |
      | an unknown authority has signed |
