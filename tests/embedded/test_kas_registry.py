from typing import TYPE_CHECKING, Any

import pytest

from support.embedded.faults import Fault
from tests.embedded.conftest import ATTRIBUTES, NAMESPACES, Json
from tests.embedded.policy_calls import MISSING, NOBODY, PEM, REGISTRY, RELATION, TAKEN, refusal

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench, MakeBench


def test_kas_are_registered_once(bench: "Bench") -> None:
    body = {"uri": "http://kas.example:8080/kas", "name": "Kas-One"}
    made = bench.ok(f"{REGISTRY}/CreateKeyAccessServer", body)["keyAccessServer"]
    assert made["name"] == "kas-one"
    for again in (body, {**body, "name": ""}, {**body, "uri": "http://other.example"}):
        assert refusal(bench, f"{REGISTRY}/CreateKeyAccessServer", again) == TAKEN
    for key in ({"kasId": made["id"]}, {"uri": made["uri"]}, {"name": "KAS-ONE"}):
        found = bench.ok(f"{REGISTRY}/GetKeyAccessServer", key)["keyAccessServer"]
        assert found["id"] == made["id"]
    unknown = {"uri": "http://none.example"}
    assert refusal(bench, f"{REGISTRY}/GetKeyAccessServer", unknown) == MISSING
    remote = {"remote": "https://kas.example/key"}
    update = {"id": made["id"], "uri": "http://kas.example/new", "publicKey": remote}
    bench.ok(f"{REGISTRY}/UpdateKeyAccessServer", update)
    found = bench.ok(f"{REGISTRY}/GetKeyAccessServer", {"kasId": made["id"]})["keyAccessServer"]
    assert (found["uri"], found["publicKey"]) == ("http://kas.example/new", remote)
    nothing = {"id": made["id"]}
    said = refusal(bench, f"{REGISTRY}/UpdateKeyAccessServer", nothing)[2]
    assert said == "cannot update to unspecified value"
    own = bench.ok(f"{REGISTRY}/ListKeyAccessServers")["keyAccessServers"][-1]
    assert own["uri"] == "http://localhost:1/kas"
    conflict = {"id": made["id"], "uri": own["uri"]}
    assert refusal(bench, f"{REGISTRY}/UpdateKeyAccessServer", conflict) == TAKEN
    bench.ok(f"{REGISTRY}/DeleteKeyAccessServer", nothing)
    assert refusal(bench, f"{REGISTRY}/DeleteKeyAccessServer", nothing) == MISSING


def public_key(bench: "Bench", kid: str) -> tuple[str, dict[str, Any]]:
    kas = bench.ok(f"{REGISTRY}/ListKeyAccessServers")["keyAccessServers"][0]
    body = {
        "kasId": kas["id"],
        "keyId": kid,
        "keyAlgorithm": "ALGORITHM_RSA_2048",
        "keyMode": "KEY_MODE_PUBLIC_KEY_ONLY",
        "publicKeyCtx": {"pem": PEM},
    }
    return kas["id"], body


def test_keys_are_registered_found_and_listed(bench: "Bench") -> None:
    kas_id, body = public_key(bench, "k1")
    made = bench.ok(f"{REGISTRY}/CreateKey", body)["kasKey"]
    assert made["key"]["publicKeyCtx"]["pem"] == PEM
    assert refusal(bench, f"{REGISTRY}/CreateKey", body) == TAKEN
    assert refusal(bench, f"{REGISTRY}/CreateKey", {**body, "kasId": NOBODY}) == RELATION
    by_kid = {"key": {"kasId": kas_id, "kid": "k1"}}
    assert bench.ok(f"{REGISTRY}/GetKey", by_kid)["kasKey"] == made
    assert bench.ok(f"{REGISTRY}/GetKey", {"id": made["key"]["id"]})["kasKey"] == made
    unknown = {"key": {"uri": "http://none.example", "kid": "k1"}}
    assert refusal(bench, f"{REGISTRY}/GetKey", unknown) == MISSING

    def total(**more: Json) -> Json:
        return bench.ok(f"{REGISTRY}/ListKeys", more)["pagination"].get("total", 0)

    assert total() == total(kasId=kas_id) == total(kasName="default") == 1
    assert total(legacy=True) == 0
    nowhere = {"kasUri": "http://none.example"}
    assert refusal(bench, f"{REGISTRY}/ListKeys", nowhere) == MISSING
    assert total(keyAlgorithm="ALGORITHM_EC_P256") == 0
    assert bench.ok(f"{REGISTRY}/GetBaseKey") == {}
    in_use = {"id": kas_id}
    assert refusal(bench, f"{REGISTRY}/DeleteKeyAccessServer", in_use) == RELATION


