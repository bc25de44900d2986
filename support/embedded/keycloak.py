"""People and clients of a Keycloak realm, by its admin API, as the platform looks them up.

After ``service/entityresolution/keycloak`` of the platform's source: a client of the platform's
own signs in, exact look-ups by id, name and address, no cache.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.credentials import read_credentials
from support.foundation.errors import (
    ConfigurationError,
    EnvironmentUnfitError,
    ServiceUnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.embedded.issuer import IssuerAddress
    from support.embedded.outbound import Outbound
    from support.embedded.people import Known
    from support.foundation.http import Response

# A token is replaced this long before its end, as the platform does by default.
TOKEN_BUFFER_SECONDS = 120.0
LOG = logging.getLogger(__name__)
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_UNAUTHORIZED = 401
_FORBIDDEN = 403
# The platform passes these on to whoever may ask; a secret has no place in what is known of one.
_SECRETS = frozenset({"secret", "registrationAccessToken"})


class LoginError(EnvironmentUnfitError):
    """The platform's own client gets no token."""


class RefusedLookupError(EnvironmentUnfitError):
    """The admin API gives no answer, or refuses."""


@dataclass(slots=True)
class KeycloakPeople:
    """The realm's clients, users and groups.

    The credentials are read again whenever a token is needed, so a changed secret is picked up.
    """

    address: IssuerAddress
    credentials_file: Path
    outbound: Outbound
    now: Callable[[], float] = time.monotonic
    _token: str = field(default="", repr=False)
    _renew_at: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        """Sign in, and look something up.

        Raises:
            ConfigurationError: The credentials file is wrong.
            EnvironmentUnfitError: Keycloak refuses the credentials or the look-up.
        """
        client_id = read_credentials(self.credentials_file).client_id
        self._list("clients", clientId=client_id)
        self._list("users", username=client_id, exact="true")

    async def clients(self, client_id: str) -> Known:
        """Return the clients of an id."""
        return await self._answer(lambda: self._list("clients", clientId=client_id))

    async def users_named(self, name: str) -> Known:
        """Return the users of a name."""
        return await self._answer(lambda: self._list("users", username=name, exact="true"))

    async def users_with_email(self, email: str) -> Known:
        """Return the users who own an e-mail address."""
        return await self._answer(lambda: self._list("users", email=email, exact="true"))

    async def members_of(self, group: str) -> Known | None:
        """Return the members of the one group that is found under a name, if it is one."""
        groups = await self._answer(lambda: self._list("groups", search=group))
        if len(groups) != 1:
            return None
        path = f"groups/{quote(str(groups[0].get('id')), safe='')}/members"
        return await self._answer(lambda: self._list(path))

    async def _answer(self, ask: Callable[[], Known]) -> Known:
        try:
            return await self.outbound.run(ask)
        except (LoginError, ConfigurationError) as problem:
            LOG.error("no entity can be resolved: %s", problem)  # noqa: TRY400 - no defect of ours
            text = "resource creation failed: failed to login to Keycloak"
            raise ConnectError(Code.INTERNAL, text) from None
        except RefusedLookupError as problem:
            LOG.error("an entity cannot be resolved: %s", problem)  # noqa: TRY400 - likewise
            raise ConnectError(Code.INTERNAL, "resource retrieval failed") from None

    def _list(self, path: str, **query: str) -> Known:
        url = f"{self.address.admin_url}/{path}"
        if query:
            url += f"?{urlencode(query)}"
        token = self._valid_token()
        answer = self._get(url, token)
        if answer.status == _UNAUTHORIZED:
            # Keycloak was started anew, or the session was ended: sign in once more.
            answer = self._get(url, self._valid_token(instead_of=token))
        content = _json(answer)
        if not answer.ok or not isinstance(content, list):
            raise RefusedLookupError(self._refusal(url, answer))
        return tuple(_without_secrets(entry) for entry in content if isinstance(entry, dict))

    def _get(self, url: str, token: str) -> Response:
        try:
            return self.outbound.request("GET", url, {"Authorization": f"Bearer {token}"})
        except ServiceUnreachableError as problem:
            raise RefusedLookupError(str(problem)) from problem

    def _refusal(self, url: str, answer: Response) -> str:
        text = f"Keycloak answers {answer.status} to GET {url}."
        if answer.status == _FORBIDDEN:
            text += (
                f" The client of {self.credentials_file} may not look people and clients up. Give "
                "its service account view-clients, view-users, query-clients, query-users and "
                "query-groups of the client realm-management."
            )
        return text

    def _valid_token(self, instead_of: str = "") -> str:
        with self._lock:
            if self._token in {"", instead_of} or self.now() > self._renew_at:
                self._token, lifetime = self._sign_in()
                self._renew_at = self.now() + max(lifetime - TOKEN_BUFFER_SECONDS, lifetime / 2)
            return self._token

    def _sign_in(self) -> tuple[str, float]:
        credentials = read_credentials(self.credentials_file)
        form = {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
        }
        url = self.address.token_url
        try:
            answer = self.outbound.request("POST", url, _FORM, urlencode(form))
        except ServiceUnreachableError as problem:
            raise LoginError(str(problem)) from problem
        content = _json(answer)
        token = content.get("access_token") if isinstance(content, dict) else None
        if not answer.ok or not isinstance(content, dict) or not isinstance(token, str):
            said = content.get("error_description", "") if isinstance(content, dict) else ""
            raise LoginError(
                f"Keycloak at {url} refuses the client {credentials.client_id!r}: "
                f"{answer.status} {said}".rstrip()
                + f". Expected a confidential client with a service account; is the secret in "
                f"{self.credentials_file} the present one?"
            )
        return token, float(content.get("expires_in", 0))


def _json(answer: Response) -> Any:  # noqa: ANN401 - whatever was sent
    try:
        return answer.json()
    except ValueError:
        return None


def _without_secrets(entry: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in entry.items() if name not in _SECRETS}
    attributes = kept.get("attributes")
    if isinstance(attributes, dict):
        # The earlier secret of a client stands there while both hold.
        kept["attributes"] = {
            name: value
            for name, value in attributes.items()
            if not name.startswith("client.secret.rotated")
        }
    return kept
