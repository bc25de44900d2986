@req:BR-001 @cap:format=any
Feature: Reading

  Scenario: A reader opens a document
    Given a document
    When the reader opens it
    Then it opens
