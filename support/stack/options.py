"""Named variants of the platform's configuration, which scenarios ask for by `@needs:<option>`."""

from collections.abc import Iterable, Mapping
from typing import Any

from support.embedded.options import KAS_NAMES, SEVERAL_KAS
from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed

Patch = Mapping[str, Any]

DIRECTORY = "directory"
KEY_MANAGEMENT = "key-management"

OPTIONS: Mapping[str, str] = {
    SEVERAL_KAS: f"further key access services: {listed(KAS_NAMES)}",
    "namespaced-policy": "entitlement only by mappings of the same namespace",
    "direct-entitlements": "entities bring entitlements of their own",
    "dynamic-mappings": "dynamic value mappings entitle",
    "claims-identity": "entities are resolved from the claims they bring",
    DIRECTORY: "entities are resolved from a directory (LDAP)",
    KEY_MANAGEMENT: "keys are managed in the key registry, below a root key",
    "ec-wrapping": "keys may be wrapped by elliptic curves",
    "dpop-nonce": "proofs of possession need a nonce of the platform",
}
"""Every option, and what it means."""

_CLAIMS_STRATEGY: Patch = {
    "name": "claims",
    "provider": "claims",
    "entity_type": "subject",
    "conditions": {"jwt_claims": [{"claim": "username", "operator": "exists"}]},
    "output_mapping": [
        {"source_claim": claim, "claim_name": claim}
        for claim in ("username", "email", "department", "groups")
    ],
}

PATCHES: Mapping[str, Patch] = {
    SEVERAL_KAS: {},
    "namespaced-policy": {"services": {"authorization": {"enforce_namespaced_entitlements": True}}},
    "direct-entitlements": {
        "services": {
            "authorization": {"allow_direct_entitlements": True},
            "entityresolution": {"mode": "claims", "allow_direct_entitlements": True},
        }
    },
    "dynamic-mappings": {"services": {"authorization": {"allow_dynamic_value_mappings": True}}},
    "claims-identity": {
        "services": {
            "entityresolution": {
                "mode": "multi-strategy",
                "failure_strategy": "continue",
                "providers": {"claims": {"type": "claims", "connection": {}}},
                "mapping_strategies": [_CLAIMS_STRATEGY],
            }
        }
    },
    KEY_MANAGEMENT: {},
    "ec-wrapping": {"services": {"kas": {"preview": {"ec_tdf_enabled": True}}}},
    "dpop-nonce": {"server": {"auth": {"dpop": {"require_nonce": True}}}},
}
"""What each option changes in the platform's configuration; the directory's is made with it.

The names are the platform's own: see service/authorization/v2/config.go, service/internal/auth,
service/kas/access/provider.go and service/entityresolution of its source.
"""


def directory_patch(connection: Patch, people_dn: str) -> Patch:
    """Return what the option `directory` changes: entities are people of a directory (LDAP).

    Args:
        connection: how the platform gets there.
        people_dn: below this are the people.
    """
    strategy = {
        "name": "directory",
        "provider": "directory",
        "entity_type": "subject",
        "conditions": {"jwt_claims": [{"claim": "userName", "operator": "exists"}]},
        "ldap_search": {
            "base_dn": people_dn,
            "filter": "(&(objectClass=inetOrgPerson)(uid={username}))",
            "scope": "subtree",
            "attributes": ["uid", "mail", "departmentNumber"],
        },
        "input_mapping": [{"jwt_claim": "userName", "parameter": "username"}],
        "output_mapping": [
            {"source_attribute": "uid", "claim_name": "username"},
            {"source_attribute": "mail", "claim_name": "email"},
            {"source_attribute": "departmentNumber", "claim_name": "department"},
        ],
    }
    return {
        "services": {
            "entityresolution": {
                "mode": "multi-strategy",
                "failure_strategy": "continue",
                "providers": {"directory": {"type": "ldap", "connection": dict(connection)}},
                "mapping_strategies": [strategy],
            }
        }
    }


def check(names: Iterable[str], where: str) -> tuple[str, ...]:
    """Return options in their one order.

    Raises:
        ConfigurationError: one is not known, or two exclude each other.
    """
    chosen = set(names)
    for name in sorted(chosen):
        if name not in OPTIONS:
            raise ConfigurationError(
                f'{where}: "{name}" is no option of a stack.{did_you_mean(name, OPTIONS)} Known: '
                f"{listed(OPTIONS)}."
            )
    identity = chosen & {"direct-entitlements", "claims-identity", DIRECTORY}
    if len(identity) > 1:
        raise ConfigurationError(
            f"{where}: {listed(sorted(identity))} exclude each other: each is another way to "
            "resolve entities. Choose one."
        )
    return tuple(name for name in OPTIONS if name in chosen)


def of_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the options that tags such as `needs:several-kas` ask for, in their one order."""
    wanted = {tag.removeprefix("needs:") for tag in tags if tag.startswith("needs:")}
    return tuple(name for name in OPTIONS if name in wanted)


def merged(base: Patch, patches: Iterable[Patch]) -> dict[str, Any]:
    """Return a configuration with patches laid over it, the last one on top."""
    result = dict(base)
    for patch in patches:
        for key, value in patch.items():
            old = result.get(key)
            if isinstance(old, Mapping) and isinstance(value, Mapping):
                result[key] = merged(old, [value])
            else:
                result[key] = value
    return result
