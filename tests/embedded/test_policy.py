from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.embedded.policy.paging import page
from support.embedded.protocol import load_protocol
from tests.embedded.conftest import ATTRIBUTES, MAPPINGS, NAMESPACES, Json, condition_set

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench

ACTIONS = "policy.actions.ActionService"
UNSAFE = "policy.unsafe.UnsafeService"
REGISTRY = "policy.kasregistry.KeyAccessServerRegistryService"
NOBODY = "00000000-0000-4000-8000-000000000001"
MISSING = (404, "not_found", "resource not found")
TAKEN = (409, "already_exists", "resource unique field violation")
RELATION = (400, "invalid_argument", "resource relation invalid")
PEM = "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0K"


def refusal(bench: "Bench", procedure: str, body: dict[str, Any]) -> tuple[int, str, str]:
    reply = bench.call(procedure, body)
    return reply.status, reply.code, reply.message


def names(items: list[dict[str, Any]]) -> list[str]:
    return [item["name"] for item in items]


# Namespaces


def test_a_namespace_is_stored_in_lower_case_and_once(bench: "Bench") -> None:
    body = {"name": "Upper.Example", "metadata": {"labels": {"team": "x"}}}
    created = bench.ok(f"{NAMESPACES}/CreateNamespace", body)["namespace"]
    assert created["name"] == "upper.example"
    assert created["fqn"] == "https://upper.example"
    assert created["active"] is True
    assert created["metadata"]["labels"] == {"team": "x"}
    assert refusal(bench, f"{NAMESPACES}/CreateNamespace", {"name": "UPPER.example"}) == TAKEN
    for key in ({"namespaceId": created["id"]}, {"id": created["id"]}, {"fqn": created["fqn"]}):
        assert bench.ok(f"{NAMESPACES}/GetNamespace", key)["namespace"] == created
    missing = {"fqn": "https://UPPER.example"}
    assert refusal(bench, f"{NAMESPACES}/GetNamespace", missing) == MISSING
    assert refusal(bench, f"{NAMESPACES}/GetNamespace", {"namespaceId": NOBODY}) == MISSING


@pytest.mark.parametrize(
    ("procedure", "body", "message"),
    [
        ("CreateNamespace", {}, "validation error:\n - name: value is required [required]"),
        ("CreateNamespace", {"name": None}, "validation error:\n - name: value is required"),
        ("CreateNamespace", {"name": "nodot"}, "validation error:\n - name: Namespace must be a"),
        ("GetNamespace", {"namespaceId": "x"}, "validation error:\n - namespace_id: must be a"),
        ("GetNamespace", {"fqn": "x"}, "validation error:\n - fqn: must be a valid URI [string."),
        ("GetNamespace", {}, "validation error:\n - Either id or one of namespace_id or fqn"),
        ("CreateNamespace", {"name": 1}, "unmarshal message: "),
        (
            "ListNamespaces",
            {"pagination": {"limit": 2501}},
            "requested pagination limit must be less than or equal to configured limit",
        ),
    ],
)
def test_wrong_requests_are_refused_in_the_platforms_words(
    bench: "Bench", procedure: str, body: dict[str, Any], message: str
) -> None:
    status, code, said = refusal(bench, f"{NAMESPACES}/{procedure}", body)
    assert (status, code) == (400, "invalid_argument")
    assert said.startswith(message)


def test_repeated_and_nested_violations_name_their_path(bench: "Bench") -> None:
    namespace = bench.namespace()
    body = {
        "namespaceId": namespace,
        "name": "n",
        "rule": "ATTRIBUTE_RULE_TYPE_ENUM_ANY_OF",
        "values": ["ok", "b@d"],
    }
    said = refusal(bench, f"{ATTRIBUTES}/CreateAttribute", body)[2]
    assert said.startswith("validation error:\n - values[1]: does not match regex pattern")
    empty: dict[str, Any] = {"subjectConditionSet": {"subjectSets": [{"conditionGroups": []}]}}
    said = refusal(bench, f"{MAPPINGS}/CreateSubjectConditionSet", empty)[2]
    path = "subject_condition_set.subject_sets[0].condition_groups"
    assert f" - {path}: must contain at least 1 item(s) [repeated.min_items]" in said


