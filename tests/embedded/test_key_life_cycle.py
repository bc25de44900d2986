"""Rotation, base key, mappings, providers and irreversible changes of keys in the registry."""

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from support.embedded.faults import Fault
from support.embedded.policy.key_material import seal, unseal
from support.embedded.policy.providers import canonical
from tests.embedded.conftest import ATTRIBUTES, NAMESPACES, Json, pem_of
from tests.embedded.policy_calls import MISSING, NOBODY, REGISTRY, RELATION, TAKEN, UNSAFE, refusal

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench, MakeBench

PROVIDERS = "policy.keymanagement.KeyManagementService"
PAIR = ec.generate_private_key(ec.SECP256R1())
URI = "https://kas.example/kas"
CANNOT = (500, "internal", "resource update failed")


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


PUBLIC = {"pem": encoded(pem_of(PAIR).encode())}


@pytest.fixture
def kas_id(bench: "Bench") -> str:
    return register(bench)


def register(bench: "Bench") -> str:
    made = bench.ok(f"{REGISTRY}/CreateKeyAccessServer", {"uri": URI, "name": "one"})
    assert "publicKey" not in made["keyAccessServer"]
    return str(made["keyAccessServer"]["id"])


def described(kid: str, mode: int = 4, **differing: Json) -> dict[str, Any]:
    sealed = {"privateKeyCtx": {"keyId": "root", "wrappedKey": seal(PAIR, b"k" * 32)}}
    body = {
        "keyId": kid,
        "keyAlgorithm": "ALGORITHM_EC_P256",
        "keyMode": mode,
        "publicKeyCtx": PUBLIC,
        **(sealed if mode in {1, 2} else {}),
        **differing,
    }
    return {name: value for name, value in body.items() if value is not None}


def create(bench: "Bench", kas: str, kid: str, mode: int = 4, **differing: Json) -> Json:
    body = {"kasId": kas, **described(kid, mode, **differing)}
    return bench.ok(f"{REGISTRY}/CreateKey", body)["kasKey"]["key"]


def successor(kid: str, mode: int = 4) -> dict[str, Any]:
    body = described(kid, mode)
    return {**body, "algorithm": body.pop("keyAlgorithm")}


def provider(bench: "Bench", name: str = "Vault") -> Json:
    body = {"name": name, "manager": "acme", "configJson": encoded(b'{"bb":1, "a": [{}]}')}
    return bench.ok(f"{PROVIDERS}/CreateProviderConfig", body)["providerConfig"]


@pytest.mark.parametrize(
    ("differing", "said"),
    [
        (
            {"keyMode": 1, "privateKeyCtx": {"keyId": "x", "wrappedKey": "@"}},
            "expected base64 encoded value",
        ),
        ({"publicKeyCtx": {"pem": "@"}}, "expected base64 encoded value"),
        ({"publicKeyCtx": {"pem": "/w=="}}, "expected base64 encoded value"),
        ({"kasId": NOBODY}, "resource relation invalid"),
        (
            {"keyMode": 3, "privateKeyCtx": {"keyId": "x"}, "providerConfigId": NOBODY},
            "resource relation invalid",
        ),
        ({"keyMode": 4, "privateKeyCtx": {"keyId": "x"}}, "private_key_ctx_for_public_key_only"),
        ({"keyMode": 3, "privateKeyCtx": {}}, "provider_config_id_optionally_required"),
    ],
)
def test_what_is_no_proper_key_is_not_stored(
    bench: "Bench", kas_id: str, differing: Json, said: str
) -> None:
    body = {"kasId": kas_id, **described("k"), **differing}
    status, code, message = refusal(bench, f"{REGISTRY}/CreateKey", body)
    assert (status, code, said in message) == (400, "invalid_argument", True)


@pytest.mark.parametrize("encoding", ["PEM", "DER"])
@pytest.mark.parametrize("form", ["PKCS8", "TraditionalOpenSSL"])
def test_a_private_part_that_everybody_could_use_is_refused(
    bench: "Bench", kas_id: str, encoding: str, form: str
) -> None:
    open_key = PAIR.private_bytes(
        getattr(serialization.Encoding, encoding),
        getattr(serialization.PrivateFormat, form),
        serialization.NoEncryption(),
    )
    private = {"keyId": "root", "wrappedKey": encoded(open_key)}
    body = {"kasId": kas_id, **described("k", 1, privateKeyCtx=private)}
    said = refusal(bench, f"{REGISTRY}/CreateKey", body)[2]
    assert said == "unencrypted private key not allowed"


