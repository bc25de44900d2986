"""Dynamic value mappings and namespaced policy: administration, and what decisions make of it."""

from typing import TYPE_CHECKING, Any

import pytest

from support.embedded.faults import Fault
from tests.embedded.asking import decided, fqns, question
from tests.embedded.conftest import ATTRIBUTES, DECISIONS, MAPPINGS, Json, condition_set
from tests.embedded.policy_calls import ACTIONS, MISSING, NOBODY, RELATION, UNSAFE, refusal
from tests.embedded.test_obligations import NAMESPACE
from tests.embedded.test_registered_resources import OLD, older, register, registered

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench, MakeBench

DYNAMIC = "policy.dynamicvaluemapping.DynamicValueMappingService"
RESTRICTED = (400, "invalid_argument", "intended action would violate a restriction")
RANKED = (400, "invalid_argument", "enum value invalid")
MISMATCH = (400, "invalid_argument", "namespace mismatch")


def body(namespace: str, attribute: str, operator: str = "IN", **more: Json) -> dict[str, Any]:
    return {
        "namespaceId": namespace,
        "attributeDefinitionId": attribute,
        "valueResolver": {
            "subjectExternalSelectorValue": ".clientId",
            "operator": f"SUBJECT_MAPPING_OPERATOR_ENUM_{operator}",
        },
        "actions": [{"name": "read"}],
        **more,
    }


def made(bench: "Bench", request: Json) -> dict[str, Any]:
    answer = bench.ok(f"{DYNAMIC}/CreateDynamicValueMapping", request)
    return dict(answer["dynamicValueMapping"])


class Ground:
    """A namespace with an attribute to map."""

    def __init__(self, bench: "Bench") -> None:
        self.bench = bench
        self.namespace = bench.namespace()
        members = ["opentdf-sdk", "open", "x"]
        self.attribute = bench.attribute(self.namespace, "any", "ANY_OF", members)
        self.id = self.attribute["id"]


@pytest.fixture
def ground(make_bench: "MakeBench") -> Ground:
    return Ground(make_bench(options=("dynamic-mappings",)))


def test_a_mapping_is_made_listed_changed_and_deleted(ground: Ground) -> None:
    bench = ground.bench
    first = made(bench, body(ground.namespace, ground.id, metadata={"labels": {"a": "b"}}))
    assert first["attributeDefinition"]["fqn"].endswith("/attr/any")
    assert first["namespace"]["id"] == ground.namespace
    assert [action["name"] for action in first["actions"]] == ["read"]
    by_fqn = {**body(ground.namespace, ""), "attributeDefinitionFqn": ground.attribute["fqn"]}
    by_fqn.pop("attributeDefinitionId")
    second = made(bench, by_fqn)

    listed = bench.ok(f"{DYNAMIC}/ListDynamicValueMappings", {"attributeDefinitionId": ground.id})
    assert [item["id"] for item in listed["dynamicValueMappings"]] == [second["id"], first["id"]]

    gate = bench.ok(
        f"{MAPPINGS}/CreateSubjectConditionSet",
        {"namespaceId": ground.namespace, "subjectConditionSet": condition_set()},
    )["subjectConditionSet"]["id"]
    changed = bench.ok(
        f"{DYNAMIC}/UpdateDynamicValueMapping",
        {
            "id": first["id"],
            "valueResolver": body("", "", "IN_CONTAINS")["valueResolver"],
            "subjectConditionSetId": gate,
            "actions": [{"name": "export"}],
        },
    )["dynamicValueMapping"]
    assert changed["valueResolver"]["operator"].endswith("IN_CONTAINS")
    assert changed["subjectConditionSet"]["id"] == gate
    assert [action["name"] for action in changed["actions"]] == ["export"]
    found = bench.ok(f"{DYNAMIC}/GetDynamicValueMapping", {"id": first["id"]})
    assert found["dynamicValueMapping"] == changed

    bench.ok(f"{MAPPINGS}/DeleteSubjectConditionSet", {"id": gate})
    assert refusal(bench, f"{DYNAMIC}/GetDynamicValueMapping", {"id": first["id"]}) == MISSING
    bench.ok(f"{DYNAMIC}/DeleteDynamicValueMapping", {"id": second["id"]})
    assert refusal(bench, f"{DYNAMIC}/DeleteDynamicValueMapping", {"id": second["id"]}) == MISSING


