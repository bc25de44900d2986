import base64
import dataclasses
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from joserfc.jwk import RSAKey

from support.embedded import jose
from support.embedded.clock import Clock
from support.embedded.directory import Directory
from support.embedded.faults import Fault
from support.embedded.identity import GRANT_EXCHANGE, IdentityProvider, TokenRequest
from support.embedded.jose import TokenError
from support.embedded.tokens import TokenVerifier
from tests.embedded.tokens_asked import FORM, TARGET, claims_of

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench, MakeBench


def test_a_client_gets_the_claims_of_the_development_realm(identity: IdentityProvider) -> None:
    status, answer = identity.token(TokenRequest(FORM))
    claims = claims_of(answer)
    assert status == 200
    assert {name: answer[name] for name in answer if name != "access_token"} == {
        "expires_in": 300,
        "refresh_expires_in": 0,
        "token_type": "Bearer",
        "not-before-policy": 0,
        "scope": "email profile",
    }
    assert claims["exp"] - claims["iat"] == 300
    assert claims["aud"] == ["opentdf-sdk", "http://localhost:8080", "account"]
    assert claims["azp"] == claims["client_id"] == "opentdf"
    assert claims["preferred_username"] == "service-account-opentdf"
    assert claims["realm_access"]["roles"] == [
        "default-roles-opentdf",
        "offline_access",
        "opentdf-admin",
        "uma_authorization",
    ]
    assert claims["iss"] == identity.issuer
    assert claims["typ"] == "Bearer"


def test_basic_authentication_works_too(identity: IdentityProvider) -> None:
    encoded = base64.b64encode(b"opentdf-sdk:secret").decode()
    request = TokenRequest({"grant_type": "client_credentials"}, f"Basic {encoded}")
    status, answer = identity.token(request)
    assert status == 200
    assert claims_of(answer)["azp"] == "opentdf-sdk"


PASSWORD = {
    "grant_type": "password",
    "client_id": "opentdf-sdk",
    "client_secret": "secret",
    "username": "sample-user",
    "password": "testuser123",
}


@pytest.mark.parametrize(
    ("form", "authorization", "refusal"),
    [
        ({**FORM, "client_secret": "wrong"}, "", (401, "unauthorized_client", "Invalid client or")),
        ({**FORM, "client_id": "nobody"}, "", (401, "invalid_client", "Invalid client or")),
        ({"grant_type": "client_credentials"}, "", (401, "invalid_client", "Invalid client or")),
        (
            {"grant_type": "client_credentials"},
            "Basic %%%",
            (401, "invalid_client", "Invalid client or"),
        ),
        (
            {"grant_type": "client_credentials", "client_id": "opentdf"},
            "",
            (401, "unauthorized_client", "Invalid client or"),
        ),
        ({**FORM, "grant_type": "bogus"}, "", (400, "unsupported_grant_type", "Unsupported")),
        ({"client_id": "opentdf"}, "", (400, "invalid_request", "Missing form parameter")),
        (
            {"grant_type": "client_credentials", "client_id": "cli-client"},
            "",
            (401, "unauthorized_client", "Public client not allowed"),
        ),
        ({**FORM, "client_id": "opentdf-dpop"}, "", (400, "invalid_request", "DPoP proof is")),
        (
            {**PASSWORD, "client_id": "opentdf"},
            "",
            (400, "unauthorized_client", "Client not allowed for direct"),
        ),
        ({**PASSWORD, "password": "x"}, "", (400, "invalid_grant", "Invalid user credentials")),
        ({**PASSWORD, "username": "x"}, "", (400, "invalid_grant", "Invalid user credentials")),
        (
            {**PASSWORD, "grant_type": "refresh_token", "refresh_token": "abc"},
            "",
            (400, "invalid_grant", "Invalid refresh token"),
        ),
        (
            {**FORM, "grant_type": GRANT_EXCHANGE, "subject_token": "abc"},
            "",
            (400, "invalid_request", "Invalid token"),
        ),
    ],
)
def test_refusals_are_worded_as_keycloak_words_them(
    identity: IdentityProvider,
    form: dict[str, str],
    authorization: str,
    refusal: tuple[int, str, str],
) -> None:
    status, body = identity.token(TokenRequest(form, authorization))
    assert (status, body["error"]) == refusal[:2]
    assert body["error_description"].startswith(refusal[2])


