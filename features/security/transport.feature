@req:BR-041 @risk:high
Feature: Readers look at certificates before they trust a way
  Tokens and keys travel over networks that others control. A reader who trusts one authority gives
  neither to a server with a certificate that this authority has not signed, for this host and this day.

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
