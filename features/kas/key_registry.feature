@req:BR-029 @risk:high @cap:operation=administer-keys
Feature: The platform knows every key service once, and by its right address
  Authors seal documents for the key services that the platform knows. A key service that is known
  twice, or under a wrong address, would lead them astray.

  Background:
    Given the key services "records"

  @smoke
  Scenario Outline: A key service that is registered is found <how>
    When the administrator tries to find the key service <how>
    Then the attempt is allowed

    Examples: ways
      | how            |
      | by its name    |
      | by its address |
      | by its number  |

  Scenario Outline: A registry of key services refuses to <operation>
    When the administrator tries to <operation>
    Then it is refused because <reason>

    Examples: what would make two of one
      | operation                                                     | reason            |
      | register another key service at the same address              | the name is taken |
      | register another key service under the same name              | the name is taken |
      | register another key service under the same name in capitals  | the name is taken |
      | move a key service to the address of another                  | the name is taken |
      | rename a key service to the name of another                   | the name is taken |

    Examples: nonsense
      | operation                                          | reason                     |
      | register a key service without a proper address    | it is malformed            |
      | register a key service under a name with blanks    | it is malformed            |
      | change nothing about a key service                 | there is nothing to change |
      | find a key service that nobody registered          | there is no such thing     |
      | delete a key service that nobody registered        | there is no such thing     |
      | find the key service after deleting it             | there is no such thing     |
      | register a provider twice                          | the name is taken          |

  Scenario: A key service that has keys cannot be deleted
    Given these keys
      | key    | of      | kept           |
      | ledger | records | held by nobody |
    When the administrator tries to delete the key service
    Then it is refused because other things depend on it
    And the key registry holds
      | key    | state  | protects |
      | ledger | active | nothing  |
