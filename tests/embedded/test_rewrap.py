import base64
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    load_pem_public_key,
)
from hypothesis import given
from hypothesis import strategies as st

from support.embedded.bindings import binding_holds
from support.embedded.faults import Fault
from tests.embedded.conftest import (
    EC_SESSION,
    OAEP,
    REWRAP,
    RSA_SESSION,
    SHARED_RING,
    Json,
    agreed_key,
    condition_set,
    ec_wrapped,
    hex_binding,
    one_policy,
    pem_of,
    policy_body,
    request_token,
    rewrap_body,
    rsa_wrapped,
)

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench, MakeBench

BAD_REQUEST = (
    "invalid_argument: request error\nrpc error: code = InvalidArgument desc = bad request"
)
FORBIDDEN = "permission_denied: request error\nrpc error: code = PermissionDenied desc = forbidden"
DATA_KEY = os.urandom(32)


def kas_pem(algorithm: str = "rsa:2048") -> str:
    pair = SHARED_RING.by_algorithm(algorithm)
    assert pair is not None
    return pair.public_pem


def results(answer: Json, policy: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer["responses"][policy]["results"]
    return found


def opened(answer: Json, index: int = 0, policy: int = 0) -> bytes:
    """Return the data key that a client reads out of an answer."""
    wrapped = base64.b64decode(results(answer, policy)[index]["kasWrappedKey"])
    if "sessionPublicKey" not in answer:
        return RSA_SESSION.decrypt(wrapped, OAEP)
    session = load_pem_public_key(answer["sessionPublicKey"].encode())
    assert isinstance(session, ec.EllipticCurvePublicKey)
    return AESGCM(agreed_key(EC_SESSION, session)).decrypt(wrapped[:12], wrapped[12:], None)


@pytest.mark.parametrize("session", [pem_of(RSA_SESSION), pem_of(EC_SESSION)])
@pytest.mark.parametrize("wrapping", ["rsa:2048", "ec:secp256r1", "ec:secp384r1", "ec:secp521r1"])
def test_the_client_gets_the_data_key_back(bench: "Bench", wrapping: str, session: str) -> None:
    policy = policy_body()
    pair = SHARED_RING.by_algorithm(wrapping)
    assert pair is not None
    make = rsa_wrapped if wrapping.startswith("rsa") else ec_wrapped
    body = rewrap_body(
        one_policy(policy, make(kas_pem(wrapping), DATA_KEY, policy, pair.kid)), session=session
    )
    answer = bench.ok(REWRAP, body, client="tdf-authorization-svc")
    assert results(answer)[0]["status"] == "permit"
    assert results(answer)[0]["metadata"] == {"X-Required-Obligations": []}
    assert opened(answer) == DATA_KEY
    assert ("sessionPublicKey" in answer) is (session == pem_of(EC_SESSION))


def test_an_object_without_key_id_is_opened_with_the_legacy_key(bench: "Bench") -> None:
    policy = policy_body()
    kao = rsa_wrapped(kas_pem(), DATA_KEY, policy, kid="")
    assert opened(bench.ok(REWRAP, rewrap_body(one_policy(policy, kao)))) == DATA_KEY


def changed(kao: dict[str, Any], **changes: Json) -> dict[str, Any]:
    return {name: value for name, value in {**kao, **changes}.items() if value is not None}


def described(reason: str) -> str:
    return f"invalid_argument: request error\nrpc error: code = InvalidArgument desc = {reason}"


GARBAGE = base64.b64encode(os.urandom(256)).decode()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"policyBinding": {"hash": hex_binding("other", DATA_KEY)}}, BAD_REQUEST),
        ({"policyBinding": {"hash": "not base64!"}}, BAD_REQUEST),
        ({"policyBinding": {"hash": ""}}, BAD_REQUEST),
        ({"policyBinding": None}, described("missing policy binding")),
        ({"kid": "unknown"}, BAD_REQUEST),
        ({"kid": "e1"}, BAD_REQUEST),
        ({"wrappedKey": GARBAGE}, BAD_REQUEST),
        ({"wrappedKey": "AAAA"}, BAD_REQUEST),
        ({"wrappedKey": ""}, described("wrapped key is empty")),
        ({"type": "remote"}, described("unsupported key type")),
        ({"type": "hybrid-wrapped"}, BAD_REQUEST),
        ({"type": "mlkem-wrapped"}, BAD_REQUEST),
        ({"type": "ec-wrapped"}, described("invalid ephemeral public key")),
        (
            {"type": "ec-wrapped", "ephemeralPublicKey": pem_of(RSA_SESSION)},
            described("invalid ephemeral public key"),
        ),
        ({"type": "ec-wrapped", "ephemeralPublicKey": pem_of(EC_SESSION)}, BAD_REQUEST),
        (
            {"type": "ec-wrapped", "ephemeralPublicKey": pem_of(EC_SESSION), "kid": "e1"},
            BAD_REQUEST,
        ),
        (
            {"type": "ec-wrapped", "ephemeralPublicKey": pem_of(EC_SESSION), "kid": "e384"},
            BAD_REQUEST,
        ),
        (
            {"type": "ec-wrapped", "ephemeralPublicKey": pem_of(EC_SESSION), "kid": "none"},
            BAD_REQUEST,
        ),
    ],
)
def test_one_bad_object_is_refused_inside_a_successful_answer(
    bench: "Bench", changes: dict[str, Any], error: str
) -> None:
    policy = policy_body()
    good = rsa_wrapped(kas_pem(), DATA_KEY, policy)
    request = one_policy(policy, good, changed(good, **changes))
    answer = bench.ok(REWRAP, rewrap_body(request))
    assert [item["status"] for item in results(answer)] == ["permit", "fail"]
    assert results(answer)[1]["error"] == error
    assert len(bench.audit) == 1


