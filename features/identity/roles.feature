@req:BR-027 @risk:high @cap:auth_type=client-credentials
Feature: What a caller may do depends on its role
  Administrators write the policy, standard clients read it and ask for decisions, and everybody
  with a valid token may ask for the key of a document. Whoever has no valid token may do nothing.

  @smoke
  Scenario Outline: The role of a caller decides, <case>
    When a caller with <access> tries to <operation>
    Then the attempt is <outcome>

    Examples: roles
      | case                                | access            | operation              | outcome   |
      | admin reads the policy              | the admin role    | read the policy        | allowed   |
      | admin changes the policy            | the admin role    | change the policy      | allowed   |
      | admin deletes policy                | the admin role    | delete policy for good | allowed   |
      | admin asks for a decision           | the admin role    | ask for a decision     | allowed   |
      | admin asks for entitlements         | the admin role    | ask for entitlements   | allowed   |
      | admin opens an envelope             | the admin role    | open a key envelope    | allowed   |
      | standard reads the policy           | the standard role | read the policy        | allowed   |
      | standard reads the key registry     | the standard role | read the key registry  | allowed   |
      | standard changes the policy         | the standard role | change the policy      | forbidden |
      | standard deletes policy             | the standard role | delete policy for good | forbidden |
      | standard asks for a decision        | the standard role | ask for a decision     | allowed   |
      | standard asks for entitlements      | the standard role | ask for entitlements   | forbidden |
      | standard opens an envelope          | the standard role | open a key envelope    | allowed   |
      | somebody without role reads         | no role           | read the policy        | forbidden |
      | somebody without role reads keys    | no role           | read the key registry  | forbidden |
      | somebody without role changes       | no role           | change the policy      | forbidden |
      | somebody without role asks          | no role           | ask for a decision     | forbidden |
      | somebody without role, entitlements | no role           | ask for entitlements   | forbidden |
      | somebody without role, envelope     | no role           | open a key envelope    | allowed   |

  # Every operation of the platform stands here once; one that a new version brings is missed by a test.
  # "not tried" is for what would take away from others what they have made.
  Scenario Outline: What each role may do with the platform's operations, <case>
    When callers of every role try to "<operations>" in the area of <area>
    Then their attempts end so
      | admin   | standard   | no role   | no token   |
      | <admin> | <standard> | <no role> | <no token> |

    Examples: reading
      | case                         | area                 | operations                                                                                                                                                             | admin   | standard  | no role   | no token        |
      | reading actions              | actions              | get action, list actions                                                                                                                                               | allowed | allowed   | forbidden | unauthenticated |
      | matching entitlements        | entitlements         | match subject mappings                                                                                                                                                 | allowed | forbidden | forbidden | unauthenticated |
      | reading entitlements         | entitlements         | list subject mappings, get subject mapping, list subject condition sets, get subject condition set                                                                     | allowed | allowed   | forbidden | unauthenticated |
      | reading attributes           | attributes           | list attributes, list attribute values, get attribute, get attribute values by fqns, get key mappings by fqns, get entitleable attributes by fqns, get attribute value | allowed | allowed   | forbidden | unauthenticated |
      | reading dynamic mappings     | dynamic mappings     | list dynamic value mappings, get dynamic value mapping                                                                                                                 | allowed | allowed   | forbidden | unauthenticated |
      | reading the key registry     | the key registry     | list key access servers, get key access server, list key access server grants, get key, list keys, get base key, list key mappings                                     | allowed | allowed   | forbidden | unauthenticated |
      | reading key managers         | key managers         | get provider config, list provider configs                                                                                                                             | allowed | allowed   | forbidden | unauthenticated |
      | reading namespaces           | namespaces           | get namespace, list namespaces                                                                                                                                         | allowed | allowed   | forbidden | unauthenticated |
      | reading obligations          | obligations          | list obligations, get obligation, get obligations by FQNs, get obligation value, get obligation values by FQNs, get obligation trigger, list obligation triggers       | allowed | allowed   | forbidden | unauthenticated |
      | reading registered resources | registered resources | get registered resource, list registered resources, get registered resource value, get registered resource values by FQNs, list registered resource values             | allowed | allowed   | forbidden | unauthenticated |
      | reading resource mappings    | resource mappings    | list resource mapping groups, get resource mapping group, list resource mappings, list resource mappings by group fqns, get resource mapping                           | allowed | allowed   | forbidden | unauthenticated |

    Examples: changing
      | case                          | area                 | operations                                                                                                                                                                                                               | admin   | standard  | no role   | no token        |
      | changing actions              | actions              | create action, update action                                                                                                                                                                                             | allowed | forbidden | forbidden | unauthenticated |
      | changing entitlements         | entitlements         | create subject mapping, update subject mapping, create subject condition set, update subject condition set                                                                                                               | allowed | forbidden | forbidden | unauthenticated |
      | changing attributes           | attributes           | create attribute, update attribute, create attribute value, update attribute value, assign key access server to attribute, assign key access server to value, assign public key to attribute, assign public key to value | allowed | forbidden | forbidden | unauthenticated |
      | changing dynamic mappings     | dynamic mappings     | create dynamic value mapping, update dynamic value mapping                                                                                                                                                               | allowed | forbidden | forbidden | unauthenticated |
      | changing the key registry     | the key registry     | create key access server, update key access server, create key, update key, rotate key, set base key                                                                                                                     | allowed | forbidden | forbidden | unauthenticated |
      | changing key managers         | key managers         | create provider config, update provider config                                                                                                                                                                           | allowed | forbidden | forbidden | unauthenticated |
      | changing namespaces           | namespaces           | create namespace, update namespace, assign key access server to namespace, assign public key to namespace                                                                                                                | allowed | forbidden | forbidden | unauthenticated |
      | changing obligations          | obligations          | create obligation, update obligation, create obligation value, update obligation value, add obligation trigger                                                                                                           | allowed | forbidden | forbidden | unauthenticated |
      | changing registered resources | registered resources | create registered resource, update registered resource, create registered resource value, update registered resource value                                                                                               | allowed | forbidden | forbidden | unauthenticated |
      | changing resource mappings    | resource mappings    | create resource mapping group, update resource mapping group, create resource mapping, update resource mapping                                                                                                           | allowed | forbidden | forbidden | unauthenticated |

    Examples: deleting
      | case                          | area                 | operations                                                                                                                                                                                     | admin     | standard  | no role   | no token        |
      | deleting actions              | actions              | delete action                                                                                                                                                                                  | allowed   | forbidden | forbidden | unauthenticated |
      | deleting entitlements         | entitlements         | delete subject mapping, delete subject condition set                                                                                                                                           | allowed   | forbidden | forbidden | unauthenticated |
      | deleting entitlements in bulk | entitlements         | delete all unmapped subject condition sets                                                                                                                                                     | not tried | forbidden | forbidden | unauthenticated |
      | deleting attributes           | attributes           | deactivate attribute, deactivate attribute value, remove key access server from attribute, remove key access server from value, remove public key from attribute, remove public key from value | allowed   | forbidden | forbidden | unauthenticated |
      | deleting dynamic mappings     | dynamic mappings     | delete dynamic value mapping                                                                                                                                                                   | allowed   | forbidden | forbidden | unauthenticated |
      | deleting the key registry     | the key registry     | delete key access server                                                                                                                                                                       | allowed   | forbidden | forbidden | unauthenticated |
      | deleting key managers         | key managers         | delete provider config                                                                                                                                                                         | allowed   | forbidden | forbidden | unauthenticated |
      | deleting namespaces           | namespaces           | deactivate namespace, remove key access server from namespace, remove public key from namespace                                                                                                | allowed   | forbidden | forbidden | unauthenticated |
      | deleting obligations          | obligations          | delete obligation, delete obligation value, remove obligation trigger                                                                                                                          | allowed   | forbidden | forbidden | unauthenticated |
      | deleting registered resources | registered resources | delete registered resource, delete registered resource value                                                                                                                                   | allowed   | forbidden | forbidden | unauthenticated |
      | deleting resource mappings    | resource mappings    | delete resource mapping group, delete resource mapping                                                                                                                                         | allowed   | forbidden | forbidden | unauthenticated |

    Examples: for good
      | case                        | area                 | operations                                                                                                                                                                                                                                                                                              | admin   | standard  | no role   | no token        |
      | making irreversible changes | irreversible changes | unsafe update namespace, unsafe reactivate namespace, unsafe delete namespace, unsafe update attribute, unsafe reactivate attribute, unsafe delete attribute, unsafe update attribute value, unsafe reactivate attribute value, unsafe delete attribute value, unsafe update key, unsafe delete kas key | allowed | forbidden | forbidden | unauthenticated |

    Examples: decisions
      | case                        | area                     | operations                                                   | admin   | standard  | no role   | no token        |
      | decisions, first version    | decisions, first version | get decisions, get decisions by token                        | allowed | allowed   | forbidden | unauthenticated |
      | entitlements, first version | decisions, first version | get entitlements                                             | allowed | forbidden | forbidden | unauthenticated |
      | decisions                   | decisions                | get decision, get decision multi resource, get decision bulk | allowed | allowed   | forbidden | unauthenticated |
      | entitlements                | decisions                | get entitlements                                             | allowed | forbidden | forbidden | unauthenticated |
      | entities, first version     | entities, first version  | resolve entities, create entity chain from jwt               | allowed | forbidden | forbidden | unauthenticated |
      | entities                    | entities                 | resolve entities, create entity chains from tokens           | allowed | forbidden | forbidden | unauthenticated |

    Examples: keys and discovery
      | case                      | area              | operations                    | admin   | standard | no role | no token        |
      | reading the health        | health            | check                         | allowed | allowed  | allowed | allowed         |
      | sealing documents         | keys of documents | public key, legacy public key | allowed | allowed  | allowed | allowed         |
      | opening documents         | keys of documents | rewrap                        | allowed | allowed  | allowed | unauthenticated |
      | reading the configuration | the configuration | get well known configuration  | allowed | allowed  | allowed | allowed         |

  Scenario Outline: A token that cannot be trusted opens no door, <case>
    When a caller with <access> tries to <operation>
    Then the attempt is unauthenticated

    Examples: tokens
      | case                        | access                      | operation           |
      | none, policy                | no token                    | read the policy     |
      | none, change                | no token                    | change the policy   |
      | none, decision              | no token                    | ask for a decision  |
      | none, envelope              | no token                    | open a key envelope |
      | garbled, policy             | a garbled token             | read the policy     |
      | garbled, envelope           | a garbled token             | open a key envelope |
      | altered, policy             | a token with altered claims | read the policy     |
      | altered, change             | a token with altered claims | change the policy   |
      | altered, envelope           | a token with altered claims | open a key envelope |
      | of a stranger, policy       | a token signed by a stranger | read the policy     |
      | of a stranger, decision     | a token signed by a stranger | ask for a decision  |
      | of a stranger, envelope     | a token signed by a stranger | open a key envelope |

  @needs:expired-token
  Scenario Outline: A token past its time opens no door, <case>
    When a caller with an expired token tries to <operation>
    Then the attempt is unauthenticated

    Examples: operations
      | case     | operation           |
      | policy   | read the policy     |
      | decision | ask for a decision  |
      | envelope | open a key envelope |

  @needs:foreign-audience-token
  Scenario Outline: A token for another audience opens no door, <case>
    When a caller with a token for another audience tries to <operation>
    Then the attempt is unauthenticated

    Examples: operations
      | case     | operation           |
      | policy   | read the policy     |
      | decision | ask for a decision  |
      | envelope | open a key envelope |

  @needs:foreign-issuer-token
  Scenario Outline: A token of another issuer opens no door, <case>
    When a caller with a token of another issuer tries to <operation>
    Then the attempt is unauthenticated

    Examples: operations
      | case     | operation           |
      | policy   | read the policy     |
      | decision | ask for a decision  |
      | envelope | open a key envelope |
