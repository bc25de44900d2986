@req:BR-025 @risk:high @cap:operation=decide
Feature: People are who the directory says they are
  The platform may ask a directory for the department of a person. Claims that say who somebody is
  come first; where they do not, the directory is asked. Who is looked up there depends on what a
  request claims: the employer, the partner, the badge, the role or the duty, or a name.

  Background:
    Given the attribute "document" with the rule "any of" and the values "plan, incident"
    And whoever has the department "engineering" may "read" what is labelled "plan"
    And whoever has the department "security" may "read" what is labelled "incident"

  @smoke @needs:directory @cap:identity=ldap
  Scenario Outline: A person is looked up in the directory, <case>
    When a client asks whether the directory's <person>, known by <way>, may <action> a document that needs "<needs>"
    Then the decision is <decision>

    Examples: names
      | case                         | person  | way                        | action | needs          | decision |
      | an engineer                  | alice   | name                       | read   | plan           | permit   |
      | another engineer             | diana   | name                       | read   | plan           | permit   |
      | in marketing                 | bob     | name                       | read   | plan           | deny     |
      | in security                  | charlie | name                       | read   | incident       | permit   |
      | in security, another plan    | charlie | name                       | read   | plan           | deny     |
      | an engineer, another action  | alice   | name                       | update | plan           | deny     |
      | any of two labels            | charlie | name                       | read   | plan, incident | permit   |
      | an engineer in capitals      | alice   | name in capitals           | read   | plan           | permit   |
      | nobody of that name          | mallory | name                       | read   | plan           | deny     |
      | a star for a name            | *       | name                       | read   | plan           | deny     |
      | the beginning and a star     | ali*    | name                       | read   | plan           | deny     |
      | a name that ends the search  | alice)(uid=*  | name                 | read   | plan           | deny     |

    Examples: addresses
      | case                         | person  | way                        | action | needs          | decision |
      | her address                  | alice   | e-mail address             | read   | plan           | permit   |
      | her address in capitals      | alice   | e-mail address in capitals | read   | plan           | permit   |
      | the address of another       | bob     | e-mail address             | read   | plan           | deny     |
      | an address nobody has        | mallory | e-mail address             | read   | plan           | deny     |

  @needs:directory @cap:identity=ldap
  Scenario: An address of another organisation is not looked up
    When a client asks whether somebody unknown, known by e-mail address, may read a document that needs "plan"
    Then the decision is deny

  @needs:directory @cap:identity=ldap
  Scenario Outline: What a request claims decides who is looked up, <case>
    Given a person who claims "<claims>"
    When a client asks whether they may read a document that needs "plan"
    Then the decision is <decision>

    Examples: one value, in any case
      | case                           | claims                                          | decision |
      | the employer                   | login: alice, employer: Acme                    | permit   |
      | the employer in capitals       | login: alice, employer: ACME                    | permit   |
      | another employer on the list   | login: diana, employer: Globex                  | permit   |
      | an employer off the list       | login: alice, employer: Initech                 | deny     |
      | more than the employer's name  | login: alice, employer: Acme Research           | deny     |
      | the employer, in marketing     | login: bob, employer: Acme                      | deny     |
      | an empty employer              | login: alice, employer:                         | deny     |
      | no employer                    | login: alice                                    | deny     |
      | the employer, but no login     | employer: Acme                                  | deny     |

    Examples: a part of a value, in any case
      | case                           | claims                                          | decision |
      | a partner                      | login: alice, partner: Rocket Research          | permit   |
      | a partner in small letters     | login: alice, partner: the rocket company       | permit   |
      | one of several partners        | login: alice, partner: list of Sun and Rocket   | permit   |
      | no such partner                | login: alice, partner: Balloon Research         | deny     |
      | a partner, in marketing        | login: bob, partner: Rocket Research            | deny     |

    Examples: a pattern
      | case                           | claims                                          | decision |
      | a badge                        | login: alice, badge: C-1234                     | permit   |
      | a badge in another case        | login: alice, badge: c-1234                     | deny     |
      | a badge with more digits       | login: alice, badge: C-12345                    | deny     |
      | a badge that begins otherwise  | login: alice, badge: XC-1234                    | deny     |
      | the badge, in marketing        | login: bob, badge: C-1234                       | deny     |

    Examples: all of several conditions
      | case                           | claims                                          | decision |
      | both parts of a role           | login: diana, role: senior auditor              | permit   |
      | one part of a role             | login: diana, role: auditor                     | deny     |
      | the other part of a role       | login: diana, role: senior clerk                | deny     |
      | duty and site                  | login: diana, duty: inspection, site: Northgate | permit   |
      | duty without site              | login: diana, duty: inspection                  | deny     |
      | duty and another site          | login: diana, duty: inspection, site: Southgate | deny     |
      | site without duty              | login: diana, site: Northgate                   | deny     |
      | site and another duty          | login: diana, duty: no inspection, site: North  | deny     |

    Examples: numbers
      | case                           | claims                                          | decision |
      | a number for a name            | login: alice, employer: number 7                | deny     |

  @cap:identity=multi-strategy @needs:directory
  Scenario Outline: Claims come before the directory, <case>
    Given a person who claims "<claims>"
    When a client asks whether they may read a document that needs "plan"
    Then the decision is <decision>

    Examples: claims
      | case                                  | claims                                     | decision |
      | the claimed department                | userName: bob, department: engineering     | permit   |
      | another claimed department            | userName: alice, department: marketing     | deny     |
      | what claims leave out stays out       | userName: alice                            | deny     |
      | nobody whom the directory knows       | userName: mallory, department: engineering | permit   |
      | nothing is claimed                    | nothing                                    | deny     |

  @cap:identity=multi-strategy @needs:directory-fail-fast
  Scenario Outline: Where the first failure ends the search, the directory is not asked in its place, <case>
    When a client asks whether the directory's <person>, known by <way>, may read a document that needs "plan"
    Then the decision is <decision>

    Examples: people
      | case                                         | person | way            | decision |
      | a name, which claims are asked about first   | alice  | name           | deny     |
      | another name                                 | diana  | name           | deny     |
      | an address, of which claims know nothing     | alice  | e-mail address | permit   |

  @cap:identity=multi-strategy @needs:directory-fail-fast
  Scenario Outline: Where the first failure ends the search, success is not affected, <case>
    Given a person who claims "<claims>"
    When a client asks whether they may read a document that needs "plan"
    Then the decision is <decision>

    Examples: claims
      | case                       | claims                                   | decision |
      | the claimed department     | userName: diana, department: engineering | permit   |
      | another claimed department | userName: bob, department: marketing     | deny     |
      | looked up                  | login: alice, employer: Acme             | permit   |

  @needs:directory @needs:people @needs:people-tokens @cap:auth_type=password @cap:identity=ldap
  Scenario Outline: A person is looked up by an own access token, <case>
    When a client asks whether <person>, known by <way>, may read a document that needs "plan"
    Then the decision is <decision>

    Examples: tokens
      | case                                | person | way                    | decision |
      | an engineer's token                 | alice  | access token           | permit   |
      | the token of somebody in marketing  | bob    | access token           | deny     |
      | of somebody the directory misses    | carol  | access token           | deny     |
      | an engineer's own request           | alice  | a request of their own | permit   |
      | the own request of another          | bob    | a request of their own | deny     |

  @needs:directory @needs:people @needs:people-tokens @cap:auth_type=password @cap:encrypt_sdk=go @cap:decrypt_sdk=go @cap:format=any @cap:policy=abac-basic @cap:identity=ldap
  Scenario Outline: An SDK opens for a person what the directory entitles to, and nothing else
    Given <person> is the reader
    And a document that needs "plan"
    When the reader opens the document
    Then <outcome>

    Examples: people
      | case         | person | outcome                                           |
      | an engineer  | alice  | the document opens with its original content      |
      | in marketing | bob    | access is refused because the reader is not entitled |