def test_a_mapping_goes_with_its_attribute_and_loses_deleted_actions(ground: Ground) -> None:
    bench = ground.bench
    request = body(ground.namespace, ground.id, actions=[{"name": "stamp"}, {"name": "read"}])
    mapping = made(bench, request)
    bench.ok(f"{ACTIONS}/DeleteAction", {"id": mapping["actions"][0]["id"]})
    found = bench.ok(f"{DYNAMIC}/GetDynamicValueMapping", {"id": mapping["id"]})
    assert [item["name"] for item in found["dynamicValueMapping"]["actions"]] == ["read"]

    gone = {"id": ground.id, "fqn": ground.attribute["fqn"]}
    bench.ok(f"{UNSAFE}/UnsafeDeleteAttribute", gone)
    assert refusal(bench, f"{DYNAMIC}/GetDynamicValueMapping", {"id": mapping["id"]}) == MISSING


def test_what_cannot_be_mapped_is_refused(ground: Ground) -> None:
    bench, create = ground.bench, f"{DYNAMIC}/CreateDynamicValueMapping"
    ranked = bench.attribute(ground.namespace, "lvl", "HIERARCHY", ["a", "b"])["id"]
    single = bench.attribute(ground.namespace, "one", "ALL_OF", ["a"])
    bench.entitle(single["values"][0]["id"])
    elsewhere = bench.namespace("elsewhere.example")

    assert refusal(bench, create, body(ground.namespace, ranked)) == RANKED
    assert refusal(bench, create, body(ground.namespace, single["id"])) == RESTRICTED
    assert refusal(bench, create, body(elsewhere, ground.id)) == MISMATCH
    assert refusal(bench, create, body(ground.namespace, NOBODY)) == MISSING
    unknown = body(ground.namespace, ground.id, actions=[{"id": NOBODY}])
    assert refusal(bench, create, unknown) == RELATION
    unscoped = bench.ok(
        f"{MAPPINGS}/CreateSubjectConditionSet", {"subjectConditionSet": condition_set()}
    )["subjectConditionSet"]["id"]
    foreign = body(ground.namespace, ground.id, existingSubjectConditionSetId=unscoped)
    assert refusal(bench, create, foreign) == MISMATCH
    wrong = {**body(ground.namespace, ""), "attributeDefinitionFqn": "https://a.b/attr/c"}
    wrong.pop("attributeDefinitionId")
    assert refusal(bench, create, wrong) == MISSING
    assert refusal(bench, create, body(ground.namespace, ground.id, "NOT_IN"))[0] == 400


def test_a_mapped_attribute_takes_no_mapping_of_single_values(ground: Ground) -> None:
    made(ground.bench, body(ground.namespace, ground.id))

    request = {
        "attributeValueId": ground.attribute["values"][0]["id"],
        "actions": [{"name": "read"}],
        "newSubjectConditionSet": condition_set(),
    }
    assert refusal(ground.bench, f"{MAPPINGS}/CreateSubjectMapping", request) == RESTRICTED


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("IN", "any/opentdf-sdk", "PERMIT"),
        ("IN", "any/open", "DENY"),
        ("IN", "any/unlisted", "DENY"),
        ("IN_CONTAINS", "any/open", "PERMIT"),
        ("IN_CONTAINS", "any/tdf", "PERMIT"),
        ("IN_CONTAINS", "any/x", "DENY"),
    ],
)
def test_a_value_is_compared_with_the_property(
    ground: Ground, operator: str, value: str, expected: str
) -> None:
    made(ground.bench, body(ground.namespace, ground.id, operator))

    assert decided(ground.bench, value) == expected


def test_the_condition_set_stands_before_the_mapping(ground: Ground) -> None:
    closed = condition_set(".clientId", ["somebody-else"])
    made(ground.bench, body(ground.namespace, ground.id, newSubjectConditionSet=closed))
    assert decided(ground.bench, "any/opentdf-sdk") == "DENY"

    opened = condition_set(".clientId", ["opentdf-sdk"])
    made(ground.bench, body(ground.namespace, ground.id, newSubjectConditionSet=opened))
    assert decided(ground.bench, "any/opentdf-sdk") == "PERMIT"


