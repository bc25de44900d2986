@req:BR-027 @risk:high @cap:auth_type=client-credentials
Feature: What a caller may do depends on its role
  Administrators write the policy, standard clients read it and ask for decisions, and everybody
  with a valid token may ask for the key of a document. Whoever has no valid token may do nothing.

  @smoke
  Scenario Outline: The role of a caller decides, <case>
    When a caller with <access> tries to <operation>
    Then the attempt is <outcome>

    Examples: roles
      | case                                | access            | operation              | outcome   |
      | admin reads the policy              | the admin role    | read the policy        | allowed   |
      | admin changes the policy            | the admin role    | change the policy      | allowed   |
      | admin deletes policy                | the admin role    | delete policy for good | allowed   |
      | admin asks for a decision           | the admin role    | ask for a decision     | allowed   |
      | admin asks for entitlements         | the admin role    | ask for entitlements   | allowed   |
      | admin opens an envelope             | the admin role    | open a key envelope    | allowed   |
      | standard reads the policy           | the standard role | read the policy        | allowed   |
      | standard reads the key registry     | the standard role | read the key registry  | allowed   |
      | standard changes the policy         | the standard role | change the policy      | forbidden |
      | standard deletes policy             | the standard role | delete policy for good | forbidden |
      | standard asks for a decision        | the standard role | ask for a decision     | allowed   |
      | standard asks for entitlements      | the standard role | ask for entitlements   | forbidden |
      | standard opens an envelope          | the standard role | open a key envelope    | allowed   |
      | somebody without role reads         | no role           | read the policy        | forbidden |
      | somebody without role reads keys    | no role           | read the key registry  | forbidden |
      | somebody without role changes       | no role           | change the policy      | forbidden |
      | somebody without role asks          | no role           | ask for a decision     | forbidden |
      | somebody without role, entitlements | no role           | ask for entitlements   | forbidden |
      | somebody without role, envelope     | no role           | open a key envelope    | allowed   |

  Scenario Outline: A token that cannot be trusted opens no door, <case>
    When a caller with <access> tries to <operation>
    Then the attempt is unauthenticated

    Examples: tokens
      | case                        | access                      | operation           |
      | none, policy                | no token                    | read the policy     |
      | none, change                | no token                    | change the policy   |
      | none, decision              | no token                    | ask for a decision  |
      | none, envelope              | no token                    | open a key envelope |
      | garbled, policy             | a garbled token             | read the policy     |
      | garbled, envelope           | a garbled token             | open a key envelope |
      | altered, policy             | a token with altered claims | read the policy     |
      | altered, change             | a token with altered claims | change the policy   |
      | altered, envelope           | a token with altered claims | open a key envelope |
      | of a stranger, policy       | a token signed by a stranger | read the policy     |
      | of a stranger, decision     | a token signed by a stranger | ask for a decision  |
      | of a stranger, envelope     | a token signed by a stranger | open a key envelope |

  @needs:expired-token
  Scenario Outline: A token past its time opens no door, <case>
    When a caller with an expired token tries to <operation>
    Then the attempt is unauthenticated

    Examples: operations
      | case     | operation           |
      | policy   | read the policy     |
      | decision | ask for a decision  |
      | envelope | open a key envelope |

  @needs:foreign-audience-token
  Scenario Outline: A token for another audience opens no door, <case>
    When a caller with a token for another audience tries to <operation>
    Then the attempt is unauthenticated

    Examples: operations
      | case     | operation           |
      | policy   | read the policy     |
      | decision | ask for a decision  |
      | envelope | open a key envelope |

  @needs:foreign-issuer-token
  Scenario Outline: A token of another issuer opens no door, <case>
    When a caller with a token of another issuer tries to <operation>
    Then the attempt is unauthenticated

    Examples: operations
      | case     | operation           |
      | policy   | read the policy     |
      | decision | ask for a decision  |
      | envelope | open a key envelope |
