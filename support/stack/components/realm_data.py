"""What the realms of a Keycloak hold (realm.yaml), as representations of its admin API."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from support.foundation.documents import load_yaml
from support.services.locator import Control, Credentials
from support.services.secret import Secret
from support.stack.components.keycloak_server import (
    FOREIGN_REALM,
    REALM,
    KeycloakServer,
    derived,
)

DATA = Path(__file__).with_name("realm.yaml")
MADE_OF = "acceptance.made-of"
DIRECTORY_CLIENT = "acceptance-directory"
PROFILES = "org.keycloak.userprofile.UserProfileProvider"
RESOLVER_CLIENT = "tdf-entity-resolution"

_ROLES = {
    "admin": (REALM, "opentdf"),
    "standard": (REALM, "opentdf-sdk"),
    "unprivileged": (REALM, "tdf-authorization-svc"),
    "foreign_audience": (REALM, "opentdf-foreign-audience"),
    "foreign_issuer": (FOREIGN_REALM, "opentdf-foreign-issuer"),
    "north": (REALM, "acceptance-kas-north"),
    "south": (REALM, "acceptance-kas-south"),
}
# A realm without this refuses attributes of people that its profile does not list.
_PROFILE = {
    "attributes": [
        {"name": "username", "permissions": {"view": ["admin", "user"], "edit": ["admin"]}},
        *(
            {"name": name, "permissions": {"view": ["admin", "user"], "edit": ["admin", "user"]}}
            for name in ("email", "firstName", "lastName")
        ),
    ],
    "unmanagedAttributePolicy": "ENABLED",
}

_SCOPES = ["web-origins", "acr", "profile", "roles", "basic", "email", "service_account"]

Json = dict[str, Any]


def roles(server: KeycloakServer) -> Mapping[str, Credentials]:
    """Return the clients that act in the roles of scenarios.

    A Keycloak issues no token that has expired, so there is no role for that.
    """
    return {
        role: Credentials(
            client,
            client_secret(server, client, realm),
            None if realm == server.realm else server.token_endpoint_of(realm),
        )
        for role, (realm, client) in _ROLES.items()
    }


def control(server: KeycloakServer) -> Control:
    """Return where and as whom a run takes people in."""
    return Control(
        url=server.admin_url,
        secret=client_secret(server, DIRECTORY_CLIENT),
        kind="keycloak",
        token_endpoint=server.token_endpoint,
        client_id=DIRECTORY_CLIENT,
    )


def resolver(server: KeycloakServer) -> Credentials:
    """Return the client by which the platform looks up people and clients."""
    return Credentials(RESOLVER_CLIENT, client_secret(server, RESOLVER_CLIENT))


def client_secret(server: KeycloakServer, client_id: str, realm: str = REALM) -> Secret:
    """Return the secret of a client."""
    if server.seed is None:
        return Secret(_data()["development"]["client_secret"])
    return derived(server.seed, f"{realm}/client/{client_id}")


def password(server: KeycloakServer, username: str, realm: str = REALM) -> Secret:
    """Return the password of a user who is there from the start."""
    if server.seed is None:
        return Secret(_data()["development"]["password"])
    return derived(server.seed, f"{realm}/user/{username}")


def representations(server: KeycloakServer) -> tuple[Json, ...]:
    """Return each realm as a whole, with a digest of it by which a later start knows it again."""
    found = [_Realm(server, entry).representation() for entry in _data()["realms"]]
    for entry in found:
        digest = hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()
        entry["attributes"] = {MADE_OF: digest}
    return tuple(found)


@cache
def _data() -> Json:
    value: Json = load_yaml(DATA, "realm").value
    return value


def _named(entry: Json, name: str) -> Iterator[tuple[str, str]]:
    """Yield the name of an entry and those of its copies, each with its number."""
    yield entry[name], ""
    for number in range(entry.get("copies", 0)):
        yield f"{entry[name]}-{number}", f"{number}-"


@dataclass(frozen=True, slots=True)
class _Realm:
    server: KeycloakServer
    entry: Json

    @property
    def name(self) -> str:
        return str(self.entry["name"])

    def representation(self) -> Json:
        profile = {"kc.user.profile.config": [json.dumps(_PROFILE)]}
        clients = [
            (client_id, entry)
            for entry in self.entry["clients"]
            for client_id, _ in _named(entry, "id")
        ]
        return {
            "realm": self.name,
            "enabled": True,
            "bruteForceProtected": False,
            # Secrets here are random or public: what makes guessing slow would make tests slow.
            "passwordPolicy": "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)",
            "components": {
                PROFILES: [{"providerId": "declarative-user-profile", "config": profile}]
            },
            "roles": {
                "realm": [{"name": role} for role in self.entry["roles"]],
                "client": {
                    client: [{"name": role} for role in names]
                    for client, names in self.entry.get("client_roles", {}).items()
                },
            },
            "groups": self.entry.get("groups", []),
            "clients": [self._client(client_id, entry) for client_id, entry in clients],
            "users": [
                *(self._service_account(*each) for each in clients if "redirects" not in each[1]),
                *(
                    self._user(username, number, entry)
                    for entry in self.entry.get("users", [])
                    for username, number in _named(entry, "name")
                ),
            ],
        }

    def _client(self, client_id: str, entry: Json) -> Json:
        redirects, exchanges = entry.get("redirects"), entry.get("exchanges_to", [])
        secret = client_secret(self.server, client_id, self.name)
        audiences = [self.server.audience] if entry.get("audience", True) else []
        return {
            "clientId": client_id,
            "name": client_id,
            "enabled": True,
            "publicClient": bool(redirects),
            "standardFlowEnabled": bool(redirects),
            "redirectUris": redirects or [],
            "serviceAccountsEnabled": not redirects,
            "directAccessGrantsEnabled": entry.get("signs_people_in", False),
            **({} if redirects else {"secret": secret.reveal()}),
            # Those of a client that is made alone; one that comes with its realm lacks `client_id`.
            **({} if redirects else {"defaultClientScopes": _SCOPES}),
            "attributes": {
                **({"dpop.bound.access.tokens": "true"} if entry.get("dpop_bound") else {}),
                **({"standard.token.exchange.enabled": "true"} if exchanges else {}),
            },
            "protocolMappers": [
                *(_audience(each, "included.custom.audience") for each in audiences),
                # Keycloak exchanges a token for those clients only that its audience may have.
                *(_audience(each, "included.client.audience") for each in exchanges),
            ],
        }

    def _service_account(self, client_id: str, entry: Json) -> Json:
        return {
            "username": f"service-account-{client_id}",
            "enabled": True,
            "serviceAccountClientId": client_id,
            **self._privileges(entry),
        }

    def _user(self, username: str, number: str, entry: Json) -> Json:
        secret = password(self.server, username, self.name).reveal()
        return {
            "username": username,
            "enabled": True,
            "email": f"{number}{entry['email']}",
            "emailVerified": True,
            "firstName": entry["first_name"],
            "lastName": entry["last_name"],
            "attributes": entry.get("attributes", {}),
            "groups": [f"/{group}" for group in entry.get("groups", [])],
            "credentials": [{"type": "password", "value": secret, "temporary": False}],
            **self._privileges(entry),
        }

    def _privileges(self, entry: Json) -> Json:
        return {
            "realmRoles": [f"default-roles-{self.name}", *entry.get("roles", [])],
            "clientRoles": entry.get("client_roles", {}),
        }


def _audience(value: str, key: str) -> Json:
    return {
        "name": f"audience {value}",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {key: value, "access.token.claim": "true", "id.token.claim": "false"},
    }
