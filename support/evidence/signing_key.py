"""The key that runs are attested with: one that is configured, else one of this checkout."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from support.foundation.errors import ConfigurationError
from support.foundation.files import locked, write_private
from support.foundation.network import Network
from support.foundation.settings import Settings
from support.services.vault import secret_store

SETTING = "evidence_signing_key"
FOLDER = "evidence"
PRIVATE = "signing-key.pem"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key; `configured` tells whether somebody chose it, and so vouches for it."""

    private: Ed25519PrivateKey
    configured: bool


def of(settings: Settings) -> SigningKey:
    """Return the key that is configured, or else that of this checkout, made at first use.

    Raises:
        ConfigurationError: what is configured is no Ed25519 key in PEM (PKCS #8).
        OSError: no key can be kept here.
    """
    found = secret_store(settings, settings.get("vault_url"), Network()).get(SETTING)
    if found is not None:
        return SigningKey(_private(found.reveal(), found.origin), configured=True)
    folder = settings.build / FOLDER
    path = folder / PRIVATE
    with locked(folder / "lock"):
        if not path.exists():
            private = Ed25519PrivateKey.generate()
            pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            write_private(path, pem.decode())
    return SigningKey(_private(path.read_text("ascii"), str(path)), configured=False)


def public_pem(key: Ed25519PublicKey) -> str:
    """Return a public key in PEM, as `cosign verify-blob-attestation --key` takes it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def public_key(path: Path) -> Ed25519PublicKey:
    """Read a public key.

    Raises:
        ConfigurationError: it cannot be read, or is no Ed25519 key in PEM.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(f"{path}: no public key in PEM: {error}. Name another.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigurationError(
            f"{path}: {type(key).__name__} was found, but an Ed25519 key was expected."
        )
    return key


def _private(pem: str, origin: str) -> Ed25519PrivateKey:
    remedy = "Make one: openssl genpkey -algorithm ed25519"
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigurationError(
            f"The evidence signing key ({origin}) is no private key in PEM (PKCS #8) without a "
            f"password. {remedy}"
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(
            f"The evidence signing key ({origin}) is a {type(key).__name__}, but an Ed25519 key "
            f"was expected. {remedy}"
        )
    return key
