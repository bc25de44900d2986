@req:BR-013 @risk:high
Feature: A higher clearance opens what is lower, never the reverse
  Values are ranked from the highest to the lowest. Who is cleared for one is cleared for all below.

  Background:
    Given the attribute "clearance" with the rule "hierarchy" and the values "top-secret, secret, internal"

  @cap:operation=decide @cap:policy=hierarchy
  Scenario Outline: A decision under a hierarchy with <case>
    Given a reader who holds "<holds>"
    When the reader asks for permission to read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: clearances
      | case                                 | holds      | needs                | decision |
      | the highest for the highest          | top-secret | top-secret           | permit   |
      | the highest for the middle           | top-secret | secret               | permit   |
      | the highest for the lowest           | top-secret | internal             | permit   |
      | the middle for the highest           | secret     | top-secret           | deny     |
      | the middle for the middle            | secret     | secret               | permit   |
      | the middle for the lowest            | secret     | internal             | permit   |
      | the lowest for the highest           | internal   | top-secret           | deny     |
      | the lowest for the middle            | internal   | secret               | deny     |
      | the lowest for the lowest            | internal   | internal             | permit   |
      | no clearance for the lowest          | nothing    | internal             | deny     |
      | the middle for the lowest and top    | secret     | internal, top-secret | deny     |
      | the highest for the lowest and top   | top-secret | internal, top-secret | permit   |

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=hierarchy
  Scenario: A reader with a higher clearance opens the document
    Given a reader who holds "top-secret"
    And a document that needs "secret"
    When the reader opens the document
    Then the document opens with its original content

  @smoke @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=hierarchy
  Scenario: A reader with a lower clearance does not open the document
    Given a reader who holds "internal"
    And a document that needs "secret"
    When the reader opens the document
    Then access is refused because the reader is not entitled
