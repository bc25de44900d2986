@req:BR-001 @cap:format=any
Feature: Reading

  Background:
    Given a document
    And a document that needs "apollo"

  Scenario: A reader opens a document
    When the reader opens it
    Then it opens
