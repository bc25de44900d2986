"""The OpenTDF platform and further key access services, from a binary that the user has."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from support.foundation import process
from support.foundation.errors import ConfigurationError
from support.foundation.files import write_private
from support.foundation.settings import Settings, child_environment, search_path
from support.services.locator import Credentials
from support.services.secret import Secret
from support.stack import options as stack_options
from support.stack.components.component import Component, Launch
from support.stack.components.key_material import KEYS, write_keys
from support.stack.components.readiness import Probe

PROGRAMS = ("opentdf-platform", "opentdf")
VERSION_TIME_LIMIT_SECONDS = 20.0
START_TIME_LIMIT_SECONDS = 60.0
ROOT_KEY_BYTES = 32
DOCUMENTATION = "https://github.com/opentdf/platform"
_ROLES = "g, opentdf-admin, role:admin\ng, opentdf-standard, role:standard\n"
_VERSION = re.compile(r"\d+\.\d+\.\d+\S*")


@dataclass(frozen=True, slots=True)
class Binary:
    """A platform binary that answered, with its version."""

    path: Path
    version: str


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """What a platform has to know of its identity provider.

    Attributes:
        base_url: for example `http://localhost:8888/auth`.
        resolver: the client that looks entities up.
    """

    base_url: str
    realm: str
    issuer: str
    token_endpoint: str
    audience: str
    resolver: Credentials


@dataclass(frozen=True, slots=True)
class Database:
    """The PostgreSQL database of one platform."""

    host: str
    port: int
    user: str
    password: Secret
    name: str


@dataclass(frozen=True)
class Platform:
    """One platform, or one further key access service, on loopback.

    Attributes:
        name: of the component, which is also that of its folder.
        folder: gets configuration and keys; for its owner's eyes only.
        keys: folder of the key material, which several may share.
        patches: what the stack's options change in the configuration.
    """

    name: str
    port: int
    binary: Binary
    folder: Path
    keys: Path
    identity_provider: IdentityProvider
    admin: Credentials
    database: Database | None = None
    core_url: str = ""
    path: str = "/kas"
    patches: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    needs: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://localhost:{self.port}"

    @property
    def kas_url(self) -> str:
        """Its address as a key access service, as manifests and the registry name it."""
        return f"{self.url}{self.path}"

    @cached_property
    def _probe(self) -> Probe:
        return Probe()

    def component(self) -> Component:
        """Return the process that it is."""
        return Component(
            name=self.name,
            launch=self._launch,
            unready=self._unready,
            needs=self.needs,
            advise=advise,
            time_limit_seconds=START_TIME_LIMIT_SECONDS,
        )

    def configuration(self) -> dict[str, Any]:
        """Return the configuration, as the platform's `opentdf.yaml`."""
        kas = {
            "registered_kas_uri": self.kas_url,
            "key_management": False,
            "preview": {"ec_tdf_enabled": False, "hybrid_tdf_enabled": False},
            "root_key": root_key(self.keys),
            "keyring": [
                {"kid": key_id, "alg": algorithm, **legacy}
                for key_id, (algorithm, _) in KEYS.items()
                for legacy in ({}, {"legacy": True})
            ],
        }
        base: dict[str, Any] = {
            "logger": {"level": "info", "type": "text", "output": "stderr"},
            "services": {"kas": kas},
            "server": self._server(),
        }
        if self.database is None:
            base["mode"] = ["kas"]
            base["sdk_config"] = {
                "core": {"endpoint": self.core_url, "plaintext": True},
                "client_id": self.admin.client_id,
                "client_secret": self.admin.client_secret.reveal(),
            }
        else:
            base["mode"] = "all"
            base["db"] = self._database(self.database)
            base["services"]["entityresolution"] = self._entity_resolution()
        return stack_options.merged(base, self.patches)

    def _server(self) -> dict[str, Any]:
        provider = self.identity_provider
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "public_hostname": "localhost",
            "tls": {"enabled": False},
            "auth": {
                "enabled": True,
                "audience": provider.audience,
                "issuer": provider.issuer,
                "dpop": {"enforce": False},
                "policy": {"extension": _ROLES},
            },
            "cors": {"enabled": True, "allowedorigins": ["*"]},
            "grpc": {"reflectionEnabled": True},
            "cryptoProvider": {
                "type": "standard",
                "standard": {
                    "keys": [
                        {
                            "kid": key_id,
                            "alg": algorithm,
                            "private": str(self.keys / f"{stem}-private.pem"),
                            "cert": str(self.keys / f"{stem}-cert.pem"),
                        }
                        for key_id, (algorithm, stem) in KEYS.items()
                    ]
                },
            },
        }

    def _entity_resolution(self) -> dict[str, Any]:
        provider = self.identity_provider
        return {
            "url": provider.base_url,
            "clientid": provider.resolver.client_id,
            "clientsecret": provider.resolver.client_secret.reveal(),
            "realm": provider.realm,
            "legacykeycloak": True,
            "inferid": {"from": {"email": True, "username": True}},
        }

    def _launch(self) -> Launch:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_keys(self.keys)
        file = self.folder / "opentdf.yaml"
        write_private(file, yaml.safe_dump(self.configuration(), sort_keys=False))
        return Launch(
            arguments=(self.binary.path, "start", "--config-file", file),
            environment=child_environment(),
            working_directory=self.folder,
        )

    def _unready(self) -> str:
        _, missing = self._probe.public_key(self.url)
        if missing or self.database is None:
            return missing
        return self._probe.policy(self.url, self.identity_provider.token_endpoint, self.admin)

    @staticmethod
    def _database(database: Database) -> dict[str, Any]:
        return {
            "host": database.host,
            "port": database.port,
            "user": database.user,
            "password": database.password.reveal(),
            "database": database.name,
            "sslmode": "disable",
        }


