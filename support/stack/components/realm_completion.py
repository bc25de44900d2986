"""Bringing a realm that is there to what it should be, part by part; what else it has is kept."""

import json
from collections.abc import Sequence

from keycloak import KeycloakAdmin

from support.foundation.errors import StackError
from support.stack.components.realm_data import PROFILES, Json


def complete(admin: KeycloakAdmin, wanted: Json) -> None:
    """Make what the current realm lacks, and give what it has the settings that it should have."""
    (profile,) = wanted["components"][PROFILES]
    admin.update_realm_users_profile(json.loads(profile["config"]["kc.user.profile.config"][0]))
    for role in wanted["roles"]["realm"]:
        admin.create_realm_role(role, skip_exists=True)
    for group in wanted["groups"]:
        admin.create_group(group, skip_exists=True)
    for client in wanted["clients"]:
        _complete_client(admin, client)
    for client, roles in wanted["roles"]["client"].items():
        for role in roles:
            admin.create_client_role(client_id(admin, client), role, skip_exists=True)
    for user in wanted["users"]:
        _grant(admin, _user_id(admin, user), user)


def client_id(admin: KeycloakAdmin, name: str) -> str:
    """Return the identifier of a client that is there.

    Raises:
        StackError: it is not.
    """
    identifier = admin.get_client_id(name)
    if identifier is None:
        raise StackError(f"Keycloak has no client {name} in the realm that is completed.")
    return str(identifier)


def _complete_client(admin: KeycloakAdmin, client: Json) -> None:
    identifier = admin.get_client_id(client["clientId"])
    if identifier is None:
        admin.create_client(client)
        return
    mappers = {entry["name"] for entry in client["protocolMappers"]}
    there = admin.get_mappers_from_client(identifier)
    ids = {entry["name"]: entry["id"] for entry in there}
    for entry in there:
        if entry["name"] not in mappers:
            admin.remove_client_mapper(identifier, entry["id"])
    for entry in client["protocolMappers"]:
        if entry["name"] not in ids:
            admin.add_mapper_to_client(identifier, entry)
    plain = {key: value for key, value in client.items() if key != "protocolMappers"}
    admin.update_client(identifier, plain)


def _user_id(admin: KeycloakAdmin, user: Json) -> str:
    """Return the id of a user, made anew with all that belongs to one where nobody is there."""
    client = user.get("serviceAccountClientId")
    if client is not None:
        return str(admin.get_client_service_account_user(client_id(admin, client))["id"])
    plain = {key: user[key] for key in user if key not in {"realmRoles", "clientRoles"}}
    identifier = admin.get_user_id(user["username"])
    if identifier is None:
        return str(admin.create_user(plain))
    admin.update_user(identifier, {**plain, "groups": None})
    for path in user["groups"]:
        admin.group_user_add(identifier, admin.get_group_by_path(path)["id"])
    return str(identifier)


def _grant(admin: KeycloakAdmin, identifier: str, user: Json) -> None:
    admin.assign_realm_roles(identifier, [admin.get_realm_role(n) for n in user["realmRoles"]])
    for client, names in user["clientRoles"].items():
        owner = client_id(admin, client)
        admin.assign_client_role(identifier, owner, _client_roles(admin, owner, names))


def _client_roles(admin: KeycloakAdmin, owner: str, names: Sequence[str]) -> list[Json]:
    return [admin.get_client_role(owner, name) for name in names]