def test_an_object_without_content_is_refused(bench: "Bench") -> None:
    request = {
        "policy": {"id": "p", "body": policy_body()},
        "keyAccessObjects": [{"keyAccessObjectId": "k"}],
    }
    answer = bench.ok(REWRAP, rewrap_body(request))
    assert results(answer)[0]["error"] == described("key access object is nil")


@pytest.mark.parametrize(
    "body",
    [
        "!",
        base64.b64encode(b"not json").decode(),
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b'{"uuid":"x"}').decode(),
        base64.b64encode(b'{"body":{"dataAttributes":[1]}}').decode(),
    ],
)
def test_a_malformed_policy_looks_like_tampering(bench: "Bench", body: str) -> None:
    kao = rsa_wrapped(kas_pem(), DATA_KEY, body)
    answer = bench.ok(REWRAP, rewrap_body(one_policy(body, kao)))
    assert results(answer)[0]["error"] == BAD_REQUEST


def test_policies_are_answered_one_by_one(bench: "Bench") -> None:
    open_policy, other = policy_body(), policy_body()
    good = one_policy(open_policy, rsa_wrapped(kas_pem(), DATA_KEY, open_policy))
    bad = one_policy(other, rsa_wrapped(kas_pem(), DATA_KEY, open_policy))
    bad["policy"]["id"] = "policy-1"
    unnamed = one_policy(open_policy, rsa_wrapped(kas_pem(), DATA_KEY, open_policy))
    unnamed["policy"]["id"] = ""
    answer = bench.ok(REWRAP, rewrap_body(good, bad, unnamed))
    assert [item["policyId"] for item in answer["responses"]] == ["policy-0", "policy-1"]
    assert results(answer, 1)[0]["error"] == BAD_REQUEST


def test_a_policy_without_objects_has_no_results(bench: "Bench") -> None:
    answer = bench.ok(REWRAP, rewrap_body(one_policy(policy_body())))
    assert answer == {"responses": [{"policyId": "policy-0"}]}


def error_of(bench: "Bench", body: dict[str, Any], **more: Json) -> tuple[int, str]:
    reply = bench.call(REWRAP, body, **more)
    return reply.status, reply.message.rpartition("desc = ")[2]


def with_attributes(bench: "Bench") -> tuple[str, str]:
    """Return the names of a value that opentdf-sdk may read and of one that it may not."""
    attribute = bench.attribute(bench.namespace(), "a", "ANY_OF", ["yes", "no"])
    bench.entitle(attribute["values"][0]["id"])
    return attribute["values"][0]["fqn"], attribute["values"][1]["fqn"]


def rewrapped(bench: "Bench", *fqns: str, client: str = "opentdf-sdk") -> dict[str, Any]:
    policy = policy_body(*fqns)
    body = rewrap_body(one_policy(policy, rsa_wrapped(kas_pem(), DATA_KEY, policy)))
    return results(bench.ok(REWRAP, body, client=client))[0]


def test_attributes_decide(bench: "Bench") -> None:
    allowed, denied = with_attributes(bench)
    assert rewrapped(bench, allowed)["status"] == "permit"
    assert rewrapped(bench, allowed.upper().replace("HTTPS", "https"))["status"] == "permit"
    assert rewrapped(bench, denied)["error"] == FORBIDDEN
    assert rewrapped(bench, f"{denied}x")["error"] == FORBIDDEN
    assert rewrapped(bench, allowed, client="opentdf")["error"] == FORBIDDEN


def test_a_malformed_attribute_name_denies_the_whole_request(bench: "Bench") -> None:
    allowed, _ = with_attributes(bench)
    good, bad = policy_body(allowed), policy_body("nope")
    requests = [one_policy(item, rsa_wrapped(kas_pem(), DATA_KEY, item)) for item in (good, bad)]
    requests[1]["policy"]["id"] = "policy-1"
    answer = bench.ok(REWRAP, rewrap_body(*requests), client="opentdf-sdk")
    for policy in (0, 1):
        assert results(answer, policy)[0]["error"] == f"{FORBIDDEN}: pdp-denied"


