# expected 8:5
@req:BR-001 @cap:format=any
Feature: Reading

  Scenario: A table with a row too short
    Given a document
      | a | b |
    | c |
