"""Named variants of the configuration: each changes what it says, and nothing without it."""

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from support.embedded import jose
from support.embedded.direct_entitlements import parse_direct_entitlements
from support.embedded.identity import TokenRequest
from support.embedded.options import OPTIONS, parse_options
from support.foundation.errors import ConfigurationError
from support.foundation.process import run
from support.foundation.settings import ROOT as PROJECT
from support.foundation.settings import child_environment
from tests.embedded.asking import ENTITIES, ROOT, V1, fqns, question, set_up
from tests.embedded.conftest import (
    DECISIONS,
    NAMESPACES,
    URL,
    Json,
    exchange,
    one_policy,
    policy_body,
    rewrap_body,
    rsa_wrapped,
)
from tests.embedded.programs import start_platform
from tests.embedded.test_dpop import proof
from tests.embedded.tokens_asked import FORM

if TYPE_CHECKING:
    from pathlib import Path

    from tests.embedded.conftest import Bench, MakeBench, Reply

LIST = f"{NAMESPACES}/ListNamespaces"


@pytest.mark.parametrize(
    ("name", "meant"), [("dpop-nonces", "dpop-nonce"), ("several-kass", "several-kas")]
)
def test_an_unknown_option_is_refused_with_the_nearest_one(name: str, meant: str) -> None:
    with pytest.raises(ConfigurationError, match=f'Did you mean "{meant}"'):
        parse_options([name])


def test_every_option_is_known_and_described() -> None:
    assert parse_options(OPTIONS) == set(OPTIONS)
    assert all(OPTIONS.values())


def test_the_program_refuses_an_unknown_option() -> None:
    record = run(
        [sys.executable, "-m", "support.embedded", "--option", "direct-entitlement"],
        environment=child_environment({"PYTHONPATH": str(PROJECT)}),
        time_limit_seconds=20,
    )
    assert record.exit_code == 2
    assert 'Did you mean "direct-entitlements"' in record.stderr


def test_several_kas_are_told_in_the_descriptor(tmp_path: "Path") -> None:
    started = start_platform(tmp_path, "--option", "several-kas", "--option", "ec-wrapping")
    try:
        names = {"default", "alpha", "beta", "gamma", "delta", "km1", "km2"}
        assert set(started.descriptor["kas"]) == names
        assert started.descriptor["options"] == ["ec-wrapping", "several-kas"]
        url = started.descriptor["kas"]["km2"]["url"].removesuffix("/kas")
        body = {"algorithm": "ec:secp256r1"}
        answer = started.session.post_json(f"{url}/kas.AccessService/PublicKey", body)
        assert answer.json()["kid"] == "e1"
    finally:
        started.session.close()
        started.process.stop()


def test_named_kas_come_before_those_of_the_option(tmp_path: "Path") -> None:
    started = start_platform(tmp_path, "--option", "several-kas", "--kas", "one")
    try:
        assert set(started.descriptor["kas"]) == {"default", "one"}
    finally:
        started.session.close()
        started.process.stop()


# Nonces in proofs of possession.


class Holder:
    """A client that holds the key its token is bound to."""

    def __init__(self, bench: "Bench") -> None:
        self.bench = bench
        self.key = ECKey.generate_key("P-256")
        identity = bench.own.identity
        proofs = (proof(self.key, identity.clock, htu=identity.token_endpoint),)
        form = {**FORM, "client_id": "opentdf-dpop"}
        status, answer = identity.token(TokenRequest(form, proofs=proofs))
        assert status == 200
        self.token = str(answer["access_token"])

    def call(self, path: str = LIST, listener: Json = None, **claims: Json) -> "Reply":
        headers = {
            "content-type": "application/json",
            "authorization": f"DPoP {self.token}",
            "dpop": proof(
                self.key,
                self.bench.platform.clock,
                htu=f"{URL}/{path}",
                ath=jose.access_token_hash(self.token),
                **claims,
            ),
        }
        return exchange(listener or self.bench.listener, "POST", f"/{path}", headers, b"{}")


