@req:BR-015 @risk:medium
Feature: The first version of the decision service decides as before
  Clients of earlier days ask the first version. It knows no actions: whoever is entitled to a label
  at all is permitted, and everybody else is not.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini"
    And the attribute "training" with the rule "all of" and the values "safety, archive"
    And the attribute "clearance" with the rule "hierarchy" and the values "secret, restricted, public"
    And a reader who holds "apollo, safety, restricted"

  @cap:operation=decide-each @cap:policy=hierarchy
  Scenario Outline: Every rule holds in the first version, <case>
    When the first version is asked whether <person>, known by <way>, may read each of these documents
      | document | needs           |
      | one      | apollo          |
      | two      | gemini          |
      | three    | apollo, gemini  |
      | four     | safety          |
      | five     | safety, archive |
      | six      | public          |
      | seven    | secret          |
      | eight    | apollo, secret  |
    Then the decisions are
      | document | decision   |
      | one      | <entitled> |
      | two      | deny       |
      | three    | <entitled> |
      | four     | <entitled> |
      | five     | deny       |
      | six      | <entitled> |
      | seven    | deny       |
      | eight    | deny       |

    Examples: persons
      | case                        | person       | way          | entitled |
      | the reader by name          | the reader   | name         | permit   |
      | the reader by token         | the reader   | access token | permit   |
      | somebody else by name       | the stranger | name         | deny     |
      | somebody else by token      | the stranger | access token | deny     |

  @cap:operation=decide-each @cap:actions=custom
  Scenario: The first version knows no actions
    Given the reader may "print" what is labelled "gemini"
    When the first version is asked whether the reader, known by name, may read each of these documents
      | document | needs  |
      | report   | gemini |
    Then the decisions are
      | document | decision |
      | report   | permit   |

  @cap:operation=decide @cap:policy=hierarchy
  Scenario Outline: The first version lists what somebody is entitled to, <case>
    When the first version lists what <person> holds, <extent>
    Then the first version names exactly "<labels>"

    Examples: lists
      | case             | person       | extent               | labels                                                                    |
      | as given         | the reader   | alone                | project/apollo, training/safety, clearance/restricted                   |
      | with lower ranks | the reader   | with all lower ranks | project/apollo, training/safety, clearance/restricted, clearance/public |
      | of somebody else | the stranger | with all lower ranks | nothing                                                                   |