def test_a_user_signs_in_and_refreshes(identity: IdentityProvider) -> None:
    _, signed_in = identity.token(TokenRequest(PASSWORD))
    assert claims_of(signed_in)["preferred_username"] == "sample-user"
    assert claims_of(signed_in)["email"] == "sampleuser@sample.com"
    assert claims_of(signed_in)["sid"] == signed_in["session_state"]
    form = {**PASSWORD, "grant_type": "refresh_token", "refresh_token": signed_in["refresh_token"]}
    status, refreshed = identity.token(TokenRequest(form))
    assert status == 200
    assert claims_of(refreshed)["sub"] == claims_of(signed_in)["sub"]
    assert claims_of(refreshed)["sid"] == claims_of(signed_in)["sid"]


def test_a_refresh_token_ends_and_serves_its_client_alone(identity: IdentityProvider) -> None:
    _, signed_in = identity.token(TokenRequest(PASSWORD))
    refresh = {"grant_type": "refresh_token", "refresh_token": signed_in["refresh_token"]}
    assert identity.token(TokenRequest({**FORM, **refresh}))[0] == 400
    access = {**PASSWORD, "grant_type": "refresh_token", "refresh_token": signed_in["access_token"]}
    assert identity.token(TokenRequest(access))[0] == 400
    identity.clock.advance(1801)
    assert identity.token(TokenRequest({**PASSWORD, **refresh}))[0] == 400


def test_a_token_is_exchanged_for_another_audience(
    identity: IdentityProvider, verifier: TokenVerifier
) -> None:
    _, answer = identity.token(TokenRequest(FORM))
    form = {
        **FORM,
        "grant_type": GRANT_EXCHANGE,
        "subject_token": answer["access_token"],
        "audience": "opentdf-sdk",
    }
    status, exchanged = identity.token(TokenRequest(form))
    assert status == 200
    assert claims_of(exchanged)["aud"] == "opentdf-sdk"
    assert exchanged["issued_token_type"].endswith("access_token")
    with pytest.raises(TokenError, match="audience"):
        verifier.verify(exchanged["access_token"])
    status, refused = identity.token(TokenRequest({**form, "audience": "elsewhere"}))
    assert (status, refused["error"]) == (400, "invalid_request")


def test_random_secrets_differ_and_the_documented_ones_fail() -> None:
    first, second = Directory(random_secrets=True), Directory(random_secrets=True)
    assert first.clients["opentdf"].secret not in {"secret", second.clients["opentdf"].secret}
    assert first.users["sample-user"].password != "testuser123"
    provider = IdentityProvider("http://i", "a", first, Clock())
    assert provider.token(TokenRequest(FORM))[0] == 401


def test_the_directory_holds_the_copies_of_the_realm() -> None:
    directory = Directory()
    assert {f"opentdf-{number}" for number in range(10)} <= set(directory.clients)
    assert directory.users["sample-user-3"].email == "3-sampleuser@sample.com"
    assert directory.user_by_email("3-sampleuser@sample.com") is not None


def test_discovery_and_platform_configuration_agree(identity: IdentityProvider) -> None:
    discovery = identity.discovery()
    assert identity.platform_configuration().items() <= discovery.items()
    assert discovery["token_endpoint"] == identity.token_endpoint


def test_tokens_of_a_rotated_key_stay_valid(
    bench: "Bench", identity: IdentityProvider, verifier: TokenVerifier
) -> None:
    before = bench.token()
    verifier.verify(before)
    fresh = identity.rotate_signing_key()
    after = bench.token()
    assert jose.parse_unverified(after).header["kid"] == fresh
    assert verifier.verify(after)["azp"] == "opentdf"
    assert verifier.verify(before)["azp"] == "opentdf"
    assert identity.jwks()["keys"][0]["kid"] == fresh
    assert all("d" not in key for key in identity.jwks()["keys"])


