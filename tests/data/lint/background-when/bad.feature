# expected 7:5
@req:BR-001 @cap:format=any
Feature: Reading

  Background:
    Given a document
    When the reader opens it

  Scenario: A reader opens a document
    When the reader opens it
    Then it opens
