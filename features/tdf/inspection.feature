@req:BR-004 @risk:medium @cap:operation_mode=offline
Feature: What a document tells about itself can be checked without any service
  Whoever stores or passes on documents has no key and perhaps no platform. The published form is
  the same for all of them, so damage to it shows offline, in documents of earlier releases too.
  What only the key can prove, such as the policy binding, is not seen here.

  @smoke
  Scenario Outline: <document> keeps the published form
    Given <document>, kept from an earlier run
    When the document is inspected without any service
    Then nothing is wrong with it

    Examples: kept documents
      | document                              |
      | a note by the Go SDK                  |
      | an older note by the Go SDK           |
      | an empty note by the Go SDK           |
      | a note with a statement by the Go SDK |
      | a note by the Python SDK              |

  Scenario Outline: Inspection notices that <alteration>
    Given a note by the Go SDK, kept from an earlier run
    And a copy of the document in which <alteration>
    When the document is inspected without any service
    Then inspection finds that <finding>

    Examples: the manifest is not well formed
      | alteration                                  | finding                                |
      | the policy binding is missing               | the manifest breaks the published form |
      | no key service is named                     | the manifest breaks the published form |
      | the root signature is missing               | the manifest breaks the published form |
      | the payload is declared to be in the clear  | the manifest breaks the published form |

    Examples: the manifest contradicts itself
      | alteration                       | finding                       |
      | the end of the policy is missing | the policy cannot be read     |
      | the version is not named         | its form is of no one version |

    Examples: the payload is not what the manifest says
      | alteration                                  | finding                                |
      | the last byte is cut off                    | the sizes do not add up                |
      | a segment is declared longer than it is     | the sizes do not add up                |
      | one bit of a segment's hash is flipped      | a segment has another hash             |
      | the first segment is exchanged for noise    | a segment has another hash             |

  Scenario Outline: Inspection notices the same in a document of <writer>
    Given <document>, kept from an earlier run
    And a copy of the document in which one bit of a segment's hash is flipped
    When the document is inspected without any service
    Then inspection finds that a segment has another hash

    Examples: writers
      | writer                 | document                    |
      | the older form         | an older note by the Go SDK |
      | another implementation | a note by the Python SDK    |
