@req:BR-016 @risk:high @cap:identity=keycloak @cap:auth_type=password
@cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any @cap:policy=abac-basic
@needs:people @needs:people-tokens
Feature: People open documents with access tokens of their own
  A person signs in at the identity provider, and a client opens documents in the person's name.

  Background:
    Given the identity provider knows alice as "group/engineering, clearance/secret"
    And the identity provider knows bob as "group/marketing, clearance/public"
    And a document that needs "group/engineering"

  Scenario: A person whose group may read it opens a document
    Given alice is the reader
    When the reader opens the document
    Then the document opens with its original content

  Scenario: A person of another group does not open a document
    Given bob is the reader
    When the reader opens the document
    Then access is refused because the reader is not entitled
