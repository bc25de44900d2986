@req:BR-029 @risk:high
Feature: Keys are created, rotated, assigned and deleted without losing a document
  The private part of a key is sealed by the platform or by a provider, held elsewhere, or held by
  nobody the platform knows. A key that is rotated out protects nothing new, and goes on opening
  what it protected.

  Background:
    Given the key services "records"

  @smoke @cap:operation=administer-keys
  Scenario Outline: A key can be <kept>
    When the administrator tries to create a key that is <kept>
    Then the attempt is allowed
    And the key registry holds
      | key         | state  | protects |
      | the new key | active | nothing  |

    Examples: keepers
      | kept                   |
      | sealed by the platform |
      | sealed by a provider   |
      | held by a provider     |
      | held by nobody         |

  @cap:operation=administer-keys
  Scenario Outline: It is refused to <operation>
    Given these keys
      | key    | of      | kept           |
      | ledger | records | held by nobody |
      | index  | records | held by nobody |
    When the administrator tries to <operation>
    Then it is refused because <reason>
    And the key registry holds
      | key    | state  | protects |
      | ledger | active | nothing  |
      | index  | active | nothing  |

    Examples: creation
      | operation                                                      | reason                             |
      | create a second key of the same name                           | the name is taken                  |
      | create a key for a key service that nobody registered          | something that it names is unknown |
      | create a key of no kind                                        | it is malformed                    |
      | create a key without a public part                             | it is malformed                    |
      | create a key whose public part is garbled                      | it cannot be read                  |
      | create a sealed key without a private part                     | it is malformed                    |
      | create a key whose private part is garbled                     | it cannot be read                  |
      | create a key whose private part is not sealed                  | the private part is not sealed     |
      | create a key that is held by nobody, with a private part       | it is malformed                    |
      | create a key that is held by a provider, with a private part   | it is malformed                    |
      | create a key that is held by a provider, without naming one    | it is malformed                    |
      | create a key that is held by a provider nobody registered      | something that it names is unknown |
      | create a key that is sealed by the platform and a provider     | it is malformed                    |

    Examples: rotation
      | operation                             | reason                 |
      | rotate the key to the name of another | the name is taken      |
      | rotate a key that nobody created      | there is no such thing |

    Examples: assignment
      | operation                                        | reason                             |
      | assign the key to a namespace that nobody made   | something that it names is unknown |
      | assign the key to a value that nobody defined    | something that it names is unknown |
      | take the key from the namespace                  | there is no such thing             |

    Examples: deletion
      | operation                                | reason                       |
      | delete the key under the name of another | the proof of intent is wrong |
      | delete the key at another key service    | the proof of intent is wrong |
      | delete a key that nobody created         | there is no such thing       |

  @cap:operation=administer-keys
  Scenario: Two key services may each have a key of the same name
    Given these keys
      | key    | of      | kept           |
      | ledger | records | held by nobody |
    When the administrator tries to create a key of the same name at another key service
    Then the attempt is allowed
    And the key registry holds
      | key         | state  | protects |
      | ledger      | active | nothing  |
      | the new key | active | nothing  |

  @cap:operation=administer-keys
  Scenario: What the earlier key protected, the new one protects
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And these keys
      | key    | of      | kept           |
      | ledger | records | held by nobody |
    And the key "ledger" is assigned to the value of "apollo"
    And the key "ledger" is assigned to the attribute of "apollo"
    And the key "ledger" is assigned to the namespace of "apollo"
    When the key "ledger" is rotated to "new ledger"
    Then the attempt is allowed
    And the key registry holds
      | key        | state       | protects                       |
      | ledger     | rotated out | nothing                        |
      | new ledger | active      | apollo, project, the namespace |

  @cap:operation=administer-keys
  Scenario Outline: A key that was rotated out is not fit to <operation>
    Given these keys
      | key    | of      | kept                   |
      | ledger | records | sealed by the platform |
    And the key "ledger" was rotated to "new ledger"
    When the administrator tries to <operation>
    Then it is refused because the key is no longer, or never was, fit for that
    And the key registry holds
      | key        | state       | protects |
      | ledger     | rotated out | nothing  |
      | new ledger | active      | nothing  |

    Examples: operations
      | operation                       |
      | assign the key to the namespace |
      | make the key the base key       |

  @cap:operation=administer-keys
  Scenario: A key is assigned once
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And these keys
      | key    | of      | kept           |
      | ledger | records | held by nobody |
    And the key "ledger" is assigned to the namespace of "apollo"
    When the administrator tries to assign the key to the namespace
    Then it is refused because the name is taken
    And the key registry holds
      | key    | state  | protects      |
      | ledger | active | the namespace |

  @cap:operation=administer-keys
  Scenario: A key can be taken from what it protects
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And these keys
      | key    | of      | kept           |
      | ledger | records | held by nobody |
    And the key "ledger" is assigned to the namespace of "apollo"
    When the administrator tries to take the key from the namespace
    Then the attempt is allowed
    And the key registry holds
      | key    | state  | protects |
      | ledger | active | nothing  |

  @cap:operation=administer-keys
  Scenario: Who names a key by its name and its key service can delete it for good
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And these keys
      | key    | of      | kept           |
      | ledger | records | held by nobody |
      | index  | records | held by nobody |
    And the key "ledger" is assigned to the value of "apollo"
    When the administrator tries to delete the key
    Then the attempt is allowed
    And the key registry holds
      | key   | state  | protects |
      | index | active | nothing  |

  @cap:operation=administer-keys
  Scenario: A provider that holds a key cannot be deleted
    Given these keys
      | key    | of      | kept               |
      | ledger | records | held by a provider |
    When the administrator tries to delete the provider
    Then it is refused because other things depend on it

  @cap:operation=administer-keys
  Scenario Outline: A key that is <kept> can be left to nobody
    Given these keys
      | key    | of      | kept   |
      | ledger | records | <kept> |
    When the administrator tries to take the key from its provider
    Then the attempt is allowed

    Examples: keepers
      | kept               |
      | held by a provider |
      | held by nobody     |

  @cap:operation=administer-keys
  Scenario Outline: A key that is <kept> stays with who sealed it
    Given these keys
      | key    | of      | kept   |
      | ledger | records | <kept> |
    When the administrator tries to take the key from its provider
    Then it is refused because its keeper cannot change

    Examples: keepers
      | kept                   |
      | sealed by the platform |
      | sealed by a provider   |

  @cap:operation=administer-keys
  Scenario: What is noted about a key changes nothing else
    Given these keys
      | key    | of      | kept                   |
      | ledger | records | sealed by the platform |
    When the administrator tries to note who owns the key
    Then the attempt is allowed
    And the key registry holds
      | key    | state  | protects |
      | ledger | active | nothing  |

  @needs:audit-log @cap:operation=administer-keys
  Scenario: Nobody is told the private part of a key
    Given these keys
      | key    | of      | kept                   |
      | ledger | records | sealed by the platform |
      | index  | records | sealed by a provider   |
    When the key "ledger" is rotated to "new ledger"
    Then no private part of a key was told, neither in an answer nor in the audit
