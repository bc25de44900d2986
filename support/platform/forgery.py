"""Access tokens that a platform must refuse, made from one that it accepts."""

import base64
import json

from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jws
from joserfc.jwk import RSAKey

from support.foundation.errors import EnvironmentUnfitError

_PARTS_OF_A_TOKEN = 3


def with_altered_claims(token: str) -> str:
    """Return the token with another subject and the signature it had.

    Raises:
        EnvironmentUnfitError: the token is no signed JWT.
    """
    header, claims, signature = _parts(token)
    changed = {**_decoded(claims), "sub": "somebody-else"}
    return f"{header}.{_encoded(changed)}.{signature}"


def signed_by_a_stranger(token: str) -> str:
    """Return the same header and claims, signed with a key that the issuer does not have.

    Raises:
        EnvironmentUnfitError: the token is no signed JWT.
    """
    header, claims, _ = _parts(token)
    key = RSAKey.import_key(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    protected = {**_decoded(header), "alg": "RS256"}
    return jws.serialize_compact(protected, json.dumps(_decoded(claims)), key)


def garbled(token: str) -> str:
    """Return something of a token's form that decodes to nothing."""
    return ".".join("garbled" for _ in _parts(token))


def _parts(token: str) -> tuple[str, str, str]:
    parts = token.split(".")
    if len(parts) != _PARTS_OF_A_TOKEN:
        raise EnvironmentUnfitError(
            f"Expected a signed JWT as access token, got {len(parts)} part(s). Scenarios about "
            "forged tokens need an identity provider that issues JWTs."
        )
    return parts[0], parts[1], parts[2]


def _decoded(part: str) -> dict[str, object]:
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def _encoded(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
