"""Subject condition sets against what is known of a subject; pure.

A subject is plain data. Selectors are paths: ``.clientId``, ``.attributes.name[]``, ``.roles[0]``.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeAlias

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


def satisfies(subject_sets: Iterable[Message], subject: Flattened) -> bool:
    """Tell whether a subject meets a condition set: every group of every subject set."""
    return all(
        _group_holds(group, subject)
        for subject_set in subject_sets
        for group in subject_set.condition_groups
    )


def _group_holds(group: Message, subject: Flattened) -> bool:
    results = (_condition_holds(condition, subject) for condition in group.conditions)
    return any(results) if group.boolean_operator == Combination.OR else all(results)


def _condition_holds(condition: Message, subject: Flattened) -> bool:
    actual = subject.get(condition.subject_external_selector_value, [])
    wanted = list(condition.subject_external_values)
    match condition.operator:
        case Operator.IN:
            return any(value in wanted for value in actual)
        case Operator.NOT_IN:
            return not any(value in wanted for value in actual)
        case Operator.IN_CONTAINS:
            return any(part in _text(value) for value in actual for part in wanted)
        case _:
            return False


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
