import base64
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import fields, replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.http import HttpSession
from support.platform.connect import ConnectClient
from support.platform.envelope import ALTERATIONS, Envelope, KasKey, binding_of, seal
from support.platform.identity import Identity
from support.platform.kas import KasClient, Released, Unreadable, Withheld, kas_key
from support.platform.policy import PolicyAuthor, Rule
from support.services.locator import Services
from support.stack.embedded import start_for_run
from tests.platform.conftest import scripted

POLICY_ID = "11111111-1111-1111-1111-111111111111"
ATTRIBUTE = "https://a.example/attr/b/value/c"
ED25519 = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAwIYRguVomB1YHhm0UCkEY2Yz13hqGF0Ckx8J0kG+N1M=
-----END PUBLIC KEY-----
"""


@pytest.fixture
def kas(connect: ConnectClient) -> KasClient:
    return KasClient(connect)


@pytest.fixture
def key(kas: KasClient) -> KasKey:
    return kas_key(kas.public_key("rsa:2048"))


@pytest.fixture
def envelope(key: KasKey, services: Services) -> Envelope:
    return seal(os.urandom(32), (), POLICY_ID, key, services.kas_urls["default"])


def test_the_sealed_key_comes_back(kas: KasClient, identity: Identity, envelope: Envelope) -> None:
    answer = kas.rewrap([envelope], identity.token("standard"))

    assert answer.answer.accepted
    assert answer.results == (Released(envelope.key),)


def test_each_of_many_envelopes_gets_its_own_key(
    kas: KasClient, identity: Identity, key: KasKey
) -> None:
    envelopes = [seal(os.urandom(32), (), POLICY_ID, key, "http://kas") for _ in range(11)]

    results = kas.rewrap(envelopes, identity.token("standard")).results

    assert results == tuple(Released(envelope.key) for envelope in envelopes)


def test_whoever_is_not_entitled_gets_no_key(
    kas: KasClient, identity: Identity, key: KasKey, author: PolicyAuthor
) -> None:
    namespace = author.create_namespace(f"test-{secrets.token_hex(6)}.example")
    attribute = author.create_attribute(namespace, "x", Rule.ANY_OF, ["a"])
    sealed = seal(os.urandom(32), [attribute.values["a"].fqn], POLICY_ID, key, "http://kas")

    (result,) = kas.rewrap([sealed], identity.token("standard")).results

    assert isinstance(result, Withheld)
    assert result.code == "permission_denied"


def test_without_a_token_the_request_is_refused_as_a_whole(
    kas: KasClient, envelope: Envelope
) -> None:
    answer = kas.rewrap([envelope], None)

    assert answer.answer.code == "unauthenticated"
    assert answer.results == ()


# Which kind of key an alteration is about, where it is about one.
ABOUT = {
    "the sender's key is somebody else's": "ec:secp256r1",
    "the sender's key is on another curve": "ec:secp256r1",
    "the sender's key is missing": "ec:secp256r1",
    "the sender's key is no key": "ec:secp256r1",
    "one bit of the post-quantum half is flipped": "mlkem:768",
    "one bit of the classical half is flipped": "hpqt:xwing",
}


@pytest.fixture(scope="module")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A platform with keys of every kind."""
    running = start_for_run(tmp_path_factory.mktemp("keys"), options=("every-mechanism",))
    yield running.services
    running.stop()


