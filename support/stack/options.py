"""Named variants of the platform's configuration, which scenarios ask for by `@needs:<option>`."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed

Patch = Mapping[str, Any]

SEVERAL_KAS = "several-kas"
DIRECTORY = "directory"
KAS_NAMES = ("alpha", "beta", "gamma", "delta", "km1", "km2")

OPTIONS: Mapping[str, str] = {
    SEVERAL_KAS: "six further key access services: alpha to delta, km1 and km2",
    "namespaced-policy": "entitlement only by mappings of the same namespace",
    "direct-entitlements": "entities bring entitlements of their own",
    "dynamic-mappings": "dynamic value mappings entitle",
    "claims-identity": "entities are resolved from the claims they bring",
    DIRECTORY: "entities are resolved from a directory (LDAP)",
    "key-management": "keys are managed in the key registry, below a root key",
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
    "key-management": {"services": {"kas": {"key_management": True}}},
    "ec-wrapping": {"services": {"kas": {"preview": {"ec_tdf_enabled": True}}}},
    "dpop-nonce": {"server": {"auth": {"dpop": {"require_nonce": True}}}},
}
"""What each option changes in the platform's configuration; the directory's is made with it.

The names are the platform's own: see service/authorization/v2/config.go, service/internal/auth,
service/kas/access/provider.go and service/entityresolution of its source.
"""


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
            both = isinstance(old, Mapping) and isinstance(value, Mapping)
            result[key] = merged(old, [value]) if both else value
    return result


def without(names: Collection[str], left_out: Collection[str]) -> tuple[str, ...]:
    """Return options without some of them."""
    return tuple(name for name in names if name not in left_out)
