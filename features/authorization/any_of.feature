@req:BR-011 @risk:high
Feature: One entitled value suffices where the rule is "any of"
  A document may be meant for several projects. Being on one of them is enough.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini, mercury"

  @cap:operation=decide @cap:policy=abac-basic
  Scenario Outline: A decision under "any of" with <case>
    Given a reader who holds "<holds>"
    When the reader asks for permission to read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: holdings
      | case                               | holds           | needs                   | decision |
      | the one value that is needed       | apollo          | apollo                  | permit   |
      | another value than is needed       | gemini          | apollo                  | deny     |
      | one of two values that are needed  | gemini          | apollo, gemini          | permit   |
      | one of three values                | mercury         | apollo, gemini, mercury | permit   |
      | more values than are needed        | apollo, gemini  | gemini                  | permit   |
      | two values, none of them needed    | apollo, gemini  | mercury                 | deny     |
      | no value at all, one needed        | nothing         | apollo                  | deny     |
      | no value at all, all needed        | nothing         | apollo, gemini, mercury | deny     |

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: A reader with one of two projects opens the document
    Given a reader who holds "gemini"
    And a document that needs "apollo, gemini"
    When the reader opens the document
    Then the document opens with its original content

  @smoke @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: A reader on another project does not open the document
    Given a reader who holds "mercury"
    And a document that needs "apollo, gemini"
    When the reader opens the document
    Then access is refused because the reader is not entitled
