"""Adopting a platform that already runs: addresses and credentials only, nothing is started."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from support.embedded.options import KAS_NAMES
from support.foundation.errors import AcceptanceError, ConfigurationError, StackError
from support.foundation.http import HttpSession
from support.foundation.network import Networks
from support.foundation.settings import Settings
from support.services import registry
from support.services.descriptor_values import DescriptorValues
from support.services.locator import Credentials, Services, SignIn
from support.services.resolution import Locator
from support.services.secret import Secret
from support.services.secret_store import SecretStore
from support.stack.components.readiness import require_same_clock
from support.stack.running import RunningStack

STACK = "remote"
REQUIRED_ROLES = ("admin", "standard")
OPTIONAL_ROLES = (
    "unprivileged",
    "expired",
    "foreign_audience",
    "foreign_issuer",
    "north",
    "south",
)
_WHY = "by the profile, which adopts a running platform"


def adopt(settings: Settings, noted: Mapping[str, str] | None = None) -> RunningStack:
    """Adopt the platform that the settings name, after asking it who it is.

    The token endpoint is taken from the platform's well-known configuration where not set.

    Args:
        settings: of the run.
        noted: what `acceptance stack adopt` noted, by the names of settings.

    Raises:
        ConfigurationError: an address or the admin credentials are not set.
        StackError: the platform does not answer, or is not an OpenTDF platform.
    """
    told = DescriptorValues(noted or {}, origin="adopted earlier")
    locator = Locator(registry.of_settings(settings), settings, told, STACK)
    endpoint = locator.endpoint("platform")
    platform_url = _address(
        "platform_url", endpoint.value if endpoint else settings.require("platform_url", _WHY)
    )
    roles = credentials(settings, locator.secrets)
    networks = locator.networks()
    configuration = _well_known(platform_url, networks)
    identity = configuration.get("idp", {})
    token_endpoint = (
        settings.value("token_endpoint")
        or told.values.get("token_endpoint")
        or identity.get("token_endpoint")
    )
    if not token_endpoint:
        raise ConfigurationError(
            f"{platform_url} does not say where its identity provider is. Set "
            "ACCEPTANCE_TOKEN_ENDPOINT."
        )
    services = Services(
        stack=STACK,
        platform_url=platform_url,
        platform_version=str(configuration.get("version", "unknown")),
        kas_urls=dict(_kas(locator, platform_url)),
        issuer=str(configuration.get("platform_issuer", identity.get("issuer", ""))),
        token_endpoint=token_endpoint,
        roles=roles,
        sign_in=sign_in(settings, locator.secrets),
        networks=networks,
        keep_alive=locator.secrets.keep_alive,
    )
    log = settings.value("audit_log")
    audit_logs = {"default": Path(log)} if log else {}
    return RunningStack(
        services,
        how="adopted; nothing was started",
        audit_logs=audit_logs,
        logs=lambda: tuple(audit_logs.values()),
    )


def _kas(locator: Locator, platform_url: str) -> Iterator[tuple[str, str]]:
    """Yield the key access services that have an address, by the names of instances."""
    yield "default", f"{platform_url}/kas"
    for name in ("kas", *(f"kas-{instance}" for instance in KAS_NAMES)):
        endpoint = locator.endpoint(name)
        if endpoint is not None:
            yield name.removeprefix("kas-") if name != "kas" else "default", endpoint.value


def problem(platform_url: str) -> str:
    """Return why a platform that was adopted does not answer, or an empty string."""
    try:
        _well_known(_address("platform_url", platform_url))
    except AcceptanceError as error:
        return str(error)
    return ""


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


def credentials(settings: Settings, secrets: SecretStore) -> dict[str, Credentials]:
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
        secret = _secret(settings, secrets, f"{role}_client_secret", _WHY)
        roles[role] = Credentials(client_id, secret)
    return roles


def sign_in(settings: Settings, secrets: SecretStore) -> SignIn | None:
    """Return how people sign in at an adopted identity provider, or None where nobody can.

    Raises:
        ConfigurationError: the client is set, but not the password of the people.
    """
    client_id = settings.value("people_client_id")
    if client_id is None:
        return None
    why = "by the client that people sign in with"
    password = _secret(settings, secrets, "people_password", why)
    return SignIn(client_id, secrets.get("people_client_secret"), password)


def _secret(settings: Settings, secrets: SecretStore, name: str, why: str) -> Secret:
    """Return a secret from whichever provider has it."""
    found = secrets.get(name)
    return found if found is not None else Secret(settings.require(name, why))


def _well_known(platform_url: str, networks: Networks | None = None) -> dict[str, Any]:
    url = f"{platform_url}/.well-known/opentdf-configuration"
    response = HttpSession(networks=networks).request("GET", url)
    try:
        content = response.json()
    except ValueError:
        content = None
    if not response.ok or not isinstance(content, dict):
        raise StackError(
            f"GET {url} answered {response.status} with {response.text[:200]!r}. Expected the JSON "
            "of an OpenTDF platform; check ACCEPTANCE_PLATFORM_URL."
        )
    require_same_clock(platform_url, response.headers)
    configuration: dict[str, Any] = content.get("configuration", content)
    return configuration
