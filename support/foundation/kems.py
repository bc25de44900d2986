"""Key encapsulation (KEM) as OpenTDF uses it to seal data keys: ML-KEM, alone or with a curve.

Sources: ML-KEM is FIPS 203, its keys in files RFC 9935. X-Wing is draft-connolly-cfrg-xwing-kem;
a NIST curve with ML-KEM is draft-ietf-lamps-pq-composite-kem-14. Both draw the key from
SHA3-256(ML-KEM secret, curve secret, sender's point, receiver's point, label). What OpenTDF adds
is the envelope, SEQUENCE { [0] KEM ciphertext, [1] data key under AES-256-GCM }, and for X-Wing
a last HKDF-SHA256 with the salt SHA-256("TDF"). No library offers the composites.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, TypeAlias, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MLKEM_768 = "mlkem:768"
MLKEM_1024 = "mlkem:1024"
XWING = "hpqt:xwing"
P256_MLKEM_768 = "hpqt:secp256r1-mlkem768"
P384_MLKEM_1024 = "hpqt:secp384r1-mlkem1024"

_NONCE_BYTES = 12
_KEY_BYTES = 32
_SEED_BYTES = 64
_XWING_SEED_BYTES = 32
_SALT = hashlib.sha256(b"TDF").digest()

_MlKemPrivate: TypeAlias = mlkem.MLKEM768PrivateKey | mlkem.MLKEM1024PrivateKey
_MlKemPublic: TypeAlias = mlkem.MLKEM768PublicKey | mlkem.MLKEM1024PublicKey
_CurvePrivate: TypeAlias = x25519.X25519PrivateKey | ec.EllipticCurvePrivateKey
_CurvePublic: TypeAlias = x25519.X25519PublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Scheme:
    """One KEM.

    Attributes:
        oid: how keys of it are marked in files.
        large: whether it uses ML-KEM-1024, else ML-KEM-768.
        curve: of the classical half; X25519 where it is named, nothing where there is none.
        label: what keeps its secrets apart from those of other composites.
    """

    oid: str
    large: bool = False
    curve: str = ""
    label: bytes = b""

    @property
    def public_bytes(self) -> int:
        """How many bytes of a public key, and so of a ciphertext, are ML-KEM's."""
        return 1568 if self.large else 1184

    @property
    def ciphertext_bytes(self) -> int:
        """How many bytes of a ciphertext are ML-KEM's."""
        return 1568 if self.large else 1088


SCHEMES: Mapping[str, Scheme] = {
    XWING: Scheme("1.3.6.1.4.1.62253.25722", curve="x25519", label=b"\\.//^\\"),
    P256_MLKEM_768: Scheme("1.3.6.1.5.5.7.6.59", curve="secp256r1", label=b"MLKEM768-P256"),
    P384_MLKEM_1024: Scheme(
        "1.3.6.1.5.5.7.6.63", large=True, curve="secp384r1", label=b"MLKEM1024-P384"
    ),
    MLKEM_768: Scheme("2.16.840.1.101.3.4.4.2"),
    MLKEM_1024: Scheme("2.16.840.1.101.3.4.4.3", large=True),
}
"""Every KEM by the name that key access services know it by."""

_CURVES: Mapping[str, ec.EllipticCurve] = {
    "secp256r1": ec.SECP256R1(),
    "secp384r1": ec.SECP384R1(),
}


class KemError(Exception):
    """A key or an envelope is not of the form, or does not open."""


@asn1.sequence
class _Algorithm:
    oid: x509.ObjectIdentifier


@asn1.sequence
class _PublicKeyInfo:
    algorithm: _Algorithm
    key: asn1.BitString


@asn1.sequence
class _PrivateKeyInfo:
    version: int
    algorithm: _Algorithm
    key: bytes


@asn1.sequence
class _Envelope:
    ciphertext: Annotated[bytes, asn1.Implicit(0)]
    sealed: Annotated[bytes, asn1.Implicit(1)]


