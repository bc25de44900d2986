@req:BR-014 @risk:high
Feature: Every attribute of a document must be satisfied
  A document can carry several attributes, each with a rule of its own. The reader needs to satisfy
  them all; being strong in one does not make up for another.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And the attribute "training" with the rule "all of" and the values "safety, privacy"
    And the attribute "clearance" with the rule "hierarchy" and the values "secret, internal"

  @cap:operation=decide @cap:policy=abac-basic
  Scenario Outline: A decision over several attributes with <case>
    Given a reader who holds "<holds>"
    When the reader asks for permission to read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: holdings
      | case                                 | holds                             | needs                             | decision |
      | everything that is needed            | apollo, secret                    | apollo, internal                  | permit   |
      | the project, but too low a clearance | apollo, internal                  | apollo, secret                    | deny     |
      | the clearance, but no project        | secret                            | gemini, internal                  | deny     |
      | the project, but half the training   | apollo, safety                    | apollo, safety, privacy           | deny     |
      | three attributes, all satisfied      | gemini, safety, privacy, secret   | apollo, gemini, safety, privacy, internal | permit |
      | three attributes, one not satisfied  | gemini, safety, privacy, internal | gemini, safety, privacy, secret   | deny     |

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: A reader who satisfies every attribute opens the document
    Given a reader who holds "gemini, secret"
    And a document that needs "apollo, gemini, internal"
    When the reader opens the document
    Then the document opens with its original content

  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: A reader who misses one attribute does not open the document
    Given a reader who holds "gemini, internal"
    And a document that needs "apollo, gemini, secret"
    When the reader opens the document
    Then access is refused because the reader is not entitled
