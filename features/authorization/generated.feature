@risk:high @cap:operation=decide-in-bulk @cap:policy=abac-basic @needs:direct-entitlements
Feature: Whatever the policy, decisions follow its rules
  People think of the usual cases. Here policies, people and documents are made up at random, always
  the same ones, and each decision is compared with the rules as the specification has them.

  Scenario Outline: Decisions about made-up policies with <rule>
    When <count> generated requests are decided under "<rule>"
    Then every decision is the one that the rules say

    @req:BR-011
    Examples: any of
      | rule   | count |
      | any of | 40    |

    @req:BR-012
    Examples: all of
      | rule   | count |
      | all of | 40    |

    @req:BR-013
    Examples: hierarchy
      | rule      | count |
      | hierarchy | 40    |

    @req:BR-014
    Examples: several rules
      | rule          | count |
      | several rules | 60    |

  # Kept cases are the smallest that once showed a platform deciding otherwise; this one was found with a fault
  # switched on.
  @req:BR-012
  Scenario: A kept case is decided by the rules
    When the kept case "half-of-two" is decided
    Then every decision is the one that the rules say
