"""Opening the data keys in key access objects, whatever kind of key sealed them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from support.embedded.faults import Fault
from support.embedded.keys import EC_P256
from support.embedded.request_token import bad_request
from support.embedded.wrapping import UnwrapError, unwrap, unwrap_ec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from support.embedded.keys import KeyPair, Keys
    from support.embedded.protocol import Message

RSA_WRAPPED = "wrapped"
EC_WRAPPED = "ec-wrapped"
KEM_WRAPPED = ("hybrid-wrapped", "mlkem-wrapped")
KINDS = (RSA_WRAPPED, EC_WRAPPED, *KEM_WRAPPED)
"""The kinds of key access objects; all but the first have to be switched on."""


@dataclass(frozen=True, slots=True)
class KeyOpener:
    """What one KAS opens: with which keys, and of which kinds.

    Attributes:
        others: The keys of other KAS, with which it opens nothing but by a fault.
    """

    keys: Keys
    kinds: frozenset[str] = frozenset(KINDS)
    others: Sequence[Keys] = ()
    faults: frozenset[Fault] = frozenset()

    def open(self, key_access: Message) -> bytes:
        """Return a data key; what counts is of what kind the named key is, not what is said.

        Raises:
            UnwrapError: It does not open, or its kind is not switched on.
            ConnectError: The key access object is not of the form.
        """
        kind = key_access.key_type
        if kind not in KINDS:
            raise bad_request("unsupported key type")
        if kind == EC_WRAPPED:
            return self._unwrap_ec(key_access)
        if kind not in self.kinds:
            raise UnwrapError
        if key_access.kid or kind != RSA_WRAPPED:
            candidates = self._named(key_access.kid)
        else:
            candidates = self._legacy_keys()
        return _first(
            candidates,
            lambda pair: unwrap(pair.private, key_access.wrapped_key, self.faults),
        )

    def _unwrap_ec(self, key_access: Message) -> bytes:
        if EC_WRAPPED not in self.kinds:
            raise bad_request("ec-wrapped not enabled")
        ephemeral = _ephemeral_key(key_access.ephemeral_public_key)
        candidates = [
            pair
            for pair in self._named(key_access.kid)
            if Fault.EC_WRAPPED_KEY_REFUSED not in self.faults
            and (pair.algorithm == EC_P256 or Fault.LARGE_CURVE_UNWRAP_FAILS not in self.faults)
        ]
        return _first(
            candidates, lambda pair: unwrap_ec(pair.private, ephemeral, key_access.wrapped_key)
        )

    def _legacy_keys(self) -> list[KeyPair]:
        """Return the keys to try for a document that names none."""
        keys = self.keys.legacy_rsa()
        return keys[:1] if Fault.LEGACY_KEY_FORGOTTEN in self.faults else keys

    def _named(self, kid: str) -> list[KeyPair]:
        """Return the key of an id; by a fault also those that other KAS know by it."""
        borrowed = self.others if Fault.SHARE_BELONGS_TO_EVERYBODY in self.faults else ()
        found = (ring.by_kid(kid) for ring in (self.keys, *borrowed))
        return [pair for pair in found if pair is not None]


def _first(candidates: Iterable[KeyPair], open_with: Callable[[KeyPair], bytes]) -> bytes:
    """Return what the first of some keys opens.

    Raises:
        UnwrapError: None of them does.
    """
    for pair in candidates:
        try:
            return open_with(pair)
        except UnwrapError:
            continue
    raise UnwrapError


def _ephemeral_key(pem: str) -> ec.EllipticCurvePublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise bad_request("invalid ephemeral public key") from None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise bad_request("invalid ephemeral public key")
    return key
