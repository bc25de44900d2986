import secrets

import pytest

from support.foundation.errors import EnvironmentUnfitError
from support.platform.connect import ConnectClient
from support.platform.decisions import Holder, Question, Resource, Verdict, client
from support.platform.entitlements import FirstVersion, entitlements
from support.platform.identity import Identity
from support.platform.policy import Attribute, PolicyAuthor, Rule
from tests.platform.conftest import scripted

READ_ON_ONE = [
    {
        "conditionGroups": [
            {
                "booleanOperator": "CONDITION_BOOLEAN_TYPE_ENUM_AND",
                "conditions": [
                    {
                        "subjectExternalSelectorValue": ".clientId",
                        "operator": "SUBJECT_MAPPING_OPERATOR_ENUM_NOT_IN",
                        "subjectExternalValues": ["nobody"],
                    }
                ],
            }
        ]
    }
]


@pytest.fixture
def clearance(author: PolicyAuthor) -> Attribute:
    """A hierarchy in which every client but one holds the middle."""
    space = author.create_namespace(f"test-{secrets.token_hex(6)}.example")
    made = author.create_attribute(space, "clearance", Rule.HIERARCHY, ["high", "mid", "low"])
    author.entitle_under(made.values["mid"], READ_ON_ONE, ["read"])
    return made


def test_entitlements_are_listed_by_value_with_those_below(
    connect: ConnectClient, identity: Identity, clearance: Attribute
) -> None:
    who = client(identity.client_id("standard"))

    listed = entitlements(connect, identity.token("admin"), who)

    names = {value.fqn: name for name, value in clearance.values.items()}
    found = {names[fqn]: actions for fqn, actions in listed.items() if fqn in names}
    assert found == {"mid": ("read",), "low": ("read",)}


@pytest.mark.parametrize(("name", "verdict"), [("low", Verdict.PERMIT), ("high", Verdict.DENY)])
def test_the_first_version_decides(
    connect: ConnectClient,
    identity: Identity,
    clearance: Attribute,
    name: str,
    verdict: Verdict,
) -> None:
    asking = FirstVersion(connect, identity.token("standard"))
    resource = Resource("document", (clearance.values[name].fqn,))

    decided = asking.decide(Question(client(identity.client_id("standard")), "read", (resource,)))

    assert (decided.resource, decided.verdict) == ("document", verdict)


def test_the_first_version_is_asked_about_names_alone() -> None:
    with pytest.raises(TypeError, match="by name"):
        FirstVersion(scripted("{}"), "token").decide(
            Question(Holder("token"), "read", (Resource("document", ()),))
        )


def test_another_answer_is_an_error() -> None:
    asking = FirstVersion(scripted('{"decisionResponses": []}'), "token")

    with pytest.raises(EnvironmentUnfitError, match="one decision"):
        asking.decide(Question(client("c"), "read", (Resource("document", ()),)))
