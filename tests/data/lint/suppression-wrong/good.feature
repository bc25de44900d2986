@req:BR-001 @cap:format=any
Feature: Reading

  Scenario: A reader opens a document
    # lint: allow technical-text because the address is the subject
    Given a document that needs "https://example.com"
    When the reader opens it
    Then it opens
