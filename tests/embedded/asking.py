"""A policy to ask about, and the requests that ask: shared by the tests of both versions."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.embedded.conftest import DECISIONS, Json

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench

V1 = "authorization.AuthorizationService"
ENTITIES = "entityresolution.v2.EntityResolutionService"
UNEXPECTED = "an unexpected error occurred"
ROOT = "https://bench.example/attr"


@pytest.fixture
def policy(bench: "Bench") -> "Bench":
    """What opentdf-sdk may read: any/a, all/x, all/y, lvl/mid; a user called thor: any/b."""
    set_up(bench)
    return bench


def set_up(bench: "Bench") -> None:
    namespace = bench.namespace()
    values = {
        f"{name}/{value['value']}": value["id"]
        for name, rule, members in (
            ("any", "ANY_OF", ["a", "b", "c"]),
            ("all", "ALL_OF", ["x", "y", "z"]),
            ("lvl", "HIERARCHY", ["top", "mid", "low"]),
        )
        for value in bench.attribute(namespace, name, rule, members)["values"]
    }
    for name in ("any/a", "all/x", "all/y", "lvl/mid"):
        bench.entitle(values[name])
    bench.entitle(values["any/b"], ".attributes.superhero_name[]", ["thor"])
    bench.entitle(values["any/c"], ".emailAddress", ["x@corp.example"])


def fqns(*names: str) -> list[str]:
    return [f"{ROOT}/{name.replace('/', '/value/')}" for name in names]


def resource(*names: str, identifier: str = "r1") -> dict[str, Any]:
    return {"ephemeralId": identifier, "attributeValues": {"fqns": fqns(*names)}}


def entity(kind: str = "clientId", value: str = "opentdf-sdk", category: str = "SUBJECT") -> Json:
    return {"ephemeralId": "e1", "category": f"CATEGORY_{category}", kind: value}


def chain(*entities: Json) -> dict[str, Any]:
    return {"entityChain": {"entities": list(entities) or [entity()]}}


def question(*names: str, identifier: Json = None, action: str = "read") -> dict[str, Any]:
    return {
        "entityIdentifier": identifier or chain(),
        "action": {"name": action},
        "resource": resource(*names),
    }


def decided(bench: "Bench", *names: str, **more: Json) -> str:
    answer = bench.ok(f"{DECISIONS}/GetDecision", question(*names, **more))
    assert answer["decision"]["ephemeralResourceId"] == "r1"
    return str(answer["decision"]["decision"]).removeprefix("DECISION_")
