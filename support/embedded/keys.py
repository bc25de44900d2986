"""The key pairs of one KAS identity, made when they are first needed."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from support.foundation import kems
from support.foundation.errors import FrameworkError
from support.foundation.golden import KEYS as GOLDEN_KEYS
from support.foundation.golden import private_key
from support.foundation.kems import KemKey

SigningKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PrivateKey: TypeAlias = SigningKey | KemKey

RSA_2048 = "rsa:2048"
EC_P256 = "ec:secp256r1"
CURVES: dict[str, type[ec.EllipticCurve]] = {
    EC_P256: ec.SECP256R1,
    "ec:secp384r1": ec.SECP384R1,
    "ec:secp521r1": ec.SECP521R1,
}
RSA_BITS = {RSA_2048: 2048, "rsa:4096": 4096}
KEY_IDS = {
    RSA_2048: "r1",
    "rsa:4096": "r4",
    EC_P256: "e1",
    "ec:secp384r1": "e384",
    "ec:secp521r1": "e521",
    kems.XWING: "x768",
    kems.P256_MLKEM_768: "h768",
    kems.P384_MLKEM_1024: "h1024",
    kems.MLKEM_768: "m768",
    kems.MLKEM_1024: "m1024",
}
"""The id of each kind of key, by its algorithm."""

STOCK = (RSA_2048, EC_P256)
"""The kinds of keys that a platform has unless more of them are managed in its registry."""
_CERTIFICATE_LIFETIME = dt.timedelta(days=365)


def public_pem(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    """Return a public key as PEM (SubjectPublicKeyInfo)."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@dataclass(slots=True)
class KeyPair:
    """One key pair; the private key comes into being at the first use, in whatever thread.

    ``published`` is the public key where that is known without the private one.
    """

    kid: str
    algorithm: str
    _private: PrivateKey | None = None
    published: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def private(self) -> PrivateKey:
        """The private key; making an RSA-4096 key takes seconds."""
        with self._lock:
            if self._private is None:
                self._private = _generate(self.algorithm)
            return self._private

    @property
    def is_made(self) -> bool:
        """Whether the private key exists already."""
        return self._private is not None

    @property
    def public_pem(self) -> str:
        """The public key as PEM."""
        if self.published:
            return self.published
        key = self.private
        return key.public_pem if isinstance(key, KemKey) else public_pem(key.public_key())

    def keep(self, private: PrivateKey) -> None:
        """Have the private key that was made before."""
        with self._lock:
            self._private = private

    def make(self) -> None:
        """Make the private key unless it exists."""
        _ = self.private

    def certificate_pem(self) -> str:
        """Return a self-signed certificate over the public key.

        Raises:
            ValueError: The key encapsulates keys, so it can sign nothing.
        """
        key = self.private
        if isinstance(key, KemKey):
            raise ValueError(f"a key of the kind {self.algorithm} cannot sign")  # noqa: TRY004
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kas")])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now)
            .not_valid_after(now + _CERTIFICATE_LIFETIME)
            .sign(key, hashes.SHA256())
        )
        return certificate.public_bytes(Encoding.PEM).decode()


def _generate(algorithm: str) -> PrivateKey:
    return KemKey.generate(algorithm) if algorithm in kems.SCHEMES else generate(algorithm)


def generate(algorithm: str) -> SigningKey:
    """Return a new private key of an algorithm; RSA-4096 takes seconds."""
    curve = CURVES.get(algorithm)
    if curve is not None:
        return ec.generate_private_key(curve())
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS[algorithm])


class Keys(Protocol):
    """The keys of one KAS, wherever they are kept."""

    def by_algorithm(self, algorithm: str) -> KeyPair | None:
        """Return the current key of an algorithm."""

    def by_kid(self, kid: str) -> KeyPair | None:
        """Return a key by its id."""

    def legacy_rsa(self) -> list[KeyPair]:
        """Return the keys to try for a key access object that names none."""

    def warm_up(self) -> None:
        """Make the keys that nearly every run needs."""


def _golden(kid: str, algorithm: str) -> KeyPair:
    private = load_pem_private_key(private_key(kid), password=None)
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise FrameworkError(f"The golden key {kid} is a {type(private).__name__}.")
    return KeyPair(kid, algorithm, private)


class KeyRing:
    """The keys of one KAS, by algorithm and by key id.

    Args:
        algorithms: the kinds of keys that it has; by default all.
        golden: publish the golden keys as current ones, to make golden documents with.
    """

    def __init__(self, algorithms: Iterable[str] = tuple(KEY_IDS), *, golden: bool = False) -> None:
        earlier = [_golden(kid, algorithm) for kid, algorithm in GOLDEN_KEYS.items()]
        self._by_algorithm = {
            algorithm: KeyPair(KEY_IDS[algorithm], algorithm) for algorithm in algorithms
        }
        self._earlier_rsa = [pair for pair in earlier if pair.algorithm == RSA_2048]
        self._by_kid = {pair.kid: pair for pair in (*self._by_algorithm.values(), *earlier)}
        if golden:
            self._by_algorithm.update({pair.algorithm: pair for pair in earlier})

    def by_algorithm(self, algorithm: str) -> KeyPair | None:
        """Return the current key of an algorithm."""
        return self._by_algorithm.get(algorithm)

    def by_kid(self, kid: str) -> KeyPair | None:
        """Return a key by its id."""
        return self._by_kid.get(kid)

    def legacy_rsa(self) -> list[KeyPair]:
        """Return the keys to try for a key access object that names none: the current first."""
        return [self._by_algorithm[RSA_2048], *self._earlier_rsa]

    def pairs(self) -> list[KeyPair]:
        """Return every current key."""
        return list(self._by_algorithm.values())

    def warm_up(self) -> None:
        """Make the keys that nearly every run needs."""
        for algorithm in (EC_P256, RSA_2048):
            self._by_algorithm[algorithm].make()
