@req:BR-001 @cap:format=any
Feature: Letters

  Scenario: A letter
    Given a letter
    Then it opens
