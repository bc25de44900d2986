# expected 11:18
@req:BR-001 @cap:format=any
Feature: Reading

  Scenario Outline: A document for <label>
    Given a document that needs "<label>"
    When the reader opens it
    Then it opens

    Examples: labels
      | label  | reader |
      | apollo | ann    |