def test_labels_are_extended_or_replaced_as_asked(bench: "Bench") -> None:
    identifier = bench.namespace()

    def update(labels: dict[str, str], how: str) -> Json:
        body = {"id": identifier, "metadata": {"labels": labels}, "metadataUpdateBehavior": how}
        return bench.call(f"{NAMESPACES}/UpdateNamespace", body)

    def labels() -> Json:
        found = bench.ok(f"{NAMESPACES}/GetNamespace", {"namespaceId": identifier})
        return found["namespace"]["metadata"].get("labels")

    assert update({"a": "1"}, "METADATA_UPDATE_ENUM_EXTEND").json == {
        "namespace": {"id": identifier}
    }
    update({"b": "2"}, "METADATA_UPDATE_ENUM_EXTEND")
    assert labels() == {"a": "1", "b": "2"}
    update({"c": "3"}, "METADATA_UPDATE_ENUM_REPLACE")
    assert labels() == {"c": "3"}
    assert update({}, "METADATA_UPDATE_ENUM_UNSPECIFIED").status == 500
    bench.ok(f"{NAMESPACES}/UpdateNamespace", {"id": identifier})
    assert labels() == {"c": "3"}


def test_lists_are_newest_first_paged_sorted_and_searched(bench: "Bench") -> None:
    for name in ("b.example", "c.example", "a.example"):
        bench.namespace(name)

    def listed(**body: Json) -> Json:
        return bench.ok(f"{NAMESPACES}/ListNamespaces", body)

    assert names(listed()["namespaces"]) == ["a.example", "c.example", "b.example"]
    first = listed(pagination={"limit": 2})
    assert first["pagination"] == {"nextOffset": 2, "total": 3}
    last = listed(pagination={"limit": 2, "offset": 2})
    assert names(last["namespaces"]) == ["b.example"]
    assert last["pagination"] == {"currentOffset": 2, "total": 3}
    assert listed(pagination={"offset": 99}) == {"pagination": {"currentOffset": 99}}
    assert len(listed(pagination={"limit": -1})["namespaces"]) == 3
    by_name = {"field": "SORT_NAMESPACES_TYPE_NAME"}
    up = listed(sort=[{**by_name, "direction": "SORT_DIRECTION_ASC"}])
    down = listed(sort=[{**by_name, "direction": "SORT_DIRECTION_DESC"}])
    assert names(up["namespaces"]) == ["a.example", "b.example", "c.example"]
    assert names(down["namespaces"]) == ["c.example", "b.example", "a.example"]
    assert names(listed(search={"term": "C.EX"})["namespaces"]) == ["c.example"]
    assert bench.call(f"{NAMESPACES}/ListNamespaces", {"pagination": {"offset": -1}}).status == 500


@given(count=st.integers(0, 30), limit=st.integers(0, 40))
def test_pages_put_together_are_the_whole_list(count: int, limit: int) -> None:
    protocol = load_protocol()
    items, offset = list(range(count)), 0
    seen: list[int] = []
    while True:
        request = protocol.message("policy.PageRequest")(limit=limit, offset=offset)
        response = protocol.message("policy.PageResponse")()
        seen.extend(page(items, request, response))
        if not response.next_offset:
            break
        assert response.next_offset > offset
        offset = response.next_offset
    assert seen == items


# Attributes and values


def test_an_attribute_keeps_the_order_of_its_values(bench: "Bench") -> None:
    namespace = bench.namespace()
    made = bench.attribute(namespace, "Level", "HIERARCHY", ["Top", "mid", "low"])
    assert [value["value"] for value in made["values"]] == ["top", "mid", "low"]
    assert made["fqn"] == "https://bench.example/attr/level"
    body = {"attributeId": made["id"], "value": "Ground"}
    added = bench.ok(f"{ATTRIBUTES}/CreateAttributeValue", body)["value"]
    assert added["fqn"] == f"{made['fqn']}/value/ground"
    found = bench.ok(f"{ATTRIBUTES}/GetAttribute", {"fqn": made["fqn"]})["attribute"]
    assert [value["value"] for value in found["values"]] == ["top", "mid", "low", "ground"]
    assert refusal(bench, f"{ATTRIBUTES}/CreateAttributeValue", body) == TAKEN
    value = bench.ok(f"{ATTRIBUTES}/GetAttributeValue", {"fqn": added["fqn"]})["value"]
    assert value["attribute"] == {"id": made["id"]}
    by_id = {"valueId": added["id"]}
    assert bench.ok(f"{ATTRIBUTES}/GetAttributeValue", by_id)["value"] == value


