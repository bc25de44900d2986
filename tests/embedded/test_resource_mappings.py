from typing import TYPE_CHECKING, Any

import pytest

from tests.embedded.conftest import ATTRIBUTES, NAMESPACES, Json
from tests.embedded.policy_calls import MISSING, NOBODY, RELATION, TAKEN, UNSAFE, names, refusal

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench

SERVICE = "policy.resourcemapping.ResourceMappingService"
MISMATCH = (400, "invalid_argument", "namespace mismatch")


@pytest.fixture
def space(bench: "Bench") -> Json:
    return bench.ok(f"{NAMESPACES}/CreateNamespace", {"name": "maps.example"})["namespace"]


@pytest.fixture
def value(bench: "Bench", space: Json) -> Json:
    body = {
        "namespaceId": space["id"],
        "name": "topic",
        "rule": "ATTRIBUTE_RULE_TYPE_ENUM_ANY_OF",
        "values": ["law"],
    }
    return bench.ok(f"{ATTRIBUTES}/CreateAttribute", body)["attribute"]["values"][0]


def group(bench: "Bench", space: Json, name: str = "Words") -> Json:
    body = {"namespaceId": space["id"], "name": name}
    answer = bench.ok(f"{SERVICE}/CreateResourceMappingGroup", body)
    return answer["resourceMappingGroup"]


def mapping(bench: "Bench", value: Json, **more: Json) -> Json:
    body = {"attributeValueId": value["id"], "terms": ["Jus", "lex"], **more}
    return bench.ok(f"{SERVICE}/CreateResourceMapping", body)["resourceMapping"]


def listed(bench: "Bench", **wanted: Json) -> list[str]:
    answer = bench.ok(f"{SERVICE}/ListResourceMappings", wanted)
    return [entry["id"] for entry in answer.get("resourceMappings", [])]


def test_a_group_is_named_once_in_its_namespace(bench: "Bench", space: Json) -> None:
    made = group(bench, space)

    assert made["name"] == "words"
    assert made["fqn"] == "https://maps.example/resm/words"
    again = {"namespaceFqn": space["fqn"], "name": "WORDS"}
    assert refusal(bench, f"{SERVICE}/CreateResourceMappingGroup", again) == TAKEN
    unknown = {"namespaceId": NOBODY, "name": "words"}
    assert refusal(bench, f"{SERVICE}/CreateResourceMappingGroup", unknown) == RELATION
    nowhere = {"namespaceFqn": "https://nowhere.example", "name": "words"}
    assert refusal(bench, f"{SERVICE}/CreateResourceMappingGroup", nowhere) == MISSING


def test_groups_are_renamed_listed_and_deleted(bench: "Bench", space: Json) -> None:
    first, second = group(bench, space), group(bench, space, "terms")
    renamed = {"id": first["id"], "name": "Terms"}

    assert refusal(bench, f"{SERVICE}/UpdateResourceMappingGroup", renamed) == TAKEN
    renamed["name"] = "Nouns"
    answer = bench.ok(f"{SERVICE}/UpdateResourceMappingGroup", renamed)
    assert answer["resourceMappingGroup"]["name"] == "nouns"
    body = {"namespaceFqn": space["fqn"]}
    found = bench.ok(f"{SERVICE}/ListResourceMappingGroups", body)["resourceMappingGroups"]
    assert names(found) == ["terms", "nouns"]
    deleted = bench.ok(f"{SERVICE}/DeleteResourceMappingGroup", {"id": second["id"]})
    assert deleted["resourceMappingGroup"]["name"] == "terms"
    assert refusal(bench, f"{SERVICE}/GetResourceMappingGroup", {"id": second["id"]}) == MISSING


