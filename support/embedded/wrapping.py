"""Wrapping and unwrapping of data keys: RSA-OAEP, and ECDH + HKDF + AES-GCM.

Parameters are the platform's: OAEP with SHA-1, HKDF-SHA256 with the salt SHA-256("TDF") and no
info, a 12-byte random nonce before the AES-256-GCM ciphertext.
"""

from __future__ import annotations

import hashlib
import os
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from support.embedded.keys import PrivateKey, public_pem

PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

TDF_SALT = hashlib.sha256(b"TDF").digest()
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_BYTES = 32


class UnwrapError(Exception):
    """A wrapped key cannot be opened; says no more, for the reason would leak about secrets."""


def _oaep() -> padding.OAEP:
    # SHA-1 is what the format prescribes (rsa.EncryptOAEP(sha1.New(), …) in the platform).
    digest = hashes.SHA1()  # noqa: S303
    return padding.OAEP(mgf=padding.MGF1(algorithm=digest), algorithm=digest, label=None)


def _shared_key(private: ec.EllipticCurvePrivateKey, public: ec.EllipticCurvePublicKey) -> bytes:
    secret = private.exchange(ec.ECDH(), public)
    return HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=TDF_SALT, info=None).derive(
        secret
    )


def unwrap_rsa(private: PrivateKey, wrapped: bytes) -> bytes:
    """Open an RSA-OAEP wrapped key.

    Raises:
        UnwrapError: The key does not fit.
    """
    if not isinstance(private, rsa.RSAPrivateKey):
        raise UnwrapError
    try:
        return private.decrypt(wrapped, _oaep())
    except ValueError:
        raise UnwrapError from None


def unwrap_ec(private: PrivateKey, ephemeral: ec.EllipticCurvePublicKey, wrapped: bytes) -> bytes:
    """Open a key wrapped for an EC key with the sender's ephemeral public key.

    Raises:
        UnwrapError: The keys do not fit, or the ciphertext was changed.
    """
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise UnwrapError
    if private.curve.name != ephemeral.curve.name or len(wrapped) < _NONCE_BYTES + _TAG_BYTES:
        raise UnwrapError
    cipher = AESGCM(_shared_key(private, ephemeral))
    try:
        return cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], None)
    except InvalidTag:
        raise UnwrapError from None


class SessionEncryptor:
    """Wraps data keys for the client's session key; one ephemeral EC key for a whole answer."""

    def __init__(self, client_key: PublicKey) -> None:
        self._client_key = client_key
        self._cipher: AESGCM | None = None
        self.session_public_key = ""
        if isinstance(client_key, ec.EllipticCurvePublicKey):
            ephemeral = ec.generate_private_key(client_key.curve)
            self._cipher = AESGCM(_shared_key(ephemeral, client_key))
            self.session_public_key = public_pem(ephemeral.public_key())

    def wrap(self, data_key: bytes) -> bytes:
        """Return the data key, readable only by the client."""
        if self._cipher is not None:
            nonce = os.urandom(_NONCE_BYTES)
            return nonce + self._cipher.encrypt(nonce, data_key, None)
        if isinstance(self._client_key, rsa.RSAPublicKey):
            return self._client_key.encrypt(data_key, _oaep())
        raise UnwrapError