def test_names_of_attributes_are_unique_in_their_namespace(bench: "Bench") -> None:
    first, second = bench.namespace("one.example"), bench.namespace("two.example")
    bench.attribute(first, "same", "ANY_OF", [])
    bench.attribute(second, "same", "ANY_OF", [])
    body = {"namespaceId": first, "name": "SAME", "rule": "ATTRIBUTE_RULE_TYPE_ENUM_ALL_OF"}
    assert refusal(bench, f"{ATTRIBUTES}/CreateAttribute", body) == TAKEN
    twice = {**body, "name": "other", "values": ["a", "A"]}
    assert refusal(bench, f"{ATTRIBUTES}/CreateAttribute", twice) == TAKEN
    unknown = {**body, "namespaceId": NOBODY}
    assert refusal(bench, f"{ATTRIBUTES}/CreateAttribute", unknown) == RELATION
    value = {"attributeId": NOBODY, "value": "x"}
    assert refusal(bench, f"{ATTRIBUTES}/CreateAttributeValue", value) == RELATION
    for key in ({"attributeId": NOBODY}, {"fqn": "https://one.example/attr/SAME"}):
        assert refusal(bench, f"{ATTRIBUTES}/GetAttribute", key) == MISSING
    for key in ({"valueId": NOBODY}, {"fqn": "https://one.example/attr/same/value/x"}):
        assert refusal(bench, f"{ATTRIBUTES}/GetAttributeValue", key) == MISSING


def test_attributes_are_listed_by_namespace_name_or_id(bench: "Bench") -> None:
    first, second = bench.namespace("one.example"), bench.namespace("two.example")
    bench.attribute(first, "a", "ANY_OF", [])
    bench.attribute(second, "b", "ANY_OF", [])

    def listed(wanted: str) -> list[str]:
        body = {"namespace": wanted}
        return names(bench.ok(f"{ATTRIBUTES}/ListAttributes", body).get("attributes", []))

    assert listed("") == ["b", "a"]
    assert listed("one.example") == ["a"]
    assert listed(second) == ["b"]
    assert listed("none.example") == []


def by_fqns(bench: "Bench", *fqns: str) -> Json:
    return bench.call(f"{ATTRIBUTES}/GetAttributeValuesByFqns", {"fqns": list(fqns)})


def test_values_are_found_by_names_in_any_case_or_not_at_all(bench: "Bench") -> None:
    made = bench.attribute(bench.namespace(), "color", "ANY_OF", ["red", "blue"])
    red = made["values"][0]["fqn"]
    bench.entitle(made["values"][0]["id"])
    entry = by_fqns(bench, red.replace("color", "COLOR")).json["fqnAttributeValues"][red]
    assert entry["value"]["fqn"] == red
    assert entry["value"]["subjectMappings"][0]["actions"][0]["name"] == "read"
    assert [value["value"] for value in entry["attribute"]["values"]] == ["red", "blue"]
    for bad in (f"{red}x", made["fqn"], "nope", "https://none.example/attr/color/value/red"):
        reply = by_fqns(bench, red, bad)
        assert (reply.status, reply.code, reply.message) == MISSING
    assert by_fqns(bench).status == 400
    assert by_fqns(bench, *(f"{red}{number}" for number in range(251))).status == 400


def test_a_traversable_attribute_answers_for_values_it_lacks(bench: "Bench") -> None:
    made = bench.attribute(bench.namespace(), "ntk", "ALL_OF", [], allowTraversal=True)
    name = f"{made['fqn']}/value/none"
    entry = by_fqns(bench, name).json["fqnAttributeValues"][name]
    assert entry["attribute"]["allowTraversal"] is True
    assert "value" not in entry


