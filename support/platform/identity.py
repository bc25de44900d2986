"""Access tokens by role or person, from the token endpoint of the stack's identity provider."""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from support.foundation.errors import AcceptanceError, EnvironmentUnfitError
from support.foundation.http import HttpSession, Response
from support.foundation.text import listed
from support.platform.shape import JsonObject, json_object, text, unexpected
from support.platform.tokens import Granted, RoleToken, granted, subject_of
from support.services.locator import BAD_TOKEN_ROLES, Services
from support.services.secret import Secret

Form = Mapping[str, str | Secret]

_WHERE = "The token endpoint"
_REFUSALS = frozenset({"invalid_client", "invalid_grant"})  # RFC 6749, section 5.2


class Identity:
    """Signs in as the roles of a stack.

    A role signs in once; its token is reused until it is about to end. A secret that is refused is
    read again where it came from, once, and tried if it is another one now.
    """

    def __init__(
        self, http: HttpSession, services: Services, clock: Callable[[], float] = time.time
    ) -> None:
        self._http = http
        self._services = services
        self._clock = clock
        self._tokens: dict[str, Granted] = {}

    def client_id(self, role: str) -> str:
        """Return the client that acts in a role."""
        return self._services.credentials(role).client_id

    def names(self, role: str) -> tuple[str, ...]:
        """Return what a role's client is called: its id, and the subject of its tokens."""
        subject = subject_of(self.token(role))
        return (self.client_id(role), *((subject,) if subject else ()))

    def token(self, role: str) -> str:
        """Return an access token of the role's client (RFC 6749, client credentials grant).

        Raises:
            EnvironmentUnfitError: the stack has no such role, or its credentials are refused.
        """
        token = self._current(role)
        if role in BAD_TOKEN_ROLES:
            return token  # chosen on purpose: it is to be refused
        return RoleToken(token, lambda refused: self._current(role, refused))

    def _current(self, role: str, refused: str | None = None) -> str:
        """Return the role's token of now, fetched if it is about to end or is the refused one."""
        known = self._tokens.get(role)
        if known is None or known.text == refused or not known.good_at(self._clock()):
            known = self._tokens[role] = self._fetch(role)
        return known.text

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
        form: Form = {
            "grant_type": "password",
            "client_id": sign_in.client_id,
            **({"client_secret": secret} if secret else {}),
            "username": username,
            "password": password,
        }
        who = f'"{username}" through the client "{sign_in.client_id}"'
        return self._granted(self._services.token_endpoint, form, who).text

    def _fetch(self, role: str) -> Granted:
        credentials = self._services.credentials(role)
        form: Form = {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
        }
        endpoint = credentials.token_endpoint or self._services.token_endpoint
        who = f'the client "{credentials.client_id}" of the role "{role}"'
        return self._granted(endpoint, form, who)

    def _granted(self, endpoint: str, form: Form, who: str) -> Granted:
        response, body = self._ask(endpoint, form)
        if _refuses_a_secret(response, body) and _read_again(form, who):
            response, body = self._ask(endpoint, form)
        if response.status != HTTPStatus.OK:
            raise EnvironmentUnfitError(
                f"{_WHERE} refused {who}: HTTP {response.status} {body.get('error', '')}: "
                f"{body.get('error_description', '')}. Check the credentials{_origins(form)}."
            )
        if text(_WHERE, body, "token_type").lower() != "bearer":
            unexpected(_WHERE, body["token_type"], 'the token type "Bearer"')
        token = text(_WHERE, body, "access_token")
        return granted(token, body.get("expires_in"), self._clock())

    def _ask(self, endpoint: str, form: Form) -> tuple[Response, JsonObject]:
        response = self._http.request(
            "POST",
            endpoint,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=_encoded(form),
        )
        try:
            return response, json_object(_WHERE, response.json())
        except ValueError:
            unexpected(_WHERE, f"HTTP {response.status}: {response.text}", "a JSON token response")


def _encoded(form: Form) -> str:
    """Return a form as it is sent, with what its secrets are now."""
    return urlencode({n: v.reveal() if isinstance(v, Secret) else v for n, v in form.items()})


def _refuses_a_secret(response: Response, body: JsonObject) -> bool:
    return response.status == HTTPStatus.UNAUTHORIZED or body.get("error") in _REFUSALS


def _read_again(form: Form, who: str) -> bool:
    """Read the secrets of a form again; return whether one is another now.

    Raises:
        EnvironmentUnfitError: one cannot be read.
    """
    secrets = [value for value in form.values() if isinstance(value, Secret)]
    sent = [Secret(secret.reveal()) for secret in secrets]
    try:
        for secret in secrets:
            secret.refresh()
    except AcceptanceError as error:
        raise EnvironmentUnfitError(
            f"{_WHERE} refused {who}, and the secret could not be read again: {error}"
        ) from error
    return secrets != sent


def _origins(form: Form) -> str:
    """Return where the secrets of a form came from, as far as they say."""
    said = {n: v.origin for n, v in form.items() if isinstance(v, Secret) and v.origin}
    return f" ({listed(f'{name} from {origin}' for name, origin in said.items())})" if said else ""
