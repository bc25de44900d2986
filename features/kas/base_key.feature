@req:BR-034 @risk:medium @needs:key-management @needs:base-key @serial
Feature: The base key protects what no other key does
  An administrator chooses one key of all for documents whose labels have none. It is announced to
  everybody, and once there is one, there always is one.

  Background:
    Given these keys
      | key    | of           | kept                   |
      | ledger | the platform | sealed by the platform |
      | poster | records      | held by nobody         |
      | latest | the platform | sealed by the platform |
    And the key is the base key

  @smoke @cap:operation=administer-keys
  Scenario: Authors are told the base key for documents that need nothing
    When an author asks which keys protect documents that need "nothing"
    Then exactly the keys "ledger" are given

  @cap:operation=administer-keys
  Scenario: The key of a label goes before the base key
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And the key "poster" is assigned to the value of "apollo"
    When an author asks which keys protect documents that need "apollo"
    Then exactly the keys "poster" are given

  @cap:operation=administer-keys
  Scenario: A base key that is rotated out leaves its place to the new one
    Given the key "ledger" was rotated to "new ledger"
    When an author asks which keys protect documents that need "nothing"
    Then exactly the keys "new ledger" are given

  @cap:operation=administer-keys
  Scenario Outline: Where there is a base key, it is refused to <operation>
    When the administrator tries to <operation>
    Then it is refused because <reason>

    Examples: operations
      | operation                                     | reason                                                  |
      | make a key that nobody holds the base key     | the key is no longer, or never was, fit for that        |
      | make a key that nobody created the base key   | there is no such thing                                  |
      | delete the key                                | other things depend on it                               |

  @cap:operation=discover
  Scenario: The base key is announced alike by either protocol
    When somebody without a token reads the platform's configuration
    Then asking for it by procedure call gives the same configuration

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:key_choice=by-label
  Scenario: A document without a label is sealed for the base key, and opens
    Given a document that holds a short note
    When the reader opens the document
    Then the document opens with its original content
    And the document is sealed for the key "ledger"
