# expected 5:3
@req:BR-001
Feature: Reading

  Scenario: A reader opens a document
    Given a document
    When the reader opens it
    Then it opens
