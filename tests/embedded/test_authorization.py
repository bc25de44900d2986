from typing import TYPE_CHECKING, Any

import pytest

from tests.embedded.conftest import ATTRIBUTES, DECISIONS, NAMESPACES, Json

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench, MakeBench

from support.embedded.faults import Fault
from tests.embedded.asking import (
    UNEXPECTED,
    chain,
    decided,
    entity,
    fqns,
    policy,
    question,
    resource,
    set_up,
)

__all__ = ["policy"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["any/a"], "PERMIT"),
        (["any/b"], "DENY"),
        (["any/a", "any/b"], "PERMIT"),
        (["all/x", "all/y"], "PERMIT"),
        (["all/x", "all/z"], "DENY"),
        (["lvl/mid"], "PERMIT"),
        (["lvl/low"], "PERMIT"),
        (["lvl/top"], "DENY"),
        (["lvl/low", "lvl/top"], "DENY"),
        (["any/a", "lvl/low"], "PERMIT"),
        (["any/a", "lvl/top"], "DENY"),
        (["any/nope"], "DENY"),
        (["nope/a"], "DENY"),
        (["any/a", "any/nope"], "DENY"),
        (["ANY/A"], "PERMIT"),
    ],
)
def test_decisions_follow_the_policy(policy: "Bench", names: list[str], expected: str) -> None:
    assert decided(policy, *names) == expected


@pytest.mark.parametrize(
    ("identifier", "name", "expected"),
    [
        (chain(entity(value="opentdf")), "any/a", "DENY"),
        (chain(entity(value="nobody")), "any/a", "DENY"),
        (chain(entity("userName", "sample-user")), "any/b", "PERMIT"),
        (chain(entity("userName", "nobody")), "any/b", "DENY"),
        (chain(entity("emailAddress", "sampleuser@sample.com")), "any/b", "PERMIT"),
        (chain(entity("emailAddress", "nobody@sample.com")), "any/b", "DENY"),
        (chain(entity("emailAddress", "x@corp.example")), "any/c", "PERMIT"),
        (chain(entity(), entity(value="opentdf")), "any/a", "DENY"),
        (chain(entity(), entity()), "any/a", "PERMIT"),
        (
            chain(entity(category="ENVIRONMENT"), entity("userName", "sample-user")),
            "any/a",
            "DENY",
        ),
        (
            chain(
                entity(value="opentdf", category="ENVIRONMENT"), entity("userName", "sample-user")
            ),
            "any/b",
            "PERMIT",
        ),
    ],
)
def test_every_subject_of_a_chain_must_be_entitled(
    policy: "Bench", identifier: dict[str, Any], name: str, expected: str
) -> None:
    assert decided(policy, name, identifier=identifier) == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [("read", "PERMIT"), ("READ", "PERMIT"), ("update", "DENY"), ("frobnicate", "DENY")],
)
def test_entitlement_is_per_action(policy: "Bench", action: str, expected: str) -> None:
    assert decided(policy, "any/a", action=action) == expected


def test_tokens_identify_client_and_user(policy: "Bench") -> None:
    client = {"token": {"ephemeralId": "t", "jwt": policy.token("opentdf-sdk")}}
    user = {"token": {"ephemeralId": "t", "jwt": policy.user_token()}}
    assert decided(policy, "any/a", identifier=client) == "PERMIT"
    assert decided(policy, "any/b", identifier=client) == "DENY"
    assert decided(policy, "any/b", identifier=user) == "PERMIT"
    assert decided(policy, "any/a", identifier=user) == "DENY"


@pytest.mark.parametrize(("client", "expected"), [("opentdf-sdk", "PERMIT"), ("opentdf", "DENY")])
def test_the_callers_own_token_can_be_meant(policy: "Bench", client: str, expected: str) -> None:
    body = question("any/a", identifier={"withRequestToken": True})
    answer = policy.ok(f"{DECISIONS}/GetDecision", body, client=client)
    assert answer["decision"]["decision"] == f"DECISION_{expected}"


