"""Tokens that are bound to a key, and the proofs that somebody holds that key (RFC 9449).

SDKs make good proofs only; scenarios about what a platform must refuse need wrong ones, too.
"""

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.http import HttpSession
from support.platform.shape import json_object, text, unexpected
from support.services.locator import Services

PROOF_TYPE = "dpop+jwt"
ALGORITHM = "ES256"
CURVE = "P-256"
LONG_AGO_SECONDS = 7200

_WHERE = "The token endpoint"
_REGISTRY = jws.JWSRegistry(strict_check_header=False, algorithms=[ALGORITHM, "HS256"])


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof says, before it is signed.

    Attributes:
        nonce: what the server wants to read again; None to leave it out.
        token: the access token that the proof belongs to; None at the token endpoint.
    """

    method: str
    url: str
    identifier: str
    issued_at: int
    token: str | None = None
    nonce: str | None = None

    @classmethod
    def of(cls, method: str, url: str, token: str | None = None) -> "Proof":
        """Return a good proof of now, which nobody has used."""
        return cls(method, url, str(uuid.uuid4()), int(time.time()), token)

    def claims(self) -> dict[str, Any]:
        """Return the claims (RFC 9449, section 4.2)."""
        said: dict[str, Any] = {
            "htm": self.method,
            "htu": self.url,
            "jti": self.identifier,
            "iat": self.issued_at,
        }
        if self.token is not None:
            said["ath"] = _base64url(hashlib.sha256(self.token.encode()).digest())
        return said if self.nonce is None else {**said, "nonce": self.nonce}

    def signed(self, key: ECKey) -> str:
        """Return the proof as it is sent."""
        return jws.serialize_compact(_header(key), json.dumps(self.claims()), key)


@dataclass(frozen=True, slots=True)
class BoundToken:
    """An access token with the key that it is bound to."""

    token: str
    key: ECKey

    def proof(self, url: str) -> Proof:
        """Return a good proof for a call."""
        return Proof.of("POST", url, self.token)


def sign_in_with_proof(http: HttpSession, services: Services, role: str) -> BoundToken:
    """Return a token of a role's client that is bound to a new key.

    Raises:
        EnvironmentUnfitError: the identity provider refuses, or binds no tokens.
    """
    credentials = services.credentials(role)
    endpoint = credentials.token_endpoint or services.token_endpoint
    key = ECKey.generate_key(CURVE)
    form = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret.reveal(),
    }
    response = http.request(
        "POST",
        endpoint,
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "DPoP": Proof.of("POST", endpoint).signed(key),
        },
        body=urlencode(form),
    )
    body = json_object(_WHERE, response.json())
    if response.status != HTTPStatus.OK:
        raise EnvironmentUnfitError(
            f'{_WHERE} refused a proof of the client "{credentials.client_id}": HTTP '
            f"{response.status} {body.get('error', '')}: {body.get('error_description', '')}. "
            "Check the credentials, and that the identity provider binds tokens (RFC 9449)."
        )
    if text(_WHERE, body, "token_type").lower() != "dpop":
        unexpected(_WHERE, body["token_type"], 'the token type "DPoP"')
    return BoundToken(text(_WHERE, body, "access_token"), key)


def _another_key(bound: BoundToken, proof: Proof) -> str:
    del bound
    return proof.signed(ECKey.generate_key(CURVE))


def _another_key_under_the_right_name(bound: BoundToken, proof: Proof) -> str:
    stranger = ECKey.generate_key(CURVE)
    return jws.serialize_compact(_header(bound.key), json.dumps(proof.claims()), stranger)


def _altered_after_signing(bound: BoundToken, proof: Proof) -> str:
    header, _, signature = proof.signed(bound.key).split(".")
    other = replace(proof, identifier=str(uuid.uuid4())).claims()
    return f"{header}.{_base64url(json.dumps(other).encode())}.{signature}"


def _shared_secret(bound: BoundToken, proof: Proof) -> str:
    header = {**_header(bound.key), "alg": "HS256"}
    key = OctKey.import_key(_header(bound.key)["jwk"]["x"])
    return jws.serialize_compact(header, json.dumps(proof.claims()), key, registry=_REGISTRY)


def _unsigned(bound: BoundToken, proof: Proof) -> str:
    header = _base64url(json.dumps({**_header(bound.key), "alg": "none"}).encode())
    return f"{header}.{_base64url(json.dumps(proof.claims()).encode())}."


def _showing_the_private_key(bound: BoundToken, proof: Proof) -> str:
    header = {**_header(bound.key), "jwk": bound.key.as_dict(private=True)}
    return jws.serialize_compact(header, json.dumps(proof.claims()), bound.key, registry=_REGISTRY)


def _of_another_type(bound: BoundToken, proof: Proof) -> str:
    header = {**_header(bound.key), "typ": "JWT"}
    return jws.serialize_compact(header, json.dumps(proof.claims()), bound.key, registry=_REGISTRY)


def _saying(change: Callable[[Proof], Proof]) -> Callable[[BoundToken, Proof], str]:
    return lambda bound, proof: change(proof).signed(bound.key)


MAKINGS: Mapping[str, Callable[[BoundToken, Proof], str]] = {
    "a good proof": _saying(lambda proof: proof),
    "a proof for another address": _saying(
        lambda proof: replace(proof, url=proof.url.replace("List", "Delete"))
    ),
    "a proof for another platform": _saying(
        lambda proof: replace(proof, url=f"https://another.example/{proof.url.split('/', 3)[3]}")
    ),
    "a proof for another method": _saying(lambda proof: replace(proof, method="GET")),
    "a proof for another token": _saying(lambda proof: replace(proof, token="another")),  # noqa: S106 -- no secret
    "a proof for no token": _saying(lambda proof: replace(proof, token=None)),
    "a proof of long ago": _saying(
        lambda proof: replace(proof, issued_at=proof.issued_at - LONG_AGO_SECONDS)
    ),
    "a proof by another key": _another_key,
    "a proof by another key under the right name": _another_key_under_the_right_name,
    "a proof that was altered after signing": _altered_after_signing,
    "a proof that is signed with a shared secret": _shared_secret,
    "a proof that nobody signed": _unsigned,
    "a proof that shows its private key": _showing_the_private_key,
    "a proof of another type": _of_another_type,
}
"""How a proof is made, by the words that scenarios use; all but the first do one thing wrong."""


def _header(key: ECKey) -> dict[str, Any]:
    return {"typ": PROOF_TYPE, "alg": ALGORITHM, "jwk": key.as_dict(private=False)}


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