def test_ids_that_no_database_column_holds_and_providers_that_are_none(
    bench: "Bench", kas_id: str
) -> None:
    too_long = {"kasId": kas_id, **described("k" * 37)}
    assert refusal(bench, f"{REGISTRY}/CreateKey", too_long)[0] == 500
    remote = create(bench, kas_id, "k", 3, privateKeyCtx={"keyId": "x"}, providerConfigId="none")
    assert "providerConfig" not in remote


def test_a_rotation_moves_what_the_key_protects(bench: "Bench", kas_id: str) -> None:
    space = bench.namespace()
    attribute = bench.attribute(space, "one", "ANY_OF", ["a"])
    old = create(bench, kas_id, "old")
    value = attribute["values"][0]["id"]
    for service, kind, owner in (
        (NAMESPACES, "namespace", space),
        (ATTRIBUTES, "attribute", attribute["id"]),
        (ATTRIBUTES, "value", value),
    ):
        body = {f"{kind}Key": {f"{kind}Id": owner, "keyId": old["id"]}}
        method = f"{service}/AssignPublicKeyTo{kind.capitalize()}"
        bench.ok(method, body)
        assert refusal(bench, method, body) == TAKEN
    named = {"key": {"uri": URI, "kid": "old"}, "newKey": successor("new")}
    answer = bench.ok(f"{REGISTRY}/RotateKey", named)
    moved = answer["rotatedResources"]
    assert moved["rotatedOutKey"]["key"]["keyStatus"] == "KEY_STATUS_ROTATED"
    assert [
        moved[f"{kind}Mappings"][0]["id"]
        for kind in ("namespace", "attributeDefinition", "attributeValue")
    ] == [space, attribute["id"], value]
    by_id = {"id": answer["kasKey"]["key"]["id"]}
    [mapping] = bench.ok(f"{REGISTRY}/ListKeyMappings", by_id)["keyMappings"]
    assert mapping["valueMappings"] == [{"id": value, "fqn": attribute["values"][0]["fqn"]}]
    by_name = {"key": {"name": "one", "kid": "new"}}
    assert bench.ok(f"{REGISTRY}/ListKeyMappings", by_name)["keyMappings"] == [mapping]
    assert bench.ok(f"{REGISTRY}/ListKeyMappings")["keyMappings"] == [mapping]
    assert "keyMappings" not in bench.ok(f"{REGISTRY}/ListKeyMappings", {"id": old["id"]})
    record = bench.audit[-1]["audit"]
    assert record["action"]["type"] == "rotate"
    assert record["object"]["id"] == "old"


def test_a_rotation_that_is_refused_changes_nothing(bench: "Bench", kas_id: str) -> None:
    old = create(bench, kas_id, "old")
    create(bench, kas_id, "other")
    body = {"id": old["id"], "newKey": successor("other")}
    assert refusal(bench, f"{REGISTRY}/RotateKey", body) == TAKEN
    assert refusal(bench, f"{REGISTRY}/RotateKey", {**body, "id": NOBODY}) == MISSING
    found = bench.ok(f"{REGISTRY}/GetKey", {"id": old["id"]})["kasKey"]["key"]
    assert found["keyStatus"] == "KEY_STATUS_ACTIVE"


