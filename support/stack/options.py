"""Named variants of the platform's configuration, which scenarios ask for by `@needs:<option>`."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from support.embedded.directory import SCOPED_CLIENTS
from support.embedded.options import (
    BASE_KEY,
    CLAIMS_IDENTITY,
    DIRECT_ENTITLEMENTS,
    DIRECTORY,
    DIRECTORY_FAIL_FAST,
    DYNAMIC_MAPPINGS,
    EVERY_MECHANISM,
    KAS_NAMES,
    KEY_MANAGEMENT,
    MAINTENANCE,
    NAMESPACED_POLICY,
    OWN_CLOCK,
    SCOPED_ROLES,
    SEVERAL_KAS,
)
from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed
from support.stack.identity_options import claims_patch

Patch = Mapping[str, Any]


OPTIONS: Mapping[str, str] = {
    SEVERAL_KAS: f"further key access services: {listed(KAS_NAMES)}",
    NAMESPACED_POLICY: "entitlement only by mappings of the same namespace",
    DIRECT_ENTITLEMENTS: "entities bring entitlements of their own",
    DYNAMIC_MAPPINGS: "dynamic value mappings entitle",
    CLAIMS_IDENTITY: "entities are resolved from the claims they bring",
    DIRECTORY: "entities are resolved from claims, else from a directory (LDAP)",
    DIRECTORY_FAIL_FAST: "as directory, but the first source that fails ends the search",
    KEY_MANAGEMENT: "keys are managed in the key registry, below a root key",
    BASE_KEY: "its base key, which nobody can unset, is the scenarios' to set",
    SCOPED_ROLES: "key services read the keys of their own addresses only",
    "ec-wrapping": "keys may be wrapped by elliptic curves",
    EVERY_MECHANISM: "managed keys of every kind, post-quantum ones among them",
    "dpop-nonce": "proofs of possession need a nonce of the platform",
    OWN_CLOCK: "its clock, which is not its identity provider's, is the scenarios' to move",
    MAINTENANCE: "scenarios may restart it, and take its database away",
}
"""Every option, and what it means."""


def _scoped_rules() -> str:
    """Return what the platform's access policy, version 2, needs beside what it ships with."""
    service = "/policy.kasregistry.KeyAccessServerRegistryService"
    return "".join(
        f"p, client:{client}, {service}/{method}, kas_uri={uri}, allow\n"
        for client, uri in SCOPED_CLIENTS.items()
        for method in ("GetKey", "ListKeys")
    )


PATCHES: Mapping[str, Patch] = {
    SEVERAL_KAS: {},
    NAMESPACED_POLICY: {"services": {"authorization": {"enforce_namespaced_entitlements": True}}},
    DIRECT_ENTITLEMENTS: {
        "services": {
            "authorization": {"allow_direct_entitlements": True},
            "entityresolution": {"mode": "claims", "allow_direct_entitlements": True},
        }
    },
    DYNAMIC_MAPPINGS: {"services": {"authorization": {"allow_dynamic_value_mappings": True}}},
    CLAIMS_IDENTITY: claims_patch(),
    KEY_MANAGEMENT: {},
    BASE_KEY: {},
    SCOPED_ROLES: {
        "server": {
            "auth": {
                "policy": {
                    "version": "v2",
                    "groups_claim": "realm_access.roles",
                    "client_id_claim": "azp",
                    "extension": _scoped_rules(),
                }
            }
        }
    },
    "ec-wrapping": {"services": {"kas": {"preview": {"ec_tdf_enabled": True}}}},
    EVERY_MECHANISM: {
        "services": {
            "kas": {
                "preview": {
                    "ec_tdf_enabled": True,
                    "hybrid_tdf_enabled": True,
                    "mlkem_tdf_enabled": True,
                }
            }
        }
    },
    "dpop-nonce": {"server": {"auth": {"dpop": {"require_nonce": True}}}},
    OWN_CLOCK: {},
    MAINTENANCE: {},
}
"""What each option changes in the platform's configuration; that of a directory is made with it.

The names are the platform's own: see service/authorization/v2/config.go, service/internal/auth,
service/kas/access/provider.go and service/entityresolution of its source.
"""


def needs_directory(names: Collection[str]) -> bool:
    """Return whether one of the options needs a directory (LDAP) to ask."""
    return bool(set(names) & {DIRECTORY, DIRECTORY_FAIL_FAST})


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
    identity = chosen & {
        DIRECT_ENTITLEMENTS,
        CLAIMS_IDENTITY,
        DIRECTORY,
        DIRECTORY_FAIL_FAST,
    }
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
