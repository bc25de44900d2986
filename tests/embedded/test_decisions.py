import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.embedded.decisions import (
    Action,
    Definition,
    ResourceDecision,
    Rule,
    decide,
    lower_values,
    misreported,
)
from support.embedded.faults import Fault

READ = Action("read")
UPDATE = Action("update")


def definition(rule: Rule, *values: str, name: str = "d") -> Definition:
    return Definition("id", name, rule, tuple(f"{name}/{value}" for value in values))


def permitted(
    resource: list[str],
    definitions: list[Definition],
    entitled: list[str],
    action: Action = READ,
    faults: frozenset[Fault] = frozenset(),
) -> bool:
    known = {fqn: item for item in definitions for fqn in item.value_fqns}
    return decide(
        "r",
        resource,
        known,
        entitlements={fqn: [READ] for fqn in entitled},
        action=action,
        faults=faults,
    ).entitled


ANY = definition(Rule.ANY_OF, "a", "b", "c")
ALL = definition(Rule.ALL_OF, "a", "b", "c")
LEVELS = definition(Rule.HIERARCHY, "top", "mid", "low")


@pytest.mark.parametrize(
    ("rule", "resource", "entitled", "expected"),
    [
        (ANY, ["a"], ["a"], True),
        (ANY, ["a"], ["b"], False),
        (ANY, ["a"], [], False),
        (ANY, ["a", "b"], ["b"], True),
        (ANY, ["a", "b"], ["c"], False),
        (ANY, ["a", "b"], ["a", "b"], True),
        (ANY, ["a", "a"], ["a"], True),
        (ALL, ["a"], ["a"], True),
        (ALL, ["a", "b"], ["a"], False),
        (ALL, ["a", "b"], ["b"], False),
        (ALL, ["a", "b"], ["a", "b"], True),
        (ALL, ["a", "b"], ["a", "b", "c"], True),
        (ALL, ["a", "b", "c"], ["a", "c"], False),
        (ALL, ["a"], [], False),
        (LEVELS, ["top"], ["top"], True),
        (LEVELS, ["top"], ["mid"], False),
        (LEVELS, ["top"], ["low"], False),
        (LEVELS, ["mid"], ["top"], True),
        (LEVELS, ["mid"], ["mid"], True),
        (LEVELS, ["mid"], ["low"], False),
        (LEVELS, ["low"], ["top"], True),
        (LEVELS, ["low"], ["mid"], True),
        (LEVELS, ["low"], ["low"], True),
        (LEVELS, ["low"], [], False),
        (LEVELS, ["low", "top"], ["mid"], False),
        (LEVELS, ["low", "mid"], ["mid"], True),
        (LEVELS, ["low", "mid"], ["low"], False),
    ],
)
def test_each_rule_decides_by_its_table(
    rule: Definition, resource: list[str], entitled: list[str], *, expected: bool
) -> None:
    named = [f"d/{value}" for value in resource]
    assert permitted(named, [rule], [f"d/{value}" for value in entitled]) is expected


def test_every_definition_of_a_resource_must_pass() -> None:
    other = definition(Rule.ANY_OF, "x", name="e")
    assert permitted(["d/a", "e/x"], [ANY, other], ["d/a", "e/x"])
    assert not permitted(["d/a", "e/x"], [ANY, other], ["d/a"])
    assert not permitted(["d/a", "e/x"], [ANY, other], ["e/x"])


def test_an_unknown_value_denies_and_gives_no_rule_results() -> None:
    known = dict.fromkeys(ANY.value_fqns, ANY)
    decision = decide("r", ["d/a", "d/z"], known, entitlements={"d/a": [READ]}, action=READ)
    assert not decision.entitled
    assert decision.unknown
    assert decision.rules == ()


def test_a_denial_names_the_values_that_lack_entitlement() -> None:
    known = dict.fromkeys(ALL.value_fqns, ALL)
    decision = decide("r", ["d/a", "d/b"], known, entitlements={"d/a": [READ]}, action=READ)
    assert [result.failures for result in decision.rules] == [("d/b",)]


@pytest.mark.parametrize(
    ("wanted", "entitled", "expected"),
    [
        (Action("read"), Action("read", "1"), True),
        (Action("READ"), Action("read", "1"), True),
        (Action("read"), Action("update", "1"), False),
        (Action("read", id="1"), Action("other", "1"), True),
        (Action("read", id="2"), Action("read", "1"), False),
        (Action("read", namespace_id="n"), Action("read", "1", "n", "f"), True),
        (Action("read", namespace_id="m"), Action("read", "1", "n", "f"), False),
        (Action("read", namespace_fqn="https://N"), Action("read", "1", "n", "https://n"), True),
        (Action("read", namespace_fqn="https://m"), Action("read", "1", "n", "https://n"), False),
    ],
)
def test_actions_match_by_id_else_by_name_and_by_namespace(
    wanted: Action, entitled: Action, *, expected: bool
) -> None:
    assert wanted.is_met_by(entitled) is expected


def test_entitlement_is_for_the_action_asked_for() -> None:
    assert not permitted(["d/a"], [ANY], ["d/a"], action=UPDATE)


def test_lower_values_exist_in_hierarchies_alone() -> None:
    assert lower_values(LEVELS, "d/mid") == ("d/low",)
    assert lower_values(LEVELS, "d/low") == ()
    assert lower_values(ANY, "d/a") == ()


