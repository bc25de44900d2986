@req:BR-001 @cap:format=any
Feature: Reading

  Scenario: A reader opens a document
    Given a document that needs "project/apollo, text/csv, 4.2.2, rot:13"
    When the reader opens it
    Then it opens
