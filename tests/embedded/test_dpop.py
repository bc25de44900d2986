import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from support.embedded import jose
from support.embedded.clock import Clock
from support.embedded.dpop import ProofChecker, ProofError, matches_url
from support.embedded.identity import IdentityProvider, TokenRequest
from support.embedded.tokens import TokenVerifier
from tests.embedded.conftest import Json
from tests.embedded.tokens_asked import FORM, TARGET

if TYPE_CHECKING:
    pass


def proof(key: ECKey | RSAKey, clock: Clock, **changes: Json) -> str:
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    header.update(changes.pop("header", {}))
    claims = {
        "htm": "POST",
        "htu": "http://localhost:1/a",
        "iat": int(clock.timestamp()),
        "jti": str(uuid.uuid4()),
        **changes,
    }
    present = {name: value for name, value in claims.items() if value is not None}
    if header["alg"] == "ES256" and "kty" in header["jwk"]:
        lax = jws.JWSRegistry(strict_check_header=False)
        good = {**header, "jwk": key.as_dict(private=False)}
        signed = jws.serialize_compact(good, json.dumps(present), key, registry=lax)
        if good == header:
            return signed
    parts = [jose.encode_base64url(json.dumps(part).encode()) for part in (header, present)]
    return ".".join([*parts, "c2ln"])


@pytest.fixture
def client_key() -> ECKey:
    return ECKey.generate_key("P-256")


def bound_token(identity: IdentityProvider, key: ECKey) -> str:
    proofs = (proof(key, identity.clock, htu=identity.token_endpoint),)
    status, answer = identity.token(
        TokenRequest({**FORM, "client_id": "opentdf-dpop"}, proofs=proofs)
    )
    assert status == 200, answer
    assert answer["token_type"] == "DPoP"
    return str(answer["access_token"])


def test_a_bound_token_needs_a_proof_by_its_key(
    identity: IdentityProvider, verifier: TokenVerifier, client_key: ECKey
) -> None:
    token = bound_token(identity, client_key)
    good = proof(client_key, identity.clock, ath=jose.access_token_hash(token))
    caller = verifier.verify_header(f"DPoP {token}", [good], TARGET)
    assert caller.bound_key is not None
    assert caller.bound_key.thumbprint() == client_key.thumbprint()
    with pytest.raises(ProofError, match="used before"):
        verifier.verify_header(f"DPoP {token}", [good], TARGET)
    for proofs in ([], [good, good], ["x"]):
        with pytest.raises(ProofError):
            verifier.verify_header(f"Bearer {token}", proofs, TARGET)


def test_a_proof_for_the_token_endpoint_must_name_it(
    identity: IdentityProvider, client_key: ECKey
) -> None:
    proofs = (proof(client_key, identity.clock),)
    status, body = identity.token(TokenRequest(FORM, proofs=proofs))
    assert (status, body["error"]) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize(
    "changes",
    [
        {"htm": "GET"},
        {"htu": "http://localhost:1/b"},
        {"htu": "http://localhost:2/a"},
        {"htu": None},
        {"ath": "wrong"},
        {"ath": None},
        {"iat": None},
        {"iat": 1},
        {"jti": None},
        {"header": {"typ": "JWT"}},
        {"header": {"alg": "HS256"}},
        {"header": {"jwk": {"kty": "oct", "k": "c2VjcmV0"}}},
        {"header": {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}},
    ],
)
def test_a_wrong_proof_is_refused(client_key: ECKey, changes: dict[str, Any]) -> None:
    clock = Clock()
    checker = ProofChecker(clock)
    token = "token"
    bad = proof(client_key, clock, **{"ath": jose.access_token_hash(token), **changes})
    with pytest.raises(ProofError):
        checker.check([bad], TARGET, access_token=token, thumbprint=client_key.thumbprint())


def test_a_proof_by_another_key_is_refused(client_key: ECKey) -> None:
    clock = Clock()
    other = ECKey.generate_key("P-256")
    with pytest.raises(ProofError, match="bound to"):
        ProofChecker(clock).check([proof(other, clock)], TARGET, thumbprint=client_key.thumbprint())


def test_a_proof_that_shows_its_private_key_is_refused(client_key: ECKey) -> None:
    header = {"jwk": client_key.as_dict(private=True)}
    with pytest.raises(ProofError, match="private"):
        ProofChecker(Clock()).check([proof(client_key, Clock(), header=header)], TARGET)


def test_used_proofs_are_forgotten_when_they_have_expired(client_key: ECKey) -> None:
    clock = Clock()
    checker = ProofChecker(clock)
    for _ in range(3):
        checker.check([proof(client_key, clock)], TARGET)
        clock.advance(4000)
    assert len(checker._seen) == 1


@pytest.mark.parametrize(
    ("received", "matches"),
    [
        ("http://localhost:1/a", True),
        ("HTTP://LOCALHOST:1/a", True),
        ("/a", True),
        ("/b", False),
        ("https://localhost:1/a", False),
        ("http://localhost/a", False),
        ("http://localhost:x/a", False),
        ("http://elsewhere:1/a", False),
        ("//localhost:1/a", False),
    ],
)
def test_proof_urls(received: str, *, matches: bool) -> None:
    assert matches_url(received, TARGET.urls) is matches


@pytest.mark.parametrize(("scheme", "port"), [("http", 80), ("https", 443)])
def test_the_usual_port_of_a_proof_url_may_be_left_out(scheme: str, port: int) -> None:
    assert matches_url(f"{scheme}://a.example/a", (f"{scheme}://a.example:{port}/a",))
    assert not matches_url(f"{scheme}://a.example/a", (f"{scheme}://a.example:1/a",))
