@req:BR-018 @risk:high
Feature: Obligations are decided with access
  Some information may be seen only under conditions, such as a watermark on the screen. The platform
  permits access only through applications that say that they can fulfil what is required, and tells
  them what that is. Whoever is not entitled anyway learns nothing of it.

  Background:
    Given the attribute "project" with the rule "any of" and the values "apollo, gemini, mercury"
    And the reader may "read, update" what is labelled "apollo, gemini"

  @smoke @cap:operation=decide @cap:policy=obligations
  Scenario: An obligation that can be fulfilled comes with the permission
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    And the reader's client can fulfil "watermark"
    When the reader asks for permission to read a document that needs "apollo"
    Then the decision is permit
    And the obligations to fulfil are "watermark"

  @smoke @cap:operation=decide @cap:policy=obligations
  Scenario Outline: Of the obligations <required>, a client that can fulfil <can fulfil> gets a <decision> and hears of all
    Given whoever wants to read what is labelled "apollo" must fulfil "<required>"
    And the reader's client can fulfil "<can fulfil>"
    When the reader asks for permission to read a document that needs "apollo"
    Then the decision is <decision>
    And the obligations to fulfil are "<required>"

    Examples: what is required and what can be fulfilled
      | case               | required                | can fulfil              | decision |
      | nothing of one     | watermark               | nothing                 | deny     |
      | one of two         | watermark, no-copy      | watermark               | deny     |
      | the other of two   | watermark, no-copy      | no-copy                 | deny     |
      | both of two        | watermark, no-copy      | watermark, no-copy      | permit   |
      | two of three       | watermark, no-copy, log | watermark, log          | deny     |
      | in any order       | watermark, no-copy, log | log, watermark, no-copy | permit   |
      | in capital letters | watermark               | WATERMARK               | permit   |

  @cap:operation=decide @cap:policy=obligations
  Scenario: An obligation of which nobody knows fulfils none
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    And the reader's client can fulfil "an obligation nobody knows"
    When the reader asks for permission to read a document that needs "apollo"
    Then the decision is deny
    And the obligations to fulfil are "watermark"

  @cap:operation=decide @cap:policy=obligations
  Scenario Outline: An obligation to read apollo does not bind whoever wants to <action> what needs "<needs>"
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    When the reader asks for permission to <action> a document that needs "<needs>"
    Then the decision is permit
    And the obligations to fulfil are "nothing"

    Examples: other actions and labels
      | action | needs  |
      | update | apollo |
      | read   | gemini |

  @cap:operation=decide @cap:policy=obligations
  Scenario Outline: An obligation binds the action <asked>, however it is written
    Given whoever wants to <required> what is labelled "apollo" must fulfil "watermark"
    And the reader may "stamp" what is labelled "apollo"
    When the reader asks for permission to <asked> a document that needs "apollo"
    Then the decision is deny
    And the obligations to fulfil are "watermark"

    Examples: actions
      | case               | required | asked  |
      | standard           | update   | update |
      | asked in capitals  | read     | READ   |
      | custom             | stamp    | stamp  |
      | custom in capitals | STAMP    | stamp  |

  @cap:operation=decide @cap:policy=obligations
  Scenario: Each action has its own obligations
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    And whoever wants to update what is labelled "apollo" must fulfil "log"
    And the reader's client can fulfil "log"
    When the reader asks for permission to update a document that needs "apollo"
    Then the decision is permit
    And the obligations to fulfil are "log"

  @cap:operation=decide @cap:policy=obligations
  Scenario: A document with several labels has the obligations of all of them
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark, log"
    And whoever wants to read what is labelled "gemini" must fulfil "no-copy, log"
    And the reader's client can fulfil "watermark, log"
    When the reader asks for permission to read a document that needs "apollo, gemini"
    Then the decision is deny
    And the obligations to fulfil are "watermark, no-copy, log"

  @cap:operation=decide @cap:policy=obligations
  Scenario Outline: Whoever is not entitled learns of no obligation, even if the client can fulfil <can fulfil>
    Given whoever wants to read what is labelled "mercury" must fulfil "watermark"
    And the reader's client can fulfil "<can fulfil>"
    When the reader asks for permission to read a document that needs "mercury"
    Then the decision is deny
    And the obligations to fulfil are "nothing"

    Examples: what the client can fulfil
      | can fulfil |
      | nothing    |
      | watermark  |

  @cap:operation=decide @cap:policy=obligations
  Scenario: Whoever lacks one of two attributes learns of no obligation
    Given the attribute "training" with the rule "all of" and the values "safety"
    And whoever wants to read what is labelled "apollo" must fulfil "watermark"
    When the reader asks for permission to read a document that needs "apollo, safety"
    Then the decision is deny
    And the obligations to fulfil are "nothing"

  @cap:operation=decide @cap:policy=hierarchy @cap:policy=obligations
  Scenario Outline: An obligation for the rank secret binds documents of that rank, <obligations> for <needs>
    Given the attribute "clearance" with the rule "hierarchy" and the values "top-secret, secret, public"
    And a reader who holds "top-secret"
    And whoever wants to read what is labelled "secret" must fulfil "watermark"
    And the reader's client can fulfil "watermark"
    When the reader asks for permission to read a document that needs "<needs>"
    Then the decision is permit
    And the obligations to fulfil are "<obligations>"

    Examples: ranks
      | needs      | obligations |
      | top-secret | nothing     |
      | secret     | watermark   |
      | public     | nothing     |

  @smoke @cap:operation=decide @cap:policy=obligations
  Scenario Outline: An obligation for those who use <person>'s client gives the reader <decision>
    Given whoever uses <person>'s client to read what is labelled "apollo" must fulfil "watermark"
    When the reader asks for permission to read a document that needs "apollo"
    Then the decision is <decision>
    And the obligations to fulfil are "<obligations>"

    Examples: clients
      | person       | decision | obligations |
      | the reader   | deny     | watermark   |
      | the author   | permit   | nothing     |
      | the stranger | permit   | nothing     |

  @cap:operation=decide @cap:policy=obligations
  Scenario: What one client has to fulfil adds to what all have to
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    And whoever uses the reader's client to read what is labelled "apollo" must fulfil "no-copy"
    And whoever uses the author's client to read what is labelled "apollo" must fulfil "log"
    And the reader's client can fulfil "watermark"
    When the reader asks for permission to read a document that needs "apollo"
    Then the decision is deny
    And the obligations to fulfil are "watermark, no-copy"

  @cap:operation=decide-each @cap:policy=obligations
  Scenario: Each of several documents has its own obligations
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    And whoever wants to read what is labelled "mercury" must fulfil "no-copy"
    When the reader asks for permission to read each of these documents
      | document | needs          |
      | report   | apollo         |
      | letter   | gemini         |
      | memo     | mercury        |
      | draft    | apollo, gemini |
    Then the decisions are
      | document | decision | obligations |
      | report   | deny     | watermark   |
      | letter   | permit   | nothing     |
      | memo     | deny     | nothing     |
      | draft    | deny     | watermark   |
    And the overall decision is deny

  @cap:operation=decide-each @cap:policy=obligations
  Scenario: Several documents are permitted together once all their obligations can be fulfilled
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    And whoever wants to read what is labelled "gemini" must fulfil "no-copy"
    And the reader's client can fulfil "watermark, no-copy"
    When the reader asks for permission to read each of these documents
      | document | needs  |
      | report   | apollo |
      | letter   | gemini |
    Then the decisions are
      | document | decision | obligations |
      | report   | permit   | watermark   |
      | letter   | permit   | no-copy     |
    And the overall decision is permit

  @cap:operation=decide-in-bulk @cap:policy=obligations
  Scenario: In bulk, each request says for itself what the client can fulfil
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    When these requests are decided in bulk
      | request | person       | action | document | needs  | can fulfil |
      | first   | the reader   | read   | report   | apollo | watermark  |
      | second  | the reader   | read   | report   | apollo | nothing    |
      | second  | the reader   | read   | letter   | gemini | nothing    |
      | third   | the stranger | read   | report   | apollo | watermark  |
      | fourth  | the reader   | update | report   | apollo | nothing    |
    Then the decisions in bulk are
      | request | document | decision | obligations | overall |
      | first   | report   | permit   | watermark   | permit  |
      | second  | report   | deny     | watermark   | deny    |
      | second  | letter   | permit   | nothing     | deny    |
      | third   | report   | deny     | nothing     | deny    |
      | fourth  | report   | permit   | nothing     | permit  |

  @cap:operation=decide @cap:policy=obligations @cap:identity=keycloak @needs:people
  Scenario Outline: Of several people together, <people> are told <obligations>
    Given the identity provider knows alice as "group/engineering, clearance/secret"
    And the identity provider knows bob as "group/marketing, clearance/public"
    And people whose group is "marketing" may read what is labelled "apollo"
    And whoever wants to read what is labelled "apollo" must fulfil "watermark"
    And the reader's client can fulfil "watermark"
    When a client asks whether "<people>" together may read a document that needs "apollo"
    Then the decision is <decision>
    And the obligations to fulfil are "<obligations>"

    Examples: people of whom only bob is entitled
      | people     | decision | obligations |
      | bob        | permit   | watermark   |
      | bob, alice | deny     | nothing     |
      | alice, bob | deny     | nothing     |

  @cap:operation=decide @cap:policy=obligations @needs:audit-log @req:BR-037
  Scenario Outline: The record says what was required also where nobody was told, for "<needs>"
    Given whoever wants to read what is labelled "apollo, mercury" must fulfil "watermark"
    And the reader's client can fulfil "<can fulfil>"
    When the reader asks for permission to read a document that needs "<needs>"
    Then the audit says about the decisions
      | document | decision   | overall    | reason   | obligations   |
      | document | <decision> | <decision> | <reason> | <obligations> |

    Examples: decisions
      | case         | needs   | can fulfil | decision | reason        | obligations |
      | unfulfilled  | apollo  | nothing    | deny     | entitled      | watermark   |
      | fulfilled    | apollo  | watermark  | permit   | entitled      | watermark   |
      | not entitled | mercury | watermark  | deny     | lacks mercury | watermark   |
      | none         | gemini  | watermark  | permit   | entitled      | nothing     |

  @cap:operation=decide @cap:policy=obligations
  Scenario Outline: Nothing is to be fulfilled any more after <change>
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    And afterwards <change>
    When the reader asks for permission to read a document that needs "apollo"
    Then the decision is permit
    And the obligations to fulfil are "nothing"

    Examples: changes
      | change                                 |
      | it is no longer required               |
      | it is required for updating instead    |
      | the value of the obligation is removed |
      | the obligation is removed              |

  @risk:medium @cap:operation=decide @cap:policy=obligations
  Scenario: What is required for updating instead binds updates
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    And afterwards it is required for updating instead
    When the reader asks for permission to update a document that needs "apollo"
    Then the decision is deny
    And the obligations to fulfil are "watermark"

  @risk:medium @cap:operation=administer @cap:policy=obligations
  Scenario Outline: Among obligations, the author who tries to <deed> is <outcome>
    Given whoever wants to read what is labelled "apollo" must fulfil "watermark"
    When the author tries to <deed>
    Then the attempt is <outcome>

    Examples: deeds
      | deed                                               | outcome                |
      | make the obligation again                          | refused as a duplicate |
      | make the obligation again in capital letters       | refused as a duplicate |
      | add the same value to the obligation again         | refused as a duplicate |
      | require it again for the same action and label     | refused as a duplicate |
      | require it again through one client alone          | allowed                |
      | require it for an unknown label                    | refused as unknown     |
      | require it for the label in capital letters        | refused as unknown     |
      | require it for an unknown action                   | refused as unknown     |
      | require an unknown obligation                      | refused as unknown     |
      | remove an unknown obligation                       | refused as unknown     |
      | make an obligation in an unknown namespace         | refused as unknown     |
      | require it for an action that has no name          | refused as nonsense    |
      | make an obligation whose name begins with a hyphen | refused as nonsense    |
