"""Keys that a KAS keeps in the registry, and roles that are about one KAS."""

import base64
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.embedded.directory import SCOPED_CLIENTS
from support.embedded.faults import Fault
from support.embedded.keys import generate
from support.embedded.policy.key_material import seal
from support.embedded.scoped_roles import escaped, is_within
from tests.embedded.conftest import REWRAP, Json, one_policy, pem_of, policy_body, rewrap_body
from tests.embedded.conftest import rsa_wrapped as wrapped
from tests.embedded.policy_calls import REGISTRY, UNSAFE

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench, MakeBench

PUBLIC_KEY = "kas.AccessService/PublicKey"
NEXT = generate("rsa:2048")
(NORTH_CLIENT, NORTH), (SOUTH_CLIENT, SOUTH) = SCOPED_CLIENTS.items()
KEY_ID = "k" * 8


@pytest.fixture
def managing(make_bench: "MakeBench") -> "Bench":
    return manager(make_bench)


def manager(make_bench: "MakeBench", *faults: Fault) -> "Bench":
    return make_bench(*faults, options=("key-management",))


def material(bench: "Bench", name: str) -> dict[str, Json]:
    return {
        "keyId": name,
        "keyMode": 1,
        "publicKeyCtx": {"pem": base64.b64encode(pem_of(NEXT).encode()).decode()},
        "privateKeyCtx": {"keyId": "root", "wrappedKey": seal(NEXT, bench.platform.root_key)},
    }


def rotate(bench: "Bench", old: str = "r1") -> None:
    uri = bench.platform.kas_uris["default"]
    body = {
        "key": {"uri": uri, "kid": old},
        "newKey": {**material(bench, "r2"), "algorithm": "ALGORITHM_RSA_2048"},
    }
    bench.ok(f"{REGISTRY}/RotateKey", body)


def opened(bench: "Bench", pem: str, kid: str) -> str:
    policy = policy_body()
    body = rewrap_body(one_policy(policy, wrapped(pem, b"k" * 32, policy, kid)))
    [result] = bench.ok(REWRAP, body)["responses"][0]["results"]
    return str(result["status"])


def test_a_managed_kas_serves_the_newest_key_and_opens_with_all(managing: "Bench") -> None:
    first = managing.ok(PUBLIC_KEY, client=None)
    assert (first["kid"], opened(managing, first["publicKey"], "r1")) == ("r1", "permit")
    rotate(managing)
    second = managing.ok(PUBLIC_KEY, client=None)
    assert (second["kid"], second["publicKey"]) == ("r2", pem_of(NEXT))
    assert opened(managing, second["publicKey"], "r2") == "permit"
    assert opened(managing, first["publicKey"], "r1") == "permit"
    assert opened(managing, first["publicKey"], "") == "permit"
    assert opened(managing, first["publicKey"], "never") == "fail"
    assert managing.ok(PUBLIC_KEY, {"algorithm": "ec:secp256r1"}, client=None)["kid"] == "e1"
    assert managing.call(PUBLIC_KEY, {"algorithm": "rsa:4096"}, client=None).status == 404


def test_what_the_kas_cannot_unseal_opens_nothing(managing: "Bench") -> None:
    uri = managing.platform.kas_uris["default"]
    server = managing.ok(f"{REGISTRY}/GetKeyAccessServer", {"uri": uri})["keyAccessServer"]
    sealed = {"keyId": "root", "wrappedKey": seal(NEXT, b"?" * 32)}
    body = {
        **material(managing, "foreign"),
        "kasId": server["id"],
        "keyAlgorithm": "ALGORITHM_RSA_2048",
        "privateKeyCtx": sealed,
    }
    managing.ok(f"{REGISTRY}/CreateKey", body)
    assert managing.ok(PUBLIC_KEY, client=None)["kid"] == "foreign"
    assert opened(managing, pem_of(NEXT), "foreign") == "fail"


def test_a_kas_without_keys_left_has_none(managing: "Bench") -> None:
    for key in managing.ok(f"{REGISTRY}/ListKeys")["kasKeys"]:
        proof = {"id": key["key"]["id"], "kid": key["key"]["keyId"], "kasUri": key["kasUri"]}
        managing.ok(f"{UNSAFE}/UnsafeDeleteKasKey", proof)
    assert managing.call(PUBLIC_KEY, client=None).status == 404
    assert opened(managing, pem_of(NEXT), "") == "fail"


@pytest.mark.parametrize(
    ("fault", "kid", "status"),
    [(Fault.ROTATED_KEY_HANDED_OUT, "r1", "permit"), (Fault.ROTATED_KEY_LOSES_DATA, "r2", "fail")],
)
def test_faults_of_rotated_keys(
    make_bench: "MakeBench", fault: Fault, kid: str, status: str
) -> None:
    bench = manager(make_bench, fault)
    pem = bench.ok(PUBLIC_KEY, client=None)["publicKey"]
    rotate(bench)
    assert bench.ok(PUBLIC_KEY, client=None)["kid"] == kid
    assert opened(bench, pem, "r1") == status


