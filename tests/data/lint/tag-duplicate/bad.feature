# expected 5:10
@req:BR-001 @cap:format=any
Feature: Reading

  @smoke @cap:format=any
  Scenario: A reader opens a document
    Given a document
    When the reader opens it
    Then it opens