@pytest.fixture
def strict(make_bench: "MakeBench") -> "Bench":
    return make_bench(options=("dpop-nonce",))


def test_a_proof_needs_the_nonce_that_the_refusal_names(strict: "Bench") -> None:
    holder = Holder(strict)
    refused = holder.call()
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == 'DPoP error="use_dpop_nonce"'
    nonce = refused.headers["dpop-nonce"]
    accepted = holder.call(nonce=nonce)
    assert (accepted.status, accepted.headers["dpop-nonce"]) == (200, nonce)
    wrong = holder.call(nonce="0" * 32)
    assert wrong.headers["www-authenticate"] == 'DPoP error="use_dpop_nonce"'


@pytest.mark.parametrize("claims", [{"nonce": 1}, {"htm": "GET"}])
def test_a_proof_that_is_wrong_otherwise_is_not_asked_to_try_again(
    strict: "Bench", claims: Json
) -> None:
    refused = Holder(strict).call(**claims)
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == 'DPoP error="invalid_dpop_proof"'
    assert refused.headers["dpop-nonce"]


def test_nonces_change_and_the_one_before_still_holds(strict: "Bench") -> None:
    holder = Holder(strict)
    first = holder.call().headers["dpop-nonce"]
    strict.platform.clock.advance(301)
    holder = Holder(strict)
    second = holder.call(nonce=first).headers["dpop-nonce"]
    assert second != first
    strict.platform.clock.advance(301)
    holder = Holder(strict)
    third = holder.call(nonce=second).headers["dpop-nonce"]
    assert third not in {first, second}
    assert holder.call(nonce=first).status == 401


def test_every_answer_to_a_known_caller_tells_the_nonce(strict: "Bench") -> None:
    assert strict.call(LIST).headers["dpop-nonce"]
    assert strict.call(LIST, client="tdf-authorization-svc").headers["dpop-nonce"]
    headers = {"authorization": f"Bearer {strict.token()}"}
    missing = strict.raw("GET", "/nowhere", headers=headers)
    assert (missing.status, bool(missing.headers["dpop-nonce"])) == (404, True)
    assert "dpop-nonce" not in strict.call(LIST, client=None).headers


def test_a_plain_route_asks_for_a_nonce_too(strict: "Bench") -> None:
    refused = Holder(strict).call("nowhere")
    assert (refused.status, refused.body) == (401, b"unauthenticated\n")
    assert refused.headers["www-authenticate"] == 'DPoP error="use_dpop_nonce"'
    assert refused.headers["dpop-nonce"]


def test_the_nonce_of_one_server_is_none_of_another(make_bench: "MakeBench") -> None:
    bench = make_bench(kas=("alpha",), options=("dpop-nonce",))
    holder, alpha = Holder(bench), bench.platform.kas_listener("alpha")
    nonce = holder.call().headers["dpop-nonce"]
    path = "kas.AccessService/Rewrap"
    refused = holder.call(path, alpha, nonce=nonce)
    assert refused.headers["www-authenticate"] == 'DPoP error="use_dpop_nonce"'
    accepted = holder.call(path, alpha, nonce=refused.headers["dpop-nonce"])
    assert "could not parse token" in accepted.message  # which comes after the proof


def test_nonces_are_announced_where_they_are_needed(bench: "Bench", strict: "Bench") -> None:
    for platform, needed in ((bench, False), (strict, True)):
        known = platform.raw("GET", "/.well-known/opentdf-configuration").json
        assert known["dpop_nonce_required"] is needed
    reply = Holder(bench).call()
    assert reply.status == 200
    assert "dpop-nonce" not in reply.headers


# Entitlements that entities bring.


@pytest.fixture
def believing(make_bench: "MakeBench") -> "Bench":
    bench = make_bench(options=("direct-entitlements",))
    set_up(bench)
    return bench


