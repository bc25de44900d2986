@req:BR-038 @risk:high @cap:auth_type=dpop
Feature: A token that is bound to a key is worth nothing to whoever lacks the key
  A client may have its token bound to a key of its own. With every call it proves that it holds the
  key, by a proof that is made for this call alone. Whoever steals the token has no such proof.

  Scenario Outline: A bound token is accepted with a good proof, <case>
    When a client with a bound token calls the platform with <proof>
    Then the attempt is allowed
    And the platform asks for nothing

    Examples: proofs
      | case                         | proof                                        |
      | as it should be              | a good proof                                 |
      | as if it were an unbound one | a good proof, as if its token were not bound |

  Scenario Outline: A bound token is refused without a good proof, <case>
    When a client with a bound token calls the platform with <proof>
    Then the attempt is unauthenticated
    And the platform asks for a valid proof

    Examples: proofs
      | case                              | proof                                       |
      | no proof                          | no proof                                    |
      | no proof, as an unbound token     | no proof, as if its token were not bound    |
      | for another address               | a proof for another address                 |
      | for another platform              | a proof for another platform                |
      | for another method                | a proof for another method                  |
      | for another token                 | a proof for another token                   |
      | for no token                      | a proof for no token                        |
      | of long ago                       | a proof of long ago                         |
      | used before                       | a proof that was used before                |
      | signed anew, not made anew        | a proof with the identifier of an earlier one |
      | by another key                    | a proof by another key                      |
      | by another key, under its name    | a proof by another key under the right name |
      | altered after signing             | a proof that was altered after signing      |
      | signed with a shared secret       | a proof that is signed with a shared secret |
      | signed by nobody                  | a proof that nobody signed                  |
      | showing its private key           | a proof that shows its private key          |
      | of another type                   | a proof of another type                     |

  Scenario Outline: A request for a key is signed by the key of the token, <case>
    When a client with a bound token asks for a key in a request that is signed by <signer>
    Then the attempt is <outcome>

    Examples: signers
      | case          | signer               | outcome         |
      | by that key   | the key of its token | allowed         |
      | by no such    | another key          | unauthenticated |

  @needs:dpop-nonce
  Scenario: A platform may want its own nonce in every proof
    When a client with a bound token calls the platform with a good proof with the platform's nonce
    Then the attempt is allowed
    And the platform asks for nothing

  @needs:dpop-nonce
  Scenario Outline: A proof without the platform's nonce is refused, and the nonce told, <case>
    When a client with a bound token calls the platform with <proof>
    Then the attempt is unauthenticated
    And the platform asks for a proof with its nonce

    Examples: proofs
      | case                  | proof                                |
      | no nonce at all       | a good proof                         |
      | a nonce of its own    | a good proof with a nonce of its own |

  @cap:decrypt_sdk=any @cap:format=any @cap:kas_allow_list=enforced
  Scenario: The client of an SDK opens documents with a token that is bound to its key
    Given a document that holds a short note
    And the way to the platform is overheard
    When the reader opens the document
    Then the document opens with its original content

  @cap:decrypt_sdk=any @cap:format=any @cap:kas_allow_list=enforced
  Scenario Outline: A thief of an SDK's token gets nothing with <proof>
    Given a document that holds a short note
    And the way to the platform is overheard
    And the reader has opened the document
    When a thief of the reader's token calls the platform with <proof>
    Then the attempt is unauthenticated
    And the platform asks for a valid proof

    Examples: proofs
      | proof                                        |
      | no proof                                     |
      | no proof, as if its token were not bound     |
      | a good proof                                 |
      | a good proof, as if its token were not bound |

  @cap:decrypt_sdk=any @cap:format=any @cap:kas_allow_list=enforced
  Scenario: A thief of an SDK's token gets no key
    Given a document that holds a short note
    And the way to the platform is overheard
    And the reader has opened the document
    When a thief of the reader's token asks for a key in a request that is signed by another key
    Then the attempt is unauthenticated
