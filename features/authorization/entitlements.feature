@req:BR-015 @risk:medium @cap:operation=decide
Feature: A list of entitlements agrees with the decisions
  Who shows people what they may open asks once for all that somebody is entitled to. The list names
  what decisions would permit, and nothing else.

  @cap:policy=abac-basic
  Scenario: What somebody holds is listed, and nothing else
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini, mercury"
    And a reader who holds "apollo, mercury"
    And people whose group is "engineering" may read what is labelled "gemini"
    When an administrator asks what the reader is entitled to
    Then the reader is entitled to
      | label   | actions |
      | apollo  | read    |
      | mercury | read    |

  @cap:policy=hierarchy
  Scenario: With a ranked value those below it are listed, and none above
    Given the attribute "clearance" with the rule "hierarchy" and the values "top-secret, secret, internal"
    And a reader who holds "secret"
    When an administrator asks what the reader is entitled to
    Then the reader is entitled to
      | label    | actions |
      | secret   | read    |
      | internal | read    |

  @cap:policy=abac-basic
  Scenario: Whoever holds nothing is entitled to nothing
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And a reader who holds "nothing"
    When an administrator asks what the reader is entitled to
    Then the reader is entitled to
      | label | actions |
