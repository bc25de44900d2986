from typing import TYPE_CHECKING, Any

import pytest

from tests.embedded.conftest import ATTRIBUTES, MAPPINGS, Json, condition_set
from tests.embedded.policy_calls import (
    ACTIONS,
    MISSING,
    NOBODY,
    RELATION,
    TAKEN,
    UNSAFE,
    names,
    refusal,
)

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench

# Unsafe changes


def test_renaming_changes_every_name_below(bench: "Bench") -> None:
    namespace = bench.namespace("old.example")
    bench.namespace("taken.example")
    made = bench.attribute(namespace, "a", "ANY_OF", ["x", "y"])
    value = made["values"][0]
    bench.ok(f"{UNSAFE}/UnsafeUpdateNamespace", {"id": namespace, "name": "New.example"})
    bench.ok(f"{UNSAFE}/UnsafeUpdateAttribute", {"id": made["id"], "name": "B"})
    bench.ok(f"{UNSAFE}/UnsafeUpdateAttributeValue", {"id": value["id"], "value": "Z"})
    found = bench.ok(f"{ATTRIBUTES}/GetAttributeValue", {"valueId": value["id"]})["value"]
    assert found["fqn"] == "https://new.example/attr/b/value/z"
    body = {"id": namespace, "name": "taken.example"}
    assert refusal(bench, f"{UNSAFE}/UnsafeUpdateNamespace", body) == TAKEN
    body = {"id": value["id"], "value": "y"}
    assert refusal(bench, f"{UNSAFE}/UnsafeUpdateAttributeValue", body) == TAKEN
    bench.attribute(namespace, "c", "ANY_OF", [])
    body = {"id": made["id"], "name": "c"}
    assert refusal(bench, f"{UNSAFE}/UnsafeUpdateAttribute", body) == TAKEN


def test_values_are_reordered_and_the_rule_changed(bench: "Bench") -> None:
    made = bench.attribute(bench.namespace(), "a", "ANY_OF", ["x", "y"])
    order = [value["id"] for value in reversed(made["values"])]
    body = {
        "id": made["id"],
        "valuesOrder": order,
        "rule": "ATTRIBUTE_RULE_TYPE_ENUM_HIERARCHY",
        "allowTraversal": True,
    }
    bench.ok(f"{UNSAFE}/UnsafeUpdateAttribute", body)
    found = bench.ok(f"{ATTRIBUTES}/GetAttribute", {"attributeId": made["id"]})["attribute"]
    assert [value["id"] for value in found["values"]] == order
    assert found["rule"].endswith("HIERARCHY")
    assert found["allowTraversal"] is True
    wrong = {"id": made["id"], "valuesOrder": order[:1]}
    assert refusal(bench, f"{UNSAFE}/UnsafeUpdateAttribute", wrong) == RELATION


def test_deleting_needs_the_name_and_takes_all_below(bench: "Bench") -> None:
    namespace = bench.namespace()
    made = bench.attribute(namespace, "a", "ANY_OF", ["x", "y"])
    x, y = made["values"]
    mapping = bench.entitle(x["id"])
    for name, item in (("AttributeValue", x), ("Attribute", made)):
        wrong = {"id": item["id"], "fqn": "https://wrong.example/attr/a/value/b"}
        assert refusal(bench, f"{UNSAFE}/UnsafeDelete{name}", wrong)[0] in {400, 404}
    right = {"id": x["id"], "fqn": x["fqn"]}
    assert bench.ok(f"{UNSAFE}/UnsafeDeleteAttributeValue", right) == {"value": {"id": x["id"]}}
    assert refusal(bench, f"{MAPPINGS}/GetSubjectMapping", {"id": mapping["id"]}) == MISSING
    body = {"id": made["id"], "fqn": made["fqn"]}
    bench.ok(f"{UNSAFE}/UnsafeDeleteAttribute", body)
    assert refusal(bench, f"{ATTRIBUTES}/GetAttributeValue", {"valueId": y["id"]}) == MISSING
    again = bench.attribute(namespace, "a", "ANY_OF", ["z"])
    scoped = {"namespaceId": namespace, "subjectConditionSet": condition_set()}
    bench.ok(f"{MAPPINGS}/CreateSubjectConditionSet", scoped)
    body = {"id": namespace, "fqn": "https://bench.example"}
    bench.ok(f"{UNSAFE}/UnsafeDeleteNamespace", body)
    assert refusal(bench, f"{UNSAFE}/UnsafeDeleteNamespace", body) == MISSING
    assert refusal(bench, f"{ATTRIBUTES}/GetAttribute", {"attributeId": again["id"]}) == MISSING
    listed = bench.ok(f"{MAPPINGS}/ListSubjectConditionSets")["subjectConditionSets"]
    assert all("namespace" not in item for item in listed)


