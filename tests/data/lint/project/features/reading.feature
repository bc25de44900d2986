@req:BR-001 @cap:format=any
Feature: Shipped reading

  Scenario: A reader opens a document
    Given a document
    And a document that needs "apollo"
    When the reader opens it
    Then it opens

  @req:BR-002
  Scenario: A stranger is refused
    Given a document
    When the reader opens it
    Then the reader is refused
