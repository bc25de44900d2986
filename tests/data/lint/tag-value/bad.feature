# expected 2:29
@req:BR-001 @cap:format=any @risk:extreme @jira:KEY-1
Feature: Reading

  Scenario: A reader opens a document
    Given a document
    When the reader opens it
    Then it opens
