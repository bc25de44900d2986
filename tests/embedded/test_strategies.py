from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.embedded.faults import Fault
from support.embedded.strategies import (
    DIRECTORY_STRATEGIES,
    ClaimCondition,
    Operator,
    Strategy,
)

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def named(name: str) -> Strategy:
    return next(entry for entry in DIRECTORY_STRATEGIES if entry.name == name)


@pytest.mark.parametrize(
    ("operator", "values", "claim", "holds"),
    [
        (Operator.EXISTS, (), "", True),
        (Operator.EXISTS, (), None, False),
        (Operator.EQUALS, ("Acme",), "ACME", True),
        (Operator.EQUALS, ("Acme", "Globex"), "globex", True),
        (Operator.EQUALS, ("Acme",), "Acme Research", False),
        (Operator.EQUALS, ("Acme",), "", False),
        (Operator.EQUALS, ("7",), 7.0, True),
        (Operator.EQUALS, ("true",), True, True),
        (Operator.EQUALS, ("ab",), ["A", "b"], True),
        (Operator.EQUALS, ("a",), ["a", "b"], False),
        (Operator.CONTAINS, ("ROCKET",), "a rocket company", True),
        (Operator.CONTAINS, ("ROCKET",), ["Sun", "Rocket"], True),
        (Operator.CONTAINS, ("ROCKET",), ["Sun"], False),
        (Operator.CONTAINS, ("ROCKET",), "", False),
        (Operator.REGEX, ("^C-[0-9]{4}$",), "C-1234", True),
        (Operator.REGEX, ("^C-[0-9]{4}$",), "c-1234", False),
        (Operator.REGEX, ("[0-9]",), "C-12345", True),
    ],
)
def test_a_claim_is_compared_as_the_operator_says(
    operator: Operator, values: tuple[str, ...], claim: object, *, holds: bool
) -> None:
    condition = ClaimCondition("claim", operator, values)

    assert condition.holds({"claim": claim}) is holds
    assert not condition.holds({"other": claim})


@given(claim=JSON, values=st.lists(st.text(), max_size=2))
def test_equality_in_any_case_implies_a_part_and_presence(claim: object, values: list[str]) -> None:
    def holds(operator: Operator) -> bool:
        return ClaimCondition("claim", operator, tuple(values)).holds({"claim": claim})

    if holds(Operator.EQUALS):
        assert holds(Operator.CONTAINS)
        assert holds(Operator.EXISTS)


def test_all_conditions_of_a_strategy_have_to_hold() -> None:
    auditors = named("auditors")

    assert auditors.is_met_by({"role": "Senior Auditor"})
    assert not auditors.is_met_by({"role": "auditor"})
    assert auditors.is_met_by({"role": "auditor"}, frozenset({Fault.STRATEGY_AND_READ_AS_OR}))


@pytest.mark.parametrize(
    ("strategy", "claims", "fault"),
    [
        ("staff", {"employer": "Acme Research"}, Fault.STRATEGY_CONTAINS_FOR_EQUALS),
        ("inspectors", {"duty": "inspection"}, Fault.STRATEGY_AND_READ_AS_OR),
    ],
)
def test_faults_let_more_people_through(
    strategy: str, claims: dict[str, str], fault: Fault
) -> None:
    assert not named(strategy).is_met_by(claims)
    assert named(strategy).is_met_by(claims, frozenset({fault}))


def test_a_fault_takes_patterns_for_texts() -> None:
    badge = {"badge": "C-1234"}

    assert named("contractors").is_met_by(badge)
    assert not named("contractors").is_met_by(badge, frozenset({Fault.STRATEGY_REGEX_AS_TEXT}))
