"""Signing and verifying of JSON Web Tokens: the few operations that the platform needs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, RSAKey

ASYMMETRIC_ALGORITHMS = (
    "ES256",
    "ES384",
    "ES512",
    "PS256",
    "PS384",
    "PS512",
    "RS256",
    "RS384",
    "RS512",
)
_COMPACT_PARTS = 3
MAX_HEADER_CHARACTERS = 4096


class TokenError(Exception):
    """A token is malformed, wrongly signed or unacceptable; the text is for the log only."""


@dataclass(frozen=True, slots=True)
class ParsedToken:
    """The parts of a compact JWT, before anybody has checked its signature."""

    header: dict[str, Any]
    claims: dict[str, Any]


def encode_base64url(data: bytes) -> str:
    """Return unpadded base64url text."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_base64url(text: str) -> bytes:
    """Read base64url text, padded or not.

    Raises:
        TokenError: The text holds other characters.
    """
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as problem:
        raise TokenError("not base64url") from problem


def parse_unverified(token: str) -> ParsedToken:
    """Read a compact JWT without checking its signature.

    Raises:
        TokenError: The text is no JWT.
    """
    parts = token.split(".")
    if len(parts) != _COMPACT_PARTS:
        raise TokenError(f"{len(parts)} segments instead of {_COMPACT_PARTS}")
    try:
        header, claims = (json.loads(decode_base64url(part)) for part in parts[:2])
    except ValueError as problem:
        raise TokenError("header or claims are not JSON") from problem
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise TokenError("header or claims are not JSON objects")
    return ParsedToken(header, claims)


def sign(header: dict[str, Any], claims: dict[str, Any], key: RSAKey) -> str:
    """Return a compact JWT."""
    payload = json.dumps(claims, separators=(",", ":"))
    return jws.serialize_compact(header, payload, key, algorithms=[header["alg"]])


def verify(token: str, key: Key, algorithm: str) -> dict[str, Any]:
    """Return the claims of a JWT whose signature is right.

    Raises:
        TokenError: Malformed, or the signature does not fit the key.
    """
    try:
        registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        # Proofs of possession carry a key; that of early SDK versions has 2048 bits and more parts.
        registry.max_header_length = MAX_HEADER_CHARACTERS
        verified = jws.deserialize_compact(token, key, registry=registry)
        claims = json.loads(verified.payload)
    except (JoseError, ValueError) as problem:
        raise TokenError(str(problem)) from problem
    if not isinstance(claims, dict):
        raise TokenError("claims are not a JSON object")
    return claims


def import_public_jwk(value: object) -> RSAKey | ECKey:
    """Return the key of a JWK, which must be public.

    Raises:
        TokenError: No such key, or it holds private parts.
    """
    if not isinstance(value, dict) or value.get("kty") not in {"RSA", "EC"}:
        raise TokenError("the JWK is no RSA or EC key")
    try:
        key = JWKRegistry.import_key(value)
    except (JoseError, ValueError, KeyError, TypeError) as problem:
        raise TokenError(f"unreadable JWK: {problem}") from problem
    if key.is_private or not isinstance(key, RSAKey | ECKey):
        raise TokenError("the JWK holds a private key")
    return key


def access_token_hash(access_token: str) -> str:
    """Return the ``ath`` value of an access token (RFC 9449, section 4.2)."""
    return encode_base64url(hashlib.sha256(access_token.encode()).digest())


def is_within(claims: dict[str, Any], now: float, skew: float) -> bool:
    """Tell whether ``exp``, ``nbf`` and ``iat``, where present, hold at a moment (seconds)."""
    return not out_of_time(claims, now, skew)


def out_of_time(claims: dict[str, Any], now: float, skew: float) -> str:
    """Return why a token does not hold at a moment, or an empty string if it does.

    Args:
        claims: Of these, ``exp``, ``nbf`` and ``iat`` count, where present.
        now: The moment, in seconds since the epoch.
        skew: By how many seconds the clocks of who issues and who verifies may differ.
    """
    times = {name: claims[name] for name in ("exp", "nbf", "iat") if claims.get(name) is not None}
    for name, value in times.items():
        if not isinstance(value, int | float):
            return f"`{name}` is no time"
    expires = times.pop("exp", None)
    if expires is not None and now - skew >= expires:
        return f"expired {now - expires:.0f} s ago, {skew:g} s are tolerated"
    for name, start in times.items():
        if start > now + skew:
            return (
                f"not valid yet: `{name}` is {start - now:.0f} s ahead of this clock, {skew:g} s "
                "are tolerated. Do the clocks of issuer and platform agree?"
            )
    return ""
