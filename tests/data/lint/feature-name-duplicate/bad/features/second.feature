# expected 3:1
@req:BR-001 @cap:format=any
Feature: Shipped reading

  Scenario: A reader opens a document
    Given a document
    When the reader opens it
    Then it opens
