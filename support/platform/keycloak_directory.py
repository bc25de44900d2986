"""Adding people to the realm of a Keycloak that a run may use, and removing them again.

Source: Keycloak's admin REST API (UserRepresentation, role mappings of users).
"""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.http import HttpSession, Response
from support.platform.shape import json_object, text
from support.platform.users import User
from support.services.locator import Control
from support.services.secret import Secret

STANDARD_ROLE = "opentdf-standard"
_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_WHERE = "Keycloak's admin API"


class KeycloakDirectory:
    """The users of a realm, through a client that may manage them and nothing else."""

    def __init__(self, http: HttpSession, control: Control) -> None:
        self._http = http
        self._control = control
        self._token = ""

    def add(self, user: User, password: Secret) -> None:
        """Add a user who can sign in, with the role of standard users.

        Raises:
            EnvironmentUnfitError: Keycloak refuses, for example because the name is taken.
        """
        answer = self._request("POST", "/users", _representation(user, password))
        if answer.status != HTTPStatus.CREATED:
            raise self._refused(f"take in the user {user.username}", answer)
        place = f"/users/{self._id(user.username)}/role-mappings/realm"
        roles = self._listed(f"{place}/available")
        wanted = [role for role in roles if role.get("name") == STANDARD_ROLE]
        if not wanted:
            raise EnvironmentUnfitError(
                f"The realm at {self._control.url} has no role {STANDARD_ROLE} that users may be "
                "given. Start the stack again: `acceptance stack down`, then `up`."
            )
        answer = self._request("POST", place, wanted)
        if not answer.ok:
            raise self._refused(f"give {user.username} the role {STANDARD_ROLE}", answer)

    def remove(self, username: str) -> str:
        """Remove a user that was added; return why that failed, or an empty string."""
        try:
            answer = self._request("DELETE", f"/users/{self._id(username)}")
        except EnvironmentUnfitError as error:
            return str(error)
        return "" if answer.ok else f"HTTP {answer.status}: {answer.text}"

    def _id(self, username: str) -> str:
        found = self._listed(f"/users?exact=true&username={quote(username, safe='')}")
        if len(found) != 1:
            raise EnvironmentUnfitError(
                f"The realm at {self._control.url} has {len(found)} users of the name {username}, "
                "where one was expected."
            )
        return text(_WHERE, found[0], "id")

    def _listed(self, path: str) -> list[dict[str, Any]]:
        answer = self._request("GET", path)
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not answer.ok or not isinstance(found, list):
            raise self._refused(f"answer {path}", answer)
        return [dict(json_object(_WHERE, entry)) for entry in found]

    def _request(self, method: str, path: str, content: object = None) -> Response:
        """Send a request; a token that has expired meanwhile is renewed once."""
        fresh = not self._token
        if fresh:
            self._token = self._fetched()
        headers = {"Authorization": f"Bearer {self._token}", **_JSON}
        body = "" if content is None else json.dumps(content)
        url = f"{self._control.url}{path}"
        answer = self._http.request(method, url, headers=headers, body=body)
        if answer.status == HTTPStatus.UNAUTHORIZED and not fresh:
            self._token = ""
            return self._request(method, path, content)
        return answer

    def _fetched(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._control.client_id,
            "client_secret": self._control.secret.reveal(),
        }
        answer = self._http.request(
            "POST", self._control.token_endpoint, headers=_FORM, body=urlencode(form)
        )
        if not answer.ok:
            raise self._refused(f"let the client {self._control.client_id} sign in", answer)
        return text(_WHERE, json_object(_WHERE, answer.json()), "access_token")

    def _refused(self, what: str, answer: Response) -> EnvironmentUnfitError:
        return EnvironmentUnfitError(
            f"The Keycloak at {self._control.url} would not {what}: HTTP {answer.status} "
            f"{answer.text[:300]}. Does the client {self._control.client_id} have the role "
            "manage-users of realm-management?"
        )


def _representation(user: User, password: Secret) -> dict[str, Any]:
    return {
        "username": user.username,
        "email": user.email,
        "emailVerified": True,
        # Without a full name, Keycloak lets nobody sign in; what follows "-" is the mark of a run.
        "firstName": user.username.partition("-")[0],
        "lastName": "Acceptance",
        "enabled": True,
        "attributes": {name: list(values) for name, values in user.attributes.items()},
        "credentials": [{"type": "password", "value": password.reveal(), "temporary": False}],
        "requiredActions": [],
    }
