"""Access tokens by role, from the token endpoint of the stack's identity provider."""

from http import HTTPStatus
from urllib.parse import urlencode

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.http import HttpSession
from support.platform.shape import json_object, text, unexpected
from support.services.locator import Services

_WHERE = "The token endpoint"


class Identity:
    """Signs in as the roles of a stack; each role signs in once, then its token is reused."""

    def __init__(self, http: HttpSession, services: Services) -> None:
        self._http = http
        self._services = services
        self._tokens: dict[str, str] = {}

    def client_id(self, role: str) -> str:
        """Return the client that acts in a role."""
        return self._services.credentials(role).client_id

    def token(self, role: str) -> str:
        """Return an access token of the role's client (RFC 6749, client credentials grant).

        Raises:
            EnvironmentUnfitError: the stack has no such role, or its credentials are refused.
        """
        if role not in self._tokens:
            self._tokens[role] = self._fetch(role)
        return self._tokens[role]

    def _fetch(self, role: str) -> str:
        credentials = self._services.credentials(role)
        form = {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret.reveal(),
        }
        response = self._http.request(
            "POST",
            self._services.token_endpoint,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(form),
        )
        try:
            body = json_object(_WHERE, response.json())
        except ValueError:
            unexpected(_WHERE, f"HTTP {response.status}: {response.text}", "a JSON token response")
        if response.status != HTTPStatus.OK:
            raise EnvironmentUnfitError(
                f'{_WHERE} refused the client "{credentials.client_id}" of the role "{role}": '
                f"HTTP {response.status} {body.get('error', '')}: "
                f"{body.get('error_description', '')}. Check the role's credentials."
            )
        if text(_WHERE, body, "token_type").lower() != "bearer":
            unexpected(_WHERE, body["token_type"], 'the token type "Bearer"')
        return text(_WHERE, body, "access_token")
