@req:BR-001 @cap:format=any @risk:medium @jira:KEY-1 @testrail:C12 @needs:browser @smoke @serial @slow
Feature: Reading

  Scenario: A reader opens a document
    Given a document
    When the reader opens it
    Then it opens
