"""Adopting a platform that already runs: addresses and credentials only, nothing is started."""

from typing import Any
from urllib.parse import urlsplit

from support.foundation.errors import ConfigurationError, StackError
from support.foundation.http import HttpSession
from support.foundation.settings import Settings
from support.services.locator import Credentials, Services, SignIn
from support.services.secret import Secret
from support.stack.running import RunningStack

REQUIRED_ROLES = ("admin", "standard")
OPTIONAL_ROLES = ("unprivileged", "expired", "foreign_audience", "foreign_issuer")
_WHY = "by the profile, which adopts a running platform"


def adopt(settings: Settings) -> RunningStack:
    """Adopt the platform that the settings name, after asking it who it is.

    The token endpoint is taken from the platform's well-known configuration where not set.

    Raises:
        ConfigurationError: an address or the admin credentials are not set.
        StackError: the platform does not answer, or is not an OpenTDF platform.
    """
    platform_url = _address("platform_url", settings.require("platform_url", _WHY))
    roles = credentials(settings)
    configuration = _well_known(platform_url)
    identity = configuration.get("idp", {})
    token_endpoint = settings.value("token_endpoint") or identity.get("token_endpoint")
    if not token_endpoint:
        raise ConfigurationError(
            f"{platform_url} does not say where its identity provider is. Set "
            "ACCEPTANCE_TOKEN_ENDPOINT."
        )
    services = Services(
        stack="remote",
        platform_url=platform_url,
        platform_version=str(configuration.get("version", "unknown")),
        kas_urls={"default": settings.value("kas_url") or f"{platform_url}/kas"},
        issuer=str(configuration.get("platform_issuer", identity.get("issuer", ""))),
        token_endpoint=token_endpoint,
        roles=roles,
        sign_in=sign_in(settings),
    )
    return RunningStack(services, how="adopted; nothing was started")


def _address(name: str, value: str) -> str:
    """Return an address without a trailing slash.

    Raises:
        ConfigurationError: it is none.
    """
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(
            f'ACCEPTANCE_{name.upper()} is "{value}", which is no address. Expected one such as '
            "https://platform.example.org."
        )
    return value.rstrip("/")


def credentials(settings: Settings) -> dict[str, Credentials]:
    """Return the credentials of every role that is set; admin and standard must be.

    Raises:
        ConfigurationError: one of the two is not set, or a client has no secret.
    """
    roles: dict[str, Credentials] = {}
    for role in (*REQUIRED_ROLES, *OPTIONAL_ROLES):
        client_id = settings.value(f"{role}_client_id")
        if client_id is None and role in OPTIONAL_ROLES:
            continue
        client_id = settings.require(f"{role}_client_id", _WHY)
        secret = settings.require(f"{role}_client_secret", _WHY)
        roles[role] = Credentials(client_id, Secret(secret))
    return roles


def sign_in(settings: Settings) -> SignIn | None:
    """Return how people sign in at an adopted identity provider, or None where nobody can.

    Raises:
        ConfigurationError: the client is set, but not the password of the people.
    """
    client_id = settings.value("people_client_id")
    if client_id is None:
        return None
    secret = settings.value("people_client_secret")
    password = settings.require("people_password", "by the client that people sign in with")
    return SignIn(client_id, Secret(secret) if secret else None, Secret(password))


def _well_known(platform_url: str) -> dict[str, Any]:
    url = f"{platform_url}/.well-known/opentdf-configuration"
    response = HttpSession().request("GET", url)
    try:
        content = response.json()
    except ValueError:
        content = None
    if not response.ok or not isinstance(content, dict):
        raise StackError(
            f"GET {url} answered {response.status} with {response.text[:200]!r}. Expected the JSON "
            "of an OpenTDF platform; check ACCEPTANCE_PLATFORM_URL."
        )
    configuration: dict[str, Any] = content.get("configuration", content)
    return configuration