# Condition sets, mappings, actions


def test_condition_sets_live_and_die_with_their_mappings(bench: "Bench") -> None:
    made = bench.attribute(bench.namespace(), "a", "ANY_OF", ["x"])
    body = {"subjectConditionSet": condition_set()}
    used = bench.ok(f"{MAPPINGS}/CreateSubjectConditionSet", body)["subjectConditionSet"]
    bench.ok(f"{MAPPINGS}/CreateSubjectConditionSet", body)
    found = bench.ok(f"{MAPPINGS}/GetSubjectConditionSet", {"id": used["id"]})
    assert found["subjectConditionSet"] == used
    assert refusal(bench, f"{MAPPINGS}/GetSubjectConditionSet", {"id": NOBODY}) == MISSING
    mapping = bench.ok(
        f"{MAPPINGS}/CreateSubjectMapping",
        {
            "attributeValueId": made["values"][0]["id"],
            "actions": [{"name": "read"}],
            "existingSubjectConditionSetId": used["id"],
        },
    )["subjectMapping"]
    removed = bench.ok(f"{MAPPINGS}/DeleteAllUnmappedSubjectConditionSets")
    assert len(removed["subjectConditionSets"]) == 1
    update = {"id": used["id"], "subjectSets": condition_set(".a", ["b"])["subjectSets"]}
    bench.ok(f"{MAPPINGS}/UpdateSubjectConditionSet", update)
    found = bench.ok(f"{MAPPINGS}/GetSubjectMapping", {"id": mapping["id"]})["subjectMapping"]
    assert found["subjectConditionSet"]["subjectSets"] == update["subjectSets"]
    bench.ok(f"{MAPPINGS}/DeleteSubjectConditionSet", {"id": used["id"]})
    assert refusal(bench, f"{MAPPINGS}/GetSubjectMapping", {"id": mapping["id"]}) == MISSING


