@req:BR-026 @risk:high
Feature: A change of policy holds from the next question on
  Decisions and documents follow the policy as it is now. What an administrator takes away entitles
  nobody any more, and what is only described anew changes nothing.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And a reader who holds "apollo"

  @cap:operation=decide @cap:policy=abac-basic
  Scenario Outline: What is taken away entitles nobody any more, <case>
    Given the administrator has <deed>
    When the reader asks for permission to read a document that needs "apollo"
    Then the decision is deny

    Examples: deeds
      | case                       | deed                                   |
      | the entitlement is deleted | deleted the entitlement "apollo"       |
      | the value is deleted       | deleted the value "apollo"             |
      | the attribute is deleted   | deleted the attribute "project"        |
      | the namespace is deleted   | deleted the namespace of "apollo"      |
      | the value is renamed       | renamed the value "apollo" to "zeus"   |
      | the attribute is renamed   | renamed the attribute "project" to "x" |

  @cap:operation=decide @cap:policy=abac-basic
  Scenario Outline: Other changes leave an entitlement as it is, <case>
    Given the administrator has <deed>
    When the reader asks for permission to read a document that needs "apollo"
    Then the decision is permit

    Examples: deeds
      | case                          | deed                            |
      | the value is labelled         | labelled the value "apollo"     |
      | another value is deleted      | deleted the value "gemini"      |
      | another value is deactivated  | deactivated the value "gemini"  |
      | another attribute is made     | created an attribute "letters"  |
      | the value itself is inactive  | deactivated the value "apollo"  |

  @cap:operation=decide @cap:policy=abac-basic @needs:inactive-definitions
  Scenario Outline: What is deactivated as a whole entitles nobody, <case>
    Given the administrator has <deed>
    When the reader asks for permission to read a document that needs "apollo"
    Then the decision is deny

    Examples: deeds
      | case          | deed                                  |
      | the attribute | deactivated the attribute "project"   |
      | the namespace | deactivated the namespace of "apollo" |

  @cap:operation=decide @cap:policy=abac-basic @needs:inactive-definitions
  Scenario: What is reactivated entitles again
    Given the administrator has deactivated the attribute "project"
    And the administrator has reactivated the attribute "project"
    When the reader asks for permission to read a document that needs "apollo"
    Then the decision is permit

  @cap:operation=rewrap @cap:policy=abac-basic @needs:inactive-definitions
  Scenario: The key under a deactivated attribute stays closed
    Given these key envelopes
      | envelope | needs  |
      | report   | apollo |
    And the reader has opened the envelopes
    And the administrator has deactivated the attribute "project"
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer    |
      | report   | forbidden |

  @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: A document stays closed once the entitlement is taken away
    Given a document that needs "apollo"
    And the reader has opened the document
    And the administrator has deleted the entitlement "apollo"
    When the reader opens the document
    Then access is refused because the reader is not entitled