def test_the_base_key_is_announced_and_follows_its_rotation(bench: "Bench", kas_id: str) -> None:
    first, second = (create(bench, kas_id, name, 1) for name in ("first", "second"))
    unfit = create(bench, kas_id, "unfit")
    where = "/.well-known/opentdf-configuration"
    assert bench.raw("GET", where).json["base_key"] == {}
    assert bench.ok(f"{REGISTRY}/GetBaseKey") == {}
    made = bench.ok(f"{REGISTRY}/SetBaseKey", {"id": first["id"]})
    assert "previousBaseKey" not in made
    made = bench.ok(f"{REGISTRY}/SetBaseKey", {"key": {"uri": URI, "kid": "second"}})
    assert made["previousBaseKey"]["publicKey"]["kid"] == "first"
    assert bench.raw("GET", where).json["base_key"] == {
        "kas_id": kas_id,
        "kas_uri": URI,
        "public_key": {"algorithm": "ec:secp256r1", "kid": "second", "pem": pem_of(PAIR)},
    }
    for key in (unfit["id"], NOBODY):
        expected = CANNOT if key == unfit["id"] else MISSING
        assert refusal(bench, f"{REGISTRY}/SetBaseKey", {"id": key}) == expected
    rotated = {"id": second["id"], "newKey": successor("none held")}
    assert refusal(bench, f"{REGISTRY}/RotateKey", rotated)[2] == "key rotation failed"
    bench.ok(f"{REGISTRY}/RotateKey", {"id": second["id"], "newKey": successor("third", 1)})
    base = bench.ok(f"{REGISTRY}/GetBaseKey")["baseKey"]
    assert base["publicKey"]["kid"] == "third"
    assert refusal(bench, f"{REGISTRY}/SetBaseKey", {"id": second["id"]}) == CANNOT
    third = bench.ok(f"{REGISTRY}/GetKey", {"key": {"uri": URI, "kid": "third"}})["kasKey"]["key"]
    proof = {"id": third["id"], "kid": "third", "kasUri": URI}
    assert refusal(bench, f"{UNSAFE}/UnsafeDeleteKasKey", proof) == RELATION


def test_keys_are_deleted_with_a_proof_of_intent_and_their_assignments(
    bench: "Bench", kas_id: str
) -> None:
    space, key = bench.namespace(), create(bench, kas_id, "k")
    body = {"namespaceKey": {"namespaceId": space, "keyId": key["id"]}}
    bench.ok(f"{NAMESPACES}/AssignPublicKeyToNamespace", body)
    proof = {"id": key["id"], "kid": "k", "kasUri": URI}
    for wrong, said in (({"kid": "x"}, "key id mismatch"), ({"kasUri": "x"}, "kas uri mismatch")):
        assert refusal(bench, f"{UNSAFE}/UnsafeDeleteKasKey", {**proof, **wrong})[2] == said
    assert refusal(bench, f"{REGISTRY}/DeleteKeyAccessServer", {"id": kas_id}) == RELATION
    told = bench.ok(f"{UNSAFE}/UnsafeDeleteKasKey", proof)["key"]
    assert told == {"kasUri": URI, "key": {"id": key["id"], "keyId": "k"}}
    assert refusal(bench, f"{UNSAFE}/UnsafeDeleteKasKey", proof) == MISSING
    assert "keyMappings" not in bench.ok(f"{REGISTRY}/ListKeyMappings")
    bench.ok(f"{REGISTRY}/DeleteKeyAccessServer", {"id": kas_id})


def test_only_what_others_hold_can_change_its_holder(bench: "Bench", kas_id: str) -> None:
    holder = provider(bench)["id"]
    key = create(bench, kas_id, "k", 3, privateKeyCtx={"keyId": "x"}, providerConfigId=holder)
    sealed = create(bench, kas_id, "s", 1)
    method = f"{UNSAFE}/UnsafeUpdateKey"
    for body, said in (
        ({"id": sealed["id"], "targetKeyMode": 4}, "existing key mode cannot be updated"),
        ({"id": key["id"]}, "provider_config_id is required"),
        ({"id": key["id"], "targetKeyMode": 4, "providerConfigId": holder}, "must be empty"),
        ({"id": key["id"], "targetKeyMode": 3, "providerConfigId": NOBODY}, "does not reference"),
        ({"id": NOBODY, "targetKeyMode": 4}, "resource not found"),
    ):
        assert said in refusal(bench, method, body)[2]
    changed = bench.ok(method, {"id": key["id"], "targetKeyMode": 4})["key"]["key"]
    assert (changed["keyMode"], "providerConfig" in changed) == ("KEY_MODE_PUBLIC_KEY_ONLY", False)
    late = {"id": key["id"], "providerConfigId": holder}
    assert "existing key mode cannot receive" in refusal(bench, method, late)[2]
    back = bench.ok(method, {**late, "targetKeyMode": 3})["key"]["key"]
    assert back["providerConfig"]["manager"] == "acme"
    listed = bench.ok(f"{REGISTRY}/ListKeys", {"kasName": "one"})["kasKeys"]
    assert [entry["key"].get("providerConfig", {}).get("manager") for entry in listed] == [None] * 2