@pytest.mark.parametrize(
    "body",
    [
        question("any/a", identifier={"token": {"jwt": "garbage"}}),
        question("any/a", identifier={"token": {"jwt": "e30.e30.x"}}),
        question("any/a", identifier=chain({"ephemeralId": "e", "category": "CATEGORY_SUBJECT"})),
        question("any/a", identifier=chain(entity(category="ENVIRONMENT"))),
        {**question("any/a"), "resource": {"ephemeralId": "r1"}},
        question("any/a", identifier={"registeredResourceValueFqn": "https://reg_res/n/value/v"}),
        question(
            "any/a",
            identifier=chain(
                {
                    "category": "CATEGORY_SUBJECT",
                    "claims": {
                        "@type": "type.googleapis.com/google.protobuf.Struct",
                        "value": {"dept": "eng"},
                    },
                }
            ),
        ),
    ],
)
def test_what_cannot_be_resolved_is_an_error_that_tells_nothing(
    policy: "Bench", body: dict[str, Any]
) -> None:
    reply = policy.call(f"{DECISIONS}/GetDecision", body)
    assert (reply.status, reply.code, reply.message) == (500, "internal", UNEXPECTED)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"action": None}, "action.name must be provided"),
        ({"entityIdentifier": None}, "entity_identifier: value is required [required]"),
        ({"resource": None}, "resource: value is required"),
        ({"resource": {"attributeValues": {"fqns": []}}}, "resource.attribute_values: if provided"),
        ({"fulfillableObligationFqns": ["nope"]}, "fulfillable_obligation_fqns: if provided"),
        (
            {"entityIdentifier": chain(*[entity()] * 11)},
            "entity_identifier.entity_chain.entities exceeds maximum count: got 11, max 10",
        ),
        (
            {"resource": resource(*[f"any/v{number}" for number in range(21)])},
            "resource.attribute_values.fqns exceeds maximum count: got 21, max 20",
        ),
    ],
)
def test_malformed_questions_are_refused(
    policy: "Bench", changes: dict[str, Any], message: str
) -> None:
    reply = policy.call(f"{DECISIONS}/GetDecision", {**question("any/a"), **changes})
    assert (reply.status, reply.code) == (400, "invalid_argument")
    assert message in reply.message


def test_several_resources_are_decided_one_by_one(policy: "Bench") -> None:
    body = question()
    del body["resource"]
    mixed = [resource("any/a", identifier="p"), resource("lvl/top", identifier="d")]
    answer = policy.ok(f"{DECISIONS}/GetDecisionMultiResource", {**body, "resources": mixed})
    assert answer == {
        "allPermitted": False,
        "resourceDecisions": [
            {"ephemeralResourceId": "p", "decision": "DECISION_PERMIT"},
            {"ephemeralResourceId": "d", "decision": "DECISION_DENY"},
        ],
    }
    unnamed = [resource("any/a", identifier=""), resource("lvl/low", identifier="")]
    answer = policy.ok(f"{DECISIONS}/GetDecisionMultiResource", {**body, "resources": unnamed})
    assert answer["allPermitted"] is True
    identifiers = [item["ephemeralResourceId"] for item in answer["resourceDecisions"]]
    assert identifiers == ["resource-0", "resource-1"]
    registered = [{"ephemeralId": "r", "registeredResourceValueFqn": "https://reg_res/n/value/v"}]
    answer = policy.ok(f"{DECISIONS}/GetDecisionMultiResource", {**body, "resources": registered})
    assert answer["allPermitted"] is False


def test_several_questions_are_answered_in_order(policy: "Bench") -> None:
    def one(name: str, identifier: Json = None) -> dict[str, Any]:
        body = question(identifier=identifier)
        del body["resource"]
        return {**body, "resources": [resource(name)]}

    requests = [one("any/a"), one("any/a", chain(entity("userName", "sample-user")))]
    answer = policy.ok(f"{DECISIONS}/GetDecisionBulk", {"decisionRequests": requests})
    assert [item["allPermitted"] for item in answer["decisionResponses"]] == [True, False]
    many = {"decisionRequests": [one("any/a")] * 201}
    assert policy.call(f"{DECISIONS}/GetDecisionBulk", many).status == 400