def test_deactivation_goes_down_and_reactivation_does_not(bench: "Bench") -> None:
    namespace = bench.namespace()
    made = bench.attribute(namespace, "a", "ANY_OF", ["x", "y"])
    x, y = made["values"]
    body = {"id": x["id"]}
    answer = bench.ok(f"{ATTRIBUTES}/DeactivateAttributeValue", body)
    assert answer == {"value": {"id": x["id"], "active": False}}
    reply = by_fqns(bench, x["fqn"])
    assert (reply.status, reply.message) == (400, "inactive attribute value")
    bench.ok(f"{UNSAFE}/UnsafeReactivateAttributeValue", body)
    assert by_fqns(bench, x["fqn"]).status == 200
    answer = bench.ok(f"{ATTRIBUTES}/DeactivateAttribute", {"id": made["id"]})
    assert answer == {"attribute": {"id": made["id"]}}
    assert by_fqns(bench, y["fqn"]).status == 404
    assert bench.ok(f"{NAMESPACES}/DeactivateNamespace", {"id": namespace}) == {}
    bench.ok(f"{UNSAFE}/UnsafeReactivateNamespace", {"id": namespace})
    assert by_fqns(bench, y["fqn"]).status == 404
    bench.ok(f"{UNSAFE}/UnsafeReactivateAttribute", {"id": made["id"]})
    assert by_fqns(bench, y["fqn"]).status == 400
    assert refusal(bench, f"{ATTRIBUTES}/DeactivateAttributeValue", {"id": NOBODY}) == MISSING


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (None, ["on.example"]),
        ("ACTIVE", ["on.example"]),
        ("INACTIVE", ["off.example"]),
        ("ANY", ["on.example", "off.example"]),
    ],
)
def test_lists_show_the_state_asked_for(
    bench: "Bench", state: str | None, expected: list[str]
) -> None:
    off = bench.namespace("off.example")
    bench.namespace("on.example")
    bench.ok(f"{NAMESPACES}/DeactivateNamespace", {"id": off})
    body = {"state": f"ACTIVE_STATE_ENUM_{state}"} if state else {}
    assert names(bench.ok(f"{NAMESPACES}/ListNamespaces", body)["namespaces"]) == expected


def test_listing_values_was_removed(bench: "Bench") -> None:
    reply = bench.call(f"{ATTRIBUTES}/ListAttributeValues", {"attributeId": NOBODY})
    assert (reply.status, reply.code) == (501, "unimplemented")
    assert "Use GetAttribute instead" in reply.message


@pytest.mark.parametrize("kind", ["Attribute", "AttributeValue"])
def test_labels_of_attributes_and_values_change(bench: "Bench", kind: str) -> None:
    made = bench.attribute(bench.namespace(), "a", "ANY_OF", ["x"])
    identifier = made["id"] if kind == "Attribute" else made["values"][0]["id"]
    body = {
        "id": identifier,
        "metadata": {"labels": {"k": "v"}},
        "metadataUpdateBehavior": "METADATA_UPDATE_ENUM_EXTEND",
    }
    bench.ok(f"{ATTRIBUTES}/Update{kind}", body)
    key = "attributeId" if kind == "Attribute" else "valueId"
    found = bench.ok(f"{ATTRIBUTES}/Get{kind}", {key: identifier})
    assert next(iter(found.values()))["metadata"]["labels"] == {"k": "v"}


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
    for change in ("UpdateAction", "DeleteAction"):
        body = {"id": read["id"], **({"name": "x"} if change == "UpdateAction" else {})}
        assert refusal(bench, f"{ACTIONS}/{change}", body)[2] == restricted
    bench.ok(f"{ACTIONS}/UpdateAction", {"id": made["id"], "name": "Plot"})
    listed = bench.ok(f"{ACTIONS}/ListActions")
    assert sorted(names(listed["actionsStandard"])) == ["create", "delete", "read", "update"]
    assert names(listed["actionsCustom"]) == ["plot"]
    value = bench.attribute(bench.namespace(), "a", "ANY_OF", ["x"])["values"][0]
    mapping = bench.entitle(value["id"], actions=["plot", "read"])
    bench.ok(f"{ACTIONS}/DeleteAction", {"id": made["id"]})
    found = bench.ok(f"{MAPPINGS}/GetSubjectMapping", {"id": mapping["id"]})["subjectMapping"]
    assert names(found["actions"]) == ["read"]


# KAS registry and keys


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
    assert total(kasUri="http://none.example") == total(legacy=True) == 0
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
        bench.ok(f"{service}/AssignPublicKeyTo{kind}", body)
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
    assert said == (400, "invalid_argument", "key is not active")


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