def test_a_provider_is_kept_once_and_while_it_holds_a_key(bench: "Bench", kas_id: str) -> None:
    made = provider(bench)
    assert made["name"] == "vault"
    assert base64.b64decode(made["configJson"]) == b'{"a": [{}], "bb": 1}'
    body = {"name": "VAULT", "manager": "acme", "configJson": encoded(b"{}")}
    assert refusal(bench, f"{PROVIDERS}/CreateProviderConfig", body) == TAKEN
    other = bench.ok(f"{PROVIDERS}/CreateProviderConfig", {**body, "manager": "other"})
    garbled = {**body, "configJson": encoded(b"{")}
    assert refusal(bench, f"{PROVIDERS}/CreateProviderConfig", garbled)[2] == "enum value invalid"
    for identifier in ({"id": made["id"]}, {"nameManager": {"name": "Vault", "manager": "acme"}}):
        assert bench.ok(f"{PROVIDERS}/GetProviderConfig", identifier)["providerConfig"] == made
    unknown = {"nameManager": {"name": "none", "manager": "acme"}}
    assert refusal(bench, f"{PROVIDERS}/GetProviderConfig", unknown) == MISSING
    by_name = refusal(bench, f"{PROVIDERS}/GetProviderConfig", {"name": "vault"})
    assert by_name[2] == "identifier is deprecated"
    update = {"id": made["id"], "configJson": encoded(b'{"z":1}')}
    updated = bench.ok(f"{PROVIDERS}/UpdateProviderConfig", update)["providerConfig"]
    assert (updated["name"], base64.b64decode(updated["configJson"])) == ("vault", b'{"z": 1}')
    taken = {"id": other["providerConfig"]["id"], "manager": "acme"}
    assert refusal(bench, f"{PROVIDERS}/UpdateProviderConfig", taken) == TAKEN
    page = bench.ok(f"{PROVIDERS}/ListProviderConfigs", {"pagination": {"limit": 1}})
    assert (page["providerConfigs"][0]["manager"], page["pagination"]["total"]) == ("other", 2)
    create(bench, kas_id, "k", 2, providerConfigId=made["id"])
    deletion = {"id": made["id"]}
    assert refusal(bench, f"{PROVIDERS}/DeleteProviderConfig", deletion) == RELATION
    for forgotten in (other["providerConfig"]["id"], NOBODY):
        bench.ok(f"{PROVIDERS}/DeleteProviderConfig", {"id": forgotten})


def test_labels_are_all_that_can_change_in_a_key(bench: "Bench", kas_id: str) -> None:
    key = create(bench, kas_id, "k", metadata={"labels": {"a": "1"}})
    body = {"id": key["id"], "metadata": {"labels": {"b": "2"}}, "metadataUpdateBehavior": 1}
    updated = bench.ok(f"{REGISTRY}/UpdateKey", body)["kasKey"]["key"]
    assert updated["metadata"]["labels"] == {"a": "1", "b": "2"}
    assert refusal(bench, f"{REGISTRY}/UpdateKey", {"id": NOBODY}) == MISSING


def test_grants_of_old_are_listed_and_empty(bench: "Bench", kas_id: str) -> None:
    body = {"kasUri": URI}
    [grant] = bench.ok(f"{REGISTRY}/ListKeyAccessServerGrants", body)["grants"]
    assert grant == {"keyAccessServer": {"id": kas_id, "uri": URI, "name": "one", "publicKey": {}}}
    both = bench.ok(f"{REGISTRY}/ListKeyAccessServerGrants")["grants"]
    assert len(both) == 2


def test_no_record_of_the_audit_holds_a_private_part(bench: "Bench", kas_id: str) -> None:
    holder = provider(bench)["id"]
    key = create(bench, kas_id, "k", 2, providerConfigId=holder)
    bench.ok(f"{REGISTRY}/GetKey", {"id": key["id"]})
    bench.ok(f"{REGISTRY}/RotateKey", {"id": key["id"], "newKey": successor("n", 1)})
    written = json.dumps(bench.audit)
    assert [entry["audit"]["action"]["type"] for entry in bench.audit[-3:]] == [
        "create",
        "read",
        "rotate",
    ]
    assert "wrappedKey" not in written
    assert "configJson" not in written