def claimed(*entitlements: Json, **claims: Json) -> dict[str, Any]:
    """Return an entity chain with one subject that brings claims."""
    value = {**claims, "direct_entitlements": list(entitlements)}
    return {
        "entityChain": {
            "entities": [
                {
                    "ephemeralId": "e1",
                    "category": "CATEGORY_SUBJECT",
                    "claims": {
                        "@type": "type.googleapis.com/google.protobuf.Struct",
                        "value": value,
                    },
                }
            ]
        }
    }


def may(name: str, actions: Json = "read") -> dict[str, Any]:
    return {"attribute_value_fqn": fqns(name)[0].upper(), "actions": actions}


def decided(bench: "Bench", identifier: Json, *names: str, action: str = "read") -> str:
    body = question(*names, identifier=identifier, action=action)
    answer = bench.ok(f"{DECISIONS}/GetDecision", body)
    return str(answer["decision"]["decision"]).removeprefix("DECISION_")


@pytest.mark.parametrize(
    ("entitlements", "names", "expected"),
    [
        ([may("any/c")], ["any/c"], "PERMIT"),
        ([may("any/c", ["read", "update"])], ["any/c"], "PERMIT"),
        ([may("any/c", "update")], ["any/c"], "DENY"),
        ([may("any/c")], ["any/a"], "DENY"),
        ([], ["any/c"], "DENY"),
        ([may("any/invented")], ["any/invented"], "PERMIT"),
        ([], ["any/invented"], "DENY"),
        ([may("unknown/invented")], ["unknown/invented"], "DENY"),
        ([may("all/x"), may("all/y")], ["all/x", "all/y"], "PERMIT"),
        ([may("all/x")], ["all/x", "all/y"], "DENY"),
        ([may("lvl/top")], ["lvl/mid"], "PERMIT"),
        ([may("lvl/low")], ["lvl/mid"], "DENY"),
        ([may("lvl/invented")], ["lvl/invented"], "PERMIT"),
        ([may("any/c")], ["any/c", "all/x"], "DENY"),
    ],
)
def test_entities_are_entitled_by_what_they_bring(
    believing: "Bench", entitlements: list[Json], names: list[str], expected: str
) -> None:
    assert decided(believing, claimed(*entitlements), *names) == expected


def test_mappings_and_direct_entitlements_add_up(believing: "Bench") -> None:
    brought = claimed(may("any/c"), clientId="opentdf-sdk")
    assert decided(believing, brought, "any/c", "all/x", "all/y") == "PERMIT"


def test_without_the_option_entities_of_claims_are_unknown(bench: "Bench") -> None:
    set_up(bench)
    reply = bench.call(
        f"{DECISIONS}/GetDecision", question("any/c", identifier=claimed(may("any/c")))
    )
    assert (reply.status, reply.code) == (500, "internal")


def token_with(bench: "Bench", **claims: Json) -> str:
    key = bench.own.identity.keys.current
    known = jose.parse_unverified(bench.token("opentdf-sdk")).claims
    return jose.sign({"alg": "RS256", "kid": key.kid}, {**known, **claims}, key)


def test_a_token_is_the_claims_it_holds_and_its_entitlements_do_not_count(
    believing: "Bench",
) -> None:
    token = token_with(believing, direct_entitlements=[may("any/c")], clientId="opentdf-sdk")
    identifier = {"token": {"ephemeralId": "t", "jwt": token}}
    assert decided(believing, identifier, "any/a") == "PERMIT"
    assert decided(believing, identifier, "any/c") == "DENY"
    body = {"tokens": [{"ephemeralId": "t", "jwt": token_with(believing, aud="one")}]}
    [chain] = believing.ok(f"{ENTITIES}/CreateEntityChainsFromTokens", body)["entityChains"]
    [subject] = chain["entities"]
    assert (subject["ephemeralId"], subject["category"]) == (
        "jwtentity-claims",
        "CATEGORY_SUBJECT",
    )
    assert subject["claims"]["value"]["aud"] == ["one"]
    assert {"exp", "iat"}.isdisjoint(subject["claims"]["value"])


