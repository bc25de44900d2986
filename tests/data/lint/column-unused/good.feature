@req:BR-001 @cap:format=any
Feature: Reading

  Scenario Outline: A document of one kind
    Given a document that needs "<label>"
    When the reader opens it
    Then it opens

    Examples: labels
      | case   | label  |
      | moon   | apollo |
