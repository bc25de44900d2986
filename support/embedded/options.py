"""Named variants of the platform's configuration that the embedded platform can serve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed

SEVERAL_KAS = "several-kas"
NAMESPACED_POLICY = "namespaced-policy"
DIRECT_ENTITLEMENTS = "direct-entitlements"
DYNAMIC_MAPPINGS = "dynamic-mappings"
CLAIMS_IDENTITY = "claims-identity"
DIRECTORY = "directory"
DIRECTORY_FAIL_FAST = "directory-fail-fast"
EC_WRAPPING = "ec-wrapping"
DPOP_NONCE = "dpop-nonce"
KEY_MANAGEMENT = "key-management"
BASE_KEY = "base-key"
SCOPED_ROLES = "scoped-roles"
EVERY_MECHANISM = "every-mechanism"
OWN_CLOCK = "own-clock"
MAINTENANCE = "maintenance"
KAS_NAMES = ("alpha", "beta", "gamma", "delta", "km1", "km2")
MANAGED_KAS = frozenset({"km1", "km2"})
"""Further key access services whose keys are always managed in the registry."""

OPTIONS: Mapping[str, str] = {
    SEVERAL_KAS: f"further key access services unless --kas names some: {listed(KAS_NAMES)}",
    NAMESPACED_POLICY: "entitlement only by mappings of the same namespace",
    DIRECT_ENTITLEMENTS: "entities are the claims they bring, entitlements among them",
    DYNAMIC_MAPPINGS: "dynamic value mappings entitle",
    CLAIMS_IDENTITY: "entities are resolved from the claims they bring",
    DIRECTORY: "entities are resolved from claims, else from a directory of its own",
    DIRECTORY_FAIL_FAST: "as directory, but the first source that fails ends the search",
    KEY_MANAGEMENT: "keys are managed in the key registry, below a root key",
    BASE_KEY: "a platform whose base key scenarios may set, which nobody can unset",
    SCOPED_ROLES: "key services read the keys of their own addresses only",
    EC_WRAPPING: "keys may be wrapped by elliptic curves",
    EVERY_MECHANISM: "there are keys of every kind, post-quantum ones among them",
    DPOP_NONCE: "proofs of possession need a nonce of the platform",
    OWN_CLOCK: "its clock, which is not its identity provider's, is the scenarios' to move",
    MAINTENANCE: "scenarios may restart it, and take its database away",
}
"""Every option by name, and what it means."""


def parse_options(names: Iterable[str]) -> frozenset[str]:
    """Check names from the command line.

    Raises:
        ConfigurationError: A name is unknown; the message proposes the nearest known one.
    """
    chosen = frozenset(names)
    for name in sorted(chosen - set(OPTIONS)):
        raise ConfigurationError(
            f"--option {name}: the embedded platform has no such option."
            f"{did_you_mean(name, OPTIONS)} Known: {listed(OPTIONS)}."
        )
    return chosen
