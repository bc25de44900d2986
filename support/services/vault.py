"""Secrets in HashiCorp Vault or OpenBao, key-value engine version 2, by its client `hvac`.

The client's own look at the environment (VAULT_ADDR and others) is not used: where Vault is, whom
we trust and who we are is said by our settings. Its requests go through our HTTP session, and so by
the network of the service `vault`: trust, pins, proxy, pace and patience.

API: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2 and …/auth/token.
"""

import contextlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from hvac import exceptions as refusals  # type: ignore[import-untyped]
from hvac.adapters import JSONAdapter  # type: ignore[import-untyped]
from hvac.api.auth_methods import Token  # type: ignore[import-untyped]
from hvac.api.secrets_engines import KvV2  # type: ignore[import-untyped]

from support.foundation.errors import (
    AcceptanceError,
    ConfigurationError,
    EnvironmentUnfitError,
)
from support.foundation.http import HttpSession, Response
from support.foundation.network import Network, Networks
from support.foundation.settings import Setting, Settings
from support.services.secret import Secret
from support.services.secret_files import FileSecrets
from support.services.secret_store import EnvironmentSecrets, SecretProvider, SecretStore
from support.services.vault_answers import Place, UnexpectedError, explained, part, secrets_of

TOKEN = "vault_token"  # noqa: S105 -- the name of a setting
RENEWED_AFTER = 0.5  # of the token's life
SECONDS_BETWEEN_TRIES = 30.0

_NEVER = float("inf")


def secret_store(settings: Settings, vault: Setting | None, network: Network) -> SecretStore:
    """Return all providers that the settings name: environment, files, Vault.

    Args:
        settings: of the run.
        vault: the address of Vault, or None without one.
        network: how Vault is reached.

    Raises:
        ConfigurationError: there is an address of Vault, but no token or path.
    """
    providers: list[SecretProvider] = [EnvironmentSecrets(settings), FileSecrets(settings)]
    if vault is None:
        return SecretStore(providers)
    token = SecretStore(providers).get(TOKEN)
    if token is None:
        raise ConfigurationError(
            f'{vault.origin} is "{vault.value}", but there is no token for it. Set '
            "ACCEPTANCE_VAULT_TOKEN, or ACCEPTANCE_VAULT_TOKEN_FILE to the file that an agent "
            "keeps up to date."
        )
    place = Place(
        url=vault.value.rstrip("/"),
        mount=settings.require("vault_mount", "to read secrets").strip("/"),
        path=settings.require("vault_path", f"to read secrets from {vault.value}").strip("/"),
        namespace=settings.value("vault_namespace") or "",
    )
    http = HttpSession(networks=Networks({place.url: network}))
    return SecretStore([*providers, VaultSecrets(place, token, http)])


class VaultSecrets:
    """Reads the fields of one secret, and keeps the token alive that allows it.

    The fields are read together and remembered; `fresh` reads them again.
    """

    def __init__(
        self,
        place: Place,
        token: Secret,
        http: HttpSession,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._place = place
        self._token = token
        self._clock = clock
        self._adapter = JSONAdapter(
            base_uri=place.url,
            token=token.reveal(),
            session=_Door(http),
            namespace=place.namespace or None,
            allow_redirects=False,
        )
        self._engine = KvV2(self._adapter)
        self._own_token = Token(self._adapter)
        self._fields: Mapping[str, Secret] | None = None
        self._renew_at = -_NEVER  # its life is not known yet

    def get(self, name: str, *, fresh: bool = False) -> Secret | None:
        """Return the field of a name, or None where the secret has no such field.

        Raises:
            ConfigurationError: there is no such secret, it was deleted, or it has another form.
            EnvironmentUnfitError: Vault does not answer, is sealed, or refuses the token.
        """
        if self._fields is None or fresh:
            self.keep_alive()
            self._fields = self._read()
        return self._fields.get(name)

    def keep_alive(self) -> None:
        """Renew the token where half of its life is over; what fails is tried again later.

        A token that cannot be renewed any more is refused when the next secret is read, and told
        then. A token file is read again instead: whoever writes it renews it.
        """
        now = self._clock()
        if now < self._renew_at:
            return
        self._renew_at = now + SECONDS_BETWEEN_TRIES
        with contextlib.suppress(AcceptanceError, refusals.VaultError, UnexpectedError):
            self._renew_at = now + self._remaining() * RENEWED_AFTER

    def _remaining(self) -> float:
        """Return for how many seconds the token is good from now, renewed where it can be."""
        if self._token.refresh():
            self._adapter.token = self._token.reveal()
        known = part(self._own_token.lookup_self(), "data")
        seconds = float(known.get("ttl") or 0)
        if not seconds:
            return _NEVER  # a root token, which has no end
        if not known.get("renewable"):
            return seconds
        renewed = part(self._own_token.renew_self(), "auth")
        return float(renewed.get("lease_duration") or seconds)

    def _read(self) -> Mapping[str, Secret]:
        try:
            answer = self._answer()
        except refusals.VaultError as error:
            raise explained(error, self._place) from None
        except UnexpectedError as error:
            raise EnvironmentUnfitError(
                f"Vault answered for {self._place} with {error}. Expected its JSON; is "
                "ACCEPTANCE_VAULT_URL the address of Vault or OpenBao itself?"
            ) from None
        return secrets_of(answer, self._place)

    def _answer(self) -> object:
        """Read the secret; with the token that a file holds now, if the one we had is refused."""
        try:
            return self._request()
        except refusals.Forbidden:
            if not self._token.refresh():
                raise
        self._adapter.token = self._token.reveal()
        return self._request()

    def _request(self) -> object:
        return self._engine.read_secret_version(
            path=self._place.path, mount_point=self._place.mount, raise_on_deleted_version=True
        )


class _Door:
    """What `hvac` takes for a session of `requests`; our own session does the work."""

    # hvac would hand these to each request; our networks say them.
    verify = cert = proxies = None

    def __init__(self, http: HttpSession) -> None:
        self._http = http

    def request(self, method: str, url: str, headers: Mapping[str, str], **rest: Any) -> "_Answer":  # noqa: ANN401
        query = urlencode(rest.get("params") or {})
        body = rest.get("json")
        response = self._http.request(
            method.upper(),
            f"{url}?{query}" if query else url,
            headers={**headers, **({"Content-Type": "application/json"} if body else {})},
            body=json.dumps(body) if body else b"",
        )
        return _Answer(response)


class _Answer:
    """An answer as `hvac` reads those of `requests`."""

    def __init__(self, response: Response) -> None:
        self.status_code = response.status
        self.ok = response.ok
        self.headers = {name.title(): value for name, value in response.headers.items()}
        self._response = response

    @property
    def text(self) -> str:
        """Return what hvac puts into its errors: nothing, for it could be a secret."""
        return ""

    def json(self) -> object:
        """Return the decoded body.

        Raises:
            UnexpectedError: it is no JSON.
        """
        with contextlib.suppress(ValueError):
            return json.loads(self._response.body)
        raise UnexpectedError(f"HTTP {self.status_code} and something that is no JSON")
