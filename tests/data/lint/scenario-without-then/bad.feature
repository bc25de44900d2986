# expected 5:3
@req:BR-001 @cap:format=any
Feature: Reading

  Scenario: Nobody looks
    Given a document
    When the reader opens it