def test_mappings_make_custom_actions_and_can_change(bench: "Bench") -> None:
    value = bench.attribute(bench.namespace(), "a", "ANY_OF", ["x"])["values"][0]
    mapping = bench.entitle(value["id"], actions=["READ", "Custom_Export"])
    assert names(mapping["actions"]) == ["read", "custom_export"]
    body = {"id": mapping["id"], "actions": [{"name": "update"}, {"name": "later"}]}
    assert bench.ok(f"{MAPPINGS}/UpdateSubjectMapping", body) == {
        "subjectMapping": {"id": mapping["id"]}
    }
    other = bench.ok(
        f"{MAPPINGS}/CreateSubjectConditionSet", {"subjectConditionSet": condition_set(".b")}
    )["subjectConditionSet"]
    body = {"id": mapping["id"], "subjectConditionSetId": other["id"]}
    bench.ok(f"{MAPPINGS}/UpdateSubjectMapping", body)
    found = bench.ok(f"{MAPPINGS}/GetSubjectMapping", {"id": mapping["id"]})["subjectMapping"]
    assert names(found["actions"]) == ["update", "later"]
    assert found["subjectConditionSet"]["id"] == other["id"]
    body = {"id": mapping["id"], "subjectConditionSetId": NOBODY}
    assert refusal(bench, f"{MAPPINGS}/UpdateSubjectMapping", body) == RELATION
    listed = bench.ok(f"{MAPPINGS}/ListSubjectMappings")
    assert listed["pagination"] == {"total": 1}
    bench.ok(f"{MAPPINGS}/DeleteSubjectMapping", {"id": mapping["id"]})
    assert refusal(bench, f"{MAPPINGS}/DeleteSubjectMapping", {"id": mapping["id"]}) == MISSING


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"attributeValueId": NOBODY}, 400, "resource relation invalid"),
        ({"existingSubjectConditionSetId": NOBODY}, 404, "resource not found"),
        ({"newSubjectConditionSet": None}, 500, "resource creation failed"),
        ({"actions": [{"id": NOBODY}]}, 400, "resource relation invalid"),
        ({"actions": []}, 400, "validation error"),
        ({"namespaceId": NOBODY}, 404, "resource not found"),
        ({"namespaceFqn": "https://none.example"}, 404, "resource not found"),
    ],
)
def test_mappings_need_all_their_parts(
    bench: "Bench", changes: dict[str, Any], status: int, message: str
) -> None:
    value = bench.attribute(bench.namespace(), "a", "ANY_OF", ["x"])["values"][0]
    body = {
        "attributeValueId": value["id"],
        "actions": [{"name": "read"}],
        "newSubjectConditionSet": condition_set(),
        **changes,
    }
    reply = bench.call(f"{MAPPINGS}/CreateSubjectMapping", body)
    assert reply.status == status
    assert reply.message.startswith(message)
    assert "subjectConditionSets" not in bench.ok(f"{MAPPINGS}/ListSubjectConditionSets")


def test_a_namespaced_mapping_takes_its_parts_from_one_namespace(bench: "Bench") -> None:
    namespace, other = bench.namespace("one.example"), bench.namespace("two.example")
    value = bench.attribute(namespace, "a", "ANY_OF", ["x"])["values"][0]
    body = {
        "attributeValueId": value["id"],
        "actions": [{"name": "read"}, {"name": "own"}],
        "newSubjectConditionSet": condition_set(),
        "namespaceFqn": "https://one.example",
    }
    made = bench.ok(f"{MAPPINGS}/CreateSubjectMapping", body)["subjectMapping"]
    assert made["namespace"]["name"] == "one.example"
    assert {action["namespace"]["id"] for action in made["actions"]} == {namespace}
    wrong = {**body, "namespaceFqn": "", "namespaceId": other}
    assert refusal(bench, f"{MAPPINGS}/CreateSubjectMapping", wrong)[2] == "namespace mismatch"

    def total(**more: Json) -> Json:
        return bench.ok(f"{MAPPINGS}/ListSubjectMappings", more)["pagination"].get("total", 0)

    assert total(namespaceId=namespace) == total(namespaceFqn="https://one.example") == 1
    assert total(namespaceId=other) == total(namespaceFqn="https://none.example") == 0


def test_a_mapping_on_an_inactive_value_is_not_found(bench: "Bench") -> None:
    value = bench.attribute(bench.namespace(), "a", "ANY_OF", ["x"])["values"][0]
    bench.ok(f"{ATTRIBUTES}/DeactivateAttributeValue", {"id": value["id"]})
    body = {
        "attributeValueId": value["id"],
        "actions": [{"name": "read"}],
        "newSubjectConditionSet": condition_set(),
    }
    assert refusal(bench, f"{MAPPINGS}/CreateSubjectMapping", body) == MISSING


def test_mappings_are_matched_by_selector(bench: "Bench") -> None:
    values = bench.attribute(bench.namespace(), "a", "ANY_OF", ["x", "y"])["values"]
    bench.entitle(values[0]["id"], ".clientId")
    bench.entitle(values[1]["id"], ".other")
    body = {"subjectProperties": [{"externalSelectorValue": ".clientId"}]}
    matched = bench.ok(f"{MAPPINGS}/MatchSubjectMappings", body)["subjectMappings"]
    assert [item["attributeValue"]["id"] for item in matched] == [values[0]["id"]]


