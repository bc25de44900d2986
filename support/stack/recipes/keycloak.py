"""The stack `keycloak`: the embedded platform, with a real Keycloak as its identity provider."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.foundation.files import write_private
from support.services.locator import Credentials
from support.stack import descriptor
from support.stack.components import realm_data
from support.stack.components.component import Component
from support.stack.components.embedded import embedded_component
from support.stack.components.keycloak import keycloak_component
from support.stack.components.keycloak_distribution import version_of
from support.stack.components.keycloak_server import AUDIENCE, keycloak_server
from support.stack.components.platform import IdentityProvider
from support.stack.recipes import embedded
from support.stack.recipes.recipe import Making, Recipe, by_name, fact

NAME = "platform"
IDENTITY = "keycloak"


@dataclass(frozen=True, slots=True)
class Realm:
    """The Keycloak of a stack with the platform's realm, as it is going to be.

    Attributes:
        roles: the clients that act in the roles of scenarios.
        control: where people are added, as a descriptor tells it.
    """

    component: Component
    provider: IdentityProvider
    roles: Mapping[str, Credentials]
    control: Mapping[str, str]
    url: str
    version: str


def realm(making: Making) -> Realm:
    """Return the Keycloak of an instance.

    Raises:
        StackError: its folder cannot be used.
    """
    folder = making.folder(IDENTITY)
    folder.mkdir(parents=True, exist_ok=True)
    server = keycloak_server(
        folder,
        making.port(IDENTITY),
        random_secrets=making.record.owner is not None,
        audience=AUDIENCE,
    )
    management_port = making.port(f"{IDENTITY} management")
    return Realm(
        component=keycloak_component(server, making.settings, management_port, name=IDENTITY),
        provider=IdentityProvider(
            base_url=server.base_url,
            realm=server.realm,
            issuer=server.issuer,
            token_endpoint=server.token_endpoint,
            audience=AUDIENCE,
            resolver=realm_data.resolver(server),
        ),
        roles=realm_data.roles(server),
        control=descriptor.control(realm_data.control(server)),
        url=server.base_url,
        version=version_of(making.settings),
    )


def recipe(making: Making) -> Recipe:
    """Return Keycloak, and the embedded platform that trusts it."""
    identity = realm(making)
    platform = _platform(making, NAME, identity, making.record.options)
    return Recipe(
        by_name([identity.component, platform]), lambda: _described(making, NAME, identity)
    )


def variant(making: Making, chosen: tuple[str, ...]) -> Recipe:
    """Return a further embedded platform with options, which trusts the same Keycloak."""
    identity, name = realm(making), "-".join((NAME, *chosen))
    platform = _platform(making, name, identity, chosen)
    return Recipe(by_name([platform]), lambda: _described(making, name, identity))


def _platform(making: Making, name: str, identity: Realm, chosen: Sequence[str]) -> Component:
    folder = making.folder(name)
    credentials = folder / "issuer-credentials.json"
    resolver = identity.provider.resolver
    write_private(
        credentials,
        json.dumps(
            {"client_id": resolver.client_id, "client_secret": resolver.client_secret.reveal()}
        ),
    )
    return embedded_component(
        name,
        folder,
        making.port(name),
        arguments=(*_trust(identity, credentials), *embedded.arguments(chosen)),
        needs=(IDENTITY,),
    )


def _trust(identity: Realm, credentials: Path) -> tuple[str | Path, ...]:
    return (
        *("--issuer", identity.provider.issuer, "--issuer-credentials", credentials),
        *("--audience", AUDIENCE),
    )


def _described(making: Making, name: str, identity: Realm) -> dict[str, Any]:
    content = embedded.told(making, name)
    url, version = content["platform"]["url"], content["platform"]["version"]
    return {
        **content,
        **making.head(),
        "idp": {
            "issuer": identity.provider.issuer,
            "token_endpoint": identity.provider.token_endpoint,
            "admin_url": identity.provider.base_url,
            "url": identity.provider.base_url,
        },
        "roles": descriptor.roles(identity.roles),
        "control": dict(identity.control),
        "components": making.told(
            {name: version, IDENTITY: identity.version}, {name: url, IDENTITY: identity.url}
        ),
        "facts": [
            fact("platform version", version, "its descriptor"),
            fact("Keycloak version", identity.version, "its distribution"),
        ],
    }
