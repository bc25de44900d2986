"""Subject condition sets against what is known of a subject; pure.

A subject is plain data. Selectors are paths: ``.clientId``, ``.attributes.name[]``, ``.roles[0]``.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from support.embedded.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from support.embedded.protocol import Message

Flattened: TypeAlias = dict[str, list[Any]]


class Operator(IntEnum):
    """``policy.SubjectMappingOperatorEnum``."""

    IN = 1
    NOT_IN = 2
    IN_CONTAINS = 3


class Combination(IntEnum):
    """``policy.ConditionBooleanTypeEnum``."""

    AND = 1
    OR = 2


def flatten(subject: Mapping[str, Any]) -> Flattened:
    """Return every leaf of a subject by its paths; list items by index and by ``[]``."""
    flattened: Flattened = {}
    for path, leaf in _leaves(subject):
        flattened.setdefault(path, []).append(leaf)
    return flattened


def _leaves(node: object) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for name, child in node.items():
            for path, leaf in _leaves(child):
                yield f".{name}{path}", leaf
    elif isinstance(node, list):
        for index, child in enumerate(node):
            for path, leaf in _leaves(child):
                yield f"[{index}]{path}", leaf
                yield f"[]{path}", leaf
    else:
        yield "", node


def satisfies(
    subject_sets: Iterable[Message], subject: Flattened, faults: frozenset[Fault] = frozenset()
) -> bool:
    """Tell whether a subject meets a condition set: every group of every subject set."""
    results = (
        all(_group_holds(group, subject, faults) for group in subject_set.condition_groups)
        for subject_set in subject_sets
    )
    return any(results) if Fault.ONE_SUBJECT_SET_SUFFICES in faults else all(results)


def _group_holds(group: Message, subject: Flattened, faults: frozenset[Fault]) -> bool:
    results = (_condition_holds(condition, subject, faults) for condition in group.conditions)
    one = group.boolean_operator == Combination.OR or Fault.AND_READ_AS_OR in faults
    return any(results) if one else all(results)


def _condition_holds(condition: Message, subject: Flattened, faults: frozenset[Fault]) -> bool:
    actual = subject.get(condition.subject_external_selector_value, [])
    wanted = list(condition.subject_external_values)
    match condition.operator:
        case Operator.IN:
            return any(_is_one_of(value, wanted, faults) for value in actual)
        case Operator.NOT_IN:
            met = not any(value in wanted for value in actual)
            return met or Fault.NOT_IN_IGNORED in faults
        case Operator.IN_CONTAINS:
            return any(part in text_of(value) for value in actual for part in wanted)
        case _:
            return False


def _is_one_of(value: object, wanted: list[str], faults: frozenset[Fault]) -> bool:
    if Fault.VALUES_COMPARED_WITHOUT_CASE in faults:
        return text_of(value).lower() in {text.lower() for text in wanted}
    if Fault.VALUES_COMPARED_BY_PREFIX in faults:
        return any(text_of(value).startswith(text) for text in wanted)
    return value in wanted


def text_of(value: object) -> str:
    """Return a leaf as the platform writes it where texts are compared."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
