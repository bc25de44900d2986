"""The obligation services, and obligations in decisions."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.embedded.faults import Fault
from support.embedded.obligations import Asking, Duty, Trigger, duties_of
from tests.embedded.asking import ROOT, chain, entity, fqns, resource, set_up
from tests.embedded.conftest import ATTRIBUTES, DECISIONS, NAMESPACES, Json
from tests.embedded.policy_calls import ACTIONS, MISSING, NOBODY, RELATION, TAKEN, UNSAFE, refusal

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench, MakeBench

SERVICE = "policy.obligations.Service"
NAMESPACE = "https://bench.example"
MARK = f"{NAMESPACE}/obl/drm/value/mark"
STAMP = f"{NAMESPACE}/obl/drm/value/stamp"
MISMATCH = (400, "invalid_argument", "namespace mismatch")


@pytest.fixture
def drm(bench: "Bench") -> Json:
    """An obligation with two values, in the namespace of `asking.set_up`."""
    set_up(bench)
    return create(bench)


def create(bench: "Bench") -> Json:
    body = {
        "namespaceFqn": NAMESPACE,
        "name": "DRM",
        "values": ["Mark", "stamp"],
        "metadata": {"labels": {"kept": "yes"}},
    }
    return bench.ok(f"{SERVICE}/CreateObligation", body)["obligation"]


def trigger(value: str = "any/a", action: str = "read", obligation: str = MARK) -> dict[str, Any]:
    return {
        "obligationValue": {"fqn": obligation},
        "action": {"name": action},
        "attributeValue": {"fqn": fqns(value)[0]},
    }


def through(client: str, **parts: str) -> dict[str, Any]:
    return {**trigger(**parts), "context": {"pep": {"clientId": client}}}


def add(bench: "Bench", *triggers: dict[str, Any]) -> list[Json]:
    return [bench.ok(f"{SERVICE}/AddObligationTrigger", body)["trigger"] for body in triggers]


def told(
    bench: "Bench", *names: str, client: str = "opentdf-sdk", fulfilling: Json = (), **more: Json
) -> tuple[str, list[str]]:
    """Return what is decided about one resource, and the obligations that come with it."""
    body = {
        "entityIdentifier": more.get("identifier") or chain(),
        "action": {"name": more.get("action", "read")},
        "resource": resource(*(names or ("any/a",))),
        "fulfillableObligationFqns": list(fulfilling),
    }
    decision = bench.ok(f"{DECISIONS}/GetDecision", body, client=client)["decision"]
    verdict = decision["decision"].removeprefix("DECISION_")
    return verdict, decision.get("requiredObligations", [])


# Definitions


def test_a_definition_is_stored_in_lower_case_and_found_by_id_and_name(
    bench: "Bench", drm: Json
) -> None:
    assert drm["name"] == "drm"
    assert [value["fqn"] for value in drm["values"]] == [MARK, STAMP]
    for key in ({"id": drm["id"]}, {"fqn": f"{NAMESPACE}/obl/DRM"}):
        found = bench.ok(f"{SERVICE}/GetObligation", key)["obligation"]
        assert found["metadata"]["labels"] == {"kept": "yes"}
        assert found["namespace"]["fqn"] == NAMESPACE
    body = {"fqns": [f"{NAMESPACE}/obl/drm", f"{NAMESPACE}/obl/nope"]}
    by_name = bench.ok(f"{SERVICE}/GetObligationsByFQNs", body)["fqnObligationMap"]
    assert list(by_name) == [f"{NAMESPACE}/obl/drm"]


@pytest.mark.usefixtures("drm")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"namespaceFqn": NAMESPACE, "name": "Drm"}, TAKEN),
        ({"namespaceFqn": NAMESPACE, "name": "twice", "values": ["a", "A"]}, TAKEN),
        ({"namespaceId": NOBODY, "name": "x"}, RELATION),
        ({"namespaceFqn": "https://nope.example", "name": "x"}, MISSING),
        ({"namespaceFqn": NAMESPACE.upper().replace("HTTPS", "https"), "name": "x"}, MISSING),
    ],
)
def test_a_definition_is_refused(
    bench: "Bench", body: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    assert refusal(bench, f"{SERVICE}/CreateObligation", body) == expected
    assert bench.audit[-1]["audit"]["action"] == {"result": "error", "type": "create"}
    assert bench.audit[-1]["audit"]["object"]["type"] == "obligation_definition"


@pytest.mark.usefixtures("drm")
def test_a_name_without_a_proper_form_is_refused(bench: "Bench") -> None:
    reply = bench.call(f"{SERVICE}/CreateObligation", {"namespaceFqn": NAMESPACE, "name": "-x"})
    assert (reply.status, reply.code) == (400, "invalid_argument")


@pytest.mark.usefixtures("drm")
@pytest.mark.parametrize(
    "key",
    [
        {"id": NOBODY},
        {"fqn": f"{NAMESPACE}/obl/nope"},
        {"fqn": "https://BENCH.example/obl/drm"},
        {"fqn": "https://nope.example/obl/drm"},
    ],
)
def test_an_unknown_definition_is_not_found(bench: "Bench", key: dict[str, str]) -> None:
    assert refusal(bench, f"{SERVICE}/GetObligation", key) == MISSING
    assert refusal(bench, f"{SERVICE}/DeleteObligation", key) == MISSING


@pytest.mark.usefixtures("drm")
def test_definitions_are_listed_by_namespace_name_and_page(bench: "Bench") -> None:
    other = bench.ok(f"{NAMESPACES}/CreateNamespace", {"name": "other.example"})["namespace"]["id"]
    bench.ok(f"{SERVICE}/CreateObligation", {"namespaceId": other, "name": "far"})

    def listed(**body: Json) -> list[str]:
        answer = bench.ok(f"{SERVICE}/ListObligations", body)
        return [item["name"] for item in answer.get("obligations", [])]

    assert listed() == ["far", "drm"]
    assert listed(namespaceId=other) == ["far"]
    assert listed(namespaceFqn=NAMESPACE) == ["drm"]
    assert listed(search={"term": "obl/DR"}) == ["drm"]
    assert listed(pagination={"limit": 1, "offset": 1}) == ["drm"]
    by_name = {"field": "SORT_OBLIGATIONS_TYPE_FQN", "direction": "SORT_DIRECTION_ASC"}
    assert listed(sort=[by_name]) == ["drm", "far"]


def test_a_definition_is_renamed_and_deleted_with_all_below(bench: "Bench", drm: Json) -> None:
    add(bench, trigger())
    bench.ok(f"{SERVICE}/CreateObligation", {"namespaceFqn": NAMESPACE, "name": "other"})
    update = f"{SERVICE}/UpdateObligation"
    assert refusal(bench, update, {"id": drm["id"], "name": "OTHER"}) == TAKEN
    assert refusal(bench, update, {"id": NOBODY, "name": "x"}) == MISSING
    renamed = bench.ok(update, {"id": drm["id"], "name": "Duty"})["obligation"]
    assert renamed["fqn"] == f"{NAMESPACE}/obl/duty"
    assert "labels" not in renamed["metadata"]
    assert told(bench) == ("DENY", [f"{NAMESPACE}/obl/duty/value/mark"])
    record = bench.audit[-2]["audit"]
    assert record["original"]["name"] == "drm"
    assert record["updated"]["name"] == "duty"
    bench.ok(f"{SERVICE}/DeleteObligation", {"fqn": f"{NAMESPACE}/obl/duty"})
    assert told(bench) == ("PERMIT", [])
    assert bench.ok(f"{SERVICE}/ListObligationTriggers", {}).get("triggers", []) == []


# Values


def test_a_value_is_made_with_its_triggers_or_not_at_all(bench: "Bench", drm: Json) -> None:
    wanted = {"action": {"name": "delete"}, "attributeValue": {"fqn": fqns("any/a")[0]}}
    body = {"obligationFqn": f"{NAMESPACE}/obl/drm", "value": "Third", "triggers": [wanted]}
    make = f"{SERVICE}/CreateObligationValue"
    made = bench.ok(make, body)["value"]
    assert made["fqn"] == f"{NAMESPACE}/obl/drm/value/third"
    assert made["triggers"][0]["obligationValue"]["fqn"] == made["fqn"]
    assert refusal(bench, make, body) == TAKEN
    unknown = {**wanted, "attributeValue": {"fqn": f"{ROOT}/any/value/nope"}}
    for triggers, expected in (([wanted, unknown], MISSING), ([wanted, wanted], TAKEN)):
        body = {"obligationId": drm["id"], "value": "fourth", "triggers": triggers}
        assert refusal(bench, make, body) == expected
        fourth = {"fqn": f"{NAMESPACE}/obl/drm/value/fourth"}
        assert refusal(bench, f"{SERVICE}/GetObligationValue", fourth) == MISSING
    assert refusal(bench, make, {"obligationId": NOBODY, "value": "x"}) == MISSING


def test_a_value_is_found_by_id_and_name(bench: "Bench", drm: Json) -> None:
    add(bench, trigger())
    get = f"{SERVICE}/GetObligationValue"
    for key in ({"id": drm["values"][0]["id"]}, {"fqn": MARK.replace("/mark", "/MARK")}):
        found = bench.ok(get, key)["value"]
        assert found["obligation"]["name"] == "drm"
        assert found["triggers"][0]["attributeValue"]["fqn"] == fqns("any/a")[0]
        assert "obligationValue" not in found["triggers"][0]
    assert refusal(bench, get, {"id": NOBODY}) == MISSING
    assert refusal(bench, get, {"fqn": f"{NAMESPACE}/obl/nope/value/mark"}) == MISSING
    body = {"fqns": [MARK, f"{MARK}-not"]}
    assert list(bench.ok(f"{SERVICE}/GetObligationValuesByFQNs", body)["fqnValueMap"]) == [MARK]


def test_a_value_is_renamed_retriggered_and_deleted(bench: "Bench", drm: Json) -> None:
    add(bench, trigger())
    mark = drm["values"][0]["id"]
    update = f"{SERVICE}/UpdateObligationValue"
    assert refusal(bench, update, {"id": mark, "value": "STAMP"}) == TAKEN
    assert refusal(bench, update, {"id": NOBODY, "value": "x"}) == MISSING
    renamed = bench.ok(update, {"id": mark, "value": "Seal"})["value"]
    assert renamed["value"] == "seal"
    assert told(bench) == ("DENY", [f"{NAMESPACE}/obl/drm/value/seal"])
    wanted = {"action": {"name": "read"}, "attributeValue": {"fqn": fqns("lvl/low")[0]}}
    replaced = bench.ok(update, {"id": mark, "triggers": [wanted]})["value"]
    assert [item["attributeValue"]["value"] for item in replaced["triggers"]] == ["low"]
    assert told(bench) == ("PERMIT", [])
    assert told(bench, "lvl/low")[0] == "DENY"
    labels = {
        "metadata": {"labels": {"a": "b"}},
        "metadataUpdateBehavior": "METADATA_UPDATE_ENUM_EXTEND",
    }
    labelled = bench.ok(update, {"id": mark, **labels})["value"]
    assert labelled["metadata"]["labels"] == {"a": "b"}
    bench.ok(f"{SERVICE}/DeleteObligationValue", {"id": mark})
    assert refusal(bench, f"{SERVICE}/DeleteObligationValue", {"fqn": MARK}) == MISSING
    assert told(bench, "lvl/low") == ("PERMIT", [])


# Triggers


@pytest.mark.usefixtures("drm")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (trigger(), TAKEN),
        (trigger(action="READ"), TAKEN),
        (through("one"), TAKEN),
        ({**trigger(), "obligationValue": {"id": NOBODY}}, MISSING),
        (trigger(obligation=f"{NAMESPACE}/obl/drm/value/nope"), MISSING),
        ({**trigger(), "attributeValue": {"id": NOBODY}}, MISSING),
        ({**trigger(), "attributeValue": {"fqn": fqns("any/nope")[0]}}, MISSING),
        ({**trigger(), "attributeValue": {"fqn": fqns("any/A")[0]}}, MISSING),
        ({**trigger(), "action": {"id": NOBODY}}, MISSING),
    ],
)
def test_a_trigger_is_refused(
    bench: "Bench", body: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    add(bench, trigger(), through("one"))
    assert refusal(bench, f"{SERVICE}/AddObligationTrigger", body) == expected


@pytest.mark.usefixtures("drm")
def test_an_action_of_another_namespace_triggers_nothing(bench: "Bench") -> None:
    other = bench.ok(f"{NAMESPACES}/CreateNamespace", {"name": "other.example"})["namespace"]["id"]
    actions = bench.ok(f"{ACTIONS}/ListActions", {"namespaceId": other})["actionsStandard"]
    body = {**trigger(), "action": {"id": actions[0]["id"]}}
    assert refusal(bench, f"{SERVICE}/AddObligationTrigger", body) == MISMATCH


@pytest.mark.usefixtures("drm")
def test_a_trigger_brings_its_action_into_being(bench: "Bench") -> None:
    made = add(bench, trigger(action="Brand-New"))[0]
    assert made["action"]["name"] == "brand-new"
    assert made["namespace"]["fqn"] == NAMESPACE
    by_id = {**trigger("any/b"), "action": {"id": made["action"]["id"]}}
    assert add(bench, by_id)[0]["action"] == made["action"]
    bench.ok(f"{ACTIONS}/DeleteAction", {"id": made["action"]["id"]})
    assert bench.ok(f"{SERVICE}/ListObligationTriggers", {}).get("triggers", []) == []


@pytest.mark.usefixtures("drm")
def test_triggers_are_told_listed_and_removed(bench: "Bench") -> None:
    first, second = add(bench, trigger(), through("one", value="any/b"))
    assert "context" not in first
    assert second["context"] == [{"pep": {"clientId": "one"}}]
    found = bench.ok(f"{SERVICE}/GetObligationTrigger", {"id": first["id"]})["trigger"]
    assert found["obligationValue"]["fqn"] == MARK
    listed = bench.ok(f"{SERVICE}/ListObligationTriggers", {"namespaceFqn": NAMESPACE})["triggers"]
    assert [item["id"] for item in listed] == [second["id"], first["id"]]
    nowhere = {"namespaceFqn": "https://nope.example"}
    assert bench.ok(f"{SERVICE}/ListObligationTriggers", nowhere).get("triggers", []) == []
    remove = f"{SERVICE}/RemoveObligationTrigger"
    assert bench.ok(remove, {"id": first["id"]}) == {"trigger": {"id": first["id"]}}
    assert refusal(bench, remove, {"id": first["id"]}) == MISSING
    assert refusal(bench, f"{SERVICE}/GetObligationTrigger", {"id": first["id"]}) == MISSING


def test_what_is_deleted_takes_its_triggers_along(bench: "Bench", drm: Json) -> None:
    add(bench, trigger(), trigger("any/b"))
    name = fqns("any/a")[0]
    value = bench.ok(f"{ATTRIBUTES}/GetAttributeValue", {"fqn": name})["value"]
    bench.ok(f"{UNSAFE}/UnsafeDeleteAttributeValue", {"id": value["id"], "fqn": name})
    left = bench.ok(f"{SERVICE}/ListObligationTriggers", {})["triggers"]
    assert [item["attributeValue"]["value"] for item in left] == ["b"]
    space = drm["namespace"]
    bench.ok(f"{UNSAFE}/UnsafeDeleteNamespace", {"id": space["id"], "fqn": space["fqn"]})
    assert bench.ok(f"{SERVICE}/ListObligations", {}).get("obligations", []) == []


@pytest.mark.usefixtures("drm")
@pytest.mark.parametrize("client", ["opentdf-sdk", "tdf-authorization-svc"])
def test_only_an_administrator_writes(bench: "Bench", client: str) -> None:
    body = {"namespaceFqn": NAMESPACE, "name": "mine"}
    reply = bench.call(f"{SERVICE}/CreateObligation", body, client=client)
    assert (reply.status, reply.code) == (403, "permission_denied")


# Decisions


@pytest.mark.usefixtures("drm")
def test_what_is_required_denies_until_it_can_be_fulfilled(bench: "Bench") -> None:
    add(bench, trigger(), trigger(obligation=STAMP))
    assert told(bench) == ("DENY", [MARK, STAMP])
    assert told(bench, fulfilling=[MARK]) == ("DENY", [MARK, STAMP])
    assert told(bench, fulfilling=[STAMP.upper(), MARK]) == ("PERMIT", [MARK, STAMP])
    assert told(bench, "lvl/low") == ("PERMIT", [])
    assert told(bench, "ANY/A", "lvl/low") == ("DENY", [MARK, STAMP])


@pytest.mark.usefixtures("drm")
def test_who_is_not_entitled_learns_nothing(bench: "Bench") -> None:
    add(bench, trigger())
    nobody, both = chain(entity(value="nobody")), chain(entity(), entity(value="nobody"))
    assert told(bench, identifier=nobody) == ("DENY", [])
    assert told(bench, identifier=both, fulfilling=[MARK]) == ("DENY", [])
    assert told(bench, identifier=chain(entity(), entity()), fulfilling=[MARK])[0] == "PERMIT"


@pytest.mark.usefixtures("drm")
def test_what_is_required_through_one_client_binds_no_other(bench: "Bench") -> None:
    add(bench, through("opentdf-sdk"), trigger(action="update"))
    assert told(bench) == ("DENY", [MARK])
    assert told(bench, client="opentdf") == ("PERMIT", [])


@pytest.mark.usefixtures("drm")
def test_each_resource_has_its_own_obligations(bench: "Bench") -> None:
    add(bench, trigger(), trigger("any/b"))
    resources = [resource(name, identifier=name) for name in ("any/a", "lvl/low", "any/b")]
    question = {
        "entityIdentifier": chain(),
        "action": {"name": "read"},
        "resources": resources,
    }
    able = {**question, "fulfillableObligationFqns": [MARK]}
    answer = bench.ok(f"{DECISIONS}/GetDecisionBulk", {"decisionRequests": [question, able]})
    strict, lax = answer["decisionResponses"]
    required = [item.get("requiredObligations") for item in strict["resourceDecisions"]]
    assert required == [[MARK], None, None]
    verdicts = [[i["decision"][9:] for i in part["resourceDecisions"]] for part in (strict, lax)]
    assert verdicts == [["DENY", "PERMIT", "DENY"], ["PERMIT", "PERMIT", "DENY"]]
    assert not strict["allPermitted"]
    records = [line["audit"] for line in bench.audit if line["msg"] == "decision"]
    assert [record["eventMetaData"]["obligations_satisfied"] for record in records] == [False, True]
    parts = records[0]["eventMetaData"]["resource_decisions"]
    assert [part["required_obligation_value_fqns"] for part in parts] == [[MARK], [], [MARK]]
    assert [part["obligations_satisfied"] for part in parts] == [False, True, False]
    assert [part["passed"] for part in parts] == [False, True, False]
    assert records[1]["eventMetaData"]["fulfillable_obligation_value_fqns"] == [MARK]
    assert records[0]["action"]["result"] == "failure"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.OBLIGATIONS_NOT_RETURNED, ("PERMIT", [])),
        (Fault.FIRST_OBLIGATION_ONLY, ("PERMIT", [MARK])),
    ],
)
def test_faults_change_what_a_permit_tells(
    make_bench: "MakeBench", fault: Fault, expected: tuple[str, list[str]]
) -> None:
    bench = make_bench(fault)
    set_up(bench)
    create(bench)
    add(bench, trigger(), trigger(obligation=STAMP))
    assert told(bench, fulfilling=[MARK, STAMP]) == expected


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.UNFULFILLED_OBLIGATION_PERMITS, ("PERMIT", [MARK, STAMP])),
        (Fault.PARTIAL_OBLIGATIONS_PERMIT, ("PERMIT", [MARK, STAMP])),
        (Fault.DENIED_WITHOUT_OBLIGATIONS, ("DENY", [])),
    ],
)
def test_faults_change_a_deny(
    make_bench: "MakeBench", fault: Fault, expected: tuple[str, list[str]]
) -> None:
    bench = make_bench(fault)
    set_up(bench)
    create(bench)
    add(bench, trigger(), trigger(obligation=STAMP))
    assert told(bench, fulfilling=[MARK]) == expected


def test_a_fault_tells_the_unentitled(make_bench: "MakeBench") -> None:
    bench = make_bench(Fault.OBLIGATION_LEAKED_WHEN_NOT_ENTITLED)
    set_up(bench)
    create(bench)
    add(bench, trigger())
    assert told(bench, identifier=chain(entity(value="nobody"))) == ("DENY", [MARK])


# The rule alone

A, B = "https://a.example/attr/a/value/a", "https://a.example/attr/a/value/b"
READ = Asking("read", "one", ("x",))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (None, [Duty(("x",)), Duty(())]),
        (Fault.OBLIGATION_ACTION_IGNORED, [Duty(("x", "y"), satisfied=False), Duty(())]),
        (Fault.OBLIGATION_CLIENT_SCOPE_IGNORED, [Duty(("x", "z"), satisfied=False), Duty(())]),
        (Fault.OBLIGATION_OF_NEIGHBOUR, [Duty(("x",)), Duty(("x",))]),
    ],
)
def test_faults_change_what_triggers(fault: Fault | None, expected: list[Duty]) -> None:
    triggers = [
        Trigger("read", A, "x"),
        Trigger("update", A, "y"),
        Trigger("read", A, "z", client_id="two"),
    ]
    faults = frozenset({fault} if fault else ())
    assert list(duties_of(triggers, READ, [[A], [B]], faults).by_resource) == expected


def test_nothing_at_all_is_required_of_an_unknown_resource() -> None:
    duties = duties_of([Trigger("read", A, "x")], READ, [None, [A]])
    assert list(duties.by_resource) == [Duty(), Duty(("x",))]


NAMES = st.sampled_from("pqrs")
TRIGGERS = st.lists(
    st.builds(
        Trigger,
        st.sampled_from(["read", "update"]),
        st.sampled_from([A, B]),
        NAMES,
        st.sampled_from(["", "one", "two"]),
    )
)


@given(TRIGGERS, st.lists(st.lists(st.sampled_from([A, B]), max_size=3)), st.lists(NAMES))
def test_a_duty_is_satisfied_exactly_if_all_that_is_required_can_be_fulfilled(
    triggers: list[Trigger], resources: list[list[str]], fulfillable: list[str]
) -> None:
    duties = duties_of(triggers, Asking("READ", "one", tuple(fulfillable)), resources)
    assert len(duties.by_resource) == len(resources)
    for duty, values in zip(duties.by_resource, resources, strict=True):
        required = {
            item.obligation_fqn
            for item in triggers
            if item.action == "read" and item.client_id != "two" and item.value_fqn in values
        }
        assert set(duty.required or ()) == required
        assert duty.satisfied == (required <= set(fulfillable))
