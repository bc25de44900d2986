"""Sealing data keys for the public key of a KAS, whatever its kind, as authors' SDKs do.

RSA: OAEP with SHA-1. Elliptic curves: ECDH with a key made for the occasion, HKDF-SHA256 with the
salt SHA-256("TDF"), AES-256-GCM behind a nonce of 12 bytes. Post-quantum: support/foundation/kems.
"""

import hashlib
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from support.foundation import kems
from support.foundation.errors import EnvironmentUnfitError
from support.foundation.kems import KemKey

OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303 -- the protocol
WRAPPED = "wrapped"
EC_WRAPPED = "ec-wrapped"
HYBRID_WRAPPED = "hybrid-wrapped"
MLKEM_WRAPPED = "mlkem-wrapped"
_SALT = hashlib.sha256(b"TDF").digest()
_NONCE_BYTES = 12
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed data key as a key access object holds it.

    Attributes:
        kind: the `type` of the key access object.
        sender_key: the author's public key as PEM, where an elliptic curve needs one.
    """

    kind: str
    wrapped_key: bytes
    sender_key: str = ""


def algorithm_of(pem: str) -> str:
    """Return the kind of a public key by the platform's name for it, such as `ec:secp256r1`.

    Raises:
        EnvironmentUnfitError: it is of a kind that nobody asks for.
    """
    encapsulating = kems.scheme_of(pem)
    if encapsulating is not None:
        return encapsulating
    public = load_pem_public_key(pem.encode())
    if isinstance(public, rsa.RSAPublicKey):
        return f"rsa:{public.key_size}"
    if isinstance(public, ec.EllipticCurvePublicKey):
        return f"ec:{public.curve.name}"
    raise EnvironmentUnfitError(
        f"A public key is a {type(public).__name__}, expected RSA, an elliptic curve, or ML-KEM."
    )


def kind_for(algorithm: str) -> str:
    """Return the `type` of key access objects that are sealed for an algorithm."""
    if algorithm.startswith("hpqt:"):
        return HYBRID_WRAPPED
    if algorithm.startswith("mlkem:"):
        return MLKEM_WRAPPED
    return EC_WRAPPED if algorithm.startswith("ec:") else WRAPPED


def sealed(data_key: bytes, pem: str) -> Sealed:
    """Seal a data key for a public key.

    Raises:
        EnvironmentUnfitError: the key is of no known kind.
    """
    kind = kind_for(algorithm_of(pem))
    if kind in {HYBRID_WRAPPED, MLKEM_WRAPPED}:
        return Sealed(kind, kems.seal(pem, data_key))
    public = load_pem_public_key(pem.encode())
    if isinstance(public, ec.EllipticCurvePublicKey):
        sender = ec.generate_private_key(public.curve)
        nonce = os.urandom(_NONCE_BYTES)
        cipher = AESGCM(_agreed(sender, public))
        wrapped = nonce + cipher.encrypt(nonce, data_key, None)
        return Sealed(kind, wrapped, public_pem(sender.public_key()))
    if not isinstance(public, rsa.RSAPublicKey):
        raise EnvironmentUnfitError(f"Nobody can seal for a {type(public).__name__}.")
    return Sealed(kind, public.encrypt(data_key, OAEP))


def opened_session(private: ec.EllipticCurvePrivateKey, public: str, wrapped: bytes) -> bytes:
    """Return a data key that a KAS sealed for our key of an elliptic curve.

    Raises:
        ValueError: it was sealed for another key, or the KAS names no key of its own.
    """
    sender = load_pem_public_key(public.encode())
    if not isinstance(sender, ec.EllipticCurvePublicKey):
        raise ValueError(f"the session key of the KAS is a {type(sender).__name__}")  # noqa: TRY004
    cipher = AESGCM(_agreed(private, sender))
    try:
        return cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], None)
    except InvalidTag as error:
        raise ValueError("sealed for another session key") from error


def stranger_of_the_same_kind(pem: str) -> str:
    """Return the public key of nobody in particular, of the same kind as another."""
    algorithm = algorithm_of(pem)
    if algorithm in kems.SCHEMES:
        return KemKey.generate(algorithm).public_pem
    public = load_pem_public_key(pem.encode())
    if isinstance(public, ec.EllipticCurvePublicKey):
        return public_pem(ec.generate_private_key(public.curve).public_key())
    # The size says nothing about who can open: the smallest that KAS use is made soonest.
    return public_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key())


def sender_on_another_curve(pem: str) -> str:
    """Return a sender's key that does not fit a curve: of P-384, or of P-256 for P-384."""
    curve: ec.EllipticCurve = ec.SECP384R1()
    if algorithm_of(pem) == "ec:secp384r1":
        curve = ec.SECP256R1()
    return public_pem(ec.generate_private_key(curve).public_key())


def public_pem(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    """Return a public key as PEM (SubjectPublicKeyInfo)."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _agreed(private: ec.EllipticCurvePrivateKey, public: ec.EllipticCurvePublicKey) -> bytes:
    if private.curve.name != public.curve.name:
        raise ValueError(f"keys of {private.curve.name} and {public.curve.name} agree on nothing")
    secret = private.exchange(ec.ECDH(), public)
    return HKDF(hashes.SHA256(), _KEY_BYTES, salt=_SALT, info=None).derive(secret)
