@req:BR-010 @risk:high
Feature: Clients contact only key services that they trust
  A document says where its key is kept. Whoever can write that address must not learn who reads
  the document, nor receive the reader's token.

  @cap:decrypt_sdk=any @cap:format=any @cap:kas_allow_list=enforced
  Scenario: A reader who trusts the platform's key service opens a document
    Given a document that holds a short note
    And the reader trusts only the platform's key service
    When the reader opens the document
    Then the document opens with its original content

  @cap:decrypt_sdk=any @cap:format=any @cap:kas_allow_list=enforced
  Scenario: A reader refuses a document whose key is with a stranger
    Given a document that holds a short note
    And a copy of the document that names a stranger's key service
    And the reader trusts only the platform's key service
    When the reader opens the document
    Then access is refused because the key service is not trusted
    And the stranger's key service was never contacted

  @cap:decrypt_sdk=any @cap:format=any @cap:kas_allow_list=enforced
  Scenario: A reader without a list of its own refuses a stranger all the same
    Given a document that holds a short note
    And a copy of the document that names a stranger's key service
    When the reader opens the document
    Then access is refused because the key service is not trusted
    And the stranger's key service was never contacted

  # otdf-python trusts the platform that it is pointed at, whatever its list says.
  @cap:decrypt_sdk=go @cap:decrypt_sdk=java @cap:decrypt_sdk=js
  @cap:format=any @cap:kas_allow_list=enforced
  Scenario: A reader who trusts somebody else does not ask the platform's key service
    Given a document that holds a short note
    And the reader trusts only a stranger's key service
    When the reader opens the document
    Then access is refused because the key service is not trusted
    And the stranger's key service was never contacted