def test_what_happened_is_recorded_without_keys_or_tokens(bench: "Bench") -> None:
    allowed, denied = with_attributes(bench)
    before = len(bench.audit)
    rewrapped(bench, allowed)
    rewrapped(bench, denied)
    decision, permit, refusal, deny = bench.audit[before:]
    assert [item["msg"] for item in (decision, permit)] == ["decision", "rewrap"]
    assert permit["audit"]["action"] == {"result": "success", "type": "rewrap"}
    assert permit["audit"]["object"]["attributes"]["attrs"] == [allowed]
    assert permit["audit"]["eventMetaData"]["keyID"] == "r1"
    assert decision["audit"]["actor"]["id"] == "jwtentity-1-clientid-opentdf-sdk"
    assert decision["audit"]["requestID"] != permit["audit"]["requestID"]
    assert refusal["audit"]["action"]["result"] == "failure"
    assert deny["audit"]["action"]["result"] == "error"
    text = bench.audit_stream.getvalue()
    assert "eyJ" not in text
    assert base64.b64encode(DATA_KEY).decode() not in text


def v1_body(policy: str, kao: dict[str, Any], **changes: Json) -> dict[str, Any]:
    content = {
        "clientPublicKey": pem_of(RSA_SESSION),
        "policy": policy,
        "algorithm": "rsa:2048",
        "keyAccess": kao,
        **changes,
    }
    return {"signedRequestToken": request_token({"requestBody": json.dumps(content)})}


def test_the_first_wire_version_is_answered_in_its_form(bench: "Bench") -> None:
    policy = policy_body()
    kao = rsa_wrapped(kas_pem(), DATA_KEY, policy)
    answer = bench.ok(REWRAP, v1_body(policy, kao))
    assert answer["entityWrappedKey"] == results(answer)[0]["kasWrappedKey"]
    assert opened(answer) == DATA_KEY


def test_the_first_wire_version_fails_as_a_whole(bench: "Bench") -> None:
    _, denied = with_attributes(bench)
    policy = policy_body()
    kao = rsa_wrapped(kas_pem(), DATA_KEY, policy)
    other = changed(kao, policyBinding={"hash": hex_binding("other", DATA_KEY)})
    assert error_of(bench, v1_body(policy, other)) == (400, "bad request")
    guarded = policy_body(denied)
    forbidden = v1_body(guarded, rsa_wrapped(kas_pem(), DATA_KEY, guarded))
    assert error_of(bench, forbidden) == (403, "forbidden")
    assert error_of(bench, v1_body(policy, kao, keyAccess=[1])) == (400, "invalid request body")


@given(st.binary(min_size=16, max_size=32), st.text("abcXYZ012=", max_size=40))
def test_a_binding_holds_for_its_policy_and_key_alone(key: bytes, policy: str) -> None:
    binding = hex_binding(policy, key)
    assert binding_holds(binding, policy, key)
    assert not binding_holds(binding, f"{policy}x", key)
    assert not binding_holds(binding, policy, key[:-1] + bytes([key[-1] ^ 1]))


def test_a_raw_digest_is_refused_as_the_platform_refuses_it() -> None:
    digest = bytes.fromhex(base64.b64decode(hex_binding("p", DATA_KEY)).decode())
    assert not binding_holds(base64.b64encode(digest).decode(), "p", DATA_KEY)


def test_faults_break_binding_and_key(make_bench: "MakeBench") -> None:
    policy, other = policy_body(), policy_body()
    unbound = one_policy(other, rsa_wrapped(kas_pem(), DATA_KEY, policy))
    lax = make_bench(Fault.SKIP_POLICY_BINDING)
    assert opened(lax.ok(REWRAP, rewrap_body(unbound))) == DATA_KEY
    wrong = make_bench(Fault.WRONG_POLICY_KEY)
    good = one_policy(policy, rsa_wrapped(kas_pem(), DATA_KEY, policy))
    second_key = os.urandom(32)
    second = one_policy(other, rsa_wrapped(kas_pem(), second_key, other))
    assert opened(wrong.ok(REWRAP, rewrap_body(good))) != DATA_KEY
    assert opened(wrong.ok(REWRAP, rewrap_body(second))) == DATA_KEY


def test_conditions_of_users_apply_to_user_tokens(bench: "Bench") -> None:
    attribute = bench.attribute(bench.namespace(), "hero", "ANY_OF", ["thor", "hulk"])
    for value, name in zip(attribute["values"], ("thor", "hulk"), strict=True):
        bench.entitle(value["id"], ".attributes.superhero_name[]", [name])
    policy = policy_body(attribute["values"][0]["fqn"])
    body = rewrap_body(one_policy(policy, rsa_wrapped(kas_pem(), DATA_KEY, policy)))
    header = {"authorization": f"Bearer {bench.user_token()}"}
    assert results(bench.call(REWRAP, body, headers=header).json)[0]["status"] == "permit"
    assert condition_set()["subjectSets"]
