"""The stack `compose`: published images run by a Docker engine, with configuration made by us."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from support.foundation.errors import AcceptanceError
from support.services.locator import Credentials
from support.stack import compose, descriptor, options
from support.stack.components import realm_data
from support.stack.components.key_material import write_keys
from support.stack.components.keycloak_server import AUDIENCE, KeycloakServer, keycloak_server
from support.stack.components.platform import Binary, Database, IdentityProvider, Platform
from support.stack.components.postgres_server import PostgresServer
from support.stack.components.readiness import Probe
from support.stack.compose_file import KAS_INSTANCES, LISTENERS
from support.stack.compose_project import ComposeStack, configure
from support.stack.docker_client import find_docker
from support.stack.recipes.recipe import Making, Outside, Recipe, fact
from support.stack.supervisor import Watch

IN_CONTAINERS = Path("/etc/opentdf")
LISTENS_FOR_DOCKER: dict[str, Any] = {"server": {"host": ""}}
"""A container's ports are reached from outside it; docker publishes them on loopback alone."""


def recipe(making: Making) -> Recipe:
    """Return the containers of an instance.

    Raises:
        StackError: there is no Docker engine.
    """
    project = _Project(making)
    return Recipe({}, project.described, outside=Outside(project.up, project.down, project.problem))


class _Project:
    """The project of one instance, the same whenever it is asked for."""

    def __init__(self, making: Making) -> None:
        folder = making.folder("keycloak")
        folder.mkdir(parents=True, exist_ok=True)
        self._making = making
        owned = making.record.owner is not None
        self._keycloak = keycloak_server(folder, making.port("keycloak"), random_secrets=owned)
        self.stack = ComposeStack(
            project=f"acceptance-{making.instance.name}".lower().replace(".", "-"),
            folder=making.instance.folder,
            ports={name: making.port(name) for name in LISTENERS},
            keycloak_password=self._keycloak.admin_password,
            postgres_password=realm_data.client_secret(self._keycloak, "postgres"),
            docker=find_docker(),
        )

    def up(self, watch: Watch) -> None:
        """Start the containers, and fill the identity provider before the platform starts."""
        from support.stack.components import realm  # noqa: PLC0415 -- half a second to load

        def told(step: str) -> None:
            watch(step, "starting")

        configure(self.stack, dict(self._files()))
        compose.up(self.stack, provision=lambda: realm.provision(self._keycloak), progress=told)
        watch(self.stack.project, "ready")

    def down(self) -> None:
        """End and remove the containers."""
        compose.down(self.stack)

    def problem(self) -> str:
        """Return which containers do not serve, or an empty string."""
        try:
            states = compose.status(self.stack)
        except AcceptanceError as error:
            return str(error)
        ill = [f"{state.service} is {state.health or state.state}" for state in states
               if not state.serves]  # fmt: skip
        if not states:
            return f"The project {self.stack.project} has no containers."
        return ", ".join(ill)

    def described(self) -> dict[str, Any]:
        """Return the descriptor."""
        server, probe = self._keycloak, Probe()
        keys = {name: probe.public_key(url.removesuffix("/kas"))[0]
                for name, url in self.stack.kas_urls.items()}  # fmt: skip
        image = self.stack.variables()["PLATFORM_IMAGE"]
        return {
            **self._making.head(),
            "platform": {"url": self.stack.platform_url, "version": image.rpartition(":")[2]},
            "kas": {name: {"url": url} for name, url in self.stack.kas_urls.items()},
            "idp": {"issuer": server.issuer, "token_endpoint": server.token_endpoint},
            "roles": descriptor.roles(realm_data.roles(server)),
            "control": descriptor.control(realm_data.control(server)),
            "components": {},
            "facts": [
                fact("platform version", image.rpartition(":")[2], "the tag of its image"),
                *(
                    fact(f"key of KAS {name}", key.kid if key else "none",
                         "kas.AccessService/PublicKey")
                    for name, key in keys.items()
                ),
            ],
        }  # fmt: skip

    def _files(self) -> Iterator[tuple[str, str]]:
        """Yield the configuration of every container, and the keys that it names."""
        keys = self._making.folder("keys")
        write_keys(keys)
        main = self._platform("platform", "")
        yield "platform.yaml", self._written(main, keys)
        for name in KAS_INSTANCES:
            kas = replace(self._platform(f"kas-{name}", main.url), database=None)
            path = "" if name.startswith("km") else "/kas"
            yield f"kas-{name}.yaml", self._written(replace(kas, path=path), keys)
        for file in keys.glob("*.pem"):
            yield file.name, file.read_text(encoding="utf-8")

    def _written(self, platform: Platform, keys: Path) -> str:
        return yaml.safe_dump(platform.configuration()).replace(str(keys), str(IN_CONTAINERS))

    def _platform(self, name: str, core_url: str) -> Platform:
        return Platform(
            name=name,
            port=self.stack.ports[name],
            binary=Binary(Path("opentdf"), "of the image"),
            folder=self._making.folder(name),
            keys=self._making.folder("keys"),
            identity_provider=_provider(self._keycloak, realm_data.resolver(self._keycloak)),
            admin=realm_data.roles(self._keycloak)["admin"],
            database=Database(self._database(), "opentdf"),
            core_url=core_url,
            patches=(
                LISTENS_FOR_DOCKER,
                *(options.PATCHES[option] for option in self._making.record.options),
            ),
        )

    def _database(self) -> PostgresServer:
        return PostgresServer(
            port=self.stack.ports["postgres"],
            password=self.stack.postgres_password,
            programs=Path("/usr/bin"),
            home=self._making.folder("postgres"),
        )


def _provider(server: KeycloakServer, resolver: Credentials) -> IdentityProvider:
    return IdentityProvider(
        base_url=server.base_url,
        realm=server.realm,
        issuer=server.issuer,
        token_endpoint=server.token_endpoint,
        audience=AUDIENCE,
        resolver=resolver,
    )
