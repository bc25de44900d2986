"""Wrapping and unwrapping of data keys: RSA-OAEP, ECDH + HKDF + AES-GCM, and encapsulation.

Parameters are the platform's: OAEP with SHA-1, HKDF-SHA256 with the salt SHA-256("TDF") and no
info, a 12-byte random nonce before the AES-256-GCM ciphertext.
"""

from __future__ import annotations

import functools
import hashlib
import os
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from support.embedded.faults import Fault
from support.embedded.keys import CURVES, PrivateKey, public_pem
from support.foundation.kems import KemError, KemKey

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


def _shared_key(
    private: ec.EllipticCurvePrivateKey,
    public: ec.EllipticCurvePublicKey,
    salt: bytes = TDF_SALT,
) -> bytes:
    secret = private.exchange(ec.ECDH(), public)
    return HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=salt, info=None).derive(secret)


@functools.cache
def _reused_key(curve: str) -> ec.EllipticCurvePrivateKey:
    """Return the one key that a fault uses for every session on a curve."""
    return ec.generate_private_key(CURVES[f"ec:{curve}"]())


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


def unwrap(private: PrivateKey, wrapped: bytes, faults: frozenset[Fault] = frozenset()) -> bytes:
    """Open a wrapped key with nothing but a private key: RSA, or one that encapsulates keys.

    Raises:
        UnwrapError: The key does not fit.
    """
    if not isinstance(private, KemKey):
        return unwrap_rsa(private, wrapped)
    if Fault.POST_QUANTUM_REFUSED in faults:
        raise UnwrapError
    try:
        return private.open(wrapped, post_quantum=Fault.HYBRID_CLASSICAL_HALF_ONLY not in faults)
    except KemError:
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

    def __init__(self, client_key: PublicKey, faults: frozenset[Fault] = frozenset()) -> None:
        self._client_key = client_key
        self._cipher: AESGCM | None = None
        self.session_public_key = ""
        if isinstance(client_key, ec.EllipticCurvePublicKey):
            reused = Fault.EC_SESSION_KEY_REUSED in faults
            curve = client_key.curve
            ephemeral = _reused_key(curve.name) if reused else ec.generate_private_key(curve)
            salt = b"" if Fault.EC_SESSION_SALT_MISSING in faults else TDF_SALT
            self._cipher = AESGCM(_shared_key(ephemeral, client_key, salt))
            self.session_public_key = public_pem(ephemeral.public_key())

    def wrap(self, data_key: bytes) -> bytes:
        """Return the data key, readable only by the client."""
        if self._cipher is not None:
            nonce = os.urandom(_NONCE_BYTES)
            return nonce + self._cipher.encrypt(nonce, data_key, None)
        if isinstance(self._client_key, rsa.RSAPublicKey):
            return self._client_key.encrypt(data_key, _oaep())
        raise UnwrapError
