from typing import TYPE_CHECKING, Any

import pytest

from tests.embedded.conftest import Json

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench

__all__ = ["policy"]


from tests.embedded.asking import ENTITIES, V1, entity, fqns, policy


def v1_question(*names: str, entities: Json = None) -> dict[str, Any]:
    return {
        "decisionRequests": [
            {
                "actions": [{"name": "read"}],
                "entityChains": [
                    {
                        "id": "ec1",
                        "entities": entities
                        or [
                            {"id": "e1", "clientId": "opentdf-sdk", "category": "CATEGORY_SUBJECT"}
                        ],
                    }
                ],
                "resourceAttributes": [
                    {"resourceAttributesId": "r1", "attributeValueFqns": fqns(*names)}
                ],
            }
        ]
    }


@pytest.mark.parametrize(
    ("names", "expected"),
    [(["any/a"], "PERMIT"), (["any/b"], "DENY"), (["lvl/low"], "PERMIT"), ([], "PERMIT")],
)
def test_the_first_version_decides_too(policy: "Bench", names: list[str], expected: str) -> None:
    answer = policy.ok(f"{V1}/GetDecisions", v1_question(*names))["decisionResponses"][0]
    assert answer == {
        "entityChainId": "ec1",
        "resourceAttributesId": "r1",
        "action": {"standard": "STANDARD_ACTION_TRANSMIT"},
        "decision": f"DECISION_{expected}",
    }
    assert policy.audit[-1]["audit"]["clientInfo"]["platform"] == "authorization"


def test_the_first_version_stumbles_over_unknown_values(policy: "Bench") -> None:
    reply = policy.call(f"{V1}/GetDecisions", v1_question("any/nope"))
    assert (reply.status, reply.message) == (500, "resource retrieval failed")
    assert policy.ok(f"{V1}/GetDecisions") == {}


def test_the_first_version_takes_tokens(policy: "Bench") -> None:
    body = v1_question("any/a")["decisionRequests"][0]
    del body["entityChains"]
    body["tokens"] = [{"id": "t1", "jwt": policy.token("opentdf-sdk")}]
    answer = policy.ok(f"{V1}/GetDecisionsByToken", {"decisionRequests": [body]})
    assert answer["decisionResponses"][0]["decision"] == "DECISION_PERMIT"
    assert answer["decisionResponses"][0]["entityChainId"] == "t1"


def test_the_first_version_lists_entitlements(policy: "Bench") -> None:
    body: dict[str, Any] = {"entities": [{"id": "e1", "clientId": "opentdf-sdk"}]}

    def found(**more: Json) -> set[str]:
        answer = policy.ok(f"{V1}/GetEntitlements", {**body, **more})
        return set(answer["entitlements"][0].get("attributeValueFqns", []))

    assert found() == set(fqns("any/a", "all/x", "all/y", "lvl/mid"))
    assert found(withComprehensiveHierarchy=True) - found() == set(fqns("lvl/low"))
    scope = {"attributeValueFqns": fqns("any/a", "any/b")}
    assert found(scope=scope) == set(fqns("any/a"))
    assert policy.call(f"{V1}/GetEntitlements").message == "requires entities"


# Entities


def resolved(bench: "Bench", *entities: Json) -> Json:
    answer = bench.ok(f"{ENTITIES}/ResolveEntities", {"entities": list(entities)})
    return [item.get("additionalProps", []) for item in answer["entityRepresentations"]]


def test_entities_are_resolved_from_the_directory(bench: "Bench") -> None:
    client, user = resolved(bench, entity(), entity("userName", "sample-user"))
    assert client[0]["clientId"] == "opentdf-sdk"
    assert user[0]["attributes"]["superhero_name"] == ["thor"]
    assert resolved(bench, entity("emailAddress", "sampleuser@sample.com"))[0] == user
    assert resolved(bench, entity(value="nobody")) == [[]]
    inferred = resolved(bench, entity("userName", "nobody"))[0][0]
    assert inferred == {
        "ephemeralId": "e1",
        "userName": "nobody",
        "category": "CATEGORY_SUBJECT",
    }
    text = str(client)
    assert "secret" not in {str(value) for value in client[0].values()}, text


def test_token_chains_name_environment_and_subject(bench: "Bench") -> None:
    tokens = [
        {"ephemeralId": "c", "jwt": bench.token("opentdf-sdk")},
        {"ephemeralId": "u", "jwt": bench.user_token()},
    ]
    answer = bench.ok(f"{ENTITIES}/CreateEntityChainsFromTokens", {"tokens": tokens})
    assert [item["entities"][1] for item in answer["entityChains"]] == [
        {
            "ephemeralId": "jwtentity-1-clientid-opentdf-sdk",
            "clientId": "opentdf-sdk",
            "category": "CATEGORY_SUBJECT",
        },
        {
            "ephemeralId": "jwtentity-1-username-sample-user",
            "userName": "sample-user",
            "category": "CATEGORY_SUBJECT",
        },
    ]
    garbage = {"tokens": [{"jwt": "garbage"}]}
    reply = bench.call(f"{ENTITIES}/CreateEntityChainsFromTokens", garbage)
    assert (reply.status, reply.code) == (500, "unknown")


def test_the_first_version_resolves_entities(bench: "Bench") -> None:
    service = "entityresolution.EntityResolutionService"
    body: dict[str, Any] = {"entities": [{"id": "e1", "clientId": "opentdf-sdk"}]}
    answer = bench.ok(f"{service}/ResolveEntities", body)
    assert answer["entityRepresentations"][0]["originalId"] == "e1"
    body = {"tokens": [{"id": "t", "jwt": bench.token("opentdf-sdk")}]}
    answer = bench.ok(f"{service}/CreateEntityChainFromJwt", body)
    assert answer["entityChains"][0]["entities"][0]["id"] == "jwtentity-0-clientid-opentdf-sdk"