def test_without_the_option_mappings_are_kept_and_count_for_nothing(bench: "Bench") -> None:
    ground = Ground(bench)
    made(bench, body(ground.namespace, ground.id))

    assert decided(bench, "any/opentdf-sdk") == "DENY"


@pytest.mark.parametrize(
    ("fault", "more", "value", "expected"),
    [
        (Fault.DYNAMIC_MAPPING_OFF, {}, "any/opentdf-sdk", "DENY"),
        (Fault.DYNAMIC_MAPPING_CONTAINS_FOR_EQUALS, {}, "any/open", "PERMIT"),
        (
            Fault.DYNAMIC_MAPPING_GATE_SKIPPED,
            {"newSubjectConditionSet": condition_set(".clientId", ["nobody"])},
            "any/opentdf-sdk",
            "PERMIT",
        ),
        (Fault.DYNAMIC_MAPPING_ANY_DEFINITION, {}, "other/opentdf-sdk", "PERMIT"),
    ],
)
def test_faults_break_one_promise_each(
    make_bench: "MakeBench", fault: Fault, more: Json, value: str, expected: str
) -> None:
    ground = Ground(make_bench(fault, options=("dynamic-mappings",)))
    ground.bench.attribute(ground.namespace, "other", "ANY_OF", ["opentdf-sdk"])
    made(ground.bench, body(ground.namespace, ground.id, **more))

    assert decided(ground.bench, value) == expected


@pytest.mark.parametrize(
    ("fault", "scoped", "expected"),
    [
        (None, True, "PERMIT"),
        (None, False, "DENY"),
        (Fault.NAMESPACED_POLICY_NOT_ENFORCED, False, "PERMIT"),
        (Fault.UNNAMESPACED_MAPPING_ENTITLES, False, "PERMIT"),
    ],
)
def test_only_mappings_of_the_namespace_count_where_policy_is_namespaced(
    make_bench: "MakeBench", fault: Fault | None, expected: str, *, scoped: bool
) -> None:
    bench = make_bench(*((fault,) if fault else ()), options=("namespaced-policy",))
    ground = Ground(bench)
    request = {
        "attributeValueId": ground.attribute["values"][2]["id"],
        "actions": [{"name": "read"}],
        "newSubjectConditionSet": condition_set(),
        **({"namespaceId": ground.namespace} if scoped else {}),
    }
    bench.ok(f"{MAPPINGS}/CreateSubjectMapping", request)

    assert decided(bench, "any/x") == expected


@pytest.mark.parametrize(
    ("scoped", "expected"), [(True, "DECISION_PERMIT"), (False, "DECISION_DENY")]
)
def test_a_registered_resource_needs_an_entitlement_of_its_namespace(
    make_bench: "MakeBench", expected: str, *, scoped: bool
) -> None:
    bench = make_bench(options=("namespaced-policy",))
    register(bench)
    if scoped:
        value = bench.ok(f"{ATTRIBUTES}/GetAttributeValuesByFqns", {"fqns": fqns("any/a")})
        [found] = value["fqnAttributeValues"].values()
        request = {
            "attributeValueId": found["value"]["id"],
            "actions": [{"name": "read"}],
            "newSubjectConditionSet": condition_set(),
            "namespaceFqn": NAMESPACE,
        }
        bench.ok(f"{MAPPINGS}/CreateSubjectMapping", request)

    body = {**question("any/a"), "resource": registered()}
    answer = bench.ok(f"{DECISIONS}/GetDecision", body)

    assert answer["decision"]["decision"] == expected


def test_a_registered_resource_of_no_namespace_cannot_be_asked_about_where_policy_has_them(
    make_bench: "MakeBench",
) -> None:
    bench = make_bench(options=("namespaced-policy",))
    register(bench)
    older(bench, ("read", "any/a"))

    reply = bench.call(
        f"{DECISIONS}/GetDecision", {**question("any/a"), "resource": registered(OLD)}
    )

    assert (reply.status, reply.code) == (500, "internal")
