"""The stack `processes`: real Keycloak, real PostgreSQL, the platform and six further KAS."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from support.embedded.options import (
    DIRECTORY_FAIL_FAST,
    EVERY_MECHANISM,
    KAS_NAMES,
    KEY_MANAGEMENT,
    MAINTENANCE,
    MANAGED_KAS,
)
from support.foundation.errors import FrameworkError
from support.foundation.waiting import wait_until
from support.stack import descriptor, options
from support.stack.components import platform as platforms
from support.stack.components.component import Component
from support.stack.components.directory import (
    DirectoryServer,
    directory_component,
    directory_server,
)
from support.stack.components.platform import Binary, Database, Platform
from support.stack.components.postgres import postgres_component, postgres_server
from support.stack.components.postgres_server import PostgresServer, admit, query
from support.stack.components.readiness import Probe
from support.stack.identity_options import directory_patch
from support.stack.recipes import keycloak
from support.stack.recipes.keycloak import IDENTITY, Realm
from support.stack.recipes.recipe import Making, Recipe, by_name, fact

NAME = "platform"
DATABASE = "postgres"
DIRECTORY = "directory"
UNSEEN_SECONDS = 1.1
"""How long the platform uses a connection without looking whether it is broken (pgxpool: 1 s)."""


def recipe(making: Making) -> Recipe:
    """Return everything: what does not need each other starts side by side."""
    parts = Parts(making)
    _ = parts.binary  # whoever lacks it is told before anything is made
    main = parts.platform(NAME, making.record.options)
    kas = [parts.kas(name, main) for name in KAS_NAMES]
    components = [parts.realm.component, parts.database]
    if options.needs_directory(making.record.options):
        components.append(directory_component(parts.directory))
    components += [platform.component() for platform in (main, *kas)]
    return Recipe(by_name(components), lambda: _described(parts, main, kas))


def variant(making: Making, chosen: tuple[str, ...]) -> Recipe:
    """Return a further platform with options, on the same database server and Keycloak.

    Args:
        making: of the instance whose parts are up.
        chosen: the options.
    """
    # A directory of its own: it ends with this variant, and others may still ask theirs.
    parts = Parts(making, "-".join((DIRECTORY, *chosen)))
    main = parts.platform(variant_name(chosen), chosen)
    components: list[Component] = []
    if options.needs_directory(chosen):
        components.append(directory_component(parts.directory, parts.directory_name))
    components.append(main.component())
    return Recipe(
        by_name(components),
        lambda: _described(parts, main, ()),
        away_and_back=_away_and_back(main.database) if MAINTENANCE in chosen else None,
    )


def _away_and_back(database: Database | None) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return what takes a database away from whoever uses it, and what brings it back."""
    if database is None:
        raise FrameworkError("A platform that is maintained has a database.")
    gone_at = 0.0

    def take_away() -> None:
        nonlocal gone_at
        admit(database.server, database.name, admitted=False)
        gone_at = time.monotonic()

    def bring_back() -> None:
        admit(database.server, database.name, admitted=True)
        wait_until(
            lambda: time.monotonic() - gone_at > UNSEEN_SECONDS,
            what="the platform to look at the connections that broke",
            time_limit_seconds=10 * UNSEEN_SECONDS,
        )

    return take_away, bring_back


def variant_name(chosen: Sequence[str]) -> str:
    """Return the name of the component that is a variant of the platform."""
    return "-".join((NAME, *chosen))


