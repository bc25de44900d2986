"""Where a Keycloak of ours is, and the secrets that its instance has."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from support.foundation.errors import StackError
from support.foundation.files import write_private
from support.services.secret import Secret

ADMIN = "admin"
REALM = "opentdf"
FOREIGN_REALM = "opentdf-foreign"
AUDIENCE = "http://localhost:8080"
DEVELOPMENT_ADMIN_PASSWORD = "changeme"  # noqa: S105 -- documented, for development

_SEED_FILE = "seed"
_SEED_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class KeycloakServer:
    """A Keycloak that we provision.

    Attributes:
        base_url: with its path, without a trailing slash, such as `http://localhost:8888/auth`.
        admin_password: of `admin_user` in the realm master.
        folder: what its instance keeps.
        seed: what the secrets of clients and people are derived from; None for the documented ones.
        audience: for whom tokens are, which is the platform.
        verify: whether its certificate is verified, or the file of the authorities to trust.
    """

    base_url: str
    admin_password: Secret
    folder: Path
    seed: Secret | None = None
    audience: str = AUDIENCE
    admin_user: str = ADMIN
    realm: str = REALM
    verify: bool | str = True

    @property
    def port(self) -> int:
        """Where it listens."""
        parts = urlsplit(self.base_url)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def issuer(self) -> str:
        """The issuer that tokens of the platform's realm name."""
        return self.issuer_of(self.realm)

    @property
    def token_endpoint(self) -> str:
        """The token endpoint of the platform's realm."""
        return self.token_endpoint_of(self.realm)

    @property
    def admin_url(self) -> str:
        """The admin REST API of the platform's realm."""
        return f"{self.base_url}/admin/realms/{self.realm}"

    def issuer_of(self, realm: str) -> str:
        """Return the issuer of a realm."""
        return f"{self.base_url}/realms/{realm}"

    def token_endpoint_of(self, realm: str) -> str:
        """Return the token endpoint of a realm."""
        return f"{self.issuer_of(realm)}/protocol/openid-connect/token"


def derived(seed: Secret, name: str) -> Secret:
    """Return the secret of a name, the same at every start of an instance."""
    digest = hmac.digest(seed.reveal().encode(), name.encode(), hashlib.sha256)
    return Secret(base64.urlsafe_b64encode(digest).decode().rstrip("="))


def seed_of(folder: Path) -> Secret:
    """Return what the secrets of an instance are derived from; made at the first call.

    Raises:
        StackError: the folder cannot be written, or the file is damaged.
    """
    path = folder / _SEED_FILE
    try:
        if not path.exists():
            write_private(path, secrets.token_urlsafe(_SEED_BYTES))
        text = path.read_text("utf-8").strip()
    except OSError as error:
        raise StackError(
            f"{path} cannot be used: {error.strerror or error}. Keycloak's secrets stand there; "
            "make the folder writable, or remove it and start the stack again."
        ) from error
    if len(text) < _SEED_BYTES:
        raise StackError(
            f"{path} holds {len(text)} characters, expected {_SEED_BYTES} or more: it was cut off. "
            f"Remove {folder} with all its data and start the stack again."
        )
    return Secret(text)


def keycloak_server(
    folder: Path, port: int, *, random_secrets: bool = True, audience: str = AUDIENCE
) -> KeycloakServer:
    """Return the Keycloak of an instance, as it is going to be.

    Args:
        folder: its own, for its database and secrets.
        port: where it listens on loopback.
        random_secrets: give it secrets of its own instead of the documented ones.
        audience: for whom tokens are, which is the platform.

    Raises:
        StackError: its folder cannot be used.
    """
    seed = seed_of(folder) if random_secrets else None
    password = derived(seed, "admin") if seed else Secret(DEVELOPMENT_ADMIN_PASSWORD)
    return KeycloakServer(
        base_url=f"http://localhost:{port}/auth",
        admin_password=password,
        folder=folder,
        seed=seed,
        audience=audience,
    )
