@req:BR-017 @risk:high
Feature: Entitlement is per action
  Being allowed to read a document does not mean being allowed to change it. Besides the standard
  actions, an organisation may name actions of its own.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"

  @cap:operation=decide @cap:actions=standard
  Scenario Outline: Asking to <action> while entitled to <may> is answered with <decision>
    Given the reader may "<may>" what is labelled "apollo"
    When the reader asks for permission to <action> a document that needs "apollo"
    Then the decision is <decision>

    Examples: actions
      | case                   | may                          | action | decision |
      | read with read         | read                         | read   | permit   |
      | update with read       | read                         | update | deny     |
      | create with create     | create                       | create | permit   |
      | delete with create     | create                       | delete | deny     |
      | update with all        | create, read, update, delete | update | permit   |
      | delete with all        | create, read, update, delete | delete | permit   |
      | read with update       | update                       | read   | deny     |

  @cap:operation=decide @cap:actions=custom
  Scenario Outline: Asking for the custom action <action> while entitled to <may> is answered with <decision>
    Given the reader may "<may>" what is labelled "apollo"
    When the reader asks for permission to <action> a document that needs "apollo"
    Then the decision is <decision>

    Examples: custom actions
      | case                     | may          | action | decision |
      | stamp with stamp         | stamp        | stamp  | permit   |
      | read with stamp          | stamp        | read   | deny     |
      | stamp with read          | read         | stamp  | deny     |
      | read with both           | read, stamp  | read   | permit   |
      | stamp in capital letters | stamp        | STAMP  | permit   |
      | STAMP in small letters   | STAMP        | stamp  | permit   |

  @cap:operation=decide @cap:actions=custom
  Scenario: An action for one label does not extend to another
    Given the reader may "stamp" what is labelled "apollo"
    And the reader may "read" what is labelled "gemini"
    When the reader asks for permission to stamp a document that needs "gemini"
    Then the decision is deny

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: A reader who may only update does not open the document
    Given the reader may "update" what is labelled "apollo"
    And a document that needs "apollo"
    When the reader opens the document
    Then access is refused because the reader is not entitled
