"""Deliberate faults, off by default: each one breaks a promise that a scenario must notice.

What each of them breaks, and of which requirement, stands in `features/faults.yaml`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable


class Fault(StrEnum):
    """One promise that the platform stops keeping while the fault is switched on."""

    # BR-001
    KEYS_LOST_AT_RESTART = "keys-lost-at-restart"
    POLICY_LOST_AT_RESTART = "policy-lost-at-restart"
    DATABASE_STAYS_AWAY = "database-stays-away"

    # BR-002
    EC_SESSION_KEY_REUSED = "ec-session-key-reused"
    EC_WRAPPED_KEY_REFUSED = "ec-wrapped-key-refused"
    EC_SESSION_SALT_MISSING = "ec-session-salt-missing"

    # BR-005
    LEGACY_KEY_FORGOTTEN = "legacy-key-forgotten"

    # BR-008
    SKIP_POLICY_BINDING = "skip-policy-binding"
    WRONG_POLICY_KEY = "wrong-policy-key"
    WEAK_BINDING_COMPARISON = "weak-binding-comparison"
    MISSING_BINDING_ACCEPTED = "missing-binding-accepted"
    FIRST_BINDING_ONLY = "first-binding-only"
    FIRST_POLICY_FOR_ALL = "first-policy-for-all"
    BINDING_TOLD_IN_REFUSAL = "binding-told-in-refusal"

    # BR-010
    KEY_SERVICE_NOT_LISTED = "key-service-not-listed"

    # BR-011
    ALL_OF_FOR_ANY_OF = "all-of-for-any-of"
    ANY_OF_FIRST_VALUE_ONLY = "any-of-first-value-only"

    # BR-012
    ANY_OF_FOR_ALL_OF = "any-of-for-all-of"
    ALL_OF_LAST_VALUE_SKIPPED = "all-of-last-value-skipped"

    # BR-013
    IGNORE_HIERARCHY = "ignore-hierarchy"
    HIERARCHY_OFF_BY_ONE = "hierarchy-off-by-one"
    HIERARCHY_UPSIDE_DOWN = "hierarchy-upside-down"
    HIERARCHY_EXACT_RANK_ONLY = "hierarchy-exact-rank-only"
    HIERARCHY_LOWEST_DECIDES = "hierarchy-lowest-decides"

    # BR-014
    LAST_ATTRIBUTE_SKIPPED = "last-attribute-skipped"
    ANY_ATTRIBUTE_SUFFICES = "any-attribute-suffices"
    UNKNOWN_VALUE_IGNORED = "unknown-value-ignored"
    FIRST_DATA_ATTRIBUTE_ONLY = "first-data-attribute-only"

    # BR-015
    OVERALL_PERMIT_ON_ANY = "overall-permit-on-any"
    DECISIONS_IN_REVERSE = "decisions-in-reverse"
    PERMIT_SPREADS = "permit-spreads"
    LAST_RESOURCE_DROPPED = "last-resource-dropped"
    LAST_QUESTION_DROPPED = "last-question-dropped"
    LOWER_RANKS_NOT_LISTED = "lower-ranks-not-listed"
    ENTITLEMENTS_OF_EVERYTHING = "entitlements-of-everything"
    FIRST_VERSION_PERMITS = "first-version-permits"
    BULK_REPEATS_FIRST_ANSWER = "bulk-repeats-first-answer"
    RESOURCE_NAMES_REPLACED = "resource-names-replaced"

    # BR-016
    FORGET_USERS = "forget-users"
    EVERYBODY_IS_ENTITLED = "everybody-is-entitled"
    FIRST_OF_CHAIN_ONLY = "first-of-chain-only"
    ONE_OF_CHAIN_SUFFICES = "one-of-chain-suffices"
    ENVIRONMENT_DECIDES = "environment-decides"
    VALUES_COMPARED_WITHOUT_CASE = "values-compared-without-case"
    VALUES_COMPARED_BY_PREFIX = "values-compared-by-prefix"
    NOT_IN_IGNORED = "not-in-ignored"
    AND_READ_AS_OR = "and-read-as-or"
    ONE_SUBJECT_SET_SUFFICES = "one-subject-set-suffices"
    REQUEST_TOKEN_IGNORED = "request-token-ignored"
    EMAIL_NOT_RESOLVED = "email-not-resolved"
    LAST_OF_CHAIN_SKIPPED = "last-of-chain-skipped"

    # BR-017
    ACTION_IGNORED = "action-ignored"
    CUSTOM_ACTION_IS_STANDARD = "custom-action-is-standard"
    FIRST_ACTION_ONLY = "first-action-only"

    # BR-018
    OBLIGATIONS_NOT_RETURNED = "obligations-not-returned"
    UNFULFILLED_OBLIGATION_PERMITS = "unfulfilled-obligation-permits"
    PARTIAL_OBLIGATIONS_PERMIT = "partial-obligations-permit"
    OBLIGATION_LEAKED_WHEN_NOT_ENTITLED = "obligation-leaked-when-not-entitled"
    OBLIGATION_CLIENT_SCOPE_IGNORED = "obligation-client-scope-ignored"
    OBLIGATION_ACTION_IGNORED = "obligation-action-ignored"
    OBLIGATION_OF_NEIGHBOUR = "obligation-of-neighbour"
    FIRST_OBLIGATION_ONLY = "first-obligation-only"
    DENIED_WITHOUT_OBLIGATIONS = "denied-without-obligations"
    FIRST_FULFILLABLE_ONLY = "first-fulfillable-only"

    # BR-019
    REWRAP_IGNORES_OBLIGATIONS = "rewrap-ignores-obligations"
    REWRAP_HIDES_OBLIGATIONS = "rewrap-hides-obligations"
    REWRAP_FORGETS_FULFILLABLE = "rewrap-forgets-fulfillable"
    REWRAP_LEAKS_OBLIGATIONS = "rewrap-leaks-obligations"
    REWRAP_FIRST_FULFILLABLE_ONLY = "rewrap-first-fulfillable-only"

    # BR-020
    REGISTERED_RESOURCE_ALWAYS_OPEN = "registered-resource-always-open"
    REGISTERED_ENTITY_IGNORES_ACTION = "registered-entity-ignores-action"
    REGISTERED_RESOURCE_FIRST_VALUE = "registered-resource-first-value"
    UNKNOWN_REGISTERED_RESOURCE_PERMITS = "unknown-registered-resource-permits"
    REGISTERED_RESOURCE_IGNORES_ACTION = "registered-resource-ignores-action"
    REGISTERED_RESOURCE_OLD_NAME_LOST = "registered-resource-old-name-lost"
    REGISTERED_NAME_CASE_COUNTS = "registered-name-case-counts"

    # BR-021
    NAMESPACED_POLICY_NOT_ENFORCED = "namespaced-policy-not-enforced"
    UNNAMESPACED_MAPPING_ENTITLES = "unnamespaced-mapping-entitles"

    # BR-022
    DYNAMIC_MAPPING_CONTAINS_FOR_EQUALS = "dynamic-mapping-contains-for-equals"
    DYNAMIC_MAPPING_GATE_SKIPPED = "dynamic-mapping-gate-skipped"
    DYNAMIC_MAPPING_OFF = "dynamic-mapping-off"
    DYNAMIC_MAPPING_ANY_DEFINITION = "dynamic-mapping-any-definition"

    # BR-023
    DIRECT_ENTITLEMENT_ACTION_IGNORED = "direct-entitlement-action-ignored"
    DIRECT_ENTITLEMENT_ANY_VALUE = "direct-entitlement-any-value"
    DIRECT_ENTITLEMENTS_UNASKED = "direct-entitlements-unasked"

    # BR-024
    CLAIMS_LIST_FIRST_ONLY = "claims-list-first-only"
    CLAIMS_LIST_AS_TEXT = "claims-list-as-text"
    CLAIMS_FAILURE_PERMITS = "claims-failure-permits"
    CLAIMS_LIST_LAST_DROPPED = "claims-list-last-dropped"

    # BR-025
    FAIL_FAST_GOES_ON = "fail-fast-goes-on"
    NO_FALLBACK = "no-fallback"
    STRATEGY_AND_READ_AS_OR = "strategy-and-read-as-or"
    STRATEGY_CONTAINS_FOR_EQUALS = "strategy-contains-for-equals"
    STRATEGY_REGEX_AS_TEXT = "strategy-regex-as-text"
    DIRECTORY_WILDCARDS = "directory-wildcards"
    STRATEGY_CASE_COUNTS = "strategy-case-counts"

    # BR-026
    DUPLICATE_NAME_ACCEPTED = "duplicate-name-accepted"
    DEACTIVATED_DEFINITION_PERMITS = "deactivated-definition-permits"
    DEACTIVATION_IGNORED = "deactivation-ignored"
    REACTIVATION_IGNORED = "reactivation-ignored"
    UPDATE_CHANGES_NOTHING = "update-changes-nothing"
    DELETED_MAPPING_ENTITLES = "deleted-mapping-entitles"
    STALE_POLICY = "stale-policy"
    MALFORMED_NAME_ACCEPTED = "malformed-name-accepted"

    # BR-027
    ACCEPT_EXPIRED_TOKEN = "accept-expired-token"
    ACCEPT_EARLY_TOKEN = "accept-early-token"
    ACCEPT_UNSIGNED_TOKEN = "accept-unsigned-token"
    ACCEPT_FOREIGN_AUDIENCE = "accept-foreign-audience"
    ACCEPT_FOREIGN_ISSUER = "accept-foreign-issuer"
    STANDARD_ROLE_WRITES = "standard-role-writes"
    UNKNOWN_ROLE_READS = "unknown-role-reads"
    UNKNOWN_ROLE_DECIDES = "unknown-role-decides"
    ADMINISTRATOR_REFUSED = "administrator-refused"
    STANDARD_ROLE_REFUSED = "standard-role-refused"
    ANONYMOUS_READS = "anonymous-reads"

    # BR-028
    KEY_SCOPE_IGNORED = "key-scope-ignored"
    KEY_SCOPE_BY_PREFIX = "key-scope-by-prefix"
    KEY_SCOPE_INJECTION = "key-scope-injection"
    KEY_LIST_UNFILTERED = "key-list-unfiltered"
    KEY_BY_ID_UNSCOPED = "key-by-id-unscoped"

    # BR-029
    ROTATED_KEY_LOSES_DATA = "rotated-key-loses-data"
    ROTATION_KEEPS_OLD_KEY = "rotation-keeps-old-key"
    DUPLICATE_KEY_ID_ACCEPTED = "duplicate-key-id-accepted"
    PRIVATE_KEY_TOLD = "private-key-told"
    PRIVATE_KEY_IN_AUDIT = "private-key-in-audit"
    UNSEALED_KEY_ACCEPTED = "unsealed-key-accepted"
    KEY_SERVICE_DELETED_WITH_KEYS = "key-service-deleted-with-keys"
    ROTATION_FORGETS_ASSIGNMENTS = "rotation-forgets-assignments"
    ROTATED_KEY_HANDED_OUT = "rotated-key-handed-out"
    KEY_DELETED_WITHOUT_PROOF = "key-deleted-without-proof"
    ASSIGNMENT_FORGOTTEN = "assignment-forgotten"

    # BR-030
    DEFINITION_KEY_BEFORE_VALUE_KEY = "definition-key-before-value-key"
    NAMESPACE_KEY_NOT_SERVED = "namespace-key-not-served"
    DEFINITION_KEY_NOT_SERVED = "definition-key-not-served"
    VALUE_KEY_NOT_SERVED = "value-key-not-served"
    MISSING_VALUE_WITHOUT_DEFINITION = "missing-value-without-definition"

    # BR-031
    SHARE_BELONGS_TO_EVERYBODY = "share-belongs-to-everybody"

    # BR-032
    RSA_4096_NOT_SERVED = "rsa-4096-not-served"
    CURVE_CONFUSED = "curve-confused"
    LARGE_CURVE_UNWRAP_FAILS = "large-curve-unwrap-fails"

    # BR-033
    HYBRID_CLASSICAL_HALF_ONLY = "hybrid-classical-half-only"
    POST_QUANTUM_REFUSED = "post-quantum-refused"

    # BR-034
    BASE_KEY_NOT_ANNOUNCED = "base-key-not-announced"
    BASE_KEY_STALE = "base-key-stale"
    BASE_KEY_OUTLIVES_ROTATION = "base-key-outlives-rotation"

    # BR-035
    REWRAP_NOT_AUDITED = "rewrap-not-audited"
    REFUSED_REWRAP_AUDITED_AS_SUCCESS = "refused-rewrap-audited-as-success"
    AUDIT_WITHOUT_KEY = "audit-without-key"
    AUDIT_WITHOUT_ATTRIBUTES = "audit-without-attributes"
    DATA_KEY_IN_AUDIT = "data-key-in-audit"
    ACCESS_TOKEN_IN_LOG = "access-token-in-log"
    SPLIT_PART_NOT_AUDITED = "split-part-not-audited"
    ONE_RECORD_FOR_SEVERAL = "one-record-for-several"
    ACTOR_FORGEABLE = "actor-forgeable"
    AUDIT_WRONG_DOCUMENT = "audit-wrong-document"

    # BR-036
    POLICY_CHANGE_NOT_AUDITED = "policy-change-not-audited"
    CHANGE_AUDIT_WITHOUT_ORIGINAL = "change-audit-without-original"
    CHANGE_AUDIT_WITHOUT_UPDATED = "change-audit-without-updated"
    REFUSED_CHANGE_AUDITED_AS_SUCCESS = "refused-change-audited-as-success"
    CHANGE_AUDIT_WRONG_OBJECT = "change-audit-wrong-object"

    # BR-037
    DECISION_NOT_AUDITED = "decision-not-audited"
    DENY_AUDITED_AS_SUCCESS = "deny-audited-as-success"
    DECISION_AUDIT_WITHOUT_OBLIGATIONS = "decision-audit-without-obligations"
    DECISION_AUDIT_WITHOUT_RULES = "decision-audit-without-rules"
    DECISION_AUDIT_WRONG_ENTITY = "decision-audit-wrong-entity"

    # BR-038
    REPLAYED_PROOF_ACCEPTED = "replayed-proof-accepted"
    PROOF_METHOD_NOT_CHECKED = "proof-method-not-checked"
    PROOF_ADDRESS_NOT_CHECKED = "proof-address-not-checked"
    PROOF_TOKEN_NOT_CHECKED = "proof-token-not-checked"
    PROOF_KEY_NOT_COMPARED = "proof-key-not-compared"
    PROOF_SIGNATURE_NOT_CHECKED = "proof-signature-not-checked"
    PROOF_AGE_NOT_CHECKED = "proof-age-not-checked"
    PROOF_NONCE_NOT_CHECKED = "proof-nonce-not-checked"
    BOUND_TOKEN_AS_BEARER = "bound-token-as-bearer"
    NONCE_NOT_TOLD = "nonce-not-told"
    REQUEST_SIGNATURE_NOT_CHECKED = "request-signature-not-checked"

    # BR-039
    HEALTH_ALWAYS_SERVING = "health-always-serving"
    WELL_KNOWN_WRONG_ISSUER = "well-known-wrong-issuer"
    WELL_KNOWN_NEEDS_TOKEN = "well-known-needs-token"
    PUBLIC_KEY_OF_ANOTHER = "public-key-of-another"
    UNKNOWN_ALGORITHM_SERVED = "unknown-algorithm-served"
    WEB_PAGES_REFUSED = "web-pages-refused"

    # BR-040
    LARGE_DEFINITION_CUT = "large-definition-cut"
    LONG_RESOURCE_CUT = "long-resource-cut"

    # BR-042
    WRONG_SECRET_ACCEPTED = "wrong-secret-accepted"
    SECRET_REPEATED = "secret-repeated"
    WRONG_SECRET_UNEXPLAINED = "wrong-secret-unexplained"
    DECIDES_WITHOUT_DATABASE = "decides-without-database"
    WRITES_WITHOUT_DATABASE = "writes-without-database"


def parse_faults(names: Iterable[str]) -> frozenset[Fault]:
    """Turn names from the command line into faults.

    Raises:
        ConfigurationError: A name is unknown; the message proposes the nearest known one.
    """
    return frozenset(_parse(name) for name in names)


def _parse(name: str) -> Fault:
    known = [fault.value for fault in Fault]
    if name in known:
        return Fault(name)
    raise ConfigurationError(
        f'There is no fault "{name}".{did_you_mean(name, known)} docs/faults.md lists all of them.'
    )
