# expected 6:34
@req:BR-001 @cap:format=any
Feature: Reading

  Scenario: A reader opens a document
    Given a document that needs "https://example.com/attr/project/value/apollo"
    When the reader opens it
    Then it opens
