import base64
import json
import os
import secrets
from dataclasses import replace

import pytest

from support.foundation.errors import EnvironmentUnfitError
from support.platform.connect import ConnectClient
from support.platform.envelope import ALTERATIONS, Envelope, KasKey, binding_of, seal
from support.platform.identity import Identity
from support.platform.kas import KasClient, Released, Withheld, kas_key
from support.platform.policy import PolicyAuthor, Rule
from support.services.locator import Services
from tests.platform.conftest import scripted

POLICY_ID = "11111111-1111-1111-1111-111111111111"
ATTRIBUTE = "https://a.example/attr/b/value/c"


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


@pytest.mark.parametrize("alteration", sorted(ALTERATIONS))
def test_an_alteration_changes_one_thing_and_is_refused(
    kas: KasClient, identity: Identity, key: KasKey, alteration: str
) -> None:
    sealed = seal(os.urandom(32), [ATTRIBUTE], POLICY_ID, key, "http://kas")

    altered = ALTERATIONS[alteration](sealed)

    members = ("key", "policy", "wrapped_key", "binding", "kas_url", "key_id")
    changed = [name for name in members if getattr(altered, name) != getattr(sealed, name)]
    assert len(changed) == 1
    (result,) = kas.rewrap([altered], identity.token("standard")).results
    assert isinstance(result, Withheld)
    assert result.code == "invalid_argument"


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


def test_only_an_rsa_key_seals(kas: KasClient) -> None:
    curve = kas_key(kas.public_key("ec:secp256r1"))

    with pytest.raises(EnvironmentUnfitError, match="expected RSA"):
        seal(b"0" * 32, (), POLICY_ID, curve, "http://kas")


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ('{"status": "permit", "kasWrappedKey": "AAAA"}', "encrypted for the session key"),
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
