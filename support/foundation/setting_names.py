"""The table of every setting: its name, what it means, and whether it is a secret.

Each service has the same properties, so their settings are made of two parts: `platform_url`,
`kas_alpha_ca_bundle`. Services that extensions register have `service_<name>_<property>`; which of
these there are is known once the registry is read (support/services/registry.py).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from support.foundation.text import did_you_mean, listed

PREFIX = "ACCEPTANCE_"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class SettingName:
    """A setting: its `--define` name, what it means, its default; secrets cannot be defined.

    Attributes:
        plain_variable: a variable of another program's that is read where ours is not set.
    """

    name: str
    meaning: str
    default: str | None = None
    secret: bool = False
    plain_variable: str = ""

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


ROLES = (
    "admin",
    "standard",
    "unprivileged",
    "expired",
    "foreign_audience",
    "foreign_issuer",
    "north",
    "south",
)

KAS_INSTANCES = ("alpha", "beta", "gamma", "delta", "km1", "km2")
"""Key access services beside the default one."""

SERVICES: Mapping[str, str] = {
    "platform": "the platform",
    "kas": "the default key access service, and every other that says nothing else",
    **{f"kas_{name}": f"the key access service {name}" for name in KAS_INSTANCES},
    "idp": "the identity provider",
    "database": "the platform's database",
    "artifact_store": "the store that finished runs are kept in",
    "testrail": "TestRail",
    "jira": "Jira",
    "telemetry": "the collector of traces and metrics",
    "browser": "the browser that is driven",
    "vault": "HashiCorp Vault or OpenBao",
}
"""What the settings of a service begin with, and whom they are about."""

PROPERTIES: Mapping[str, str] = {
    "url": "address of {}",
    "ca_bundle": "file with the certificates that {} is trusted by",
    "client_certificate": "certificate that we show to {}",
    "client_key": "private key of that certificate, for {}",
    "pin": "certificates or public keys that {} must have, as sha256:… or spki-sha256:…",
    "proxy": "proxy on the way to {}",
    "requests_per_second": "most requests per second to {}",
    "burst": "requests to {} that may come at once",
    "timeout": "seconds that {} has for an answer",
    "retries": "how often a safe call to {} is tried again",
    "verify": "whether the certificate of {} is verified: true or false",
}
"""What may be set of every service."""

ACCOUNTS: Mapping[str, str] = {
    "idp_admin": "the administrator of the identity provider",
    "database": "the account at the database",
    "artifact_store": "the account at the artifact store",
    "testrail": "the account at TestRail",
    "jira": "the account at Jira",
    "telemetry": "the account at the telemetry collector",
}
"""Accounts other than OAuth clients: each has `<account>_user` and `<account>_secret`."""

EXTENSION = "service_"
_EXTENSION_PARTS = (*PROPERTIES, "user", "secret", "secret_file", "client_id")
_EXTENSION_SETTING = re.compile(rf"{EXTENSION}[a-z0-9_]+_({'|'.join(_EXTENSION_PARTS)})")


def extension_setting(name: str) -> SettingName | None:
    """Return the setting of an extension's service that a name has the form of, or None."""
    if _EXTENSION_SETTING.fullmatch(name) is None:
        return None
    return SettingName(name, "a service of an extension", secret=name.endswith("_secret"))


def _service_settings() -> Iterator[SettingName]:
    for service, whom in SERVICES.items():
        for name, meaning in PROPERTIES.items():
            yield SettingName(f"{service}_{name}", meaning.format(whom))
    for account, whom in ACCOUNTS.items():
        yield SettingName(f"{account}_user", f"name of {whom}")


def _secret_settings() -> Iterator[SettingName]:
    secrets = {
        **{f"{role}_client_secret": f"secret of the role {role}" for role in ROLES},
        **{f"{account}_secret": f"password or key of {whom}" for account, whom in ACCOUNTS.items()},
        "people_client_secret": "secret of the client of people, unless it is public",
        "people_password": "password of every such person",
        "evidence_signing_key": "Ed25519 key that runs are attested with, PEM (PKCS #8)",
        "vault_token": "token for Vault or OpenBao",
    }
    for name, meaning in secrets.items():
        yield SettingName(name, meaning, secret=True)
        yield SettingName(f"{name}_file", f"file that holds it: {meaning}")


