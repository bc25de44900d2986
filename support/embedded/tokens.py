"""Verification of access tokens, as the platform does it for every call that is not public."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from support.embedded import jose
from support.embedded.dpop import ProofChecker, ProofError, ProofTarget
from support.embedded.faults import Fault
from support.embedded.jose import TokenError

if TYPE_CHECKING:
    from joserfc.jwk import Key

    from support.embedded.clock import Clock
    from support.embedded.dpop import Nonces
    from support.embedded.key_sources import KeySource

ALGORITHM = "RS256"
SKEW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the verified claims, the token itself, and the key it is bound to, if any."""

    claims: dict[str, Any]
    token: str
    bound_key: Key | None = None


@dataclass(slots=True)
class TokenVerifier:
    """Checks tokens: signature, issuer, audience and times, and the proofs that belong to them."""

    issuer: str
    audience: str
    keys: KeySource
    clock: Clock
    faults: frozenset[Fault] = frozenset()
    nonces: Nonces | None = None
    _proofs: ProofChecker = field(init=False)

    def __post_init__(self) -> None:
        self._proofs = ProofChecker(self.clock, self.nonces, self.faults)

    async def prepare(self, authorization: str) -> None:
        """Fetch the key that a token of the issuer names, if it is new; for others do nothing."""
        try:
            token = jose.parse_unverified(authorization.partition(" ")[2])
        except TokenError:
            return
        kid = token.header.get("kid")
        ours = token.claims.get("iss") == self.issuer and token.header.get("alg") == ALGORITHM
        if ours and isinstance(kid, str):
            await self.keys.learn(kid)

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
        unproven = not proofs and Fault.BOUND_TOKEN_AS_BEARER in self.faults
        if confirmation is None or unproven:
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
        if header.get("alg") != ALGORITHM:
            raise TokenError(f"unsupported algorithm {header.get('alg')!r}")
        if Fault.ACCEPT_UNSIGNED_TOKEN in self.faults:
            claims = jose.parse_unverified(token).claims
        else:
            claims = jose.verify(token, self._key(str(header.get("kid"))), ALGORITHM)
        self._check_claims(claims)
        return claims

    def _check_claims(self, claims: dict[str, Any]) -> None:
        foreign_issuer = Fault.ACCEPT_FOREIGN_ISSUER in self.faults
        if claims.get("iss") != self.issuer and not foreign_issuer:
            raise TokenError(f"wrong issuer {claims.get('iss')!r}, expected {self.issuer!r}")
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        foreign_audience = Fault.ACCEPT_FOREIGN_AUDIENCE in self.faults
        if self.audience not in audiences and not foreign_audience:
            raise TokenError(f"wrong audience {audience!r}, expected {self.audience!r}")
        unread = {"exp"} if Fault.ACCEPT_EXPIRED_TOKEN in self.faults else set()
        if Fault.ACCEPT_EARLY_TOKEN in self.faults:
            unread |= {"nbf", "iat"}
        timed = {name: value for name, value in claims.items() if name not in unread}
        untimely = jose.out_of_time(timed, self.clock.timestamp(), SKEW_SECONDS)
        if untimely:
            raise TokenError(untimely)

    def _key(self, kid: str) -> Key:
        key = self.keys.find(kid)
        if key is None:
            raise TokenError(f"unknown signing key {kid!r}")
        return key