def test_actions_standard_and_custom(bench: "Bench") -> None:
    made = bench.ok(f"{ACTIONS}/CreateAction", {"name": "Print"})["action"]
    assert made["name"] == "print"
    assert refusal(bench, f"{ACTIONS}/CreateAction", {"name": "PRINT"}) == TAKEN
    restricted = "intended action would violate a restriction"
    assert refusal(bench, f"{ACTIONS}/CreateAction", {"name": "read"})[2] == restricted
    found = bench.ok(f"{ACTIONS}/GetAction", {"name": "PRINT"})["action"]
    assert bench.ok(f"{ACTIONS}/GetAction", {"id": made["id"]})["action"] == found
    assert refusal(bench, f"{ACTIONS}/GetAction", {"name": "none"}) == MISSING
    read = bench.ok(f"{ACTIONS}/GetAction", {"name": "read"})["action"]
    renaming = {"id": read["id"], "name": "x"}
    assert refusal(bench, f"{ACTIONS}/UpdateAction", renaming) == MISSING
    assert refusal(bench, f"{ACTIONS}/DeleteAction", {"id": read["id"]})[2] == restricted
    bench.ok(f"{ACTIONS}/UpdateAction", {"id": made["id"], "name": "Plot"})
    listed = bench.ok(f"{ACTIONS}/ListActions")
    assert sorted(names(listed["actionsStandard"])) == ["create", "delete", "read", "update"]
    assert names(listed["actionsCustom"]) == ["plot"]
    value = bench.attribute(bench.namespace(), "a", "ANY_OF", ["x"])["values"][0]
    mapping = bench.entitle(value["id"], actions=["plot", "read"])
    bench.ok(f"{ACTIONS}/DeleteAction", {"id": made["id"]})
    found = bench.ok(f"{MAPPINGS}/GetSubjectMapping", {"id": mapping["id"]})["subjectMapping"]
    assert names(found["actions"]) == ["read"]


@pytest.mark.parametrize(("rule", "told"), [("HIERARCHY", ["high", "low"]), ("ANY_OF", [])])
def test_what_decisions_need_of_a_value_is_told_by_its_name(
    bench: "Bench", rule: str, told: list[str]
) -> None:
    namespace = bench.namespace()
    attribute = bench.attribute(namespace, "a", rule, ["high", "low"])
    high, low = attribute["values"]
    bench.entitle(high["id"])
    found = bench.ok(f"{ATTRIBUTES}/GetEntitleableAttributesByFqns", {"fqns": [low["fqn"].upper()]})
    [(name, definition)] = found["definitions"].items()
    assert (name, definition["rule"]) == (attribute["fqn"], f"ATTRIBUTE_RULE_TYPE_ENUM_{rule}")
    assert definition["namespace"] == {
        "id": namespace,
        "name": "bench.example",
        "fqn": "https://bench.example",
    }
    values = definition.get("values", [])
    assert [value["fqn"].rpartition("/")[2] for value in values] == told
    assert [len(value.get("subjectMappings", [])) for value in values] == [1, 0][: len(told)]
    [(name, entry)] = found["fqnEntitleableAttributes"].items()
    assert (name, entry["definitionFqn"]) == (low["fqn"], attribute["fqn"])
    assert entry["value"] == {"fqn": low["fqn"], "valueId": low["id"]}


def test_what_decisions_need_of_a_missing_value_is_its_definition_alone(bench: "Bench") -> None:
    attribute = bench.attribute(bench.namespace(), "a", "ANY_OF", ["x"], allowTraversal=True)
    fqn = f"{attribute['fqn']}/value/y"
    found = bench.ok(f"{ATTRIBUTES}/GetEntitleableAttributesByFqns", {"fqns": [fqn]})
    assert found["fqnEntitleableAttributes"][fqn]["value"] == {"fqn": fqn}
    unknown = {"fqns": [fqn.replace("/attr/a", "/attr/b")]}
    assert bench.call(f"{ATTRIBUTES}/GetEntitleableAttributesByFqns", unknown).status == 404
