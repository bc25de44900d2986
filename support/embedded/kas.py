"""The key access service: public keys, and rewrap over Connect."""

from __future__ import annotations

import asyncio
import functools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.calls import not_found
from support.embedded.faults import Fault
from support.embedded.keys import EC_P256, RSA_2048, STOCK, KeyPair
from support.foundation import kems

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.keys import KeyPair, Keys
    from support.embedded.protocol import Message, Protocol
    from support.embedded.rewrap import Rewrapper

PUBLISHED = frozenset((*STOCK, *kems.SCHEMES))
"""Whose public keys are told to everybody; the others stand in the registry only."""
UNKNOWN_ALGORITHM = "invalid config\nno default key for algorithm"


@dataclass(frozen=True, slots=True)
class KeyAccessService:
    """One KAS identity: a name, the URI that it is registered under, and its keys."""

    protocol: Protocol
    keys: Keys
    rewrapper: Rewrapper

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        service = "/kas.AccessService"
        return {
            f"{service}/PublicKey": self.public_key,
            f"{service}/LegacyPublicKey": self.legacy_public_key,
            f"{service}/Rewrap": self.rewrapper.rewrap,
        }

    async def public_key(self, request: Message, _call: Call) -> Message:
        """Return the public key of an algorithm, RSA-2048 by default."""
        pair = self._pair(request.algorithm)
        if Fault.PUBLIC_KEY_OF_ANOTHER in self.rewrapper.faults:
            pair = _stray(pair.kid, pair.algorithm)
        if not (pair.is_made or pair.published):
            # RSA-4096 takes seconds, in which others want answers.
            await asyncio.to_thread(pair.make)
        if pair.algorithm == EC_P256 or (
            pair.algorithm in PUBLISHED and request.fmt in {"", "pkcs8"}
        ):
            value = pair.public_pem
        elif pair.algorithm == RSA_2048 and request.fmt == "jwk":
            value = _jwk(pair)
        else:
            raise not_found("invalid algorithm or format")
        # Clients of protocol version 1 expect no key id.
        kid = "" if request.v == "1" else pair.kid
        return self.protocol.message("kas.PublicKeyResponse")(public_key=value, kid=kid)

    def legacy_public_key(self, request: Message, _call: Call) -> Message:
        """Return a public key as PEM; for EC, as a certificate."""
        pair = self._pair(request.algorithm)
        if pair.algorithm not in PUBLISHED:
            raise ConnectError(Code.NOT_FOUND, "invalid config\ninvalid algorithm")
        value = pair.certificate_pem() if pair.algorithm == EC_P256 else pair.public_pem
        return self.protocol.message("google.protobuf.StringValue")(value=value)

    def _pair(self, algorithm: str) -> KeyPair:
        pair = self.keys.by_algorithm(algorithm or RSA_2048)
        if pair is None and Fault.UNKNOWN_ALGORITHM_SERVED in self.rewrapper.faults:
            pair = self.keys.by_algorithm(RSA_2048)
        if pair is None:
            raise not_found(UNKNOWN_ALGORITHM)
        return pair


@functools.cache
def _stray(kid: str, algorithm: str) -> KeyPair:
    """Return a key pair that no KAS has, under the name of one that it has."""
    return KeyPair(kid, algorithm)


def _jwk(pair: KeyPair) -> str:
    from joserfc.jwk import RSAKey  # noqa: PLC0415 - rarely asked for

    public = RSAKey.import_key(pair.public_pem).as_dict(private=False)
    return json.dumps({name: public[name] for name in ("e", "kty", "n")}, separators=(",", ":"))