def test_the_managed_services_among_several_have_keys_in_the_registry(
    make_bench: "MakeBench",
) -> None:
    bench = make_bench(kas=("alpha", "km1"), options=("several-kas",))
    assert bench.platform.kas_uris["alpha"].endswith("/kas")
    uri = bench.platform.kas_uris["km1"]
    assert not uri.endswith("/kas")
    kept = bench.ok(f"{REGISTRY}/ListKeys", {"kasUri": uri})["kasKeys"]
    assert {key["key"]["keyId"] for key in kept} == {"r1", "e1"}


# Roles that are about one KAS.


@pytest.fixture
def scoped(make_bench: "MakeBench") -> "Bench":
    return scoped_bench(make_bench)


def scoped_bench(make_bench: "MakeBench", *faults: Fault) -> "Bench":
    bench = make_bench(*faults, options=("scoped-roles",))
    for number, uri in enumerate((NORTH, SOUTH, f"{NORTH}-2", f"{SOUTH}?a=b&kas_uri={NORTH}")):
        server = bench.ok(f"{REGISTRY}/CreateKeyAccessServer", {"uri": uri, "name": f"k{number}"})
        body = {
            "kasId": server["keyAccessServer"]["id"],
            "keyId": KEY_ID,
            "keyAlgorithm": 1,
            "keyMode": 4,
            "publicKeyCtx": {"pem": "QQ=="},
        }
        bench.ok(f"{REGISTRY}/CreateKey", body)
    return bench


def ids(bench: "Bench") -> dict[str, str]:
    listed = bench.ok(f"{REGISTRY}/ListKeys")["kasKeys"]
    return {key["kasUri"]: key["key"]["id"] for key in listed}


def status(bench: "Bench", method: str, body: Json, client: str = NORTH_CLIENT) -> int:
    return bench.call(f"{REGISTRY}/{method}", body, client=client).status


def test_a_scoped_client_reads_the_keys_of_its_own_address_alone(scoped: "Bench") -> None:
    own, foreign = ids(scoped)[NORTH], ids(scoped)[SOUTH]
    for method, body, expected in (
        ("GetKey", {"key": {"uri": NORTH, "kid": KEY_ID}}, 200),
        ("GetKey", {"key": {"name": "k0", "kid": KEY_ID}}, 200),
        ("GetKey", {"id": own}, 200),
        ("GetKey", {"key": {"uri": SOUTH, "kid": KEY_ID}}, 403),
        ("GetKey", {"key": {"name": "k1", "kid": KEY_ID}}, 403),
        ("GetKey", {"id": foreign}, 403),
        ("GetKey", {"id": "00000000-0000-4000-8000-000000000001"}, 403),
        ("ListKeys", {"kasUri": NORTH}, 200),
        ("ListKeys", {"kasName": "k0"}, 200),
        ("ListKeys", {"kasUri": SOUTH}, 403),
        ("ListKeys", {"kasUri": "https://none.example"}, 403),
        ("ListKeys", {"kasUri": NORTH, "keyAlgorithm": 2}, 403),
        ("ListKeys", {}, 403),
        ("ListKeys", {"kasUri": f"{NORTH}-2"}, 403),
        ("GetKey", {"key": {"uri": f"{SOUTH}?a=b&kas_uri={NORTH}", "kid": KEY_ID}}, 403),
        ("ListKeyAccessServers", {}, 403),
    ):
        assert status(scoped, method, body) == expected, (method, body)
    assert status(scoped, "GetKey", {"id": foreign}, SOUTH_CLIENT) == 200
    assert status(scoped, "ListKeys", {}, "opentdf-sdk") == 200
    assert status(scoped, "ListKeys", {}, "tdf-authorization-svc") == 403
    assert status(scoped, "ListKeys", {}, "opentdf") == 200
    assert status(scoped, "ListKeys", {"pagination": {"offset": -1}}, "opentdf") == 500


@pytest.mark.parametrize(
    ("fault", "method", "body"),
    [
        (Fault.KEY_SCOPE_IGNORED, "GetKey", {"key": {"uri": SOUTH, "kid": KEY_ID}}),
        (Fault.KEY_SCOPE_BY_PREFIX, "GetKey", {"key": {"uri": f"{NORTH}-2", "kid": KEY_ID}}),
        (
            Fault.KEY_SCOPE_INJECTION,
            "GetKey",
            {"key": {"uri": f"{SOUTH}?a=b&kas_uri={NORTH}", "kid": KEY_ID}},
        ),
        (Fault.KEY_LIST_UNFILTERED, "ListKeys", {}),
    ],
)
def test_faults_open_what_is_out_of_scope(
    make_bench: "MakeBench", fault: Fault, method: str, body: Json
) -> None:
    assert status(scoped_bench(make_bench, fault), method, body) == 200


def test_a_fault_opens_keys_by_their_ids(make_bench: "MakeBench") -> None:
    bench = scoped_bench(make_bench, Fault.KEY_BY_ID_UNSCOPED)
    assert status(bench, "GetKey", {"id": ids(bench)[SOUTH]}) == 200


def test_without_the_option_a_scoped_client_has_no_role(bench: "Bench") -> None:
    assert status(bench, "ListKeys", {"kasUri": NORTH}) == 403


@given(value=st.text(), other=st.text())
def test_an_address_holds_no_second_scope(value: str, other: str) -> None:
    told = f"kas_uri={escaped(value)}"
    assert is_within(told, told)
    assert is_within(told, f"kas_uri={escaped(other)}") is (value == other)
    assert is_within(told, "*")
    assert not is_within("*", told)
