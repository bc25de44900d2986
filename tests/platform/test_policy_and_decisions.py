import secrets

import pytest

from support.foundation.errors import EnvironmentUnfitError
from support.platform.connect import ConnectClient
from support.platform.decisions import (
    Claimant,
    Decision,
    DecisionClient,
    DecisionSet,
    Question,
    Resource,
    Verdict,
    single_request,
)
from support.platform.decisions import client as about
from support.platform.identity import Identity
from support.platform.policy import Attribute, Namespace, PolicyAuthor, Rule
from tests.platform.conftest import scripted

C = about("c")
NAMESPACE = Namespace("1", "n.example", "https://n.example")


@pytest.fixture
def namespace(author: PolicyAuthor) -> Namespace:
    return author.create_namespace(f"test-{secrets.token_hex(6)}.example")


@pytest.fixture
def clearance(author: PolicyAuthor, namespace: Namespace, identity: Identity) -> Attribute:
    """A hierarchy in which the standard client holds the middle."""
    made = author.create_attribute(namespace, "clearance", Rule.HIERARCHY, ["high", "mid", "low"])
    author.entitle(made.values["mid"], identity.client_id("standard"), ["read", "stamp"])
    return made


@pytest.fixture
def client(connect: ConnectClient, identity: Identity) -> DecisionClient:
    return DecisionClient(connect, identity.token("standard"))


def question(
    identity: Identity, attribute: Attribute, *names: str, action: str = "read"
) -> Question:
    resources = tuple(Resource(name, (attribute.values[name].fqn,)) for name in names)
    return Question(about(identity.client_id("standard")), action, resources)


def test_what_was_written_is_what_was_stored(namespace: Namespace, clearance: Attribute) -> None:
    assert namespace.fqn == f"https://{namespace.name}"
    assert list(clearance.values) == ["high", "mid", "low"]
    assert clearance.values["mid"].fqn == f"{namespace.fqn}/attr/clearance/value/mid"


def test_a_name_taken_is_an_error_that_names_the_purpose(
    author: PolicyAuthor, namespace: Namespace
) -> None:
    with pytest.raises(EnvironmentUnfitError, match=f"create namespace {namespace.name}.*already"):
        author.create_namespace(namespace.name)


def test_another_stored_attribute_is_an_error() -> None:
    stored = (
        '{"attribute": {"id": "1", "rule": "ATTRIBUTE_RULE_TYPE_ENUM_ANY_OF",'
        ' "values": [{"id": "2", "value": "b", "fqn": "f"}]}}'
    )
    author = PolicyAuthor(scripted(stored), "T")

    with pytest.raises(EnvironmentUnfitError, match="in this order"):
        author.create_attribute(NAMESPACE, "x", Rule.ANY_OF, ["a"])


@pytest.mark.parametrize(
    ("name", "action", "verdict"),
    [
        ("low", "read", Verdict.PERMIT),
        ("mid", "stamp", Verdict.PERMIT),
        ("high", "read", Verdict.DENY),
        ("mid", "update", Verdict.DENY),
    ],
)
def test_a_decision_is_about_the_resource_asked(
    *,
    client: DecisionClient,
    identity: Identity,
    clearance: Attribute,
    name: str,
    action: str,
    verdict: Verdict,
) -> None:
    decision = client.decide(question(identity, clearance, name, action=action))

    assert decision == Decision(name, verdict)


def test_several_resources_are_decided_one_by_one(
    client: DecisionClient, identity: Identity, clearance: Attribute
) -> None:
    decided = client.decide_each(question(identity, clearance, "high", "low"))

    assert decided == DecisionSet(
        all_permitted=False,
        decisions=(Decision("high", Verdict.DENY), Decision("low", Verdict.PERMIT)),
    )


def test_a_bulk_is_answered_in_its_order(
    client: DecisionClient, identity: Identity, clearance: Attribute
) -> None:
    first, second = client.decide_in_bulk(
        [question(identity, clearance, "low"), question(identity, clearance, "high")]
    )

    assert (first.all_permitted, second.all_permitted) == (True, False)


def test_a_single_request_takes_one_resource() -> None:
    with pytest.raises(ValueError, match="takes one resource, got 0"):
        single_request(Question(C, "read", ()))


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"decision": {"ephemeralResourceId": "r"}}',
        '{"decision": {"ephemeralResourceId": "r", "decision": "DECISION_UNSPECIFIED"}}',
        '{"decision": {"ephemeralResourceId": "other", "decision": "DECISION_PERMIT"}}',
    ],
)
def test_another_decision_is_an_error(body: str) -> None:
    with pytest.raises(EnvironmentUnfitError, match="unexpected shape"):
        DecisionClient(scripted(body), "T").decide(Question(C, "read", (Resource("r", ("f",)),)))


def test_a_summary_that_is_missing_is_an_error() -> None:
    body = '{"resourceDecisions": []}'

    with pytest.raises(EnvironmentUnfitError, match="allPermitted"):
        DecisionClient(scripted(body), "T").decide_each(Question(C, "read", ()))


def test_obligations_come_with_the_decision() -> None:
    body = (
        '{"decision": {"ephemeralResourceId": "r", "decision": "DECISION_PERMIT",'
        ' "requiredObligations": ["https://o/obl/a/value/b"]}}'
    )

    decision = DecisionClient(scripted(body), "T").decide(
        Question(C, "read", (Resource("r", ("f",)),))
    )

    assert decision.obligations == ("https://o/obl/a/value/b",)


def test_a_refused_question_is_an_error(connect: ConnectClient, identity: Identity) -> None:
    client = DecisionClient(connect, identity.token("unprivileged"))

    with pytest.raises(EnvironmentUnfitError, match="permission_denied"):
        client.decide(Question(C, "read", (Resource("r", ("https://a.example/x",)),)))


def test_somebody_may_be_described_by_the_request_alone() -> None:
    asked = Question(Claimant({"department": "sales"}), "read", (Resource("r", ()),), "https://n")

    request = single_request(asked)

    assert request["action"] == {"name": "read", "namespace": {"fqn": "https://n"}}
    assert request["entityIdentifier"] == {
        "entityChain": {
            "entities": [
                {
                    "ephemeralId": "entity-0",
                    "category": "CATEGORY_SUBJECT",
                    "claims": {
                        "@type": "type.googleapis.com/google.protobuf.Struct",
                        "value": {"department": "sales"},
                    },
                }
            ]
        }
    }
