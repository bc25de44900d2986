"""What the specification says of access, written anew: a second opinion on what platforms decide.

Sources: OpenTDF documentation, "Attributes" (rules any of, all of, hierarchy), "Subject Mappings"
(condition sets: groups are all needed, the conditions of a group all or any of them; operators IN,
NOT_IN, IN_CONTAINS; several mappings of one value are alternatives; a mapping entitles to its
actions only). It shares no code with the embedded platform, on purpose.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Leaf: TypeAlias = str | int
Claims: TypeAlias = Mapping[str, Leaf | Sequence[Leaf] | Mapping[str, Leaf]]
"""What is known of somebody: single values, lists, and groups of values."""


class Operator(StrEnum):
    """How a condition compares."""

    IN = "IN"
    NOT_IN = "NOT_IN"
    IN_CONTAINS = "IN_CONTAINS"


@dataclass(frozen=True, slots=True)
class Condition:
    """What one property has to be; `selector` such as `.groups[]`, `.groups[0]`, `.site.city`."""

    selector: str
    operator: Operator
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which all have to hold, or any."""

    all_needed: bool
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute by the words of scenarios; a hierarchy names its highest value first."""

    name: str
    rule: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entitling:
    """Whoever meets every group may take the actions on what carries the value."""

    attribute: str
    value: str
    groups: tuple[Group, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that somebody wrote."""

    attributes: tuple[Attribute, ...]
    mappings: tuple[Entitling, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """May somebody take an action on what carries these values of attributes?"""

    claims: Claims
    action: str
    needs: tuple[tuple[str, str], ...]


def permits(policy: Policy, asked: Asked) -> bool:
    """Return what the specification says: every attribute that is needed has to be satisfied."""
    needed = {name for name, _ in asked.needs}
    return all(
        _satisfied(attribute, _named(asked, attribute), _held(policy, asked, attribute))
        for attribute in policy.attributes
        if attribute.name in needed
    )


def _named(asked: Asked, attribute: Attribute) -> set[str]:
    return {value for name, value in asked.needs if name == attribute.name}


def _held(policy: Policy, asked: Asked, attribute: Attribute) -> set[str]:
    """Return the values to which somebody is entitled for the action."""
    return {
        mapping.value
        for mapping in policy.mappings
        if mapping.attribute == attribute.name
        and asked.action in mapping.actions
        and all(_group_holds(group, asked.claims) for group in mapping.groups)
    }


def _satisfied(attribute: Attribute, named: set[str], held: set[str]) -> bool:
    if attribute.rule == "any of":
        return not named.isdisjoint(held)
    if attribute.rule == "all of":
        return named <= held
    highest = min(attribute.values.index(value) for value in named)
    return any(attribute.values.index(value) <= highest for value in held)


def _group_holds(group: Group, claims: Claims) -> bool:
    together = all if group.all_needed else any
    return together(_condition_holds(condition, claims) for condition in group.conditions)


def _condition_holds(condition: Condition, claims: Claims) -> bool:
    known = list(_select(claims, condition.selector))
    if condition.operator is Operator.IN_CONTAINS:
        return any(part in str(value) for value in known for part in condition.values)
    found = any(value in condition.values for value in known)
    return found if condition.operator is Operator.IN else not found


def _select(claims: Claims, selector: str) -> Iterable[Leaf]:
    """Return the values that a selector finds; none where there is no such property."""
    name, _, rest = selector.removeprefix(".").partition(".")
    plain, bracket, index = name.partition("[")
    value = claims.get(plain, ())
    if isinstance(value, Mapping):
        return (value[rest],) if rest in value and not bracket else ()
    if isinstance(value, str | int):
        return () if bracket or rest else (value,)
    if not bracket or rest:
        return ()
    position = index.rstrip("]")
    return tuple(value) if not position else tuple(value[int(position) :][:1])
