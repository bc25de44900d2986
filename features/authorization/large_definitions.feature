@req:BR-040 @risk:medium @cap:operation=decide @cap:policy=abac-basic
Feature: Large policies are decided like small ones
  A list of customers or places has a thousand values, and a document may name many of them. Nothing
  at the end of a long list is forgotten.

  Scenario Outline: One of a thousand values decides like one of two, <case>
    Given the attribute "place" with the rule "any of" and 1000 values
    And a reader who holds "<holds>"
    When the reader asks for permission to read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: places
      | case                         | holds | needs                                              | decision |
      | the first one                | 1     | 1                                                  | permit   |
      | the last one                 | 1000  | 1000                                               | permit   |
      | another one                  | 999   | 1000                                               | deny     |
      | the last of twelve labels    | 612   | 601, 602, 603, 604, 605, 606, 607, 608, 609, 610, 611, 612 | permit |
      | none of twelve labels        | 613   | 601, 602, 603, 604, 605, 606, 607, 608, 609, 610, 611, 612 | deny   |

  Scenario Outline: A document with many labels needs every one of them, <case>
    Given the attribute "training" with the rule "all of" and 12 values
    And the attribute "place" with the rule "any of" and the values "north, south"
    And a reader who holds "<holds>"
    When the reader asks for permission to read a document that needs "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, north"
    Then the decision is <decision>

    Examples: trainings
      | case                     | holds                                              | decision |
      | all of them              | 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, north       | permit   |
      | all but the last         | 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, north           | deny     |
      | all but the place        | 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12              | deny     |

  Scenario Outline: A rank among a thousand opens what is below it, <case>
    Given the attribute "rank" with the rule "hierarchy" and 1000 values
    And a reader who holds "<holds>"
    When the reader asks for permission to read a document that needs "<needs>"
    Then the decision is <decision>

    Examples: ranks
      | case                  | holds | needs | decision |
      | one rank above        | 500   | 501   | permit   |
      | the rank itself       | 500   | 500   | permit   |
      | one rank below        | 500   | 499   | deny     |
      | from top to bottom    | 1     | 1000  | permit   |
      | from bottom to top    | 1000  | 1     | deny     |

  @slow
  Scenario: A thousand values, each with somebody who is entitled to it
    Given the attribute "place" with the rule "any of" and 1000 values
    And a reader who holds every value of "place"
    When the reader asks for permission to read a document that needs "990, 991, 992, 993, 994, 995, 996, 997, 998, 999, 1000"
    Then the decision is permit