def root_key(folder: Path) -> str:
    """Return the root key of an instance, 32 bytes in hexadecimal, made at the first call."""
    file = folder / "root.key"
    if not file.exists():
        write_private(file, secrets.token_hex(ROOT_KEY_BYTES))
    return file.read_text(encoding="utf-8")


def find(settings: Settings) -> Binary:
    """Return the platform binary that is named, or else found on the PATH.

    Raises:
        ConfigurationError: there is none, or it is something else.
    """
    setting = settings.get("platform_bin")
    if setting is not None:
        return check(Path(setting.value), setting.origin)
    for name in PROGRAMS:
        found = process.find_program(name, search_path())
        if found is not None:
            return check(found, "the PATH")
    raise ConfigurationError(
        "No platform binary: OPENTDF_PLATFORM_BIN is not set, and neither "
        f"{' nor '.join(PROGRAMS)} is on the PATH. The OpenTDF project tells how to get one "
        f"({DOCUMENTATION}); or use the stack `keycloak`, in which the embedded platform stands in for it."
    )


def check(path: Path, origin: str) -> Binary:
    """Return a binary that says which version of the platform it is.

    Raises:
        ConfigurationError: it is not there, cannot be run, or is something else.
    """
    if not path.is_file():
        raise ConfigurationError(
            f"{path}: there is no platform binary; it comes from {origin}. Name the file itself."
        )
    record = process.run(
        [path, "version"],
        environment=child_environment(),
        time_limit_seconds=VERSION_TIME_LIMIT_SECONDS,
    )
    said = (record.stdout + record.stderr).strip()
    found = _VERSION.search(said)
    if record.exit_code != 0 or found is None or len(said.splitlines()) > 1:
        raise ConfigurationError(
            f"{path} (from {origin}) is no OpenTDF platform: `{path.name} version` ended with "
            f"{record.exit_code} and printed {said[:120]!r}. Expected a version such as 0.25.0; "
            "`otdfctl` is the client, not the platform."
        )
    return Binary(path, found.group())


def advise(log: str) -> str:
    """Return the remedy for what the end of a platform's log tells."""
    return next((remedy for sign, remedy in _ADVICE.items() if sign in log), "")


_ADVICE = {
    "address already in use": "Another process took its port meanwhile; call `up` again.",
    "password authentication failed": "The database has another password than the configuration.",
    "failed to connect to": "Its database does not answer; see the log of postgres.",
    "no space left on device": "The disk is full: free space, and call `up` again.",
    "failed to discover": "Its identity provider does not answer; see the log of keycloak.",
    "openid-configuration": "Its identity provider does not answer; see the log of keycloak.",
    "permission denied": "It may not read its keys or configuration; see the file named above.",
}