@dataclass(frozen=True, slots=True)
class KemKey:
    """A private key: that of ML-KEM, and that of the curve where there is one."""

    name: str
    lattice: _MlKemPrivate
    curve: _CurvePrivate | None = None
    xwing_seed: bytes = b""

    @classmethod
    def generate(cls, name: str) -> KemKey:
        """Make a key of one of `SCHEMES`."""
        scheme = SCHEMES[name]
        if name == XWING:
            return cls.of_xwing_seed(os.urandom(_XWING_SEED_BYTES))
        lattice = _lattice(scheme, os.urandom(_SEED_BYTES))
        return cls(name, lattice, _new_curve_key(scheme) if scheme.curve else None)

    @classmethod
    def of_xwing_seed(cls, seed: bytes) -> KemKey:
        """Return the X-Wing key that belongs to a seed of 32 bytes (section 5.2 of the draft)."""
        expanded = hashlib.shake_256(seed).digest(_SEED_BYTES + _KEY_BYTES)
        lattice = _lattice(SCHEMES[XWING], expanded[:_SEED_BYTES])
        curve = x25519.X25519PrivateKey.from_private_bytes(expanded[_SEED_BYTES:])
        return cls(XWING, lattice, curve, seed)

    @property
    def public_raw(self) -> bytes:
        """The public key: that of ML-KEM, then the point."""
        lattice = self.lattice.public_key().public_bytes_raw()
        return lattice + (_point(self.curve.public_key()) if self.curve else b"")

    @property
    def public_pem(self) -> str:
        """The public key as PEM (SubjectPublicKeyInfo)."""
        info = _PublicKeyInfo(
            algorithm=_algorithm(self.name),
            key=asn1.BitString(self.public_raw, 0),
        )
        return _pem("PUBLIC KEY", asn1.encode_der(info))

    @property
    def private_pem(self) -> str:
        """The private key as PEM (PKCS#8): a seed, and the curve's own form behind it."""
        info = _PrivateKeyInfo(version=0, algorithm=_algorithm(self.name), key=self._private_raw())
        return _pem("PRIVATE KEY", asn1.encode_der(info))

    def open(self, envelope: bytes, *, post_quantum: bool = True) -> bytes:
        """Return the data key of an envelope.

        Args:
            envelope: as `seal` makes it.
            post_quantum: without, the secret of ML-KEM counts nothing, which is wrong.

        Raises:
            KemError: it is none, or was sealed for another key.
        """
        parts = _decoded(_Envelope, envelope)
        scheme = SCHEMES[self.name]
        size = scheme.ciphertext_bytes
        lattice, point = parts.ciphertext[:size], parts.ciphertext[size:]
        try:
            secret = self.lattice.decapsulate(lattice) if post_quantum else bytes(_KEY_BYTES)
            if self.curve is not None:
                sender = _public_curve(scheme, point)
                agreed = _agreed(self.curve, sender)
                receiver = _point(self.curve.public_key())
                secret = _combined(scheme, secret, agreed, point, receiver)
            elif point:
                raise KemError(f"{len(point)} bytes too many")
            cipher = AESGCM(_wrap_key(self.name, secret))
            return cipher.decrypt(parts.sealed[:_NONCE_BYTES], parts.sealed[_NONCE_BYTES:], None)
        except (ValueError, InvalidTag) as error:
            raise KemError(f"{self.name}: {str(error) or type(error).__name__}") from error

    def _private_raw(self) -> bytes:
        seed = self.lattice.private_bytes_raw()
        if self.name == XWING:
            return self.xwing_seed
        if isinstance(self.curve, ec.EllipticCurvePrivateKey):
            return seed + self.curve.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        # RFC 9935: the seed is alternative [0] of a choice.
        return bytes((0x80, len(seed))) + seed


def scheme_of(pem: str) -> str | None:
    """Return which KEM a public key is of; nothing where it is of none."""
    try:
        oid = _public_info(pem).algorithm.oid.dotted_string
    except (KemError, ValueError):
        return None
    return next((name for name, scheme in SCHEMES.items() if scheme.oid == oid), None)


