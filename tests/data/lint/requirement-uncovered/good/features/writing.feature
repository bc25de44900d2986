@req:BR-003 @cap:format=any
Feature: Writing

  Scenario: A reader opens a document
    Given a document
    When the reader opens it
    Then it opens
