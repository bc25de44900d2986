@cap:format=any
Feature: Reading

  @req:BR-001
  Scenario: A reader opens a document
    Given a document
    When the reader opens it
    Then it opens