def seal(pem: str, data_key: bytes) -> bytes:
    """Return the envelope of a data key for a public key.

    Raises:
        KemError: the public key is of no KEM, or of another length.
    """
    name = scheme_of(pem)
    if name is None:
        raise KemError("the public key is of no KEM that is known")
    scheme, public = SCHEMES[name], _public_info(pem).key.as_bytes()
    lattice, point = public[: scheme.public_bytes], public[scheme.public_bytes :]
    try:
        secret, ciphertext = _public_lattice(scheme, lattice).encapsulate()
        if scheme.curve:
            ephemeral = _new_curve_key(scheme)
            agreed = _agreed(ephemeral, _public_curve(scheme, point))
            sender = _point(ephemeral.public_key())
            secret = _combined(scheme, secret, agreed, sender, point)
            ciphertext += sender
    except ValueError as error:
        raise KemError(f"the public key is none of {name}: {error}") from error
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + AESGCM(_wrap_key(name, secret)).encrypt(nonce, data_key, None)
    return asn1.encode_der(_Envelope(ciphertext=ciphertext, sealed=sealed))


def with_altered_half(envelope: bytes, name: str, half: str) -> bytes:
    """Return an envelope with one bit flipped in its `post-quantum` or its `classical` half.

    Raises:
        KemError: it has no such half.
    """
    parts = _decoded(_Envelope, envelope)
    ciphertext = bytearray(parts.ciphertext)
    at = 0 if half == "post-quantum" else len(ciphertext) - 1
    if half == "classical" and not SCHEMES[name].curve:
        raise KemError(f"{name} has no {half} half")
    ciphertext[at] ^= 1
    return asn1.encode_der(_Envelope(ciphertext=bytes(ciphertext), sealed=parts.sealed))


def _wrap_key(name: str, secret: bytes) -> bytes:
    if name != XWING:
        return secret
    return HKDF(hashes.SHA256(), _KEY_BYTES, salt=_SALT, info=None).derive(secret)


def _combined(
    scheme: Scheme, lattice: bytes, agreed: bytes, sender: bytes, receiver: bytes
) -> bytes:
    return hashlib.sha3_256(lattice + agreed + sender + receiver + scheme.label).digest()


def _lattice(scheme: Scheme, seed: bytes) -> _MlKemPrivate:
    kind = mlkem.MLKEM1024PrivateKey if scheme.large else mlkem.MLKEM768PrivateKey
    return kind.from_seed_bytes(seed)


def _public_lattice(scheme: Scheme, raw: bytes) -> _MlKemPublic:
    kind = mlkem.MLKEM1024PublicKey if scheme.large else mlkem.MLKEM768PublicKey
    return kind.from_public_bytes(raw)


def _new_curve_key(scheme: Scheme) -> _CurvePrivate:
    if scheme.curve in _CURVES:
        return ec.generate_private_key(_CURVES[scheme.curve])
    return x25519.X25519PrivateKey.generate()


def _public_curve(scheme: Scheme, point: bytes) -> _CurvePublic:
    if scheme.curve in _CURVES:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[scheme.curve], point)
    return x25519.X25519PublicKey.from_public_bytes(point)


def _point(key: _CurvePublic) -> bytes:
    if isinstance(key, x25519.X25519PublicKey):
        return key.public_bytes_raw()
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def _agreed(private: _CurvePrivate, public: _CurvePublic) -> bytes:
    if isinstance(private, x25519.X25519PrivateKey) and isinstance(public, x25519.X25519PublicKey):
        return private.exchange(public)
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(
        public, ec.EllipticCurvePublicKey
    ):
        return private.exchange(ec.ECDH(), public)
    raise KemError("keys of two different curves agree on nothing")


def _algorithm(name: str) -> _Algorithm:
    return _Algorithm(oid=x509.ObjectIdentifier(SCHEMES[name].oid))


def _public_info(pem: str) -> _PublicKeyInfo:
    return _decoded(_PublicKeyInfo, _der(pem))


_Form = TypeVar("_Form")


def _decoded(form: type[_Form], der: bytes) -> _Form:
    try:
        return asn1.decode_der(form, der)
    except ValueError as error:
        raise KemError(f"not of the form {form.__name__.strip('_')}: {error}") from error


def _der(pem: str) -> bytes:
    lines = [line.strip() for line in pem.strip().splitlines()]
    if len(lines) < 3 or not lines[0].startswith("-----BEGIN PUBLIC KEY"):  # noqa: PLR2004
        raise KemError("not a public key as PEM")
    return base64.b64decode("".join(lines[1:-1]), validate=True)


def _pem(title: str, der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join((f"-----BEGIN {title}-----", *lines, f"-----END {title}-----", ""))
