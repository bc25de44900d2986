"""What access tokens say of the account behind them, as Keycloak's mappers of the realm do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from support.embedded.directory import Client, User


def service_claims(client: Client, client_host: str) -> dict[str, Any]:
    """Return what a token says of a client that acts for itself."""
    return {
        "clientHost": client_host,
        "email_verified": False,
        "preferred_username": f"service-account-{client.client_id}",
        "clientAddress": client_host,
        "client_id": client.client_id,
    }


def user_claims(user: User) -> dict[str, Any]:
    """Return what a token says of a person."""
    return {
        "email_verified": False,
        "name": f"{user.first_name} {user.last_name}",
        "preferred_username": user.username,
        "given_name": user.first_name,
        "family_name": user.last_name,
        "email": user.email,
    }
