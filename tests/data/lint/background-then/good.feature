@req:BR-001 @cap:format=any
Feature: Reading

  Background:
    Given a document

  Scenario: A reader opens a document
    When the reader opens it
    Then it opens
