"""An identity provider outside: its discovery document, and what the platform reads in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from support.foundation.errors import (
    ConfigurationError,
    EnvironmentUnfitError,
    ServiceUnreachableError,
    TransportSecurityError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.embedded.outbound import Outbound

DISCOVERY_PATH = "/.well-known/openid-configuration"
_REALM = re.compile(r"(?P<root>.*)/realms/(?P<realm>[^/]+)")
_REQUIRED = ("issuer", "jwks_uri", "token_endpoint")
# What the platform keeps of the document (service/internal/auth/discovery.go), and for want of it.
_PLATFORM_FIELDS: Mapping[str, Any] = {
    "authorization_endpoint": "",
    "id_token_signing_alg_values_supported": None,
    "issuer": "",
    "jwks_uri": "",
    "require_request_uri_registration": False,
    "response_types_supported": None,
    "subject_types_supported": None,
    "token_endpoint": "",
    "userinfo_endpoint": "",
}


@dataclass(frozen=True, slots=True)
class IssuerAddress:
    """The URL of a Keycloak realm, in parts."""

    root: str
    realm: str

    @property
    def url(self) -> str:
        """The issuer's own address."""
        return f"{self.root}/realms/{self.realm}"

    @property
    def admin_url(self) -> str:
        """Where the realm is administered."""
        return f"{self.root}/admin/realms/{self.realm}"

    @property
    def token_url(self) -> str:
        """Where the platform's own client signs in."""
        return f"{self.url}/protocol/openid-connect/token"


@dataclass(frozen=True, slots=True)
class ExternalIssuer:
    """An issuer that was asked who it is."""

    address: IssuerAddress
    document: Mapping[str, Any]

    @property
    def issuer(self) -> str:
        """What its tokens say in ``iss``; the document counts, as for the platform."""
        return str(self.document["issuer"])

    @property
    def jwks_uri(self) -> str:
        """Where it publishes its keys."""
        return str(self.document["jwks_uri"])

    @property
    def token_endpoint(self) -> str:
        """Where its clients get tokens."""
        return str(self.document["token_endpoint"])

    def platform_configuration(self) -> dict[str, Any]:
        """Return what the platform's well-known configuration says of it."""
        return {name: self.document.get(name, lack) for name, lack in _PLATFORM_FIELDS.items()}


def parse_issuer(url: str) -> IssuerAddress:
    """Read the URL of an issuer.

    Raises:
        ConfigurationError: It is no URL of a Keycloak realm.
    """
    parts = urlsplit(url)
    found = _REALM.fullmatch(parts.path.rstrip("/"))
    sound = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    if not sound or parts.query or parts.fragment or found is None:
        # A wrong one may hold a password, so it is not shown from there on.
        shown = url if "@" not in url else f"{parts.scheme}://…@…"
        raise ConfigurationError(
            f"--issuer {shown}: no issuer of a Keycloak realm. Expected such as "
            "http://localhost:8888/auth/realms/opentdf, without name and password."
        )
    return IssuerAddress(f"{parts.scheme}://{parts.netloc}{found['root']}", found["realm"])


def discover(address: IssuerAddress, outbound: Outbound) -> ExternalIssuer:
    """Ask an issuer for its discovery document.

    Like the real platform, this one does not start without.

    Raises:
        EnvironmentUnfitError: There is none: the issuer is away, is not trusted, has no such realm.
    """
    url = f"{address.url}{DISCOVERY_PATH}"
    try:
        answer = outbound.request("GET", url)
    except ServiceUnreachableError as problem:
        raise EnvironmentUnfitError(_no_answer(address, problem)) from problem
    if not answer.ok:
        raise EnvironmentUnfitError(
            f"The issuer {address.url} answers {answer.status} for its discovery document. Is "
            f'there a realm "{address.realm}"? A Keycloak of its own path has /auth in its URL.'
        )
    try:
        document = answer.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise EnvironmentUnfitError(
            f"{url}: no discovery document: expected a JSON object, got {answer.text[:80]!r}."
        )
    for name in _REQUIRED:
        value = document.get(name)
        if not isinstance(value, str) or not value.startswith(("http://", "https://")):
            raise EnvironmentUnfitError(
                f"{url}: the discovery document has no URL as {name}: found {value!r}."
            )
    return ExternalIssuer(address, document)


def _no_answer(address: IssuerAddress, problem: ServiceUnreachableError) -> str:
    if isinstance(problem, TransportSecurityError):
        return (
            f"The issuer {address.url} is not trusted, so the platform does not start. {problem} "
            "The platform itself is told the authority of its certificate by --issuer-ca FILE."
        )
    return (
        f"The issuer {address.url} is not there, and the platform does not start without it. "
        f"Start it first. {problem}"
    )