@pytest.mark.parametrize(
    ("seconds", "valid"), [(0, True), (299, True), (359, True), (361, False), (-59, True)]
)
def test_expiry_has_a_minute_of_leeway(
    bench: "Bench", verifier: TokenVerifier, seconds: int, *, valid: bool
) -> None:
    token = bench.token()
    bench.platform.clock.advance(seconds)
    if valid:
        assert verifier.verify(token)
    else:
        with pytest.raises(TokenError, match="expired"):
            verifier.verify(token)


def test_a_token_from_the_future_is_not_valid_yet(bench: "Bench", verifier: TokenVerifier) -> None:
    token = bench.token()
    bench.platform.clock.advance(-120)
    with pytest.raises(TokenError):
        verifier.verify(token)


def test_the_expired_client_gets_expired_tokens(
    bench: "Bench", make_bench: "MakeBench", verifier: TokenVerifier
) -> None:
    with pytest.raises(TokenError, match="expired"):
        verifier.verify(bench.token("opentdf-expired"))
    faulty = make_bench(Fault.ACCEPT_EXPIRED_TOKEN)
    assert faulty.platform.verifier.verify(faulty.token("opentdf-expired"))


@pytest.mark.parametrize(
    ("client", "reason"),
    [("opentdf-foreign-audience", "wrong audience"), ("opentdf-foreign-issuer", "wrong issuer")],
)
def test_a_foreign_claim_is_all_that_is_wrong_with_a_foreign_token(
    bench: "Bench", verifier: TokenVerifier, client: str, reason: str
) -> None:
    token = bench.token(client)
    with pytest.raises(TokenError, match=reason):
        verifier.verify(token)
    claims = jose.parse_unverified(token).claims
    elsewhere = dataclasses.replace(verifier, issuer=claims["iss"], audience=claims["aud"][0])
    assert elsewhere.verify(token) == claims


Change = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda claims: {**claims, "iss": "http://elsewhere"}, "issuer"),
        (lambda claims: {**claims, "aud": "account"}, "audience"),
        (lambda claims: {**claims, "aud": ["account"]}, "audience"),
        (lambda claims: {**claims, "exp": "soon"}, "`exp` is no time"),
        (
            lambda claims: {**claims, "exp": time.time() - 90},
            r"expired \d+ s ago, 60 s are tolerated",
        ),
        (lambda claims: {**claims, "nbf": time.time() + 900}, r"`nbf` is (899|900) s ahead"),
        (lambda claims: {**claims, "iat": time.time() + 90}, r"`iat` is (89|90) s ahead"),
    ],
)
def test_a_signature_alone_is_not_enough(
    bench: "Bench",
    identity: IdentityProvider,
    verifier: TokenVerifier,
    change: Change,
    reason: str,
) -> None:
    key = identity.keys.current
    claims = change(jose.parse_unverified(bench.token()).claims)
    with pytest.raises(TokenError, match=reason):
        verifier.verify(jose.sign({"alg": "RS256", "kid": key.kid}, claims, key))


def forged(token: str, alg: str = "RS256", kid: str | None = None) -> str:
    parsed = jose.parse_unverified(token)
    key = RSAKey.generate_key(2048)
    header = {**parsed.header, "alg": alg, "kid": kid or parsed.header["kid"]}
    return jose.sign(header, parsed.claims, key)


def test_forged_tokens_are_refused(bench: "Bench", verifier: TokenVerifier) -> None:
    token = bench.token()
    header, claims, signature = token.split(".")
    unsigned = jose.encode_base64url(b'{"alg":"none","typ":"JWT"}')
    for bad in (
        forged(token),
        forged(token, kid="unknown"),
        forged(token, alg="RS512"),
        f"{unsigned}.{claims}.",
        f"{header}.{claims}.{signature[:-6]}AAAAAA",
        f"{header}.{claims}",
        "garbage",
        "a.b.c",
        "%.%.%",
        "W10.W10.x",
        "",
    ):
        with pytest.raises(TokenError):
            verifier.verify(bad)


@pytest.mark.parametrize("header", ["", "Bearer", "Basic abc", "bearer abc", "Bearer "])
def test_only_bearer_and_dpop_schemes_are_known(verifier: TokenVerifier, header: str) -> None:
    with pytest.raises(TokenError):
        verifier.verify_header(header, [], TARGET)
