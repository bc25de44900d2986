"""Access tokens by role or person, from the token endpoint of the stack's identity provider."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.http import HttpSession
from support.platform.shape import json_object, text, unexpected
from support.services.locator import Services
from support.services.secret import Secret

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

    def person_token(self, username: str, password: Secret) -> str:
        """Return an access token of a person (RFC 6749, resource owner password grant).

        Raises:
            EnvironmentUnfitError: nobody can sign in on this stack, or this person is refused.
        """
        sign_in = self._services.sign_in
        if sign_in is None:
            raise EnvironmentUnfitError(
                f'The stack "{self._services.stack}" has no client that people sign in with. Set '
                "ACCEPTANCE_PEOPLE_CLIENT_ID and ACCEPTANCE_PEOPLE_PASSWORD."
            )
        secret = sign_in.client_secret
        form = {
            "grant_type": "password",
            "client_id": sign_in.client_id,
            **({"client_secret": secret.reveal()} if secret else {}),
            "username": username,
            "password": password.reveal(),
        }
        who = f'"{username}" through the client "{sign_in.client_id}"'
        return self._granted(self._services.token_endpoint, form, who)

    def _fetch(self, role: str) -> str:
        credentials = self._services.credentials(role)
        form = {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret.reveal(),
        }
        endpoint = credentials.token_endpoint or self._services.token_endpoint
        who = f'the client "{credentials.client_id}" of the role "{role}"'
        return self._granted(endpoint, form, who)

    def _granted(self, endpoint: str, form: Mapping[str, str], who: str) -> str:
        response = self._http.request(
            "POST",
            endpoint,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(form),
        )
        try:
            body = json_object(_WHERE, response.json())
        except ValueError:
            unexpected(_WHERE, f"HTTP {response.status}: {response.text}", "a JSON token response")
        if response.status != HTTPStatus.OK:
            raise EnvironmentUnfitError(
                f"{_WHERE} refused {who}: HTTP {response.status} {body.get('error', '')}: "
                f"{body.get('error_description', '')}. Check the credentials."
            )
        if text(_WHERE, body, "token_type").lower() != "bearer":
            unexpected(_WHERE, body["token_type"], 'the token type "Bearer"')
        return text(_WHERE, body, "access_token")