def test_the_nearest_assigned_key_protects_a_value(bench: "Bench") -> None:
    _, body = public_key(bench, "k")
    keys = {
        level: bench.ok(f"{REGISTRY}/CreateKey", {**body, "keyId": level})["kasKey"]["key"]["id"]
        for level in ("namespace", "attribute", "value")
    }
    namespace = bench.namespace()
    attribute = bench.attribute(namespace, "a", "ANY_OF", ["x"])
    value = attribute["values"][0]
    owners = {
        "namespace": (NAMESPACES, "Namespace", "namespaceKey", "namespaceId", namespace),
        "attribute": (ATTRIBUTES, "Attribute", "attributeKey", "attributeId", attribute["id"]),
        "value": (ATTRIBUTES, "Value", "valueKey", "valueId", value["id"]),
    }

    def protecting() -> list[str]:
        found = bench.ok(f"{ATTRIBUTES}/GetKeyMappingsByFqns", {"fqns": [value["fqn"]]})
        mapping = found["fqnKeyMappings"][value["fqn"]]
        return [key["publicKey"]["kid"] for key in mapping.get("keys", [])]

    assert protecting() == []
    for level, (service, kind, field, owner, identifier) in owners.items():
        body = {field: {owner: identifier, "keyId": keys[level]}}
        assert bench.ok(f"{service}/AssignPublicKeyTo{kind}", body) == body
        assert refusal(bench, f"{service}/AssignPublicKeyTo{kind}", body) == TAKEN
        assert protecting() == [level]
        unknown = {field: {owner: NOBODY, "keyId": keys[level]}}
        assert refusal(bench, f"{service}/AssignPublicKeyTo{kind}", unknown) == RELATION
        unknown = {field: {owner: identifier, "keyId": NOBODY}}
        assert refusal(bench, f"{service}/AssignPublicKeyTo{kind}", unknown) == MISSING
    for level, (service, kind, field, owner, identifier) in reversed(owners.items()):
        body = {field: {owner: identifier, "keyId": keys[level]}}
        bench.ok(f"{service}/RemovePublicKeyFrom{kind}", body)
        assert refusal(bench, f"{service}/RemovePublicKeyFrom{kind}", body) == MISSING
    assert protecting() == []


