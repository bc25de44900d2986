# expected 8:3
@req:BR-001 @cap:format=any
Feature: Reading

  Background:
    Given a document

  Scenario: A reader opens many documents
    Given a document
    And a document
    And a document
    And a document
    And a document
    And a document
    And a document
    And a document
    And a document
    And a document
    When the reader opens it
    Then it opens
