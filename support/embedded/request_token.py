"""The signed request token of a rewrap: what a client asks for, and whether it is genuine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf.json_format import ParseError

from support.embedded import jose
from support.embedded.faults import Fault
from support.embedded.jose import ASYMMETRIC_ALGORITHMS, TokenError

if TYPE_CHECKING:
    from joserfc.jwk import Key

    from support.embedded.clock import Clock
    from support.embedded.protocol import Message, Protocol
    from support.embedded.wrapping import PublicKey

SKEW_SECONDS = 60
_GRPC_NAMES = {
    Code.INVALID_ARGUMENT: "InvalidArgument",
    Code.UNAUTHENTICATED: "Unauthenticated",
    Code.PERMISSION_DENIED: "PermissionDenied",
}
REQUEST_ID = "kao-0"
POLICY_ID = "policy-1"


def refusal(code: Code, reason: str) -> ConnectError:
    """Return an error worded as KAS words it; SDKs look for ``desc = …`` in the text."""
    return ConnectError(
        code, f"request error\nrpc error: code = {_GRPC_NAMES[code]} desc = {reason}"
    )


def bad_request(reason: str) -> ConnectError:
    """Return the refusal of a request that is wrong in form or, unsaid, in its secrets."""
    return refusal(Code.INVALID_ARGUMENT, reason)


@dataclass(frozen=True, slots=True)
class RewrapBody:
    """A request token's content: the requests, the client's session key, and the wire version."""

    requests: list[Message]
    client_key: PublicKey
    is_v1: bool


@dataclass(frozen=True, slots=True)
class RequestTokenReader:
    """Reads request tokens; a signature is checked where the access token is bound to a key."""

    protocol: Protocol
    clock: Clock
    faults: frozenset[Fault] = frozenset()

    def read(self, token: str, bound_key: Key | None) -> RewrapBody:
        """Return what the token asks for.

        Raises:
            ConnectError: ``unauthenticated`` or ``invalid_argument``, as the platform answers.
        """
        text = self._request_body(token, bound_key)
        body = self.protocol.message("kas.UnsignedRewrapRequest")()
        try:
            self.protocol.parse_json(text, body)
        except ParseError:
            raise bad_request("invalid request body") from None
        is_v1 = not body.requests
        if is_v1:
            body = self._from_v1(text)
        return RewrapBody(list(body.requests), _client_key(body.client_public_key), is_v1)

    def _request_body(self, token: str, bound_key: Key | None) -> str:
        unreadable = refusal(Code.UNAUTHENTICATED, "could not parse token")
        try:
            parsed = jose.parse_unverified(token)
        except TokenError:
            raise unreadable from None
        if "requestBody" not in parsed.claims:
            raise bad_request("missing request body")
        text = parsed.claims["requestBody"]
        if not isinstance(text, str):
            raise bad_request("invalid request body")
        unverifiable = refusal(Code.UNAUTHENTICATED, "unable to verify request token")
        if not jose.is_within(parsed.claims, self.clock.timestamp(), SKEW_SECONDS):
            raise unverifiable if bound_key else unreadable
        if bound_key is not None and Fault.REQUEST_SIGNATURE_NOT_CHECKED not in self.faults:
            algorithm = parsed.header.get("alg")
            if algorithm not in ASYMMETRIC_ALGORITHMS:
                raise unverifiable
            try:
                jose.verify(token, bound_key, str(algorithm))
            except (TokenError, ValueError):
                raise unverifiable from None
        return text

    def _from_v1(self, text: str) -> Message:
        """Turn a body of the first wire version, one key access object, into one of the second."""
        try:
            body = json.loads(text)
            key_access = body.get("keyAccess") or {}
            converted = {
                "clientPublicKey": body.get("clientPublicKey", ""),
                "requests": [
                    {
                        "keyAccessObjects": [
                            {
                                "keyAccessObjectId": REQUEST_ID,
                                "keyAccessObject": _v1_key_access(key_access),
                            }
                        ],
                        "algorithm": body.get("algorithm", ""),
                        "policy": {"id": POLICY_ID, "body": body.get("policy", "")},
                    }
                ],
            }
            return self.protocol.parse_json(
                json.dumps(converted), self.protocol.message("kas.UnsignedRewrapRequest")()
            )
        except (ValueError, AttributeError, ParseError):
            raise bad_request("invalid request body") from None


def _v1_key_access(key_access: dict[str, Any]) -> dict[str, Any]:
    binding = key_access.get("policyBinding")
    digest = binding.get("hash", "") if isinstance(binding, dict) else (binding or "")
    names = ("type", "url", "protocol", "kid", "sid", "wrappedKey", "header", "ephemeralPublicKey")
    return {
        **{name: key_access[name] for name in names if key_access.get(name)},
        "policyBinding": {"hash": digest, "alg": key_access.get("algorithm", "")},
    }


def _client_key(pem: str) -> PublicKey:
    if "-----BEGIN " not in pem or "-----END " not in pem:
        raise bad_request("clientPublicKey failure")
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise bad_request("clientPublicKey parse failure") from None
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise bad_request("clientPublicKey unsupported type")
    return key
