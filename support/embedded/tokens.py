"""Verification of access tokens, as the platform does it for every call that is not public."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from support.embedded import jose
from support.embedded.dpop import ProofChecker, ProofError, ProofTarget
from support.embedded.faults import Fault
from support.embedded.jose import TokenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from joserfc.jwk import Key

    from support.embedded.clock import Clock

SKEW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the verified claims, the token itself, and the key it is bound to, if any."""

    claims: dict[str, Any]
    token: str
    bound_key: Key | None = None


@dataclass(slots=True)
class TokenVerifier:
    """Checks signature, issuer, audience and times; refetches the key set for an unknown key."""

    issuer: str
    audience: str
    fetch_keys: Callable[[], dict[str, Any]]
    clock: Clock
    faults: frozenset[Fault] = frozenset()
    _keys: dict[str, Key] = field(default_factory=dict)
    _proofs: ProofChecker = field(init=False)

    def __post_init__(self) -> None:
        self._proofs = ProofChecker(self.clock)

    def verify_header(self, authorization: str, proofs: list[str], target: ProofTarget) -> Caller:
        """Check an ``Authorization`` header and what belongs to it.

        Raises:
            ProofError: The token is bound to a key and the proof is missing or wrong.
            TokenError: The header or the token is not acceptable.
        """
        scheme, space, token = authorization.partition(" ")
        if not space or scheme not in {"Bearer", "DPoP"}:
            raise TokenError("not of type bearer or dpop")
        claims = self.verify(token)
        confirmation = claims.get("cnf")
        if confirmation is None:
            return Caller(claims, token)
        thumbprint = confirmation.get("jkt") if isinstance(confirmation, dict) else None
        if not isinstance(thumbprint, str):
            raise ProofError("`cnf` holds no key thumbprint")
        key = self._proofs.check(proofs, target, access_token=token, thumbprint=thumbprint)
        return Caller(claims, token, key)

    def verify(self, token: str) -> dict[str, Any]:
        """Return the claims of an access token.

        Raises:
            TokenError: Not signed by the identity provider, for another audience, or out of time.
        """
        header = jose.parse_unverified(token).header
        if header.get("alg") != "RS256":
            raise TokenError(f"unsupported algorithm {header.get('alg')!r}")
        claims = jose.verify(token, self._key(str(header.get("kid"))), "RS256")
        if claims.get("iss") != self.issuer:
            raise TokenError("wrong issuer")
        audience = claims.get("aud")
        if self.audience not in (audience if isinstance(audience, list) else [audience]):
            raise TokenError("wrong audience")
        timed = claims
        if Fault.ACCEPT_EXPIRED_TOKEN in self.faults:
            timed = {name: value for name, value in claims.items() if name != "exp"}
        if not jose.is_within(timed, self.clock.timestamp(), SKEW_SECONDS):
            raise TokenError("expired, or not valid yet")
        return claims

    def _key(self, kid: str) -> Key:
        if kid not in self._keys:
            published = self.fetch_keys()["keys"]
            self._keys = {key["kid"]: jose.import_public_jwk(key) for key in published}
        try:
            return self._keys[kid]
        except KeyError:
            raise TokenError("unknown signing key") from None
