"""DPoP proofs (RFC 9449), as the platform and its identity provider check them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from support.embedded import jose
from support.embedded.jose import ASYMMETRIC_ALGORITHMS, TokenError

if TYPE_CHECKING:
    from joserfc.jwk import Key

    from support.embedded.clock import Clock

PROOF_LIFETIME_SECONDS = 3600
_DEFAULT_PORTS = {"http": 80, "https": 443}


class ProofError(TokenError):
    """A DPoP proof is missing or wrong."""


@dataclass(frozen=True, slots=True)
class ProofTarget:
    """What a proof must name: the HTTP method, and one of the URLs."""

    method: str
    urls: tuple[str, ...]


@dataclass(slots=True)
class ProofChecker:
    """Checks proofs, and remembers them so that none is used twice."""

    clock: Clock
    _seen: dict[str, float] = field(default_factory=dict)

    def check(
        self,
        proofs: list[str],
        target: ProofTarget,
        *,
        access_token: str | None = None,
        thumbprint: str | None = None,
    ) -> Key:
        """Return the client's key.

        Args:
            proofs: The values of the ``DPoP`` header; there must be one.
            target: What the proof must name.
            access_token: The token that the proof must belong to (``ath``), if any.
            thumbprint: The thumbprint that the token is bound to, if any.

        Raises:
            ProofError: The proof is missing, malformed, for another request, or was used before.
        """
        if len(proofs) != 1:
            raise ProofError(f"{len(proofs)} DPoP headers instead of 1")
        try:
            key, claims = _verify(proofs[0])
        except ProofError:
            raise
        except TokenError as problem:
            raise ProofError(str(problem)) from problem
        if thumbprint is not None and key.thumbprint() != thumbprint:
            raise ProofError("the proof's key is not the one the token is bound to")
        self._check_claims(claims, target)
        if access_token is not None and claims.get("ath") != jose.access_token_hash(access_token):
            raise ProofError("missing or incorrect `ath` claim")
        self._remember(claims.get("jti"))
        return key

    def _check_claims(self, claims: dict[str, Any], target: ProofTarget) -> None:
        issued = claims.get("iat")
        if not isinstance(issued, int | float):
            raise ProofError("missing `iat` claim")
        if issued + PROOF_LIFETIME_SECONDS < self.clock.timestamp():
            raise ProofError("the proof has expired")
        if claims.get("htm") != target.method:
            raise ProofError("incorrect `htm` claim")
        received = claims.get("htu")
        if not isinstance(received, str) or not matches_url(received, target.urls):
            raise ProofError("incorrect `htu` claim")

    def _remember(self, identifier: object) -> None:
        if not isinstance(identifier, str):
            raise ProofError("missing `jti` claim")
        now = self.clock.timestamp()
        self._seen = {
            seen: moment
            for seen, moment in self._seen.items()
            if moment + PROOF_LIFETIME_SECONDS > now
        }
        if identifier in self._seen:
            raise ProofError("the proof was used before")
        self._seen[identifier] = now


def _verify(proof: str) -> tuple[Key, dict[str, Any]]:
    header = jose.parse_unverified(proof).header
    if header.get("typ") != "dpop+jwt":
        raise ProofError("wrong `typ`")
    algorithm = header.get("alg")
    if algorithm not in ASYMMETRIC_ALGORITHMS:
        raise ProofError("unsupported algorithm")
    key = jose.import_public_jwk(header.get("jwk"))
    return key, jose.verify(proof, key, str(algorithm))


def matches_url(received: str, acceptable: tuple[str, ...]) -> bool:
    """Compare an ``htu`` with the request's URLs: origin and path, or a path that stands alone."""
    parts = urlsplit(received)
    if not parts.scheme and not parts.netloc:
        return any(urlsplit(url).path == parts.path for url in acceptable)
    return _normal(received) in {_normal(url) for url in acceptable}


def _normal(url: str) -> tuple[str, str, int | None, str]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    return (
        parts.scheme.lower(),
        (parts.hostname or "").lower(),
        port if port is not None else _DEFAULT_PORTS.get(parts.scheme),
        parts.path,
    )
