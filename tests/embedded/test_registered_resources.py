"""The registered resource services, and registered resources in decisions."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.embedded.faults import Fault
from support.embedded.policy.registered_records import ResourceName
from tests.embedded.asking import ROOT, UNEXPECTED, chain, entity, fqns, resource, set_up
from tests.embedded.conftest import DECISIONS, NAMESPACES, Json
from tests.embedded.policy_calls import ACTIONS, MISSING, NOBODY, RELATION, TAKEN, UNSAFE, refusal
from tests.embedded.test_obligations import MARK, MISMATCH, NAMESPACE, add, create, trigger

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench, MakeBench

SERVICE = "policy.registeredresources.RegisteredResourcesService"
VALUE = f"{SERVICE}/CreateRegisteredResourceValue"
HALL = f"{NAMESPACE}/reg_res/printer/value/hall"
OLD = "https://reg_res/scanner/value/attic"


def tied(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    """Return pairs of an action and a value such as `any/a`, or one by its whole name."""
    return [{"actionName": action, "attributeValueFqn": _value(name)} for action, name in pairs]


def _value(name: str) -> str:
    return name if name.startswith("https:") else fqns(name)[0]


@pytest.fixture
def printer(bench: "Bench") -> Json:
    """A registered resource whose value `hall` is read with any/a and updated with any/b."""
    return register(bench)


def register(bench: "Bench") -> Json:
    set_up(bench)
    body = {
        "namespaceFqn": NAMESPACE,
        "name": "Printer",
        "values": ["Spare"],
        "metadata": {"labels": {"kept": "yes"}},
    }
    made = bench.ok(f"{SERVICE}/CreateRegisteredResource", body)["resource"]
    pairs = tied(("READ", "any/A"), ("update", "any/b"))
    value = {"resourceId": made["id"], "value": "Hall", "actionAttributeValues": pairs}
    bench.ok(VALUE, value)
    return made


def older(bench: "Bench", *pairs: tuple[str, str]) -> Json:
    """Register a resource that stands in no namespace."""
    made = bench.ok(f"{SERVICE}/CreateRegisteredResource", {"name": "scanner"})["resource"]
    value = {"resourceId": made["id"], "value": "attic", "actionAttributeValues": tied(*pairs)}
    bench.ok(VALUE, value)
    return made


def registered(fqn: str = HALL, identifier: str = "r1") -> dict[str, str]:
    return {"ephemeralId": identifier, "registeredResourceValueFqn": fqn}


def itself(fqn: str = HALL) -> dict[str, Any]:
    return {"registeredResourceValueFqn": fqn}


def asked(
    what: Json, who: Json = None, action: str = "read", fulfilling: Json = ()
) -> dict[str, Any]:
    return {
        "entityIdentifier": who or chain(),
        "action": {"name": action},
        "resource": what,
        "fulfillableObligationFqns": list(fulfilling),
    }


def decided(bench: "Bench", *parts: Json, **more: Json) -> str:
    answer = bench.ok(f"{DECISIONS}/GetDecision", asked(*parts, **more))["decision"]
    return str(answer["decision"]).removeprefix("DECISION_")


# Resources


def test_a_resource_is_stored_in_lower_case_and_found_by_id_and_name(
    bench: "Bench", printer: Json
) -> None:
    assert [value["fqn"] for value in printer["values"]] == [HALL.replace("hall", "spare")]
    for key in ({"id": printer["id"]}, {"name": "PRINTER"}):
        found = bench.ok(f"{SERVICE}/GetRegisteredResource", key)["resource"]
        assert found["metadata"]["labels"] == {"kept": "yes"}
        pairs = found["values"][1]["actionAttributeValues"]
        assert [pair["action"]["name"] for pair in pairs] == ["read", "update"]
        assert pairs[0]["action"]["namespace"]["fqn"] == NAMESPACE
        assert pairs[0]["attributeValue"]["fqn"] == fqns("any/a")[0]


@pytest.mark.usefixtures("printer")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"namespaceFqn": NAMESPACE, "name": "PRINTER"}, TAKEN),
        ({"namespaceFqn": NAMESPACE, "name": "twice", "values": ["a", "A"]}, TAKEN),
        ({"namespaceId": NOBODY, "name": "x"}, RELATION),
        ({"namespaceFqn": "https://nope.example", "name": "x"}, MISSING),
        ({"name": "scanner"}, TAKEN),
    ],
)
def test_a_resource_is_refused(
    bench: "Bench", body: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    older(bench)
    assert refusal(bench, f"{SERVICE}/CreateRegisteredResource", body) == expected
    assert bench.audit[-1]["audit"]["object"]["type"] == "registered_resource"
    assert bench.audit[-1]["audit"]["action"]["result"] == "error"


@pytest.mark.usefixtures("printer")
def test_one_of_no_namespace_comes_before_its_namesakes(bench: "Bench") -> None:
    body = {"namespaceFqn": NAMESPACE, "name": "scanner"}
    bench.ok(f"{SERVICE}/CreateRegisteredResource", body)
    made = older(bench)
    get = f"{SERVICE}/GetRegisteredResource"
    assert bench.ok(get, {"name": "scanner"})["resource"]["id"] == made["id"]
    assert bench.ok(get, body)["resource"]["id"] != made["id"]
    assert refusal(bench, get, {"name": "nope"}) == MISSING
    assert refusal(bench, get, {"id": NOBODY}) == MISSING


def test_resources_are_listed_renamed_and_deleted(bench: "Bench", printer: Json) -> None:
    older(bench)

    def listed(**body: Json) -> list[str]:
        answer = bench.ok(f"{SERVICE}/ListRegisteredResources", body)
        return [item["name"] for item in answer.get("resources", [])]

    assert listed() == ["scanner", "printer"]
    assert listed(namespaceFqn=NAMESPACE) == ["printer"]
    assert listed(search={"term": "SCAN"}) == ["scanner"]
    update = f"{SERVICE}/UpdateRegisteredResource"
    body = {"namespaceFqn": NAMESPACE, "name": "taken"}
    bench.ok(f"{SERVICE}/CreateRegisteredResource", body)
    assert refusal(bench, update, {"id": printer["id"], "name": "TAKEN"}) == TAKEN
    assert refusal(bench, update, {"id": NOBODY, "name": "x"}) == MISSING
    labels = {"metadata": {"labels": {"a": "b"}}, "metadataUpdateBehavior": 1}
    renamed = bench.ok(update, {"id": printer["id"], "name": "Plotter", **labels})["resource"]
    assert renamed["name"] == "plotter"
    assert renamed["metadata"]["labels"] == {"kept": "yes", "a": "b"}
    assert decided(bench, registered(HALL)) == "DENY"
    assert decided(bench, registered(HALL.replace("printer", "plotter"))) == "PERMIT"
    bench.ok(f"{SERVICE}/DeleteRegisteredResource", {"id": printer["id"]})
    assert decided(bench, registered(HALL.replace("printer", "plotter"))) == "DENY"
    gone = {"id": printer["id"]}
    assert refusal(bench, f"{SERVICE}/DeleteRegisteredResource", gone) == MISSING


# Values


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("read", "any/nope")], MISSING),
        ([("read", "any/a"), ("READ", "any/a")], TAKEN),
        ([("read", "https://other.example/attr/far/value/x")], MISMATCH),
    ],
)
def test_a_value_that_is_tied_wrongly_is_refused(
    bench: "Bench", printer: Json, pairs: list[tuple[str, str]], expected: tuple[int, str, str]
) -> None:
    other = bench.ok(f"{NAMESPACES}/CreateNamespace", {"name": "other.example"})["namespace"]["id"]
    bench.attribute(other, "far", "ANY_OF", ["x"])
    body = {"resourceId": printer["id"], "value": "new", "actionAttributeValues": tied(*pairs)}
    assert refusal(bench, VALUE, body) == expected
    new = {"fqn": HALL.replace("hall", "new")}
    assert refusal(bench, f"{SERVICE}/GetRegisteredResourceValue", new) == MISSING


def test_a_value_is_tied_by_ids_too(bench: "Bench", printer: Json) -> None:
    old = older(bench)
    pairs = bench.ok(f"{SERVICE}/GetRegisteredResourceValue", {"fqn": HALL})["value"]
    pair = pairs["actionAttributeValues"][0]
    by_id = {"actionId": pair["action"]["id"], "attributeValueId": pair["attributeValue"]["id"]}
    body = {"resourceId": printer["id"], "value": "new", "actionAttributeValues": [by_id]}
    assert bench.ok(VALUE, body)["value"]["actionAttributeValues"] == [pair]
    assert refusal(bench, VALUE, body) == TAKEN
    assert refusal(bench, VALUE, {**body, "resourceId": NOBODY}) == RELATION
    nowhere = {"actionName": "read", "attributeValueId": NOBODY}
    for owner, expected in ((printer, MISSING), (old, RELATION)):
        body = {"resourceId": owner["id"], "value": "x", "actionAttributeValues": [nowhere]}
        assert refusal(bench, VALUE, body) == expected
    unknown = {**nowhere, "attributeValueId": by_id["attributeValueId"]}
    body["actionAttributeValues"] = [{**unknown, "actionId": NOBODY, "actionName": None}]
    assert bench.call(VALUE, body).code == "internal"


def test_values_are_found_listed_changed_and_deleted(bench: "Bench", printer: Json) -> None:
    get = f"{SERVICE}/GetRegisteredResourceValue"
    older(bench, ("read", "any/a"))
    hall = bench.ok(get, {"fqn": "https://BENCH.example/reg_res/Printer/value/HALL"})["value"]
    assert hall["fqn"] == HALL
    assert hall["resource"]["namespace"]["fqn"] == NAMESPACE
    assert "namespace" not in hall["actionAttributeValues"][0]["action"]
    assert bench.ok(get, {"id": hall["id"]})["value"] == hall
    assert bench.ok(get, {"fqn": OLD})["value"]["fqn"] == OLD
    assert bench.ok(get, {"fqn": "https://reg_res/printer/value/hall"})["value"] == hall
    assert bench.call(get, {"fqn": "https://garbage"}).code == "internal"
    body = {"resourceId": printer["id"]}
    listed = bench.ok(f"{SERVICE}/ListRegisteredResourceValues", body)["values"]
    assert [item["value"] for item in listed] == ["hall", "spare"]
    by_name = f"{SERVICE}/GetRegisteredResourceValuesByFQNs"
    assert list(bench.ok(by_name, {"fqns": [HALL.upper()]})["fqnValueMap"]) == [HALL]
    assert refusal(bench, by_name, {"fqns": [HALL, f"{HALL}-not"]}) == MISSING
    update = f"{SERVICE}/UpdateRegisteredResourceValue"
    assert refusal(bench, update, {"id": hall["id"], "value": "SPARE"}) == TAKEN
    assert refusal(bench, update, {"id": NOBODY, "value": "x"}) == MISSING
    changed = {"id": hall["id"], "actionAttributeValues": tied(("read", "any/c"))}
    assert len(bench.ok(update, changed)["value"]["actionAttributeValues"]) == 1
    assert decided(bench, registered()) == "DENY"
    bench.ok(update, {"id": hall["id"], "value": "Lobby"})
    assert refusal(bench, get, {"fqn": HALL}) == MISSING
    delete = f"{SERVICE}/DeleteRegisteredResourceValue"
    assert bench.ok(delete, {"id": hall["id"]})["value"]["value"] == "lobby"
    assert refusal(bench, delete, {"id": hall["id"]}) == MISSING


def test_what_is_deleted_unties_resources(bench: "Bench", printer: Json) -> None:
    old = older(bench, ("scan", "any/a"))
    get = f"{SERVICE}/GetRegisteredResource"
    pair = bench.ok(get, {"id": old["id"]})["resource"]["values"][0]["actionAttributeValues"][0]
    assert "namespace" not in pair["action"]
    bench.ok(f"{ACTIONS}/DeleteAction", {"id": pair["action"]["id"]})
    left = bench.ok(get, {"id": old["id"]})["resource"]["values"][0]
    assert left.get("actionAttributeValues", []) == []
    space = printer["namespace"]
    bench.ok(f"{UNSAFE}/UnsafeDeleteNamespace", {"id": space["id"], "fqn": space["fqn"]})
    assert refusal(bench, get, {"id": printer["id"]}) == MISSING


# Decisions


@pytest.mark.usefixtures("printer")
@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ((HALL, None, "read"), "PERMIT"),
        ((HALL, None, "READ"), "PERMIT"),
        ((HALL.upper(), None, "read"), "PERMIT"),
        (("https://reg_res/printer/value/hall", None, "read"), "PERMIT"),
        ((OLD, None, "read"), "PERMIT"),
        ((HALL, chain(entity(value="nobody")), "read"), "DENY"),
        ((HALL, None, "update"), "DENY"),
        ((HALL, None, "delete"), "DENY"),
        ((HALL.replace("hall", "spare"), None, "read"), "DENY"),
        ((HALL.replace("hall", "nope"), None, "read"), "DENY"),
        (("https://garbage", None, "read"), "DENY"),
        ((HALL, itself(), "read"), "PERMIT"),
        ((HALL, itself(), "update"), "PERMIT"),
        ((OLD, itself(), "read"), "PERMIT"),
        ((OLD, itself(), "update"), "DENY"),
        ((HALL, itself(OLD), "update"), "DENY"),
    ],
)
def test_a_resource_needs_what_it_is_tied_to(
    bench: "Bench", question: tuple[str, Json, str], expected: str
) -> None:
    fqn, who, action = question
    older(bench, ("read", "any/a"))
    assert decided(bench, registered(fqn), who, action) == expected
    record = bench.audit[-1]["audit"]
    part = record["eventMetaData"]["resource_decisions"][0]
    assert part["resource_name"] == fqn.lower()
    if who and "registeredResourceValueFqn" in who:
        assert record["actor"]["id"] == who["registeredResourceValueFqn"]


@pytest.mark.usefixtures("printer")
def test_a_resource_that_asks_may_do_what_it_is_tied_to(bench: "Bench") -> None:
    assert decided(bench, resource("any/a"), itself()) == "PERMIT"
    assert decided(bench, resource("any/b"), itself()) == "DENY"
    assert decided(bench, resource("any/b"), itself(), "update") == "PERMIT"
    assert decided(bench, resource("any/a"), itself(HALL.upper())) == "PERMIT"
    get = f"{DECISIONS}/GetDecision"
    for name in (f"{HALL}-not", "https://garbage"):
        reply = bench.call(get, asked(resource("any/a"), itself(name)))
        assert (reply.code, reply.message) == ("internal", UNEXPECTED)
    for what in (resource("any/nope"), registered(f"{HALL}-not")):
        reply = bench.call(get, asked(what, itself()))
        assert (reply.status, reply.code) == (404, "not_found")


def test_entitlements_of_a_resource(bench: "Bench", printer: Json) -> None:
    pairs = tied(("read", "lvl/mid"), ("update", "lvl/top"), ("read", "any/a"))
    body = {"resourceId": printer["id"], "value": "ranked", "actionAttributeValues": pairs}
    bench.ok(VALUE, body)
    name = HALL.replace("hall", "ranked")

    def entitled(**more: Json) -> dict[str, list[str]]:
        body = {"entityIdentifier": itself(name.upper()), **more}
        answer = bench.ok(f"{DECISIONS}/GetEntitlements", body)["entitlements"][0]
        assert answer["ephemeralId"] == name
        return {
            fqn.removeprefix(f"{ROOT}/"): sorted(item["name"] for item in actions["actions"])
            for fqn, actions in answer["actionsPerAttributeValueFqn"].items()
        }

    assert entitled() == {
        "any/value/a": ["read"],
        "lvl/value/mid": ["read"],
        "lvl/value/top": ["update"],
    }
    whole = entitled(withComprehensiveHierarchy=True)
    assert whole["lvl/value/low"] == ["read", "update"]
    unknown = {"entityIdentifier": itself(f"{HALL}-not")}
    assert bench.call(f"{DECISIONS}/GetEntitlements", unknown).code == "internal"


@pytest.mark.usefixtures("printer")
def test_obligations_come_with_a_resource_for_the_action_alone(bench: "Bench") -> None:
    create(bench)
    add(bench, trigger("any/a"), trigger("any/b", "update"))
    get = f"{DECISIONS}/GetDecision"
    answer = bench.ok(get, asked(registered()))["decision"]
    assert answer["requiredObligations"] == [MARK]
    assert decided(bench, registered(), fulfilling=[MARK]) == "PERMIT"
    assert decided(bench, registered(), itself(), "update") == "DENY"
    assert decided(bench, registered(), itself(), "update", [MARK]) == "PERMIT"
    assert "requiredObligations" not in bench.ok(get, asked(registered(f"{HALL}-not")))["decision"]


@pytest.mark.parametrize(
    ("fault", "question", "expected"),
    [
        (Fault.REGISTERED_RESOURCE_ALWAYS_OPEN, (registered(), chain(entity(value="x"))), "PERMIT"),
        (Fault.UNKNOWN_REGISTERED_RESOURCE_PERMITS, (registered(f"{HALL}-not"),), "PERMIT"),
        (Fault.REGISTERED_RESOURCE_FIRST_VALUE, (registered(), itself(), "update"), "DENY"),
        (Fault.REGISTERED_RESOURCE_IGNORES_ACTION, (registered(), None, "delete"), "DENY"),
        (Fault.REGISTERED_ENTITY_IGNORES_ACTION, (resource("any/b"), itself()), "PERMIT"),
        (Fault.REGISTERED_RESOURCE_OLD_NAME_LOST, (registered(OLD),), "DENY"),
    ],
)
def test_faults_change_decisions(
    make_bench: "MakeBench", fault: Fault, question: tuple[Any, ...], expected: str
) -> None:
    bench = make_bench(fault)
    register(bench)
    older(bench, ("read", "any/a"))
    assert decided(bench, *question) == expected


def test_with_namespaced_policy_all_is_of_one_namespace(make_bench: "MakeBench") -> None:
    bench = make_bench(options=["namespaced-policy"])
    register(bench)
    older(bench, ("read", "any/a"))
    assert decided(bench, resource("any/a"), itself()) == "PERMIT"
    assert decided(bench, registered(), itself()) == "PERMIT"
    assert decided(bench, registered()) == "DENY"
    assert decided(bench, registered(f"{HALL}-not")) == "DENY"
    get = f"{DECISIONS}/GetDecision"
    for what, who in (
        (registered(OLD), None),
        (registered("https://reg_res/printer/value/hall"), None),
        (registered("https://garbage"), None),
        (resource("any/a"), itself(OLD)),
    ):
        reply = bench.call(get, asked(what, who))
        assert (reply.code, reply.message) == ("internal", UNEXPECTED)


# Names

PARTS = st.from_regex(r"[a-z0-9]([a-z0-9_-]{0,9}[a-z0-9])?", fullmatch=True)
SPACES = st.sampled_from(["", "example.com", "a-b.c.example"])


@given(SPACES, PARTS, PARTS, st.booleans())
def test_a_name_is_read_back_in_any_case(space: str, name: str, value: str, upper: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    made = ResourceName(space, name, value)
    assert ResourceName.parse(made.fqn.upper() if upper else made.fqn) == made


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://example.com/reg_res/a/value/b",
        "https://example.com/reg_res/a/value",
        "https://example.com/reg_res/a/value/b/c",
        "https://example.com/reg_res/-a/value/b",
        "https://not_valid/reg_res/a/value/b",
        "https://example.com/attr/a/value/b",
    ],
)
def test_another_form_is_no_name(text: str) -> None:
    assert ResourceName.parse(text) is None
