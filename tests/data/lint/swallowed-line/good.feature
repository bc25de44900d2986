@req:BR-001 @cap:format=any
Feature: Reading

  Scenario: A reader opens a document
    The document is given to everybody.

    Given a document
    When the reader opens it
    Then it opens
