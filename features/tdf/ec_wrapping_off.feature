@req:BR-002 @risk:medium
Feature: Keys are sealed for elliptic curves only where an operator allows it
  Until it is switched on, a platform takes no key that an elliptic curve sealed.

  @cap:operation=rewrap @cap:wrapping=p-256
  Scenario: A platform that is not set up for it refuses
    Given these key envelopes
      | envelope | needs   |
      | report   | nothing |
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer  |
      | report   | invalid |
