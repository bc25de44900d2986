@req:BR-036 @risk:medium @needs:audit-log @cap:operation=administer
Feature: Each change of policy is on record, with what was there before
  Whoever may change policy decides who may read what. So each change leaves a record of what was
  changed and how, and so does each attempt that failed. Reading changes nothing and leaves none.

  Scenario Outline: Creating <object> is on record
    When the owner of the policy creates <object>
    Then the audit says that it was created
    And the record shows it before and after the change

    Examples: objects
      | object                  |
      | a namespace             |
      | an attribute            |
      | a value of an attribute |
      | a condition             |
      | an entitlement          |
      | an action               |
      | a key service           |
      | an obligation           |
      | a registered resource   |

  Scenario Outline: Changing <object> is on record
    When the owner of the policy changes <object>
    Then the audit says that it was changed
    And the record shows it before and after the change

    Examples: objects
      | object                  |
      | a namespace             |
      | an attribute            |
      | a value of an attribute |
      | a condition             |
      | an entitlement          |
      | an action               |
      | a key service           |
      | an obligation           |
      | a registered resource   |

  Scenario Outline: Removing <object> is on record
    When the owner of the policy removes <object>
    Then the audit says that it was removed

    Examples: objects
      | object                  |
      | a namespace             |
      | an attribute            |
      | a value of an attribute |
      | a condition             |
      | an entitlement          |
      | an action               |
      | a key service           |
      | an obligation           |
      | a registered resource   |

  Scenario Outline: Creating <object> that is there already is on record as an attempt that failed
    When the owner of the policy creates <object> that is there already
    Then the audit says that it was not created

    Examples: objects
      | object                  |
      | a namespace             |
      | an attribute            |
      | a value of an attribute |
      | an action               |
      | a key service           |
      | an obligation           |
      | a registered resource   |

  Scenario Outline: Changing <object> that nobody made is on record as an attempt that failed
    When the owner of the policy changes <object> that nobody made
    Then the audit says that it was not changed

    Examples: objects
      | object                  |
      | a namespace             |
      | an attribute            |
      | a value of an attribute |
      | a condition             |
      | an entitlement          |
      | an action               |
      | a key service           |
      | an obligation           |
      | a registered resource   |

  Scenario Outline: Removing <object> that nobody made is on record as an attempt that failed
    When the owner of the policy removes <object> that nobody made
    Then the audit says that it was not removed

    Examples: objects
      | object                  |
      | a namespace             |
      | an attribute            |
      | a value of an attribute |
      | a condition             |
      | an entitlement          |
      | an action               |
      | a key service           |
      | an obligation           |
      | a registered resource   |

  Scenario Outline: Reading <object> leaves no record
    When the owner of the policy reads <object>
    Then the audit says nothing about it

    Examples: objects
      | object         |
      | a namespace    |
      | an attribute   |
      | an entitlement |
      | a key service  |

  Scenario: The record of a change names who made it
    When the owner of the policy creates a namespace
    Then the audit names the owner of the policy as the one who acted in the record of the change
