"""DPoP proofs (RFC 9449), as the platform and its identity provider check them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from support.embedded import jose
from support.embedded.faults import Fault
from support.embedded.jose import ASYMMETRIC_ALGORITHMS, TokenError

if TYPE_CHECKING:
    from joserfc.jwk import Key

    from support.embedded.clock import Clock

PROOF_LIFETIME_SECONDS = 3600
NONCE_LIFETIME_SECONDS = 300
_DEFAULT_PORTS = {"http": 80, "https": 443}


class ProofError(TokenError):
    """A DPoP proof is missing or wrong."""


class NonceError(ProofError):
    """A proof lacks the present nonce; the client may try again with it."""


@dataclass(slots=True)
class Nonces:
    """The nonces of one server (RFC 9449, section 8): the present one, and the one before."""

    clock: Clock
    _current: str = ""
    _previous: str = ""
    _made_at: float = float("-inf")

    def current(self) -> str:
        """Return the nonce that clients are told, a new one every few minutes."""
        now = self.clock.timestamp()
        if now - self._made_at > NONCE_LIFETIME_SECONDS:
            self._previous, self._current = self._current, secrets.token_hex(16)
            self._made_at = now
        return self._current

    def check(self, claims: dict[str, Any]) -> None:
        """Check the nonce of a proof.

        Raises:
            NonceError: It is missing, or too old.
            ProofError: It is no text.
        """
        if "nonce" not in claims:
            raise NonceError("missing `nonce` claim")
        nonce = claims["nonce"]
        if not isinstance(nonce, str):
            raise ProofError("`nonce` claim of invalid form")
        if not nonce or nonce not in {self._current, self._previous}:
            raise NonceError("invalid or expired `nonce` claim")


@dataclass(frozen=True, slots=True)
class ProofTarget:
    """What a proof must name: the HTTP method, and one of the URLs."""

    method: str
    urls: tuple[str, ...]


@dataclass(slots=True)
class ProofChecker:
    """Checks proofs, and remembers them so that none is used twice."""

    clock: Clock
    nonces: Nonces | None = None
    faults: frozenset[Fault] = frozenset()
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
            NonceError: Only the nonce is missing or old.
            ProofError: The proof is missing, malformed, for another request, or was used before.
        """
        if len(proofs) != 1:
            raise ProofError(f"{len(proofs)} DPoP headers instead of 1")
        try:
            unsigned = Fault.PROOF_SIGNATURE_NOT_CHECKED in self.faults
            key, claims = _verify(proofs[0], unsigned=unsigned)
        except ProofError:
            raise
        except TokenError as problem:
            raise ProofError(str(problem)) from problem
        compared = thumbprint is not None and Fault.PROOF_KEY_NOT_COMPARED not in self.faults
        if compared and key.thumbprint() != thumbprint:
            raise ProofError("the proof's key is not the one the token is bound to")
        self._check_claims(claims, target)
        if access_token is not None and Fault.PROOF_TOKEN_NOT_CHECKED not in self.faults:
            _check_hash(claims, access_token)
        if self.nonces is not None and Fault.PROOF_NONCE_NOT_CHECKED not in self.faults:
            self.nonces.check(claims)
        self._remember(claims.get("jti"))
        return key

    def _check_claims(self, claims: dict[str, Any], target: ProofTarget) -> None:
        issued = claims.get("iat")
        if not isinstance(issued, int | float):
            raise ProofError("missing `iat` claim")
        too_old = issued + PROOF_LIFETIME_SECONDS < self.clock.timestamp()
        if too_old and Fault.PROOF_AGE_NOT_CHECKED not in self.faults:
            raise ProofError("the proof has expired")
        wrong_method = claims.get("htm") != target.method
        if wrong_method and Fault.PROOF_METHOD_NOT_CHECKED not in self.faults:
            raise ProofError("incorrect `htm` claim")
        received = claims.get("htu")
        if Fault.PROOF_ADDRESS_NOT_CHECKED in self.faults:
            return
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
        if identifier in self._seen and Fault.REPLAYED_PROOF_ACCEPTED not in self.faults:
            raise ProofError("the proof was used before")
        self._seen[identifier] = now


def _check_hash(claims: dict[str, Any], access_token: str) -> None:
    if claims.get("ath") != jose.access_token_hash(access_token):
        raise ProofError("missing or incorrect `ath` claim")


def challenge(
    problem: ProofError, nonces: Nonces | None, faults: frozenset[Fault] = frozenset()
) -> dict[str, str]:
    """Return the headers of a refusal: what is wrong with the proof, and the nonce to use."""
    if Fault.NONCE_NOT_TOLD in faults and isinstance(problem, NonceError):
        return {}
    error = "use_dpop_nonce" if isinstance(problem, NonceError) else "invalid_dpop_proof"
    return {"www-authenticate": f'DPoP error="{error}"', **nonce_header(nonces)}


def nonce_header(nonces: Nonces | None) -> dict[str, str]:
    """Return the header that tells a client the nonce, where there are any."""
    return {} if nonces is None else {"dpop-nonce": nonces.current()}


def _verify(proof: str, *, unsigned: bool = False) -> tuple[Key, dict[str, Any]]:
    """Return the key and the claims of a proof; ``unsigned`` leaves out the signature: a fault."""
    header = jose.parse_unverified(proof).header
    if header.get("typ") != "dpop+jwt":
        raise ProofError("wrong `typ`")
    algorithm = header.get("alg")
    if algorithm not in ASYMMETRIC_ALGORITHMS:
        raise ProofError("unsupported algorithm")
    key = jose.import_public_jwk(header.get("jwk"))
    if unsigned:
        return key, jose.parse_unverified(proof).claims
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
