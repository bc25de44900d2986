@req:BR-026 @risk:medium @cap:operation=administer
Feature: Administrators make policy, and the platform keeps it in order
  What is created is found again until it is deleted. Names are unique and make sense, what others
  rely on is not lost by mistake, and every refusal says why.

  @smoke
  Scenario Outline: What is created is there, <case>
    When the administrator creates <kind> "records"
    Then the attempt is allowed
    And the administrator finds <kind> "records" active

    Examples: kinds
      | case                   | kind                     |
      | namespace              | a namespace              |
      | attribute              | an attribute             |
      | value                  | a value                  |
      | action                 | an action                |
      | condition set          | a condition set          |
      | subject mapping        | a subject mapping        |
      | resource mapping       | a resource mapping       |
      | resource mapping group | a resource mapping group |

  Scenario Outline: Names are kept in lower case, <case>
    When the administrator creates <kind> "Project-X"
    Then the attempt is allowed
    And the administrator finds <kind> "project-x" active

    Examples: kinds
      | case                   | kind                     |
      | namespace              | a namespace              |
      | attribute              | an attribute             |
      | value                  | a value                  |
      | action                 | an action                |
      | resource mapping group | a resource mapping group |

  Scenario Outline: A name is given once, <case>
    Given the administrator has created <kind> "records"
    When the administrator creates <kind> "<name>"
    Then the attempt is refused as a duplicate

    Examples: names
      | case                                 | kind                     | name    |
      | namespace                            | a namespace              | records |
      | namespace in another case            | a namespace              | RECORDS |
      | attribute                            | an attribute             | records |
      | attribute in another case            | an attribute             | Records |
      | value                                | a value                  | records |
      | value in another case                | a value                  | RECords |
      | action                               | an action                | records |
      | action in another case               | an action                | Records |
      | resource mapping group               | a resource mapping group | records |
      | resource mapping group, another case | a resource mapping group | Records |

  Scenario Outline: An inactive thing keeps its name, <case>
    Given the administrator has created <kind> "records"
    And the administrator has deactivated <kind> "records"
    When the administrator creates <kind> "records"
    Then the attempt is refused as a duplicate

    Examples: kinds
      | case      | kind         |
      | namespace | a namespace  |
      | attribute | an attribute |
      | value     | a value      |

  Scenario Outline: A name that makes no sense is refused, <case>
    When the administrator creates <kind> "<name>"
    Then the attempt is refused as nonsense

    Examples: names
      | case                       | kind         | name                  |
      | namespace with a space     | a namespace  | public records        |
      | namespace, hyphen first    | a namespace  | -records              |
      | namespace, hyphen last     | a namespace  | records-              |
      | namespace that is too long | a namespace  | a name of 254 letters |
      | attribute with a space     | an attribute | public records        |
      | attribute with a slash     | an attribute | public/records        |
      | attribute, hyphen first    | an attribute | -records              |
      | attribute, underscore last | an attribute | records_              |
      | attribute that is too long | an attribute | a name of 254 letters |
      | value with a space         | a value      | top secret            |
      | value with a dot           | a value      | top.secret            |
      | value, hyphen last         | a value      | secret-               |
      | value that is too long     | a value      | a name of 254 letters |
      | action with a space        | an action    | read aloud            |
      | action, underscore first   | an action    | _read                 |

  Scenario Outline: Every thing can be labelled, <case>
    Given the administrator has created <kind> "records"
    When the administrator labels <kind> "records"
    Then the attempt is allowed
    And the administrator finds <kind> "records" active and labelled

    Examples: kinds
      | case                   | kind                     |
      | namespace              | a namespace              |
      | attribute              | an attribute             |
      | value                  | a value                  |
      | action                 | an action                |
      | condition set          | a condition set          |
      | subject mapping        | a subject mapping        |
      | resource mapping       | a resource mapping       |
      | resource mapping group | a resource mapping group |

  Scenario Outline: What is deleted is gone, <case>
    Given the administrator has created <kind> "records"
    When the administrator deletes <kind> "records"
    Then the attempt is allowed
    And the administrator finds <kind> "records" gone

    Examples: kinds
      | case                   | kind                     |
      | namespace              | a namespace              |
      | attribute              | an attribute             |
      | value                  | a value                  |
      | action                 | an action                |
      | condition set          | a condition set          |
      | subject mapping        | a subject mapping        |
      | resource mapping       | a resource mapping       |
      | resource mapping group | a resource mapping group |

  @risk:high
  Scenario Outline: Nothing is deleted under the name of something else, <case>
    Given the administrator has created <kind> "records"
    When the administrator deletes <kind> "records" confirmed as "letters"
    Then the attempt is refused as unknown
    And the administrator finds <kind> "records" active

    Examples: kinds
      | case      | kind         |
      | namespace | a namespace  |
      | attribute | an attribute |
      | value     | a value      |

  Scenario Outline: Nobody deletes what is not there, <case>
    When the administrator deletes <kind> "records"
    Then the attempt is refused as unknown

    Examples: kinds
      | case                   | kind                     |
      | namespace              | a namespace              |
      | attribute              | an attribute             |
      | value                  | a value                  |
      | action                 | an action                |
      | condition set          | a condition set          |
      | subject mapping        | a subject mapping        |
      | resource mapping       | a resource mapping       |
      | resource mapping group | a resource mapping group |

  Scenario Outline: The platform's own actions stay, <case>
    When the administrator <deed>
    Then the attempt is <outcome>

    Examples: actions
      | case            | deed                               | outcome             |
      | deleting read   | deletes an action "read"           | refused as nonsense |
      | deleting update | deletes an action "update"         | refused as nonsense |
      | making delete   | creates an action "delete"         | refused as nonsense |
      | renaming create | renames an action "create" to "do" | refused as unknown  |

  Scenario Outline: What is renamed goes by its new name, <case>
    Given the administrator has created <kind> "records"
    When the administrator renames <kind> "records" to "archives"
    Then the attempt is allowed
    And the administrator finds <kind> "archives" active

    Examples: kinds
      | case                   | kind                     |
      | namespace              | a namespace              |
      | attribute              | an attribute             |
      | value                  | a value                  |
      | action                 | an action                |
      | resource mapping group | a resource mapping group |

  Scenario Outline: Nothing is renamed to a name that is taken, <case>
    Given the administrator has created <kind> "records"
    And the administrator has created <kind> "archives"
    When the administrator renames <kind> "records" to "archives"
    Then the attempt is refused as a duplicate
    And the administrator finds <kind> "records" active

    Examples: kinds
      | case                   | kind                     |
      | namespace              | a namespace              |
      | attribute              | an attribute             |
      | value                  | a value                  |
      | action                 | an action                |
      | resource mapping group | a resource mapping group |

  Scenario Outline: What is deactivated is kept and no longer listed, <case>
    Given the administrator has created <kind> "records"
    When the administrator deactivates <kind> "records"
    Then the attempt is allowed
    And the administrator finds <kind> "records" inactive

    Examples: kinds
      | case      | kind         |
      | namespace | a namespace  |
      | attribute | an attribute |
      | value     | a value      |

  Scenario Outline: What is reactivated is there again, <case>
    Given the administrator has created <kind> "records"
    And the administrator has deactivated <kind> "records"
    When the administrator reactivates <kind> "records"
    Then the attempt is allowed
    And the administrator finds <kind> "records" active

    Examples: kinds
      | case      | kind         |
      | namespace | a namespace  |
      | attribute | an attribute |
      | value     | a value      |

  Scenario: An attribute takes its values with it when it is deactivated
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    When the administrator deactivates the attribute "project"
    Then the administrator finds the value "apollo" inactive
    And the administrator finds the value "gemini" inactive

  Scenario: A namespace takes its attributes with it when it is deactivated
    Given the attribute "project" with the rule "any of" and the values "apollo"
    When the administrator deactivates the namespace of "apollo"
    Then the administrator finds the attribute "project" inactive
    And the administrator finds the value "apollo" inactive

  Scenario: Values of an attribute that is reactivated stay inactive
    Given the attribute "project" with the rule "any of" and the values "apollo"
    And the administrator has deactivated the attribute "project"
    When the administrator reactivates the attribute "project"
    Then the administrator finds the attribute "project" active
    And the administrator finds the value "apollo" inactive