KNOWN: tuple[SettingName, ...] = (
    SettingName("profile", "which profile of profiles/ to run", "embedded"),
    SettingName("plan", "plan.json of `acceptance discover`: run exactly what it lists"),
    SettingName("shard", "the part of the plan to run, such as 3/8"),
    SettingName("strategy", "pairwise, exhaustive or each, instead of the profile's"),
    SettingName("max_variants", "most variants of one scenario, instead of the profile's"),
    SettingName("seed", "seed of whatever is chosen at random, instead of the profile's"),
    SettingName("order", "order of units: stable, random, or random:SEED", "stable"),
    SettingName("history", "database of earlier runs; by default history.sqlite in build"),
    SettingName("profiles", "folder with one folder per profile", str(ROOT / "profiles")),
    SettingName("artifacts", "folder that receives one folder per run", str(ROOT / "artifacts")),
    SettingName("build", "folder for what can be made again", str(ROOT / "build")),
    SettingName("label", "name under which the run is kept for ever"),
    SettingName("run_id", "name of the run's folder, instead of one made from the time"),
    SettingName(
        "sdk_roots",
        "folders with <language>/dist/<version>/cli.sh, separated by ':', first wins",
        str(ROOT / "build" / "sdk"),
    ),
    SettingName("warm_sdks", "on or off: keep SDKs loaded between calls, where they can be", "on"),
    SettingName("stack_descriptor", "file that describes a stack that is already up"),
    SettingName(
        "stack_options", "options that an adopted platform has, separated by ',': see `stack up`"
    ),
    SettingName("audit_log", "log file of an adopted platform, with its audit records"),
    SettingName("stack_instance", "name of the standing stack to use, where several are up"),
    SettingName("fault", "faults to switch on (docs/faults.md), separated by ','"),
    SettingName(
        "until_failure",
        "file with ids of units, one a line: run these in this order, until one fails",
    ),
    SettingName("redact_patterns", "file with further patterns of secrets: docs/redaction.md"),
    SettingName("extra_services", "files with services of extensions, separated by ':'"),
    SettingName(
        "platform_bin",
        "the platform's program, for stacks of processes",
        plain_variable="OPENTDF_PLATFORM_BIN",
    ),
    SettingName("keycloak_home", "folder of a Keycloak distribution, unpacked"),
    SettingName("keycloak_zip", "archive of a Keycloak distribution"),
    SettingName("postgres_bin", "folder with the programs of PostgreSQL"),
    SettingName("token_endpoint", "token endpoint of the identity provider"),
    *(SettingName(f"{role}_client_id", f"client of the role {role}") for role in ROLES),
    SettingName(
        "people",
        "people of the profile whom the identity provider of the profile `remote` knows with "
        "their attributes, separated by ','",
    ),
    SettingName("people_client_id", "client that such people sign in with by password"),
    *_service_settings(),
    SettingName("secrets_folder", "folder with one file per secret, named as its setting"),
    SettingName("vault_mount", "mount of the key-value engine (version 2)", "secret"),
    SettingName("vault_path", "path of the secret whose fields are named as the settings"),
    SettingName("vault_namespace", "namespace in Vault or OpenBao"),
    *_secret_settings(),
)
BY_NAME: Mapping[str, SettingName] = {known.name: known for known in KNOWN}

_FILES = {f"{known.name}_file" for known in KNOWN if known.secret}
_FAMILIES = {f"{service}_{name}" for service in SERVICES for name in PROPERTIES}

OF_PROFILES = ("token_endpoint", *sorted(_FAMILIES))
"""What the `services` of a profile may set, beside what services of extensions have."""


def find(name: str) -> SettingName | None:
    """Return the setting of a name, those that extensions may have included, or None."""
    return BY_NAME.get(name) or extension_setting(name)


def alternatives(seen: str, *, variables: bool = False) -> str:
    """Return the nearest name to one that is not known, and all there are, as sentences.

    Args:
        seen: the name that somebody gave.
        variables: speak of environment variables; otherwise of `--define`, which takes no secret.
    """
    names = {k.variable if variables else k.name: k for k in KNOWN if variables or not k.secret}
    alone = [name for name, known in names.items() if known.name not in _FAMILIES | _FILES]
    prefix = PREFIX if variables else ""
    services, properties = listed(SERVICES), listed(PROPERTIES)
    extension = EXTENSION.upper() if variables else EXTENSION
    return (
        f"{did_you_mean(seen, names)} Known names: {listed(alone)}; <secret>_file for the file "
        f"that holds a secret; {prefix}<service>_<property> with the services {services} and the "
        f"properties {properties}; {prefix}{extension}<name>_… for services of extensions."
    )


def settable_by_profiles(name: str) -> bool:
    """Whether the `services` of a profile may set it: addresses and the like, never a secret."""
    if name in OF_PROFILES:
        return True
    extension = extension_setting(name)
    return extension is not None and not extension.secret


def holds_password(value: str) -> bool:
    """Whether a value is an address with a password in it."""
    if "://" not in value:
        return False
    try:
        return urlsplit(value).password is not None
    except ValueError:
        return False
