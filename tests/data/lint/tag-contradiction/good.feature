@req:BR-001 @cap:format=nano @cap:format=ztdf @cap:wrapping=p-256
Feature: Reading

  Scenario: A reader opens a document
    Given a document
    When the reader opens it
    Then it opens