@pytest.mark.parametrize(
    ("fault", "rule", "resource", "entitled"),
    [
        (Fault.ANY_OF_FOR_ALL_OF, ALL, ["d/a", "d/b"], ["d/a"]),
        (Fault.ALL_OF_LAST_VALUE_SKIPPED, ALL, ["d/a", "d/b"], ["d/a"]),
        (Fault.ALL_OF_FOR_ANY_OF, ANY, ["d/a", "d/b"], ["d/a"]),
        (Fault.ANY_OF_FIRST_VALUE_ONLY, ANY, ["d/a", "d/b"], ["d/b"]),
        (Fault.IGNORE_HIERARCHY, LEVELS, ["d/top"], ["d/low"]),
        (Fault.HIERARCHY_OFF_BY_ONE, LEVELS, ["d/top"], ["d/mid"]),
        (Fault.HIERARCHY_UPSIDE_DOWN, LEVELS, ["d/top"], ["d/low"]),
        (Fault.HIERARCHY_EXACT_RANK_ONLY, LEVELS, ["d/low"], ["d/top"]),
        (Fault.HIERARCHY_LOWEST_DECIDES, LEVELS, ["d/low", "d/top"], ["d/mid"]),
        (Fault.UNKNOWN_VALUE_IGNORED, ANY, ["d/a", "d/z"], ["d/a"]),
    ],
)
def test_a_fault_turns_the_decision_of_its_rule_around(
    fault: Fault, rule: Definition, resource: list[str], entitled: list[str]
) -> None:
    sound = permitted(resource, [rule], entitled)

    assert permitted(resource, [rule], entitled, faults=frozenset({fault})) is not sound
    assert not permitted(resource, [rule], [], faults=frozenset({fault}))


@pytest.mark.parametrize(
    ("fault", "entitled"),
    [
        (Fault.LAST_ATTRIBUTE_SKIPPED, ["d/a"]),
        (Fault.ANY_ATTRIBUTE_SUFFICES, ["e/x"]),
    ],
)
def test_a_fault_lets_one_of_two_attributes_suffice(fault: Fault, entitled: list[str]) -> None:
    definitions = [ANY, definition(Rule.ANY_OF, "x", name="e")]
    resource = ["d/a", "e/x"]

    assert not permitted(resource, definitions, entitled)
    assert permitted(resource, definitions, entitled, faults=frozenset({fault}))


@pytest.mark.parametrize(
    ("fault", "action"),
    [
        (Fault.ACTION_IGNORED, UPDATE),
        (Fault.CUSTOM_ACTION_IS_STANDARD, Action("custom_action_print")),
    ],
)
def test_a_fault_lets_one_action_stand_for_another(fault: Fault, action: Action) -> None:
    assert not permitted(["d/a"], [ANY], ["d/a"], action=action)
    assert permitted(["d/a"], [ANY], ["d/a"], action=action, faults=frozenset({fault}))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (None, [("one", True), ("two", False)]),
        (Fault.LAST_RESOURCE_DROPPED, [("one", True)]),
        (Fault.DECISIONS_IN_REVERSE, [("one", False), ("two", True)]),
        (Fault.PERMIT_SPREADS, [("one", True), ("two", True)]),
    ],
)
def test_decisions_are_reported_as_they_are_but_for_faults(
    fault: Fault | None, expected: list[tuple[str, bool]]
) -> None:
    decisions = [ResourceDecision("one", entitled=True), ResourceDecision("two", entitled=False)]

    reported = misreported(decisions, frozenset({fault} if fault else ()))

    assert [(item.resource_id, item.entitled) for item in reported] == expected


VALUES = [1, 2, 3, 4]


@given(
    rule=st.sampled_from(Rule),
    resource=st.sets(st.sampled_from(VALUES), min_size=1),
    entitled=st.sets(st.sampled_from(VALUES)),
)
def test_decisions_agree_with_set_arithmetic(
    rule: Rule, resource: set[int], entitled: set[int]
) -> None:
    """Values are numbers here, 1 the highest, so the rules are one line of arithmetic each."""
    expected = {
        Rule.ANY_OF: bool(resource & entitled),
        Rule.ALL_OF: resource <= entitled,
        Rule.HIERARCHY: bool(entitled) and min(entitled) <= min(resource),
    }[rule]
    subject = definition(rule, *map(str, VALUES))
    for order in itertools.permutations(resource):
        named = [f"d/{value}" for value in order]
        assert permitted(named, [subject], [f"d/{value}" for value in entitled]) is expected


@given(
    rule=st.sampled_from(Rule),
    resource=st.sets(st.sampled_from(VALUES), min_size=1),
    entitled=st.sets(st.sampled_from(VALUES)),
    extra=st.sets(st.sampled_from(VALUES)),
)
def test_more_entitlement_never_closes_what_was_open(
    rule: Rule, resource: set[int], entitled: set[int], extra: set[int]
) -> None:
    subject = definition(rule, *map(str, VALUES))
    named = [f"d/{value}" for value in resource]
    before = permitted(named, [subject], [f"d/{value}" for value in entitled])
    after = permitted(named, [subject], [f"d/{value}" for value in entitled | extra])
    assert after or not before
