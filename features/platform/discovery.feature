@req:BR-039 @risk:medium @cap:operation=discover
Feature: Clients find out by themselves what they need to know about a platform
  A client is given one address. Everything else, such as where to sign in and which key to seal
  documents with, the platform tells everybody.

  @smoke
  Scenario: The platform names its identity provider
    When somebody without a token reads the platform's configuration
    Then it names the identity provider that issues this stack's tokens
    And it names the address where clients get their tokens

  Scenario: The configuration is the same by either protocol
    When somebody without a token reads the platform's configuration
    Then asking for it by procedure call gives the same configuration

  Scenario: The configuration names an address where health can be read
    When somebody without a token reads the health at the address that the configuration names
    Then the health is SERVING

  Scenario Outline: The health of <service> is <health>
    When somebody without a token reads the health of "<service>"
    Then the health is <health>

    Examples: services
      | service      | health  |
      | all          | SERVING |
      | kas          | SERVING |
      | no-such-part | UNKNOWN |

  @risk:high @cap:wrapping=rsa-2048 @cap:wrapping=p-256
  Scenario: The key service gives everybody its public key of the algorithm
    When somebody without a token asks for the public key of the algorithm
    Then a public key of that algorithm is given, with its name

  @cap:wrapping=rsa-2048 @cap:wrapping=p-256
  Scenario: The key service gives the same public key to everybody who asks
    When somebody without a token asks twice for the public key of the algorithm
    Then both times the same key is given

  @risk:high @cap:operation=rewrap
  Scenario: What is sealed with the published key, the key service can open
    Given these key envelopes
      | envelope | needs   |
      | letter   | nothing |
    When the reader asks the key service to open the envelopes
    Then the key service answers
      | envelope | answer      |
      | letter   | its own key |

  Scenario: The key service has no key of an algorithm that does not exist
    When somebody without a token asks for the public key of the algorithm "rot:13"
    Then there is no such key

  Scenario: A web page of another site may call the key service
    # lint: allow technical-text because a browser names the page that asks by its address
    When a web page of "https://viewer.example" asks whether it may call the key service
    Then the page may call it, with a token and with JSON