FAULTS = {
    Fault.DUPLICATE_KEY_ID_ACCEPTED,
    Fault.UNSEALED_KEY_ACCEPTED,
    Fault.PRIVATE_KEY_IN_AUDIT,
    Fault.PRIVATE_KEY_TOLD,
    Fault.KEY_SERVICE_DELETED_WITH_KEYS,
    Fault.KEY_DELETED_WITHOUT_PROOF,
    Fault.KEY_SERVICE_NOT_LISTED,
}


def test_faults_break_what_they_say(make_bench: "MakeBench") -> None:
    bench = make_bench(*FAULTS)
    kas = register(bench)
    root_key = bench.platform.root_key
    sealed = {"privateKeyCtx": {"keyId": "root", "wrappedKey": seal(PAIR, root_key)}}
    for _ in range(2):
        key = create(bench, kas, "k", 1, **sealed)
    assert b"PRIVATE KEY" in base64.b64decode(key["privateKeyCtx"]["wrappedKey"])
    open_key = {"privateKeyCtx": {"keyId": "root", "wrappedKey": encoded(b"-- PRIVATE KEY-----")}}
    create(bench, kas, "open", 1, **open_key)
    assert "wrappedKey" in json.dumps(bench.audit)
    assert "keyAccessServers" not in bench.ok(f"{REGISTRY}/ListKeyAccessServers")
    bench.ok(f"{UNSAFE}/UnsafeDeleteKasKey", {"id": key["id"], "kid": "x", "kasUri": "x"})
    bench.ok(f"{REGISTRY}/DeleteKeyAccessServer", {"id": kas})
    assert "kasKeys" not in bench.ok(f"{REGISTRY}/ListKeys")


@pytest.mark.parametrize(
    ("fault", "status", "base"),
    [
        (Fault.ROTATION_KEEPS_OLD_KEY, "KEY_STATUS_ACTIVE", "new"),
        (Fault.BASE_KEY_OUTLIVES_ROTATION, "KEY_STATUS_ROTATED", "old"),
        (Fault.BASE_KEY_STALE, "KEY_STATUS_ROTATED", "old"),
        (Fault.BASE_KEY_NOT_ANNOUNCED, "KEY_STATUS_ROTATED", None),
        (Fault.ROTATION_FORGETS_ASSIGNMENTS, "KEY_STATUS_ROTATED", "new"),
        (Fault.ASSIGNMENT_FORGOTTEN, "KEY_STATUS_ROTATED", "new"),
    ],
)
def test_a_fault_breaks_one_part_of_a_rotation(
    make_bench: "MakeBench", fault: Fault, status: str, base: str | None
) -> None:
    bench = make_bench(fault)
    key = create(bench, register(bench), "old", 1)
    bench.ok(f"{REGISTRY}/SetBaseKey", {"id": key["id"]})
    body = {"namespaceKey": {"namespaceId": bench.namespace(), "keyId": key["id"]}}
    bench.ok(f"{NAMESPACES}/AssignPublicKeyToNamespace", body)
    rotation = {"id": key["id"], "newKey": successor("new", 1)}
    moved = bench.ok(f"{REGISTRY}/RotateKey", rotation)["rotatedResources"]
    assert moved["rotatedOutKey"]["key"]["keyStatus"] == status
    told = bench.raw("GET", "/.well-known/opentdf-configuration").json["base_key"]
    assert told.get("public_key", {}).get("kid") == base
    forgets = {Fault.ROTATION_FORGETS_ASSIGNMENTS, Fault.ASSIGNMENT_FORGOTTEN}
    assert ("namespaceMappings" in moved) is (fault not in forgets)


@given(st.binary(max_size=64))
def test_only_what_was_sealed_under_the_root_key_is_unsealed(data: bytes) -> None:
    assert unseal(encoded(data), b"k" * 32) is None
    assert unseal("@", b"k" * 32) is None
    sealed = seal(PAIR, b"k" * 32)
    assert unseal(sealed, b"K" * 32) is None
    opened = unseal(sealed, b"k" * 32)
    assert opened is not None
    assert pem_of(opened) == pem_of(PAIR)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
        max_leaves=6,
    )
)
def test_a_configuration_means_the_same_in_its_canonical_form(value: Json) -> None:
    form = canonical(json.dumps(value).encode())
    assert json.loads(form) == value
    assert canonical(form) == form
