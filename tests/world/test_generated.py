"""Generated policies against a platform; the reference rules against examples of their own."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.embedded.options import DIRECT_ENTITLEMENTS
from support.foundation.errors import ConfigurationError, SpecificationError
from support.model.events import AttachmentKind
from support.services.locator import Services
from support.stack.embedded import start_for_run
from support.world import generated, reference_rules
from support.world.expectations import expect_agreement
from support.world.generated import Case, Disagreement, Generated, Verdict
from support.world.machine import Machine
from support.world.reference_rules import (
    Asked,
    Attribute,
    Claims,
    Condition,
    Entitling,
    Group,
    Operator,
    Policy,
)
from support.world.world import World
from tests.conftest import MakeUnit

READ = ("read",)


def holding(rule: str, held: str, *, values: str = "one two three") -> Policy:
    """A policy that entitles whoever is of the team eng to read some values."""
    group = Group(all_needed=True, conditions=(Condition(".team", Operator.IN, ("eng",)),))
    return Policy(
        (Attribute("a", rule, tuple(values.split())),),
        tuple(Entitling("a", value, (group,), READ) for value in held.split()),
    )


def asked(needs: str, claims: Claims | None = None, action: str = "read") -> Asked:
    return Asked(claims or {"team": "eng"}, action, tuple(("a", value) for value in needs.split()))


@pytest.mark.parametrize(
    ("rule", "held", "needs", "permitted"),
    [
        ("any of", "one", "one two", True),
        ("any of", "three", "one two", False),
        ("all of", "one two", "one two", True),
        ("all of", "one", "one two", False),
        ("hierarchy", "one", "three", True),
        ("hierarchy", "two", "two", True),
        ("hierarchy", "three", "two", False),
        ("hierarchy", "two", "one three", False),
    ],
)
def test_the_rules_of_attributes(rule: str, held: str, needs: str, *, permitted: bool) -> None:
    assert reference_rules.permits(holding(rule, held), asked(needs)) is permitted


def test_every_attribute_has_to_be_satisfied_and_others_do_not_matter() -> None:
    two = Policy(
        (Attribute("a", "any of", ("one",)), Attribute("b", "any of", ("two",))),
        holding("any of", "one").mappings,
    )

    assert reference_rules.permits(two, asked("one"))
    assert not reference_rules.permits(
        two, replace(asked("one"), needs=(("a", "one"), ("b", "two")))
    )


def test_entitlement_is_for_an_action() -> None:
    assert not reference_rules.permits(holding("any of", "one"), asked("one", action="update"))


CLAIMS: Claims = {"team": "eng", "groups": ["x", "y"], "site": {"city": "Bern"}, "level": 7}


@pytest.mark.parametrize(
    ("selector", "operator", "value", "holds"),
    [
        (".team", Operator.IN, "eng", True),
        (".team", Operator.IN, "Eng", False),
        (".team", Operator.IN_CONTAINS, "n", True),
        (".team", Operator.NOT_IN, "eng", False),
        (".nobody", Operator.NOT_IN, "eng", True),
        (".nobody", Operator.IN_CONTAINS, "", False),
        (".groups[]", Operator.IN, "y", True),
        (".groups[1]", Operator.IN, "x", False),
        (".groups[9]", Operator.IN, "x", False),
        (".groups", Operator.IN, "x", False),
        (".team[]", Operator.IN, "eng", False),
        (".site.city", Operator.IN, "Bern", True),
        (".site.street", Operator.IN, "Bern", False),
        (".level", Operator.IN, "7", False),
        (".level", Operator.IN_CONTAINS, "7", True),
    ],
)
def test_conditions(selector: str, operator: Operator, value: str, *, holds: bool) -> None:
    condition = Condition(selector, operator, (value,))
    group = Group(all_needed=True, conditions=(condition,))
    policy = Policy((Attribute("a", "any of", ("one",)),), (Entitling("a", "one", (group,), READ),))

    assert reference_rules.permits(policy, asked("one", CLAIMS)) is holds


@pytest.mark.parametrize(("all_needed", "holds"), [(True, False), (False, True)])
def test_conditions_of_a_group_are_all_needed_or_any(*, all_needed: bool, holds: bool) -> None:
    conditions = tuple(Condition(".team", Operator.IN, (team,)) for team in ("eng", "ops"))
    policy = holding("any of", "one")
    (mapping,) = policy.mappings
    several = replace(policy, mappings=(replace(mapping, groups=(Group(all_needed, conditions),)),))

    assert reference_rules.permits(several, asked("one")) is holds


@pytest.fixture(scope="module")
def believing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A platform that believes the claims of a request."""
    running = start_for_run(tmp_path_factory.mktemp("right"), options=[DIRECT_ENTITLEMENTS])
    yield running.services
    running.stop()


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Such a platform, which takes "all of" for "any of"."""
    folder = tmp_path_factory.mktemp("wrong")
    running = start_for_run(folder, ["any-of-for-all-of"], [DIRECT_ENTITLEMENTS])
    yield running.services
    running.stop()


class Kept:
    """What was added to the evidence."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def attach(self, kind: AttachmentKind, name: str, _media_type: str, data: bytes) -> None:
        assert kind is AttachmentKind.ATTACHMENT
        self.files[name] = data


