@req:BR-001 @cap:format=any
Feature: Reading

  @cap:format=ztdf
  Rule: One format

    @cap:format=any
    Scenario: A reader opens a document
    Given a document
    When the reader opens it
    Then it opens