def test_a_mapping_stands_in_the_namespace_of_its_group(
    bench: "Bench", space: Json, value: Json
) -> None:
    owner = group(bench, space)
    other = bench.ok(f"{NAMESPACES}/CreateNamespace", {"name": "other.example"})["namespace"]

    made = mapping(bench, value, groupId=owner["id"])

    assert made["namespace"]["id"] == space["id"]
    assert made["group"]["fqn"] == owner["fqn"]
    assert made["attributeValue"] == {k: value[k] for k in ("id", "value", "fqn")}
    elsewhere = {
        "attributeValueId": value["id"],
        "terms": ["x"],
        "groupId": owner["id"],
        "namespaceId": other["id"],
    }
    assert refusal(bench, f"{SERVICE}/CreateResourceMapping", elsewhere) == MISMATCH
    moved = {"id": made["id"], "namespaceId": other["id"]}
    assert refusal(bench, f"{SERVICE}/UpdateResourceMapping", moved) == MISMATCH


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"attributeValueId": NOBODY, "terms": ["x"]}, RELATION[2]),
        ({"terms": ["x"]}, "validation error"),
        ({"attributeValueId": NOBODY}, "validation error"),
    ],
)
def test_a_mapping_needs_a_value_and_a_term(
    bench: "Bench", body: dict[str, Any], told: str
) -> None:
    status, code, message = refusal(bench, f"{SERVICE}/CreateResourceMapping", body)

    assert (status, code) == (400, "invalid_argument")
    assert message.startswith(told)


def test_mappings_are_changed_listed_and_deleted(bench: "Bench", space: Json, value: Json) -> None:
    plain, owner = mapping(bench, value), group(bench, space)
    placed = mapping(bench, value, namespaceFqn=space["fqn"])

    change = {"id": placed["id"], "groupId": owner["id"], "terms": ["canon"]}
    updated = bench.ok(f"{SERVICE}/UpdateResourceMapping", change)["resourceMapping"]

    assert updated["terms"] == ["canon"]
    assert listed(bench) == [placed["id"], plain["id"]]
    assert listed(bench, groupId=owner["id"]) == [placed["id"]]
    assert listed(bench, namespaceId=space["id"]) == [placed["id"]]
    bench.ok(f"{SERVICE}/DeleteResourceMapping", {"id": plain["id"]})
    assert refusal(bench, f"{SERVICE}/DeleteResourceMapping", {"id": plain["id"]}) == MISSING


def test_mappings_are_found_by_the_name_of_their_group(
    bench: "Bench", space: Json, value: Json
) -> None:
    owner = group(bench, space)
    made = mapping(bench, value, groupId=owner["id"])
    unknown = "https://maps.example/resm/none"

    body = {"fqns": [owner["fqn"], unknown]}
    found = bench.ok(f"{SERVICE}/ListResourceMappingsByGroupFqns", body)

    assert list(found["fqnResourceMappingGroups"]) == [owner["fqn"]]
    entry = found["fqnResourceMappingGroups"][owner["fqn"]]
    assert [item["id"] for item in entry["mappings"]] == [made["id"]]
    alone = {"fqns": [unknown]}
    assert refusal(bench, f"{SERVICE}/ListResourceMappingsByGroupFqns", alone) == MISSING


def test_mappings_go_with_their_value_and_outlive_their_group(
    bench: "Bench", space: Json, value: Json
) -> None:
    owner = group(bench, space)
    made = mapping(bench, value, groupId=owner["id"])

    bench.ok(f"{SERVICE}/DeleteResourceMappingGroup", {"id": owner["id"]})
    left = bench.ok(f"{SERVICE}/GetResourceMapping", {"id": made["id"]})["resourceMapping"]
    bench.ok(f"{UNSAFE}/UnsafeDeleteAttributeValue", {"id": value["id"], "fqn": value["fqn"]})

    assert "group" not in left
    assert refusal(bench, f"{SERVICE}/GetResourceMapping", {"id": made["id"]}) == MISSING


def test_groups_go_with_their_namespace(bench: "Bench", space: Json) -> None:
    owner = group(bench, space)

    bench.ok(f"{UNSAFE}/UnsafeDeleteNamespace", {"id": space["id"], "fqn": space["fqn"]})

    assert refusal(bench, f"{SERVICE}/GetResourceMappingGroup", {"id": owner["id"]}) == MISSING