@pytest.fixture
def kept() -> Kept:
    return Kept()


def on(services: Services, make_unit: MakeUnit, machine: Machine, kept: Kept) -> Generated:
    return World(make_unit(), services, (), replace(machine, attach=kept.attach)).generated


def test_a_right_platform_agrees(
    believing: Services, make_unit: MakeUnit, machine: Machine, kept: Kept
) -> None:
    made = on(believing, make_unit, machine, kept)

    made.check("several rules", 30)

    verdict = made.verdict.value
    expect_agreement(verdict)
    assert verdict.decided >= 30
    assert 0 < verdict.permitted < verdict.decided
    assert kept.files == {}


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_five_thousand_decisions_agree(
    believing: Services, make_unit: MakeUnit, machine: Machine, kept: Kept
) -> None:
    for kind in generated.KINDS:
        made = on(believing, make_unit, machine, kept)
        made.check(kind, 5000 // len(generated.KINDS))
        expect_agreement(made.verdict.value)


def test_a_wrong_platform_is_found_with_the_smallest_case_and_its_scenario(
    wrong: Services, make_unit: MakeUnit, machine: Machine, kept: Kept, tmp_path: Path
) -> None:
    made = on(wrong, make_unit, machine, kept)

    made.check("all of", 60)

    found = made.verdict.value.disagreement
    assert found is not None
    assert found.decided
    assert len(found.case.policy.attributes) == len(found.case.asked) == 1
    assert len(found.case.asked[0].needs) == 2
    with pytest.raises(AssertionError, match="permits what the rules say to deny"):
        expect_agreement(made.verdict.value)
    assert (
        f'the kept case "{found.name}" is decided' in kept.files[f"{found.name}.feature"].decode()
    )
    path = tmp_path / "case.json"
    path.write_bytes(kept.files[found.name])
    made.check_kept(path)
    assert made.verdict.value.disagreement == found


def test_an_unknown_kind_is_told(
    believing: Services, make_unit: MakeUnit, machine: Machine, kept: Kept
) -> None:
    with pytest.raises(SpecificationError, match="Did you mean"):
        on(believing, make_unit, machine, kept).check("severl rules", 1)


def test_nothing_decided_proves_nothing() -> None:
    with pytest.raises(AssertionError, match="nothing was proved"):
        expect_agreement(Verdict(0, 0))


@given(data=st.data())
def test_what_is_kept_is_read_again(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    drawn = data.draw(generated.cases(("any of", "hierarchy")))
    case = Case(drawn.policy, drawn.asked[:1])
    path = tmp_path_factory.mktemp("kept") / "case.json"
    path.write_text(json.dumps(asdict(case)))

    assert generated.read_kept(path) == case
    assert Disagreement(case, decided=True).name == Disagreement(case, decided=False).name


def test_a_kept_case_that_is_wrong_is_told(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text('{"policy": {}}')

    with pytest.raises(ConfigurationError, match=r"case\.json"):
        generated.read_kept(path)