@dataclass(frozen=True)
class Parts:
    """The parts of one instance; the same ones whenever they are asked for."""

    making: Making
    directory_name: str = DIRECTORY

    @cached_property
    def binary(self) -> Binary:
        """The platform binary that the user has."""
        return platforms.find(self.making.settings)

    @cached_property
    def realm(self) -> Realm:
        """The Keycloak with the platform's realm."""
        return keycloak.realm(self.making)

    @cached_property
    def postgres(self) -> PostgresServer:
        """The database server."""
        server = postgres_server(
            self.making.folder(DATABASE),
            self.making.port(DATABASE),
            programs=self.making.settings.get("postgres_bin"),
        )
        self.making.keep(server.folders)
        return server

    @property
    def database(self) -> Component:
        """The database server as a process."""
        return replace(postgres_component(self.postgres), ports=(self.postgres.port,))

    @cached_property
    def directory(self) -> DirectoryServer:
        """The directory of people (LDAP)."""
        server = directory_server(
            self.making.folder(self.directory_name), self.making.port(self.directory_name)
        )
        self.making.keep(server.folders)
        return server

    def platform(self, name: str, chosen: Sequence[str]) -> Platform:
        """Return a platform with options, on a database of its own."""
        directory = (self.directory_name,) if options.needs_directory(chosen) else ()
        needs = (IDENTITY, DATABASE, *directory)
        return self._made(
            name,
            database=self._database(name),
            managed=KEY_MANAGEMENT in chosen or EVERY_MECHANISM in chosen,
            every_mechanism=EVERY_MECHANISM in chosen,
            patches=tuple(self._patches(chosen)),
            needs=needs,
        )

    def kas(self, name: str, core: Platform) -> Platform:
        """Return a further key access service, which knows the platform as its core."""
        managed = name in MANAGED_KAS
        return self._made(
            f"kas-{name}",
            core_url=core.url,
            path="" if managed else "/kas",
            managed=managed,
            needs=(core.name,),
        )

    def _made(self, name: str, **differing: Any) -> Platform:  # noqa: ANN401 -- fields of Platform
        return Platform(
            name=name,
            port=self.making.port(name),
            binary=self.binary,
            folder=self.making.folder(name),
            keys=self.making.folder("keys"),
            identity_provider=self.realm.provider,
            admin=self.realm.roles["admin"],
            **differing,
        )

    def _database(self, name: str) -> Database:
        server = self.postgres
        own = name.replace("-", "_") if name != NAME else server.database
        return Database(server, own)

    def _patches(self, chosen: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        for name in chosen:
            yield options.PATCHES[name] if name in options.PATCHES else self._directory_patch(name)

    def _directory_patch(self, name: str) -> Mapping[str, Any]:
        fail_fast = name == DIRECTORY_FAIL_FAST
        server = self.directory
        return directory_patch(server.connection(), server.people_dn, fail_fast=fail_fast)


def _described(parts: Parts, main: Platform, kas: Sequence[Platform]) -> dict[str, Any]:
    """Return the descriptor, with what was found out by asking."""
    probe, realm, version = Probe(), parts.realm, parts.binary.version
    database_version = query(parts.postgres, "SHOW server_version")
    further = {platform.name.removeprefix("kas-"): platform for platform in kas}
    served = {"default": main, **further}
    keys = {name: probe.public_key(platform.url)[0] for name, platform in served.items()}
    urls = {platform.name: platform.url for platform in served.values()} | {IDENTITY: realm.url}
    versions = {platform.name: version for platform in served.values()} | {
        IDENTITY: realm.version,
        DATABASE: database_version,
    }
    return {
        **parts.making.head(),
        "platform": {"url": main.url, "version": version},
        "kas": {
            name: {
                "url": platform.kas_url,
                **({"kid": key.kid} if (key := keys[name]) is not None else {}),
            }
            for name, platform in served.items()
        },
        "idp": {
            "issuer": realm.provider.issuer,
            "token_endpoint": realm.provider.token_endpoint,
            "admin_url": realm.provider.base_url,
            "url": realm.provider.base_url,
        },
        "database": {"url": f"postgresql://{parts.postgres.host}:{parts.postgres.port}"},
        "roles": descriptor.roles(realm.roles),
        "control": realm.control,
        "features": ["dpop"],
        "components": parts.making.told(versions, urls),
        "root_key": str(main.keys / platforms.ROOT_KEY_FILE),
        "facts": [
            fact("platform version", version, f"`{parts.binary.path.name} version`"),
            fact("Keycloak version", realm.version, "its distribution"),
            fact("PostgreSQL version", database_version, "`SHOW server_version`"),
            *(
                fact(
                    f"key of KAS {name}", key.kid if key else "none", "kas.AccessService/PublicKey"
                )
                for name, key in keys.items()
            ),
        ],
    }
