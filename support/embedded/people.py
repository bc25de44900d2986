"""Who knows the clients and people that entities stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from support.embedded.directory import Client, Directory, User

Known: TypeAlias = "tuple[dict[str, Any], ...]"


class People(Protocol):
    """A directory as entity resolution asks it; each answer is plain data.

    Raises:
        ConnectError: ``internal``, where there is no answer; nobody of a name is an answer.
    """

    async def clients(self, client_id: str) -> Known:
        """Return the clients of an id."""

    async def users_named(self, name: str) -> Known:
        """Return the users of a name, in whatever case it is written."""

    async def users_with_email(self, email: str) -> Known:
        """Return the users who own an e-mail address, in whatever case it is written."""

    async def members_of(self, group: str) -> Known | None:
        """Return the members of a group that has an e-mail address for its name, if it is one."""


@dataclass(frozen=True, slots=True)
class DirectoryPeople:
    """The built-in directory."""

    directory: Directory

    async def clients(self, client_id: str) -> Known:
        """Return the client of an id."""
        client = self.directory.clients.get(client_id)
        return (_client_properties(client),) if client else ()

    async def users_named(self, name: str) -> Known:
        """Return the user of a name."""
        return _users(self.directory.user(name))

    async def users_with_email(self, email: str) -> Known:
        """Return the user who owns an e-mail address."""
        return _users(self.directory.user_by_email(email))

    async def members_of(self, group: str) -> Known | None:  # noqa: ARG002 - it has no groups
        """Return nothing: it has no groups."""
        return None


def _users(user: User | None) -> Known:
    return (_user_properties(user),) if user else ()


def _client_properties(client: Client) -> dict[str, Any]:
    return {
        "access": {"configure": False, "manage": False, "view": True},
        "attributes": {"realm_client": "false"},
        "clientAuthenticatorType": "client-secret",
        "clientId": client.client_id,
        "directAccessGrantsEnabled": client.direct_access,
        "enabled": True,
        "id": client.id,
        "name": client.client_id,
        "protocol": "openid-connect",
        "publicClient": client.secret is None,
        "serviceAccountsEnabled": client.service_account,
    }


def _user_properties(user: User) -> dict[str, Any]:
    return {
        "access": {"manage": False},
        "attributes": {name: list(values) for name, values in user.attributes.items()},
        "email": user.email,
        "emailVerified": False,
        "enabled": True,
        "firstName": user.first_name,
        "id": user.id,
        "lastName": user.last_name,
        "totp": False,
        "username": user.username,
    }