def entitlements(policy: "Bench", identifier: Json = None, **more: Json) -> Json:
    body = {"entityIdentifier": identifier or chain(), **more}
    return policy.ok(f"{DECISIONS}/GetEntitlements", body).get("entitlements", [])


def test_entitlements_name_values_and_actions(policy: "Bench") -> None:
    found = entitlements(policy)
    assert [item["ephemeralId"] for item in found] == ["e1"]
    by_value = found[0]["actionsPerAttributeValueFqn"]
    assert set(by_value) == set(fqns("any/a", "all/x", "all/y", "lvl/mid"))
    assert [item["name"] for item in by_value[fqns("any/a")[0]]["actions"]] == ["read"]
    complete = entitlements(policy, withComprehensiveHierarchy=True)[0]
    added = set(complete["actionsPerAttributeValueFqn"]) - set(by_value)
    assert added == set(fqns("lvl/low"))


def test_entitlements_of_others(policy: "Bench") -> None:
    assert entitlements(policy, chain(entity(value="opentdf"))) == [{"ephemeralId": "e1"}]
    assert entitlements(policy, chain(entity(value="nobody"))) == []
    both = entitlements(policy, chain(entity(), entity("userName", "sample-user")))
    assert len(both) == 2
    environment = entitlements(policy, chain(entity(category="ENVIRONMENT")))
    assert environment[0]["actionsPerAttributeValueFqn"]
    own = entitlements(policy, {"withRequestToken": True})
    assert [item["ephemeralId"] for item in own] == [
        "jwtentity-0-clientid-opentdf",
        "jwtentity-1-clientid-opentdf",
    ]


def test_the_order_of_actions_and_repeated_mappings_do_not_multiply(policy: "Bench") -> None:
    value = policy.ok(f"{ATTRIBUTES}/GetAttributeValue", {"fqn": fqns("any/a")[0]})["value"]
    policy.entitle(value["id"], actions=["read", "update"])
    actions = entitlements(policy)[0]["actionsPerAttributeValueFqn"][fqns("any/a")[0]]["actions"]
    assert [item["name"] for item in actions] == ["read", "update"]


def test_deactivation_closes_definitions_and_leaves_the_rest(policy: "Bench") -> None:
    value = policy.ok(f"{ATTRIBUTES}/GetAttributeValue", {"fqn": fqns("any/a")[0]})["value"]
    policy.ok(f"{ATTRIBUTES}/DeactivateAttributeValue", {"id": value["id"]})
    # The platform's decisions do not look at the state of values, its entitlements do.
    assert decided(policy, "any/a") == "PERMIT"
    assert fqns("any/a")[0] not in entitlements(policy)[0]["actionsPerAttributeValueFqn"]
    policy.ok(f"{ATTRIBUTES}/DeactivateAttribute", {"id": value["attribute"]["id"]})
    assert decided(policy, "any/a") == "DENY"
    assert decided(policy, "all/x") == "PERMIT"
    listed = policy.ok(f"{NAMESPACES}/ListNamespaces")["namespaces"][0]
    policy.ok(f"{NAMESPACES}/DeactivateNamespace", {"id": listed["id"]})
    assert decided(policy, "all/x") == "DENY"


def test_faults_change_decisions(make_bench: "MakeBench") -> None:
    lax = make_bench(Fault.ANY_OF_FOR_ALL_OF, Fault.IGNORE_HIERARCHY)
    set_up(lax)
    assert decided(lax, "all/x", "all/z") == "PERMIT"
    assert decided(lax, "lvl/top") == "PERMIT"
    assert decided(lax, "any/b") == "DENY"