@pytest.mark.parametrize(
    ("address", "status"), [("x@corp.example", "permit"), ("y@corp.example", "fail")]
)
def test_a_rewrap_asks_about_the_claims_of_its_caller(
    believing: "Bench", address: str, status: str
) -> None:
    pem = believing.ok("kas.AccessService/PublicKey", client=None)["publicKey"]
    policy = policy_body(f"{ROOT}/any/value/c")
    body = rewrap_body(one_policy(policy, rsa_wrapped(pem, b"k" * 32, policy)))
    headers = {"authorization": f"Bearer {token_with(believing, emailAddress=address)}"}
    reply = believing.call("kas.AccessService/Rewrap", body, client=None, headers=headers)
    assert reply.json["responses"][0]["results"][0]["status"] == status


def test_resolution_tells_what_was_brought(believing: "Bench") -> None:
    entities = claimed(may("any/c", "Read, update"), name="alice")["entityChain"]["entities"]
    answer = believing.ok(f"{ENTITIES}/ResolveEntities", {"entities": entities})
    [known] = answer["entityRepresentations"]
    assert known["directEntitlements"] == [
        {"attributeValueFqn": fqns("any/c")[0], "actions": ["read", "update"]}
    ]
    assert known["additionalProps"][0]["name"] == "alice"
    entity = {"ephemeralId": "e", "clientId": "anything"}
    answer = believing.ok(f"{ENTITIES}/ResolveEntities", {"entities": [entity]})
    assert answer["entityRepresentations"][0]["additionalProps"] == [entity]


def test_claims_of_another_type_are_refused(believing: "Bench") -> None:
    foreign = {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"}
    body = {"entities": [{"ephemeralId": "e", "claims": foreign}]}
    reply = believing.call(f"{ENTITIES}/ResolveEntities", body)
    assert (reply.status, reply.code) == (400, "invalid_argument")


def test_the_first_version_knows_claims_but_no_direct_entitlements(believing: "Bench") -> None:
    [entity] = claimed(may("any/c"), clientId="opentdf-sdk")["entityChain"]["entities"]
    entity = {"id": "e1", "category": entity["category"], "claims": entity["claims"]}
    body = {"entities": [entity], "scope": {"attributeValueFqns": fqns("any/a", "any/c")}}
    answer = believing.ok(f"{V1}/GetEntitlements", body)
    assert answer["entitlements"][0]["attributeValueFqns"] == fqns("any/a")


@pytest.mark.parametrize(
    ("brought", "said"),
    [
        ("x", "direct_entitlements must be an array"),
        (["x"], r"direct_entitlements\[0\] must be an object"),
        ([may("any/c"), {"actions": "read"}], r"\[1\] missing attribute_value_fqn"),
        ([{"attribute_value_fqn": " ", "actions": "read"}], "missing attribute_value_fqn"),
        ([{"attributeValueFqn": "https://x"}], r"\[0\] missing actions"),
        ([{"attributeValueFqn": "https://x", "actions": 1}], "must be an array or string"),
        ([{"attributeValueFqn": "https://x", "actions": [1]}], "action must be a string"),
        ([{"attributeValueFqn": "https://x", "actions": " , "}], "no actions provided"),
    ],
)
def test_what_is_no_entitlement_is_refused(believing: "Bench", brought: Json, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_direct_entitlements({"directEntitlements": brought})
    entities = claimed()["entityChain"]["entities"]
    entities[0]["claims"]["value"]["direct_entitlements"] = brought
    reply = believing.call(f"{ENTITIES}/ResolveEntities", {"entities": entities})
    assert reply.code == "invalid_argument"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["attribute_value_fqn", "attributeValueFqn", "actions", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(brought=JSON)
def test_whatever_is_brought_is_read_or_refused(brought: Json) -> None:
    try:
        found = parse_direct_entitlements(json.loads(json.dumps({"direct_entitlements": brought})))
    except ValueError as problem:
        assert str(problem).startswith("direct_entitlements")  # noqa: PT017 - either is right
    else:
        assert all(item.value_fqn and all(item.actions) and item.actions for item in found)
