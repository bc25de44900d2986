"""What Vault or OpenBao answers, and what its refusals mean for whoever set it up."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hvac import exceptions as refusals  # type: ignore[import-untyped]

from support.foundation.errors import AcceptanceError, ConfigurationError, EnvironmentUnfitError
from support.foundation.text import listed
from support.services.secret import Secret

_WRITE_IT = (
    "Write the secret there, or correct ACCEPTANCE_VAULT_MOUNT (a key-value engine, version 2) and "
    "ACCEPTANCE_VAULT_PATH."
)


class UnexpectedError(Exception):
    """An answer that is none of Vault's; it says what was seen, never the content."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Vault the secrets are: one secret whose fields are named as our settings."""

    url: str
    mount: str
    path: str
    namespace: str = ""

    def __str__(self) -> str:
        inside = f" (namespace {self.namespace})" if self.namespace else ""
        return f"{self.mount}/{self.path} at {self.url}{inside}"


def part(answer: object, name: str) -> Mapping[str, Any]:
    """Return an object of an answer.

    Raises:
        UnexpectedError: it has none of that name.
    """
    found = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(found, Mapping):
        raise UnexpectedError(f'no "{name}" in it')
    return found


def secrets_of(answer: object, place: Place) -> Mapping[str, Secret]:
    """Return the fields that are text.

    Raises:
        ConfigurationError: the answer is of version 1 of the engine, or a field is no text.
    """
    try:
        data = part(answer, "data")
        fields, metadata = part(data, "data"), part(data, "metadata")
    except UnexpectedError:
        raise ConfigurationError(
            f"What Vault holds in {place} is not of the key-value engine, version 2. Enable it "
            "there (`vault secrets enable -version=2 kv`), or correct ACCEPTANCE_VAULT_MOUNT."
        ) from None
    wrong = [name for name, value in fields.items() if not isinstance(value, str) or not value]
    if wrong:
        raise ConfigurationError(
            f"{listed(wrong)} in {place} is empty or no text. Write text into each field."
        )
    version = metadata.get("version", "unknown")
    return {
        name: Secret(value, f"vault {place.mount}/{place.path} field {name} (version {version})")
        for name, value in fields.items()
    }


def explained(error: refusals.VaultError, place: Place) -> AcceptanceError:
    """Return what a refusal of Vault means for whoever set it up."""
    said = listed(str(line) for line in error.errors or ())
    if isinstance(error, refusals.Forbidden | refusals.Unauthorized):
        return EnvironmentUnfitError(
            f"Vault refused to give {place}: {said}. The token has ended or was revoked, or its "
            "policy does not allow `read` there. Set ACCEPTANCE_VAULT_TOKEN anew, or let an agent "
            "keep ACCEPTANCE_VAULT_TOKEN_FILE up to date."
        )
    if isinstance(error, refusals.InvalidPath):
        return ConfigurationError(_missing(error, place))
    if isinstance(error, refusals.VaultDown):
        return EnvironmentUnfitError(
            f"Vault at {place.url} does not serve (HTTP 503: {said}). It is sealed or in "
            "maintenance: unseal it, then run again."
        )
    if isinstance(error, refusals.RateLimitExceeded):
        return EnvironmentUnfitError(
            f"Vault at {place.url} had too many requests (HTTP 429: {said}). Set "
            "ACCEPTANCE_VAULT_REQUESTS_PER_SECOND to what its quota allows."
        )
    return EnvironmentUnfitError(
        f"Vault gave no secret for {place} ({type(error).__name__}: {said}). See its log."
    )


def _missing(error: refusals.VaultError, place: Place) -> str:
    metadata: Mapping[str, Any] = {}
    with contextlib.suppress(UnexpectedError):
        metadata = part(part(error.json, "data"), "metadata")
    if metadata.get("destroyed"):
        return f"Version {metadata.get('version')} of {place} was destroyed. {_WRITE_IT}"
    if metadata.get("deletion_time"):
        return (
            f"Version {metadata.get('version')} of {place} was deleted at "
            f"{metadata['deletion_time']}. Undelete it (`vault kv undelete`), or write a new one."
        )
    return f"There is nothing in {place}. {_WRITE_IT}"