@pytest.mark.parametrize("alteration", sorted(ALTERATIONS))
def test_an_alteration_changes_one_thing_and_is_refused(
    every_kind: Services, alteration: str
) -> None:
    http = HttpSession()
    kas = KasClient(ConnectClient(http, every_kind.platform_url))
    token = Identity(http, every_kind).token("standard")
    key = kas_key(kas.public_key(ABOUT.get(alteration, "rsa:2048")))
    sealed = seal(os.urandom(32), [ATTRIBUTE], POLICY_ID, key, "http://kas")

    altered = ALTERATIONS[alteration](sealed)

    members = [entry.name for entry in fields(Envelope)]
    changed = {name for name in members if getattr(altered, name) != getattr(sealed, name)}
    assert len(changed) == 1
    (result,) = kas.rewrap([altered], token).results
    assert isinstance(result, Withheld)
    assert result.code == "invalid_argument"
    http.close()


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [
        ("rsa:2048", "wrapped"),
        ("ec:secp256r1", "ec-wrapped"),
        ("hpqt:xwing", "hybrid-wrapped"),
        ("hpqt:secp256r1-mlkem768", "hybrid-wrapped"),
        ("hpqt:secp384r1-mlkem1024", "hybrid-wrapped"),
        ("mlkem:768", "mlkem-wrapped"),
        ("mlkem:1024", "mlkem-wrapped"),
    ],
)
def test_a_key_of_any_kind_comes_back_under_any_session_key(
    every_kind: Services, algorithm: str, kind: str
) -> None:
    http = HttpSession()
    kas = KasClient(ConnectClient(http, every_kind.platform_url))
    token = Identity(http, every_kind).token("standard")
    sealed = seal(os.urandom(32), (), POLICY_ID, kas_key(kas.public_key(algorithm)), "http://kas")

    assert sealed.kind == kind
    for session in (None, ec.generate_private_key(ec.SECP384R1())):
        answer = kas.rewrap([sealed], token, session=session)
        assert answer.results == (Released(sealed.key),)
        assert bool(answer.session_key) is (session is not None)
    http.close()


def test_the_flipped_binding_stays_well_formed(envelope: Envelope) -> None:
    altered = ALTERATIONS["one bit of the binding is flipped"](envelope)

    before = bytes.fromhex(base64.b64decode(envelope.binding).decode())
    after = bytes.fromhex(base64.b64decode(altered.binding).decode())
    assert sum((a ^ b).bit_count() for a, b in zip(before, after, strict=True)) == 1


def test_the_binding_covers_key_and_policy() -> None:
    assert binding_of(b"k", "p") == binding_of(b"k", "p")
    assert len({binding_of(b"k", "p"), binding_of(b"l", "p"), binding_of(b"k", "q")}) == 3


def test_the_policy_names_what_it_requires(key: KasKey) -> None:
    sealed = seal(b"0" * 32, [ATTRIBUTE], POLICY_ID, key, "http://kas")

    policy = json.loads(base64.b64decode(sealed.policy))

    assert policy["uuid"] == POLICY_ID
    assert [entry["attribute"] for entry in policy["body"]["dataAttributes"]] == [ATTRIBUTE]


def test_an_unknown_algorithm_has_no_key(kas: KasClient) -> None:
    answer = kas.public_key("rot:13")

    assert answer.code == "not_found"
    with pytest.raises(EnvironmentUnfitError, match="give the public key"):
        kas_key(answer)


def test_a_key_of_no_known_kind_seals_nothing() -> None:
    with pytest.raises(EnvironmentUnfitError, match="expected RSA, an elliptic curve, or ML-KEM"):
        seal(b"0" * 32, (), POLICY_ID, KasKey(ED25519, "odd"), "http://kas")


def test_a_key_for_another_session_is_unreadable(envelope: Envelope) -> None:
    result = '{"status": "permit", "kasWrappedKey": "AAAA"}'
    body = f'{{"responses": [{{"policyId": "policy-0", "results": [{result}]}}]}}'

    (read,) = KasClient(scripted(body)).rewrap([envelope], "T").results

    assert isinstance(read, Unreadable)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ('{"status": "permit"}', "kasWrappedKey"),
        ('{"status": "maybe"}', "permit"),
        ('{"status": "fail"}', "error"),
    ],
)
def test_another_result_is_an_error(envelope: Envelope, result: str, expected: str) -> None:
    body = f'{{"responses": [{{"policyId": "policy-0", "results": [{result}]}}]}}'

    with pytest.raises(EnvironmentUnfitError, match=expected):
        KasClient(scripted(body)).rewrap([envelope], "T")


@pytest.mark.parametrize(
    "body",
    ["{}", '{"responses": [{"policyId": "policy-0"}]}', '{"responses": [{"policyId": "other"}]}'],
)
def test_an_envelope_left_out_is_an_error(envelope: Envelope, body: str) -> None:
    with pytest.raises(EnvironmentUnfitError, match="one result for each"):
        KasClient(scripted(body)).rewrap([replace(envelope)], "T")
