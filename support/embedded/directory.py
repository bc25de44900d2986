"""The built-in directory: the clients and users of the development realm (``domain.md`` 4.1)."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

COPIES = 10
ROLE_ADMIN = "opentdf-admin"
ROLE_STANDARD = "opentdf-standard"
EXPIRED_CLIENT = "opentdf-expired"
FOREIGN_AUDIENCE_CLIENT = "opentdf-foreign-audience"
FOREIGN_ISSUER_CLIENT = "opentdf-foreign-issuer"
SCOPED_CLIENTS: Mapping[str, str] = {
    "acceptance-kas-north": "https://north.acceptance.example/kas",
    "acceptance-kas-south": "https://south.acceptance.example/kas",
}
"""Clients that act for a KAS, and the address whose keys each may read with `scoped-roles`."""
_NAMESPACE = uuid.UUID("5a3c6b0e-3f0f-4d0c-9a55-6f70656e7464")
_REALM_MANAGEMENT = (
    "view-users",
    "view-clients",
    "query-clients",
    "query-groups",
    "query-users",
)


def stable_id(kind: str, name: str) -> str:
    """Return the identifier of a directory entry; the same in every start of the program."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}:{name}"))


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth client; ``secret`` is ``None`` for a public one.

    ``audience`` and ``issuer``, where set, stand in its tokens instead of the right ones.
    """

    client_id: str
    secret: str | None
    realm_roles: tuple[str, ...] = ()
    client_roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    extra_audience: tuple[str, ...] = ()
    service_account: bool = True
    direct_access: bool = False
    dpop_bound: bool = False
    issued_seconds_ago: int = 0
    audience: str | None = None
    issuer: str | None = None

    @property
    def id(self) -> str:
        """The client's own identifier."""
        return stable_id("client", self.client_id)

    @property
    def service_account_id(self) -> str:
        """The subject of tokens that the client gets for itself."""
        return stable_id("service-account", self.client_id)


@dataclass(frozen=True, slots=True)
class User:
    """A person who can sign in with a password; `added` tells that a run put it there."""

    username: str
    password: str
    email: str
    first_name: str
    last_name: str
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    realm_roles: tuple[str, ...] = ()
    client_roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    added: bool = False

    @property
    def id(self) -> str:
        """The subject of the user's tokens."""
        return stable_id("user", self.username)


class Directory:
    """Clients and users by name; the control interface adds to it and takes away again."""

    def __init__(self, *, random_secrets: bool = False) -> None:
        self._random = random_secrets
        self.clients: dict[str, Client] = {}
        self.users: dict[str, User] = {}
        for client in self._shipped_clients():
            self.clients[client.client_id] = client
        for user in self._shipped_users():
            self.users[user.username] = user

    def user(self, name: str) -> User | None:
        """Return the user of a name, in whatever case it is written."""
        return self.users.get(name.lower())

    def user_by_email(self, email: str) -> User | None:
        """Return the user who owns an e-mail address, in whatever case it is written."""
        wanted = email.lower()
        return next((user for user in tuple(self.users.values()) if user.email == wanted), None)

    def is_added(self, name: str) -> bool:
        """Tell whether a run added the user of a name."""
        return name in self.users and self.users[name].added

    def _secret(self, development_value: str) -> str:
        return secrets.token_urlsafe(24) if self._random else development_value

    def _shipped_clients(self) -> list[Client]:
        names = ["opentdf", *(f"opentdf-{number}" for number in range(COPIES))]
        clients = [
            Client(
                name,
                self._secret("secret"),
                realm_roles=(ROLE_ADMIN,),
                # The realm's token exchange permission gives this client a second audience.
                extra_audience=("opentdf-sdk",) if name == "opentdf" else (),
            )
            for name in names
        ]
        return [
            *clients,
            Client(
                "opentdf-dpop", self._secret("secret"), realm_roles=(ROLE_ADMIN,), dpop_bound=True
            ),
            Client(
                "opentdf-sdk",
                self._secret("secret"),
                realm_roles=(ROLE_STANDARD,),
                direct_access=True,
            ),
            Client(
                "tdf-entity-resolution",
                self._secret("secret"),
                client_roles={"realm-management": _REALM_MANAGEMENT},
            ),
            Client("tdf-authorization-svc", self._secret("secret")),
            *(Client(name, self._secret("secret")) for name in SCOPED_CLIENTS),
            Client("cli-client", None, service_account=False),
            *self._clients_of_bad_tokens(),
        ]

    def _clients_of_bad_tokens(self) -> list[Client]:
        """Return clients whose tokens would do but for one claim."""
        return [
            Client(
                EXPIRED_CLIENT,
                self._secret("secret"),
                realm_roles=(ROLE_STANDARD,),
                issued_seconds_ago=3600 + 300,
            ),
            Client(
                FOREIGN_AUDIENCE_CLIENT,
                self._secret("secret"),
                realm_roles=(ROLE_STANDARD,),
                audience="https://another-platform.example",
            ),
            Client(
                FOREIGN_ISSUER_CLIENT,
                self._secret("secret"),
                realm_roles=(ROLE_STANDARD,),
                issuer="https://another-issuer.example/realms/opentdf",
            ),
        ]

    def _shipped_users(self) -> list[User]:
        names = ["sample-user", *(f"sample-user-{number}" for number in range(COPIES))]
        return [
            User(
                username=name,
                password=self._secret("testuser123"),
                email=_sample_email(name),
                first_name="sample",
                last_name="user",
                attributes={"superhero_name": ("thor",), "superhero_group": ("avengers",)},
                realm_roles=(ROLE_ADMIN,),
                client_roles={
                    "tdf-entity-resolution": ("entity-resolution-test-role",),
                    "realm-management": _REALM_MANAGEMENT,
                },
            )
            for name in names
        ]


def _sample_email(username: str) -> str:
    copy = username.removeprefix("sample-user").lstrip("-")
    return f"{copy}-sampleuser@sample.com" if copy else "sampleuser@sample.com"
