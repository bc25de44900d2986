"""What keys in the registry are made of: public parts, and private parts that must be sealed."""

from __future__ import annotations

import base64
import binascii
import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
)

from support.embedded.calls import invalid_argument

if TYPE_CHECKING:
    from support.embedded.keys import SigningKey
    from support.embedded.protocol import Message

MODE_CONFIG_ROOT_KEY = 1
MODE_PROVIDER_ROOT_KEY = 2
MODE_REMOTE = 3
MODE_PUBLIC_KEY_ONLY = 4
SEALED_MODES = frozenset({MODE_CONFIG_ROOT_KEY, MODE_PROVIDER_ROOT_KEY})
_NONCE_BYTES = 12
_NOT_BASE64 = "expected base64 encoded value"


def decoded_public(encoded: str) -> str:
    """Return the text of a public key.

    Raises:
        ConnectError: ``invalid_argument``: it is not base64 of a text.
    """
    try:
        return _decoded(encoded).decode()
    except UnicodeDecodeError:
        raise invalid_argument(_NOT_BASE64) from None


def check_sealed(request: Message) -> None:
    """Make sure that a private part, where a key's mode has one, is sealed.

    Raises:
        ConnectError: ``invalid_argument``: it is not base64, or everybody could use it.
    """
    if request.key_mode not in SEALED_MODES:
        return
    if _is_private_key(_decoded(request.private_key_ctx.wrapped_key)):
        raise invalid_argument("unencrypted private key not allowed")


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise invalid_argument(_NOT_BASE64) from None


def _is_private_key(data: bytes) -> bool:
    if b"PRIVATE KEY-----" in data:
        return True
    try:
        load_der_private_key(data, password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm):  # a TypeError: a password protects it
        return False
    return True


def seal(private: SigningKey, root_key: bytes) -> str:
    """Return a private key sealed under a root key, as the registry keeps it."""
    plain = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    nonce = os.urandom(_NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(root_key).encrypt(nonce, plain, None)).decode()


def unseal(sealed: str, root_key: bytes) -> SigningKey | None:
    """Return a private key, or nothing where it is not one that was sealed under this root key."""
    try:
        key = load_pem_private_key(opened(sealed, root_key), password=None)
    except (binascii.Error, ValueError, TypeError, InvalidTag, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) else None


def opened(sealed: str, root_key: bytes) -> bytes:
    """Return what was sealed under a root key.

    Raises:
        InvalidTag: It was sealed under another one, or altered.
        ValueError: It was never sealed.
    """
    data = base64.b64decode(sealed, validate=True)
    return AESGCM(root_key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], None)


def told_unsealed(sealed: str, root_key: bytes) -> str:
    """Return the private part that everybody could use: what the fault `private-key-told` tells."""
    try:
        return base64.b64encode(opened(sealed, root_key)).decode()
    except (ValueError, InvalidTag):
        return sealed
