"""Statements that an author attaches to documents, and the keys that sign and verify them."""

import functools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from support.world.words import meaning_of

STATEMENT_ID = "statement-1"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """What signs and what verifies; with a shared secret, both are the same."""

    algorithm: str
    signing: str
    verifying: str

    def signing_key(self) -> dict[str, str]:
        """Return the key in the form that assertion files hold."""
        return {"alg": self.algorithm, "key": self.signing}

    def verification_keys(self) -> dict[str, Any]:
        """Return the content of a file of verification keys."""
        key = {"alg": self.algorithm, "key": self.verifying}
        return {"keys": {STATEMENT_ID: key}}


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, signed with a key of its own, or bound by the document's key when None."""

    text: str
    keys: KeyPair | None = None

    def as_assertion(self) -> dict[str, Any]:
        """Return the assertion in the form of xtest's assertion files."""
        assertion: dict[str, Any] = {
            "id": STATEMENT_ID,
            "type": "handling",
            "scope": "tdo",
            "appliesToState": "encrypted",
            "statement": {
                "format": "string",
                "schema": "urn:opentdf:acceptance:statement",
                "value": self.text,
            },
        }
        if self.keys is not None:
            assertion["signingKey"] = self.keys.signing_key()
        return assertion


def _shared_secret() -> KeyPair:
    secret = secrets.token_hex(32)
    return KeyPair("HS256", secret, secret)


@functools.cache
def _rsa_pairs() -> tuple[KeyPair, KeyPair]:
    """Two key pairs for the whole process, since making one is slow."""
    return _new_rsa_pair(), _new_rsa_pair()


def _new_rsa_pair() -> KeyPair:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return KeyPair("RS256", private.decode(), public.decode())


def keys_of(algorithm: str) -> tuple[KeyPair, KeyPair]:
    """Return two unrelated key pairs of an algorithm: the author's, and somebody else's.

    Raises:
        SpecificationError: the algorithm is not known.
    """
    return meaning_of(algorithm, _ALGORITHMS, "an algorithm that signs statements")()


_ALGORITHMS: Mapping[str, Callable[[], tuple[KeyPair, KeyPair]]] = {
    "HS256": lambda: (_shared_secret(), _shared_secret()),
    "RS256": _rsa_pairs,
}
