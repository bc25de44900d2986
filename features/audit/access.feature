@req:BR-035 @risk:high @needs:audit-log
Feature: Each key that was released or withheld is on record
  Who opened what is asked after something went wrong. So each request for a key leaves a record with
  the key, its algorithm, the binding and the labels of the policy, however the request ended.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And a reader who holds "apollo"

  @smoke @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: Opening a document leaves a record of its key
    Given a document that needs "apollo"
    When the reader opens the document
    Then the document opens with its original content
    And the audit says that the document's key was released once
    And each of these records names the key, its algorithm, the policy binding and the labels
    And the audit names the reader as the one who acted in the record of the decision

  @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
  Scenario: A reader who may not open a document leaves a record of the attempt
    Given a document that needs "gemini"
    When the reader opens the document
    Then access is refused because the reader is not entitled
    And the audit says that the document's key was withheld once
    And each of these records names the key, its algorithm, the policy binding and the labels

  @needs:several-kas @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any
  @cap:policy=abac-basic @cap:kas_type=multi-and
  Scenario: Each key service that releases its part of a key leaves a record of its own
    Given documents labelled "apollo" are sealed for the key services "alpha"
    And the attribute "training" with the rule "all of" and the values "safety"
    And documents labelled "safety" are sealed for the key services "beta"
    And a reader who holds "apollo, safety"
    And a document that needs "apollo, safety"
    When the reader opens the document
    Then the document opens with its original content
    And the audit says about the parts of the document's key
      | key service | key      |
      | alpha       | released |
      | beta        | released |
    And each of these records names the key, its algorithm, the policy binding and the labels

  @needs:several-kas @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any
  @cap:policy=abac-basic @cap:kas_type=multi-and
  Scenario: A key service that withholds its part of a key leaves a record, and one that is away does not
    Given documents labelled "apollo" are sealed for the key services "alpha"
    And the attribute "training" with the rule "all of" and the values "safety"
    And documents labelled "safety" are sealed for the key services "beta"
    And a document that needs "apollo, safety"
    And the way to the key service "beta" is closed
    When the reader opens the document
    Then the audit says about the parts of the document's key
      | key service | key      |
      | alpha       | withheld |
      | beta        | nothing  |

  @needs:several-kas @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any
  @cap:policy=abac-basic @cap:kas_type=multi-or
  Scenario: Of two key services that may release a key, one that is away leaves no record
    Given documents labelled "apollo" are sealed for the key services "alpha, beta"
    And a document that needs "apollo"
    And the way to the key service "alpha" is closed
    When the reader opens the document
    Then the document opens with its original content
    And the audit says that the document's key was released once

  @cap:operation=rewrap @cap:policy=abac-basic
  Scenario: Keys that are asked for together leave a record each
    Given these key envelopes
      | envelope | needs   |
      | report   | apollo  |
      | letter   | gemini  |
      | memo     | nothing |
    When the reader asks the key service to open the envelopes
    Then the audit says about the envelopes
      | envelope | key      |
      | report   | released |
      | letter   | withheld |
      | memo     | released |
    And each of these records names the key, its algorithm, the policy binding and the labels

  @cap:operation=rewrap @cap:policy=abac-basic
  Scenario Outline: A request that was refused before it was decided is no access, when <alteration>
    Given these key envelopes
      | envelope | needs  |
      | report   | apollo |
      | letter   | apollo |
    And a copy of the envelope "report" in which <alteration>
    When the reader asks the key service to open the envelopes
    Then the audit says about the envelopes
      | envelope | key      |
      | report   | nothing  |
      | letter   | released |

    Examples: alterations
      | alteration                             |
      | the policy no longer requires anything |
      | one bit of the binding is flipped      |
      | one bit of the sealed key is flipped   |

  @cap:operation=rewrap @cap:policy=abac-basic
  Scenario: Whoever claims to be somebody else is not recorded as that other
    Given these key envelopes
      | envelope | needs  |
      | report   | apollo |
    When the reader asks the key service to open the envelopes, and claims to be the auditor
    Then the audit names the reader as the one who acted in the record of the key request

  @cap:operation=rewrap @cap:policy=abac-basic
  Scenario: The record of a key request names who asked
    Given these key envelopes
      | envelope | needs  |
      | report   | apollo |
    When the reader asks the key service to open the envelopes
    Then the audit names the reader as the one who acted in the record of the key request

  @cap:operation=rewrap @cap:policy=abac-basic
  Scenario: Whoever claims to be somebody else does not change whom the decision is recorded for
    Given these key envelopes
      | envelope | needs  |
      | report   | apollo |
    When the reader asks the key service to open the envelopes, and claims to be the auditor
    Then the audit names the reader as the one who acted in the record of the decision