def test_a_rotated_key_cannot_be_assigned(bench: "Bench") -> None:
    _, body = public_key(bench, "k")
    key = bench.ok(f"{REGISTRY}/CreateKey", body)["kasKey"]["key"]["id"]
    bench.platform.store.keys[key].status = 2
    assignment = {"namespaceKey": {"namespaceId": bench.namespace(), "keyId": key}}
    said = refusal(bench, f"{NAMESPACES}/AssignPublicKeyToNamespace", assignment)
    assert said == (500, "internal", "resource creation failed")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.DEFINITION_KEY_BEFORE_VALUE_KEY, "namespace"),
        (Fault.VALUE_KEY_NOT_SERVED, "attribute"),
        (Fault.DEFINITION_KEY_NOT_SERVED, "value"),
        (Fault.NAMESPACE_KEY_NOT_SERVED, "value"),
    ],
)
def test_faults_change_which_key_protects_a_value(
    make_bench: "MakeBench", fault: Fault, expected: str
) -> None:
    bench = make_bench(fault)
    _, body = public_key(bench, "k")
    namespace = bench.namespace()
    attribute = bench.attribute(namespace, "a", "ANY_OF", ["x"])
    value = attribute["values"][0]
    owners = {"namespace": namespace, "attribute": attribute["id"], "value": value["id"]}
    for level, owner in owners.items():
        key = bench.ok(f"{REGISTRY}/CreateKey", {**body, "keyId": level})["kasKey"]["key"]["id"]
        service = NAMESPACES if level == "namespace" else ATTRIBUTES
        bench.ok(
            f"{service}/AssignPublicKeyTo{level.capitalize()}",
            {f"{level}Key": {f"{level}Id": owner, "keyId": key}},
        )
    found = bench.ok(f"{ATTRIBUTES}/GetKeyMappingsByFqns", {"fqns": [value["fqn"]]})
    [key] = found["fqnKeyMappings"][value["fqn"]]["keys"]
    assert key["publicKey"]["kid"] == expected


@pytest.mark.parametrize(
    "procedure",
    [
        f"{NAMESPACES}/AssignKeyAccessServerToNamespace",
        f"{ATTRIBUTES}/AssignKeyAccessServerToAttribute",
        f"{ATTRIBUTES}/AssignKeyAccessServerToValue",
    ],
)
def test_grants_of_old_are_gone(bench: "Bench", procedure: str) -> None:
    field = {"N": "namespace", "A": "attribute", "V": "value"}[procedure.rpartition("To")[2][0]]
    body = {
        f"{field}KeyAccessServer": {f"{field}Id": NOBODY, "keyAccessServerId": NOBODY},
    }
    assert bench.call(procedure, body).status == 501


@pytest.mark.parametrize(
    ("procedure", "kind"),
    [
        (f"{NAMESPACES}/RemoveKeyAccessServerFromNamespace", "namespace"),
        (f"{ATTRIBUTES}/RemoveKeyAccessServerFromAttribute", "definition"),
        (f"{ATTRIBUTES}/RemoveKeyAccessServerFromValue", "value"),
    ],
)
def test_grants_of_old_are_not_there_to_be_taken_away(
    bench: "Bench", procedure: str, kind: str
) -> None:
    field = {"definition": "attribute"}.get(kind, kind)
    body = {
        f"{field}KeyAccessServer": {f"{field}Id": NOBODY, "keyAccessServerId": NOBODY},
    }
    assert refusal(bench, procedure, body) == MISSING
    assert bench.call(procedure, {}).code == "invalid_argument"
    recorded = [item["audit"] for item in bench.audit]
    assert [item["action"] for item in recorded] == [{"type": "delete", "result": "error"}] * 2
    assert {item["object"]["type"] for item in recorded} == {f"kas_attribute_{kind}_assignment"}


def test_changes_are_recorded_with_what_they_changed(bench: "Bench") -> None:
    identifier = bench.namespace()
    bench.call(f"{NAMESPACES}/CreateNamespace", {"name": "bench.example"})
    bench.ok(f"{NAMESPACES}/DeactivateNamespace", {"id": identifier})
    created, refused, deactivated = (item["audit"] for item in bench.audit)
    assert created["action"] == {"result": "success", "type": "create"}
    assert created["object"] == {
        "type": "namespace",
        "id": identifier,
        "name": "",
        "attributes": {"assertions": None, "attrs": None, "permissions": None},
    }
    assert created["original"]["name"] == "bench.example"
    assert "metadata" not in created["original"]
    assert refused["action"]["result"] == "error"
    assert deactivated["action"]["type"] == "update"
    assert deactivated["original"]["active"] is True
    assert deactivated["updated"]["active"] is False
