"""The key access service, spoken to without an SDK: public keys, and rewrap by hand."""

import base64
import functools
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwt
from joserfc.jwk import Key, RSAKey

from support.platform.connect import Answer, ConnectClient
from support.platform.envelope import KasKey, Sealed
from support.platform.sealing import OAEP, opened_session, public_pem
from support.platform.shape import JsonObject, members, text, unexpected

ACCESS = "kas.AccessService"
REQUEST_LIFETIME_SECONDS = 60

CONTEXT = "X-Rewrap-Additional-Context"
_OBLIGATION = re.compile(r"https?://[^\s\"',\]]+/obl/[^\s\"',\]]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Released:
    """The KAS released a data key."""

    key: bytes


@dataclass(frozen=True, slots=True)
class Withheld:
    """The KAS refused one data key; `code` is a Connect error code such as `permission_denied`."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The KAS released something that our session key does not open."""

    problem: str


KeyResult = Released | Withheld | Unreadable


@dataclass(frozen=True, slots=True)
class RewrapAnswer:
    """The answer to a rewrap request, with one result per envelope when it was accepted.

    Attributes:
        obligations: the full names that stand anywhere in the answer about each envelope.
        session_key: the public key that the KAS made for the answer, where a curve needs one.
    """

    answer: Answer
    results: tuple[KeyResult, ...] = ()
    obligations: tuple[tuple[str, ...], ...] = ()
    session_key: str = ""


SessionKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
"""The key that released data keys are sealed for on their way back."""


class KasClient:
    """Speaks to one KAS."""

    def __init__(self, connect: ConnectClient) -> None:
        self._connect = connect

    def public_key(self, algorithm: str) -> Answer:
        """Ask for the public key of an algorithm such as `rsa:2048`; no token is sent.

        Raises:
            EnvironmentUnfitError: the answer is not of the Connect protocol.
        """
        return self._connect.call(ACCESS, "PublicKey", {"algorithm": algorithm})

    def rewrap(
        self,
        envelopes: Sequence[Sealed],
        token: str | None,
        further: Mapping[str, str] | None = None,
        signer: Key | None = None,
        *,
        fulfillable: Sequence[str] = (),
        session: SessionKey | None = None,
    ) -> RewrapAnswer:
        """Ask for the data keys of some envelopes in one request.

        Args:
            envelopes: that hold the keys.
            token: of whoever asks.
            further: headers beside those that a request needs.
            signer: signs the request; a key of nobody's by default, which an unbound token allows.
            fulfillable: full names of the obligations that whoever asks can fulfil.
            session: what the keys are sealed for on their way back; by default an RSA key.

        Raises:
            EnvironmentUnfitError: the answer has another shape, or leaves an envelope out.
        """
        own = session or _session_key()
        message = {"signedRequestToken": _request_token(_request_body(envelopes, own), signer)}
        headers = {CONTEXT: _context(fulfillable), **(further or {})}
        answer = self._connect.call(ACCESS, "Rewrap", message, token=token, headers=headers)
        if not answer.accepted:
            return RewrapAnswer(answer)
        way_back = _Session(own, str(answer.body.get("sessionPublicKey", "")))
        entries = _entries(answer.body, len(envelopes))
        return RewrapAnswer(
            answer,
            tuple(_result(entry, way_back) for entry in entries),
            tuple(_obligations(entry) for entry in entries),
            way_back.public,
        )


def kas_key(answer: Answer) -> KasKey:
    """Return the key in an answer of `PublicKey`.

    Raises:
        EnvironmentUnfitError: the KAS refused, or sent something else.
    """
    body = answer.required("give the public key of its KAS")
    return KasKey(text("PublicKey", body, "publicKey"), text("PublicKey", body, "kid"))


@functools.cache
def _session_key() -> rsa.RSAPrivateKey:
    """The key pair that released data keys are sealed for; one per process, it is slow."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@functools.cache
def _signing_key() -> RSAKey:
    return RSAKey.generate_key(2048)


@dataclass(frozen=True, slots=True)
class _Session:
    """Our half of the way back, and the half that the KAS told."""

    own: SessionKey
    public: str

    def open(self, wrapped: bytes) -> bytes:
        """Return a released data key; raises ValueError where it is sealed for another key."""
        if isinstance(self.own, rsa.RSAPrivateKey):
            return self.own.decrypt(wrapped, OAEP)
        return opened_session(self.own, self.public, wrapped)


def _request_body(envelopes: Sequence[Sealed], session: SessionKey) -> Mapping[str, Any]:
    return {
        "clientPublicKey": public_pem(session.public_key()),
        "requests": [
            {
                "algorithm": "rsa:2048",
                "policy": {"id": _policy_id(index), "body": envelope.policy},
                "keyAccessObjects": [
                    {
                        "keyAccessObjectId": f"key-{index}",
                        "keyAccessObject": envelope.key_access_object(),
                    }
                ],
            }
            for index, envelope in enumerate(envelopes)
        ],
    }


def _request_token(body: Mapping[str, Any], signer: Key | None) -> str:
    now = int(time.time())
    claims = {
        "requestBody": json.dumps(body),
        "iat": now,
        "exp": now + REQUEST_LIFETIME_SECONDS,
    }
    key = signer or _signing_key()
    return jwt.encode({"alg": "RS256" if isinstance(key, RSAKey) else "ES256"}, claims, key)


def _policy_id(index: int) -> str:
    return f"policy-{index}"


def _context(fulfillable: Sequence[str]) -> str:
    content = {"obligations": {"fulfillableFQNs": list(fulfillable)}}
    return base64.b64encode(json.dumps(content).encode()).decode()


def _obligations(entry: JsonObject) -> tuple[str, ...]:
    """Return every obligation that an entry names, wherever: a leak may stand in any part of it."""
    return tuple(dict.fromkeys(_OBLIGATION.findall(json.dumps(entry))))


def _entries(body: JsonObject, expected: int) -> tuple[JsonObject, ...]:
    where = "Rewrap"
    by_policy = {
        text(where, entry, "policyId"): members(where, entry, "results")
        for entry in members(where, body, "responses")
    }
    wanted = [_policy_id(index) for index in range(expected)]
    if set(by_policy) != set(wanted) or any(len(results) != 1 for results in by_policy.values()):
        unexpected(where, body, f"one result for each of {wanted}")
    return tuple(by_policy[policy_id][0] for policy_id in wanted)


def _result(entry: JsonObject, session: _Session) -> KeyResult:
    where = "Rewrap"
    status = text(where, entry, "status")
    if status == "permit":
        wrapped = base64.b64decode(text(where, entry, "kasWrappedKey"))
        try:
            return Released(session.open(wrapped))
        except ValueError as error:
            return Unreadable(str(error))
    if status != "fail":
        unexpected(where, entry, 'the status "permit" or "fail"')
    code, _, message = text(where, entry, "error").partition(":")
    return Withheld(code.strip(), message.strip())
