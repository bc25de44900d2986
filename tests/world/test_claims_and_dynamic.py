from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.platform.connect import Answer
from support.sdk.model import Sdk
from support.stack.embedded import start_for_run
from support.world.claims import claims_in, selector_in
from support.world.dynamic import REASONS, why_refused
from support.world.machine import Machine
from support.world.world import World
from tests.conftest import MakeUnit

WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1).filter(
    lambda word: word not in {"and", "nothing", "number"}
)


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("nothing", {}),
        ("department: sales", {"department": "sales"}),
        ("department:", {"department": ""}),
        ("a: x y, b: list of p and q r", {"a": "x y", "b": ["p", "q r"]}),
        ("b: list of one", {"b": ["one"]}),
        ("b: list of nothing", {"b": []}),
        ("b: number 7", {"b": 7.0}),
        ("at: 10:30", {"at": "10:30"}),
    ],
)
def test_claims_are_read_from_words(text: str, claims: dict[str, object]) -> None:
    assert claims_in(text) == claims


@pytest.mark.parametrize("text", ["sales", ": sales", "a: b, c"])
def test_what_is_no_claim_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SpecificationError, match="is no claim: claims are written as in"):
        claims_in(text)


@given(claims=st.dictionaries(WORDS, WORDS | st.lists(WORDS, min_size=1), min_size=1))
def test_what_is_written_is_read(claims: dict[str, str | list[str]]) -> None:
    def written(value: str | list[str]) -> str:
        return value if isinstance(value, str) else f"list of {' and '.join(value)}"

    text = ", ".join(f"{name}: {written(value)}" for name, value in claims.items())

    assert claims_in(text) == claims


def test_properties_are_single_values_or_lists() -> None:
    assert selector_in("the department") == ".department"
    assert selector_in("among the groups") == ".groups[]"
    with pytest.raises(SpecificationError, match="write `the department`"):
        selector_in("departments")


@pytest.mark.parametrize(("reason", "facts"), REASONS.items())
def test_refusals_are_told_by_their_reason(reason: str, facts: tuple[str, str]) -> None:
    code, message = facts

    assert why_refused(Answer(400, code, message)) == reason
    assert why_refused(Answer(200, "ok")) == "nothing: it was accepted"
    assert why_refused(Answer(400, code, "another")) == f"{code}: another"


def test_a_namespace_of_its_own_has_labels_of_its_own(world: World) -> None:
    labels = world.labels
    labels.define("project", "any of", "apollo")
    labels.define_in("acme", "project", "any of", "apollo, gemini")
    labels.define_in("acme", "rank", "hierarchy", "high, low")

    (own,) = labels.fqns("project/apollo")
    (foreign,) = labels.fqns("acme/project/apollo")

    assert foreign == f"{labels.space('acme').fqn}/attr/project/value/apollo"
    assert own == f"{labels.namespace.fqn}/attr/project/value/apollo"
    assert labels.attribute_named("acme/rank").rule.name == "HIERARCHY"
    with pytest.raises(SpecificationError, match='"globex" is not a namespace'):
        labels.space("globex")
    assert labels.remove_all() == ()


def test_a_registered_resource_may_stand_in_a_further_namespace(world: World) -> None:
    world.labels.define_in("acme", "team", "any of", "red")
    registered = world.terms.registered

    registered.register("acme/printers/hall", [{"action": "read", "label": "acme/team/red"}])

    space = world.labels.space("acme").fqn
    assert registered.fqn("acme/printers/hall") == f"{space}/reg_res/printers/value/hall"
    with pytest.raises(SpecificationError, match='"globex" is not a namespace'):
        registered.register("globex/printers/hall", [])


def test_a_value_may_be_named_that_an_attribute_does_not_list(world: World) -> None:
    world.labels.define("project", "any of", "apollo")

    (fqn,) = world.labels.fqns("unlisted project/soyuz")

    assert fqn == f"{world.labels.namespace.fqn}/attr/project/value/soyuz"
    with pytest.raises(SpecificationError, match='"colour" is not an attribute of this scenario'):
        world.labels.fqns("unlisted colour/red")


def test_dynamic_mappings_are_written_and_removed(world: World) -> None:
    world.labels.define("team", "any of", "red")

    world.dynamic.entitle("read", "team", "is part of their group", 'clearance is "secret"')

    assert world.labels.remove_all() == ()


@pytest.mark.parametrize(
    ("comparison", "gate"), [("was their group", ""), ("is their group", "clearance secret")]
)
def test_an_unknown_way_to_compare_is_refused_with_the_known(
    world: World, comparison: str, gate: str
) -> None:
    world.labels.define("team", "any of", "red")

    with pytest.raises(SpecificationError, match="is not understood here"):
        world.dynamic.entitle("read", "team", comparison, gate)


def test_a_mapping_that_is_refused_is_an_error_where_it_has_to_be_there(world: World) -> None:
    world.labels.define("rank", "hierarchy", "high, low")

    refused = world.dynamic.try_to_entitle("read", "rank", "is their group")

    assert why_refused(refused) == "its values are ranked"
    with pytest.raises(EnvironmentUnfitError, match="entitle people dynamically to rank"):
        world.dynamic.entitle("read", "rank", "is their group")


def test_a_namespace_that_entitles_to_what_another_labels_is_refused(world: World) -> None:
    world.labels.define("team", "any of", "red")
    world.labels.define_in("acme", "team", "any of", "red")

    refused = world.dynamic.try_to_entitle_reader("read", "team/red", "acme")

    assert why_refused(refused) == "its parts stand in different namespaces"


def test_the_action_of_one_namespace_may_be_asked_about(world: World) -> None:
    world.labels.define_in("acme", "team", "any of", "red")
    world.labels.define_in("globex", "team", "any of", "red")
    world.labels.entitle(world.reader_id, "acme/team/red", ["read"], "acme")

    def decided(space: str) -> str:
        world.questions.ask_in(space, "read", "acme/team/red")
        return world.questions.decision.value.verdict.value

    assert [decided("acme"), decided("globex")] == ["permit", "deny"]


@pytest.fixture
def believing(make_unit: MakeUnit, sdk: Sdk, machine: Machine, tmp_path: Path) -> Iterator[World]:
    """A world on a platform that believes claims, and entitlements among them."""
    stack = start_for_run(tmp_path / "believing", options=("direct-entitlements",))
    yield World(make_unit(), stack.services, (sdk,), machine)
    stack.stop()


def test_a_person_is_asked_about_with_what_is_claimed_and_brought(believing: World) -> None:
    world = believing
    world.labels.define("project", "any of", "apollo, gemini")
    world.claims.entitle("the clearance", "secret", "read", "apollo")
    world.claims.put("userName: diana, clearance: secret")

    def decided(label: str) -> str:
        world.claims.ask("read", label)
        return world.questions.decision.value.verdict.value

    assert [decided("apollo"), decided("gemini")] == ["permit", "deny"]

    world.claims.bring("read", "gemini")

    assert decided("gemini") == "permit"
