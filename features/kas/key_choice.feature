@req:BR-030 @risk:medium
Feature: The nearest key protects a document
  Keys can be assigned to a value, to its attribute and to its namespace. The nearest one wins: the
  value's, then the attribute's, then the namespace's, and where there is none, the platform's own.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And the attribute "region" with the rule "any of" and the values "north"
    And these keys
      | key       | of      | kept           |
      | value     | records | held by nobody |
      | attribute | archive | held by nobody |
      | namespace | vault   | held by nobody |

  @smoke @cap:operation=administer-keys
  Scenario Outline: Authors are told the nearest key, that of the <nearest>
    Given the key "value" is assigned to the value of "apollo"
    And the key "attribute" is assigned to the attribute of "apollo"
    And the key "namespace" is assigned to the namespace of "apollo"
    When an author asks which keys protect documents that need "<label>"
    Then exactly the keys "<nearest>" are given

    Examples: labels
      | label  | nearest   |
      | apollo | value     |
      | gemini | attribute |
      | north  | namespace |

  @cap:operation=administer-keys
  Scenario: Authors are told a key for each label
    Given the key "value" is assigned to the value of "apollo"
    And the key "attribute" is assigned to the attribute of "apollo"
    When an author asks which keys protect documents that need "apollo, gemini"
    Then exactly the keys "attribute, value" are given

  @cap:operation=administer-keys
  Scenario: A value that nobody has defined yet is protected by the key of its attribute
    Given the key "attribute" is assigned to the attribute of "apollo"
    And documents may carry values that nobody has defined yet
    When an author asks which keys protect documents that need "an unknown value"
    Then exactly the keys "attribute" are given

  @cap:operation=administer-keys
  Scenario: A value that nobody may invent is protected by no key
    Given the key "attribute" is assigned to the attribute of "apollo"
    When an author asks which keys protect documents that need "an unknown value"
    Then it is refused because there is no such thing

  @cap:operation=administer-keys
  Scenario: A document that needs nothing is protected by the platform's own key
    Given the key "namespace" is assigned to the namespace of "apollo"
    When an author asks which keys protect documents that need "nothing"
    Then exactly the keys "the platform's own key" are given

  @cap:encrypt_sdk=any @cap:format=any @cap:key_choice=by-label
  Scenario Outline: An author's document is sealed for the nearest key, that of the <nearest>
    Given the key "value" is assigned to the value of "apollo"
    And the key "attribute" is assigned to the attribute of "apollo"
    And the key "namespace" is assigned to the namespace of "apollo"
    And a document that needs "<label>"
    When the manifest of the document is read
    Then the document is sealed for the key "<nearest>"

    Examples: labels
      | label  | nearest   |
      | apollo | value     |
      | gemini | attribute |
      | north  | namespace |

  @cap:encrypt_sdk=any @cap:format=any @cap:key_choice=by-label
  Scenario: An author's document is sealed for the platform's own key where no label has one
    Given a document that needs "apollo"
    When the manifest of the document is read
    Then the document is sealed for the key "the platform's own key"

  @cap:encrypt_sdk=any @cap:format=any @cap:key_choice=by-attribute
  Scenario: An author's document with a value that nobody has defined yet is sealed for the key of its attribute
    Given the key "attribute" is assigned to the attribute of "apollo"
    And documents may carry values that nobody has defined yet
    And a document that needs "an unknown value"
    When the manifest of the document is read
    Then the document is sealed for the key "attribute"
