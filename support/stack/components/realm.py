"""Filling a Keycloak with our realms over its admin API; doing it again changes nothing.

This module loads python-keycloak, which takes half a second: import it where it is used.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakError, KeycloakGetError, KeycloakPostError

from support.foundation.errors import StackError
from support.foundation.text import listed
from support.stack.components import realm_data
from support.stack.components.keycloak_server import KeycloakServer
from support.stack.components.realm_completion import complete
from support.stack.components.realm_data import MADE_OF, Json
from support.stack.components.realm_keys import PROVIDER, new_keys, rsa_provider

TIME_LIMIT_SECONDS = 60

_NOT_FOUND, _CONFLICT = 404, 409


def provision(server: KeycloakServer) -> None:
    """Make the realms that are not there, and complete those that are not whole.

    Raises:
        StackError: Keycloak refuses, or does not answer.
    """
    with _administration(server) as admin:
        for wanted in realm_data.representations(server):
            _provision(admin, wanted)


def rotate_keys(server: KeycloakServer, realm: str | None = None) -> str:
    """Let a realm sign with a new key, and return its `kid`; the earlier ones stay published.

    Raises:
        StackError: Keycloak refuses, or does not answer.
    """
    with _administration(server) as admin:
        name = realm or server.realm
        admin.change_current_realm(name)
        id_ = admin.get_realm(name)["id"]
        providers = admin.get_components({"type": PROVIDER})
        highest = max(int(each["config"].get("priority", ["0"])[0]) for each in providers)
        made = rsa_provider(name, highest + 1)
        admin.create_component({**made, "providerType": PROVIDER, "parentId": id_})
        return str(admin.get_keys()["active"]["RS256"])


@contextmanager
def _administration(server: KeycloakServer) -> Iterator[KeycloakAdmin]:
    try:
        yield KeycloakAdmin(
            server_url=f"{server.base_url}/",  # its path would be lost otherwise
            username=server.admin_user,
            password=server.admin_password.reveal(),
            realm_name="master",
            user_realm_name="master",  # whichever realm is spoken of later
            client_id="admin-cli",
            verify=server.verify,
            timeout=TIME_LIMIT_SECONDS,
        )
    except KeycloakError as error:
        raise StackError(
            f"Keycloak at {server.base_url} could not be provisioned: {error}. Was its data made "
            f"with other secrets or by somebody else? Then remove {server.folder} and start the "
            "stack again."
        ) from error


def _provision(admin: KeycloakAdmin, wanted: Json) -> None:
    name = wanted["realm"]
    found = _found(lambda: admin.get_realm(name))
    if found is None:
        try:
            admin.create_realm({**wanted, "components": wanted["components"] | new_keys(name)})
        except KeycloakPostError as error:
            if error.response_code != _CONFLICT:
                raise
            found = admin.get_realm(name)  # somebody else was quicker: make sure that it is whole
    if found is not None:
        _complete(admin, wanted, found)


def _complete(admin: KeycloakAdmin, wanted: Json, found: Json) -> None:
    name = wanted["realm"]
    admin.change_current_realm(name)
    same = found.get("attributes", {}).get(MADE_OF) == wanted["attributes"][MADE_OF]
    if same and not _missing(admin, wanted):
        return
    complete(admin, wanted)
    attributes = {**found.get("attributes", {}), **wanted["attributes"]}
    plain = {key: value for key, value in wanted.items() if not isinstance(value, dict | list)}
    admin.update_realm(name, {**plain, "attributes": attributes})
    if missing := _missing(admin, wanted):
        raise StackError(f"The realm {name} of Keycloak still lacks {listed(missing)}.")


def _missing(admin: KeycloakAdmin, wanted: Json) -> list[str]:
    """Return the names of what a realm lacks."""
    there = {
        "client": {entry["clientId"] for entry in admin.get_clients()},
        "role": {entry["name"] for entry in admin.get_realm_roles()},
        "group": {entry["name"] for entry in admin.get_groups()},
    }
    needed = {
        "client": [entry["clientId"] for entry in wanted["clients"]],
        "role": [entry["name"] for entry in wanted["roles"]["realm"]],
        "group": [entry["name"] for entry in wanted["groups"]],
    }
    missing = [
        f"{kind} {name}"
        for kind, names in needed.items()
        for name in names
        if name not in there[kind]
    ]
    users = [e["username"] for e in wanted["users"] if "serviceAccountClientId" not in e]
    exact = [(name, {"username": name, "exact": "true"}) for name in users]
    return missing + [f"user {name}" for name, query in exact if not admin.get_users(query)]


def _found(get: Callable[[], Any]) -> Any:  # noqa: ANN401 -- whatever the admin API tells
    try:
        return get()
    except KeycloakGetError as error:
        if error.response_code == _NOT_FOUND:
            return None
        raise
