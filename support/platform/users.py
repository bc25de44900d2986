"""Users: what a platform knows of one, and adding some to the embedded platform's directory."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.http import HttpSession
from support.platform.connect import ConnectClient
from support.platform.shape import JsonObject, json_object, member, members, texts, unexpected
from support.services.locator import Control
from support.services.secret import Secret

ENTITY_RESOLUTION = "entityresolution.v2.EntityResolutionService"


@dataclass(frozen=True, slots=True)
class User:
    """A user of an identity provider; `email` is empty where there is none."""

    username: str
    email: str
    attributes: Mapping[str, tuple[str, ...]]


class Directory:
    """The directory of an embedded platform, through its control interface."""

    def __init__(self, http: HttpSession, control: Control) -> None:
        self._http = http
        self._control = control

    def add(self, user: User, password: Secret) -> None:
        """Add a user.

        Raises:
            EnvironmentUnfitError: the platform refuses, for example because the name is taken.
        """
        content = {
            "password": password.reveal(),
            "email": user.email,
            "attributes": {name: list(values) for name, values in user.attributes.items()},
        }
        if problem := self._request("PUT", user.username, json.dumps(content)):
            raise EnvironmentUnfitError(
                f"The embedded platform would not take in the user {user.username}: {problem}. Is "
                "it of this version? `acceptance stack down` ends one that was left standing."
            )

    def remove(self, username: str) -> str:
        """Remove a user that was added; return why that failed, or an empty string."""
        return self._request("DELETE", username, "")

    def _request(self, method: str, username: str, body: str) -> str:
        secret = self._control.secret.reveal()
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        url = f"{self._control.url}/{username}"
        response = self._http.request(method, url, headers=headers, body=body)
        return "" if response.ok else f"HTTP {response.status}: {response.text}"


def known_user(connect: ConnectClient, token: str, username: str) -> User | None:
    """Return what the platform knows of a user, or None where its identity provider has none.

    Args:
        connect: calls the platform.
        token: of a role that may resolve entities, which is the admin.
        username: whom to look for.

    Raises:
        EnvironmentUnfitError: the platform refuses, or answers with another shape.
    """
    where = "ResolveEntities"
    message = {"entities": [{"ephemeralId": "user", "userName": username}]}
    answer = connect.call(ENTITY_RESOLUTION, where, message, token=token)
    if answer.code == "not_found":
        return None
    body = answer.required(f"tell what it knows of {username}")
    found = _properties(where, members(where, body, "entityRepresentations"))
    if "username" not in found:  # an unknown user comes back as the request described it
        return None
    attributes = member(where, found, "attributes") if "attributes" in found else {}
    return User(
        username=str(found["username"]),
        email=str(found.get("email", "")),
        attributes={name: texts(where, attributes, name) for name in attributes},
    )


def _properties(where: str, representations: Sequence[JsonObject]) -> JsonObject:
    if len(representations) != 1:
        unexpected(where, representations, "what is known of one user")
    properties = members(where, representations[0], "additionalProps")
    return json_object(where, properties[0]) if properties else {}
