# expected 2:13
@req:BR-001 @cap:format=zdtf @cap:wrapping=any
Feature: Reading

  Scenario: A reader opens a document
    Given a document
    When the reader opens it
    Then it opens
