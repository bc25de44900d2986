# expected 5:3
@req:BR-001 @cap:format=any
Feature: Reading

  @smokee
  Scenario: A reader opens a document
    Given a document
    When the reader opens it
    Then it opens
