from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.embedded.policy.paging import page
from support.embedded.protocol import load_protocol
from tests.embedded.conftest import ATTRIBUTES, MAPPINGS, NAMESPACES, Json
from tests.embedded.policy_calls import MISSING, NOBODY, RELATION, TAKEN, UNSAFE, names, refusal

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench

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
