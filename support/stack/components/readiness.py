"""What it means that a platform really serves: a token, the policy, and a public key.

Its own health check proves none of these, so it is not asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from support.foundation.errors import ServiceUnreachableError, StackError
from support.foundation.http import HttpSession, Response
from support.foundation.http_time import clock_skew
from support.foundation.network import Network, Networks
from support.services.locator import Credentials

SHOWN = 200
TIME_LIMIT_SECONDS = 5.0
MOST_SKEW = timedelta(seconds=30)
"""Platforms judge tokens with a minute of leeway; half of it is for the way and our own clock."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public key that a key access service gives out."""

    kid: str
    algorithm: str


class Probe:
    """Asks services; what they lack is a sentence, an empty one if nothing."""

    def __init__(self, networks: Networks | None = None) -> None:
        # Whoever waits asks again himself: a retry would only tell him later.
        reached = networks or Networks(default=Network(retries=0))
        self._http = HttpSession(time_limit_seconds=TIME_LIMIT_SECONDS, networks=reached)

    def policy(self, url: str, token_endpoint: str, credentials: Credentials) -> str:
        """Return what is missing until a client gets a token and with it reads the policy."""
        try:
            token, missing = self.token(token_endpoint, credentials)
            if missing:
                return missing
            answer = self._http.post_json(
                f"{url}/policy.namespaces.NamespaceService/ListNamespaces",
                {"pagination": {"limit": 1}},
                {"Authorization": f"Bearer {token}"},
            )
        except ServiceUnreachableError as error:
            return str(error)
        require_same_clock(url, answer.headers)
        return "" if answer.ok else f"the policy: {_told(answer)}"

    def public_key(self, url: str) -> tuple[PublicKey | None, str]:
        """Return the RSA key that a key access service publishes, or why there is none."""
        algorithm = "rsa:2048"
        try:
            answer = self._http.post_json(
                f"{url}/kas.AccessService/PublicKey", {"algorithm": algorithm}
            )
        except ServiceUnreachableError as error:
            return None, str(error)
        body = _json(answer)
        if answer.ok and body.get("publicKey"):
            return PublicKey(str(body.get("kid", "")), algorithm), ""
        return None, f"a public key: {_told(answer)}"

    def discovery(self, issuer: str) -> str:
        """Return what is missing until an identity provider tells about itself."""
        try:
            answer = self._http.request("GET", f"{issuer}/.well-known/openid-configuration")
        except ServiceUnreachableError as error:
            return str(error)
        return "" if answer.ok else f"the issuer's configuration: {_told(answer)}"

    def token(self, endpoint: str, credentials: Credentials) -> tuple[str, str]:
        """Return an access token of a client, or why there is none.

        Raises:
            ServiceUnreachableError: the endpoint does not answer.
            StackError: its clock is off.
        """
        form = {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret.reveal(),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._http.request("POST", endpoint, headers=headers, body=urlencode(form))
        require_same_clock(endpoint, answer.headers)
        token = _json(answer).get("access_token")
        if answer.ok and isinstance(token, str):
            return token, ""
        return "", f"a token for {credentials.client_id}: {_told(answer)}"


def require_same_clock(url: str, headers: Mapping[str, str]) -> None:
    """Make sure that the clock of a service that answered agrees with ours.

    Raises:
        StackError: tokens and certificates would be judged by another time.
    """
    now = datetime.now(UTC)
    skew = clock_skew(headers, now)
    if skew is not None and abs(skew) > MOST_SKEW:
        there, here = (f"{time:%Y-%m-%d %H:%M:%S} UTC" for time in (now + skew, now))
        raise StackError(
            f"The clock of {url} is off: {there} there, {here} here. Tokens would be refused "
            "as expired or not yet valid. Set both by a time server, at most "
            f"{MOST_SKEW.total_seconds():.0f} s apart."
        )


def _json(answer: Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _told(answer: Response) -> str:
    return f"HTTP {answer.status} {answer.text[:SHOWN]}".strip()
