"""Every operation of the platform's protocol has an expectation, and a wrong one is noticed."""

from collections import Counter
from collections.abc import Iterator

import pytest

from support.embedded.protocol import load_protocol
from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.foundation.settings import ROOT
from support.specs import reader
from support.world.sweep import AREAS, NEVER_TRIED, NOT_TRIED, ROLES, method_name
from support.world.words import words_in
from support.world.world import World

FEATURE = ROOT / "features" / "identity" / "roles.feature"
NOT_OFFERED = {
    "/grpc.health.v1.Health/List": "the platform's health library has no such method",
    "/grpc.health.v1.Health/Watch": "a stream, which nobody can ask for with JSON",
}


def listed() -> Iterator[str]:
    document = reader.parse("features/identity/roles.feature", reader.read_text(FEATURE))
    for spec in reader.specs_of(document):
        for step in spec.steps:
            words = step.text.removeprefix('callers of every role try to "')
            if words != step.text:
                operations, _, area = words.partition('" in the area of ')
                for operation in words_in(operations):
                    yield f"/{AREAS[area]}/{method_name(operation)}"


def test_every_operation_of_the_protocol_is_listed_once() -> None:
    counted = Counter(listed())

    assert [path for path, count in counted.items() if count > 1] == []
    assert set(counted) | set(NOT_OFFERED) == set(load_protocol().methods)
    assert not set(counted) & set(NOT_OFFERED)


@pytest.mark.parametrize(
    ("area", "operations", "expected"),
    [
        ("namespaces", "list namespaces, get namespace", "allowed allowed forbidden"),
        ("namespaces", "create namespace", "allowed forbidden forbidden"),
        ("keys of documents", "rewrap", "allowed allowed allowed"),
        ("decisions", "get entitlements", "allowed forbidden forbidden"),
    ],
)
def test_operations_end_as_the_role_allows(
    world: World, area: str, operations: str, expected: str
) -> None:
    world.sweep.attempt(area, operations)

    outcomes = world.sweep.outcomes.value
    assert list(outcomes) == list(ROLES)
    assert list(outcomes.values()) == [*expected.split(), "unauthenticated"]


def test_what_is_public_is_open_without_a_token_too(world: World) -> None:
    world.sweep.attempt("keys of documents", "public key, legacy public key")

    assert set(world.sweep.outcomes.value.values()) == {"allowed"}


def test_outcomes_that_differ_are_told_one_by_one(world: World) -> None:
    world.sweep.attempt("namespaces", "list namespaces, create namespace")

    told = world.sweep.outcomes.value["standard"]
    assert told == "ListNamespaces: allowed, CreateNamespace: forbidden"


def test_what_would_harm_others_is_tried_by_those_who_may_not(world: World) -> None:
    world.sweep.attempt("entitlements", "delete all unmapped subject condition sets")

    assert world.sweep.outcomes.value["admin"] == NOT_TRIED
    assert world.sweep.outcomes.value["standard"] == "forbidden"
    assert all(reason for reason in NEVER_TRIED.values())


def test_an_operation_that_is_not_there_is_no_verdict(world: World) -> None:
    with pytest.raises(EnvironmentUnfitError, match="unexpected shape"):
        world.sweep.attempt("namespaces", "paint namespace")
    with pytest.raises(SpecificationError, match="namespaces"):
        world.sweep.attempt("name spaces", "list namespaces")
