@req:BR-001 @cap:format=any
Feature: Another reading

  Scenario: A reader opens a document
    Given a document
    When the reader opens it
    Then it opens
