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
from support.foundation.errors import ConfigurationError, EnvironmentUnfitError, StackError
from support.foundation.files import write_private
from support.foundation.settings import Settings, child_environment, search_path
from support.foundation.waiting import wait_until
from support.services.locator import Credentials
from support.stack import options as stack_options
from support.stack.components.component import Component, Launch
from support.stack.components.key_material import GOLDEN, write_keys
from support.stack.components.key_material import KEYS as CONFIGURED
from support.stack.components.key_registry import EVERY_KEY, KEYS, KeyRegistry
from support.stack.components.postgres_server import PostgresServer, create_database
from support.stack.components.readiness import Probe

PROGRAMS = ("opentdf-platform", "opentdf")
VERSION_TIME_LIMIT_SECONDS = 20.0
START_TIME_LIMIT_SECONDS = 60.0
ROOT_KEY_BYTES = 32
ROOT_KEY_FILE = "root.key"
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
    """The database of one platform; it is made when the platform starts."""

    server: PostgresServer
    name: str


@dataclass(frozen=True)
class Platform:
    """One platform, or one further key access service, on loopback.

    Attributes:
        name: of the component, which is also that of its folder.
        folder: gets configuration and keys; for its owner's eyes only.
        keys: folder of the key material, which several may share.
        managed: whether its keys are managed in the key registry.
        every_mechanism: whether it gets a managed key of every kind, else of the usual two.
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
    managed: bool = False
    every_mechanism: bool = False
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
            ports=(self.port,),
            needs=self.needs,
            provision=self._provision,
            advise=advise,
            time_limit_seconds=START_TIME_LIMIT_SECONDS,
        )

    def configuration(self) -> dict[str, Any]:
        """Return the configuration, as the platform's `opentdf.yaml`."""
        kas = {
            "registered_kas_uri": self.kas_url,
            "key_management": self.managed,
            "preview": {"ec_tdf_enabled": False, "hybrid_tdf_enabled": False},
            "root_key": root_key(self.keys),
            "keyring": [
                {"kid": key_id, "alg": algorithm, **legacy}
                for key_id, (algorithm, _) in CONFIGURED.items()
                for legacy in ({}, {"legacy": True})
            ]
            + [
                {"kid": key_id, "alg": algorithm, "legacy": True}
                for key_id, (algorithm, _) in GOLDEN.items()
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
            # Ten seconds by default, after which an answer is cut off: too few for a policy of a
            # thousand values on a machine that is busy with other things.
            "http": {"readTimeout": "60s", "writeTimeout": "60s"},
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
                        for key_id, (algorithm, stem) in {**CONFIGURED, **GOLDEN}.items()
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
        if self.database is not None:
            create_database(self.database.server, self.database.name)
        elif self.managed:
            self._manage_keys(self.core_url)  # before it starts: it has no key but those
        file = self.folder / "opentdf.yaml"
        write_private(file, yaml.safe_dump(self.configuration(), sort_keys=False))
        return Launch(
            arguments=(self.binary.path, "start", "--config-file", file),
            environment=child_environment(),
            working_directory=self.folder,
        )

    def _unready(self) -> str:
        if self.database is None:
            return self._probe.public_key(self.url)[1]
        missing = "" if self.managed else self._probe.public_key(self.url)[1]
        endpoint = self.identity_provider.token_endpoint
        return missing or self._probe.policy(self.url, endpoint, self.admin)

    def _provision(self) -> None:
        """Give a platform that manages its keys some, and wait until it publishes one."""
        if self.managed and self.database is not None:
            self._manage_keys(self.url)
            wait_until(
                lambda: not self._probe.public_key(self.url)[1],
                what=f"{self.name} to publish its managed key",
                time_limit_seconds=START_TIME_LIMIT_SECONDS,
            )

    def _manage_keys(self, core_url: str) -> None:
        registry = KeyRegistry(core_url, self._admin_token)
        keys = EVERY_KEY if self.every_mechanism else KEYS
        registry.manage(self.name, self.kas_url, bytes.fromhex(root_key(self.keys)), keys)

    def _admin_token(self) -> str:
        token, missing = self._probe.token(self.identity_provider.token_endpoint, self.admin)
        if missing:
            raise StackError(f"{self.name}: {missing}")
        return token

    @staticmethod
    def _database(database: Database) -> dict[str, Any]:
        server = database.server
        return {
            "host": server.host,
            "port": server.port,
            "user": server.user,
            "password": server.password.reveal(),
            "database": database.name,
            "sslmode": "disable",
        }


def root_key(folder: Path) -> str:
    """Return the root key of an instance, 32 bytes in hexadecimal, made at the first call."""
    file = folder / ROOT_KEY_FILE
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
        f"({DOCUMENTATION}); or use the stack `keycloak`, in which the embedded platform stands "
        "in for it."
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
    try:
        record = process.run(
            [path, "version"],
            environment=child_environment(),
            time_limit_seconds=VERSION_TIME_LIMIT_SECONDS,
        )
    except EnvironmentUnfitError as error:
        raise ConfigurationError(
            f"{path} (from {origin}) is no OpenTDF platform that runs here: {error} Expected a "
            "program that answers `version`; name another by OPENTDF_PLATFORM_BIN."
        ) from error
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
