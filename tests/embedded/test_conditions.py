from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.embedded.conditions import flatten, satisfies
from support.embedded.faults import Fault
from support.embedded.protocol import Message, load_protocol
from tests.embedded.conftest import Json

SUBJECT: dict[str, Any] = {
    "clientId": "app",
    "level": 7.0,
    "active": True,
    "hidden": False,
    "attributes": {"team": ["red", "blue"], "city": ["Bern"]},
    "roles": [{"name": "admin"}, {"name": "user"}],
}


def group(combination: str, *conditions: tuple[str, str, list[str]]) -> Message:
    message = load_protocol().message("policy.ConditionGroup")()
    operators = load_protocol().enum("policy.SubjectMappingOperatorEnum")
    combinations = load_protocol().enum("policy.ConditionBooleanTypeEnum")
    message.boolean_operator = combinations[f"CONDITION_BOOLEAN_TYPE_ENUM_{combination}"]
    for selector, operator, values in conditions:
        message.conditions.add(
            subject_external_selector_value=selector,
            operator=operators[f"SUBJECT_MAPPING_OPERATOR_ENUM_{operator}"],
            subject_external_values=values,
        )
    return message


def holds(*groups: Message, subject: dict[str, Any] | None = None) -> bool:
    subject_set = load_protocol().message("policy.SubjectSet")(condition_groups=list(groups))
    return satisfies([subject_set], flatten(SUBJECT if subject is None else subject))


@pytest.mark.parametrize(
    ("selector", "operator", "values", "expected"),
    [
        (".clientId", "IN", ["app"], True),
        (".clientId", "IN", ["other", "app"], True),
        (".clientId", "IN", ["APP"], False),
        ("clientId", "IN", ["app"], False),
        (".missing", "IN", ["app"], False),
        (".attributes.team[]", "IN", ["blue"], True),
        (".attributes.team[0]", "IN", ["blue"], False),
        (".attributes.team[1]", "IN", ["blue"], True),
        (".attributes.team", "IN", ["blue"], False),
        (".roles[].name", "IN", ["user"], True),
        (".roles[0].name", "IN", ["user"], False),
        (".clientId", "NOT_IN", ["app"], False),
        (".clientId", "NOT_IN", ["other"], True),
        (".missing", "NOT_IN", ["other"], True),
        (".attributes.team[]", "NOT_IN", ["blue"], False),
        (".attributes.city[]", "IN_CONTAINS", ["er"], True),
        (".attributes.city[]", "IN_CONTAINS", ["ER"], False),
        (".missing", "IN_CONTAINS", ["er"], False),
        (".level", "IN_CONTAINS", ["7"], True),
        (".active", "IN_CONTAINS", ["^true$"], False),
        (".active", "IN_CONTAINS", ["X"], False),
        (".hidden", "IN_CONTAINS", ["false"], True),
        (".hidden", "IN_CONTAINS", ["true"], False),
        (".hidden", "IN_CONTAINS", ["X"], False),
        (".level", "IN", ["7"], False),
        (".active", "IN_CONTAINS", ["true"], True),
    ],
)
def test_one_condition(selector: str, operator: str, values: list[str], *, expected: bool) -> None:
    assert holds(group("AND", (selector, operator, values))) is expected


def test_an_operator_that_nobody_knows_never_holds() -> None:
    unknown = group("AND", (".clientId", "IN", ["app"]))
    unknown.conditions[0].operator = 0
    assert not holds(unknown)


YES = (".clientId", "IN", ["app"])
NO = (".clientId", "IN", ["other"])


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([("AND", YES, YES)], True),
        ([("AND", YES, NO)], False),
        ([("OR", YES, NO)], True),
        ([("OR", NO, NO)], False),
        ([("AND", YES), ("OR", NO, YES)], True),
        ([("AND", YES), ("AND", NO)], False),
    ],
)
def test_groups_combine_conditions_and_all_groups_must_hold(
    groups: list[Any], *, expected: bool
) -> None:
    assert holds(*(group(*item) for item in groups)) is expected


LEAVES = st.text(max_size=3) | st.integers() | st.booleans()
SUBJECTS = st.dictionaries(
    st.text("abc", min_size=1, max_size=2),
    st.recursive(
        LEAVES,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", min_size=1), inner)
        ),
        max_leaves=8,
    ),
)


MET, UNMET = (".clientId", "IN", ["app"]), (".clientId", "IN", ["other"])


@pytest.mark.parametrize(
    ("fault", "subject_sets"),
    [
        (Fault.VALUES_COMPARED_WITHOUT_CASE, [group("AND", (".clientId", "IN", ["APP"]))]),
        (Fault.VALUES_COMPARED_BY_PREFIX, [group("AND", (".clientId", "IN", ["ap"]))]),
        (Fault.NOT_IN_IGNORED, [group("AND", (".clientId", "NOT_IN", ["app"]))]),
        (Fault.AND_READ_AS_OR, [group("AND", MET, UNMET)]),
        (Fault.ONE_SUBJECT_SET_SUFFICES, [group("AND", MET), group("AND", UNMET)]),
    ],
)
def test_a_fault_lets_conditions_hold_that_do_not(
    fault: Fault, subject_sets: list[Message]
) -> None:
    new = load_protocol().message("policy.SubjectSet")
    sets = [new(condition_groups=[item]) for item in subject_sets]

    assert not satisfies(sets, flatten(SUBJECT))
    assert satisfies(sets, flatten(SUBJECT), frozenset({fault}))


@given(SUBJECTS)
def test_each_leaf_is_found_by_its_exact_path(subject: dict[str, Any]) -> None:
    flattened = flatten(subject)
    for path, leaf in _walk(subject):
        assert leaf in flattened[path]


def _walk(node: Json, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(node, dict):
        return [pair for key, child in node.items() for pair in _walk(child, f"{path}.{key}")]
    if isinstance(node, list):
        return [
            pair for index, child in enumerate(node) for pair in _walk(child, f"{path}[{index}]")
        ]
    return [(path, node)]
