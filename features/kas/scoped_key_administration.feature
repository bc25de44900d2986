@req:BR-028 @risk:high @needs:scoped-roles @serial @cap:operation=administer-keys
Feature: A key service reads its own keys and no others
  A role may be given to a key service for its own address. However the keys of another are named,
  they stay closed to it.

  Background:
    Given these keys
      | key    | of    | kept           |
      | polar  | north | held by nobody |

  @smoke
  Scenario Outline: The key service in the north may <operation>
    When a caller with the role of the key service in the north tries to <operation>
    Then the attempt is allowed

    Examples: its own
      | operation                                 |
      | read the key of the north                 |
      | read the key of the north by its number   |
      | list the keys of the north                |
      | list the keys of the north by its number  |

  Scenario Outline: The key service in the north may not <operation>
    Given these keys
      | key    | of          | kept           |
      | desert | south       | held by nobody |
      | moor   | north annex | held by nobody |
      | mask   | impostor    | held by nobody |
    When a caller with the role of the key service in the north tries to <operation>
    Then the attempt is forbidden

    Examples: those of others
      | operation                                       |
      | read the key of the south                       |
      | read the key of the south by its number         |
      | list the keys of the south                      |
      | list the keys of the south by its number        |
      | read the key of the north annex                 |
      | list the keys of the north annex                |
      | read the key of the impostor                    |
      | read the key of the impostor by its number      |
      | list the keys of the impostor                   |
      | list the keys of everybody                      |

    Examples: anything else
      | operation             |
      | read the key registry |
      | read the policy       |
      | change the policy     |

  Scenario: The key service in the south may not read the key of the north either
    When a caller with the role of the key service in the south tries to read the key of the north
    Then the attempt is forbidden

  Scenario: A list of everybody's keys is open as long as all of them are its own
    When a caller with the role of the key service in the north tries to list the keys of everybody
    Then exactly the keys "polar" are given

  Scenario: A list of its keys holds them all, and no others
    Given these keys
      | key    | of    | kept           |
      | arctic | north | held by nobody |
      | desert | south | held by nobody |
    When a caller with the role of the key service in the north tries to list the keys of the north
    Then exactly the keys "arctic, polar" are given

  Scenario Outline: Whose role is not about one key service sees all keys or none: <case>
    Given these keys
      | key    | of    | kept           |
      | desert | south | held by nobody |
    When a caller with <access> tries to <operation>
    Then the attempt is <outcome>

    Examples: roles
      | case                   | access            | operation                  | outcome   |
      | administrator reads    | the admin role    | read the key of the south  | allowed   |
      | administrator lists    | the admin role    | list the keys of everybody | allowed   |
      | standard client reads  | the standard role | read the key of the south  | allowed   |
      | standard client lists  | the standard role | list the keys of everybody | allowed   |
      | client without a role reads | no role      | read the key of the south  | forbidden |
      | client without a role lists | no role      | list the keys of everybody | forbidden |
