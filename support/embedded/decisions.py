"""Access decisions: rules of attributes against entitlements; pure, without transport or store.

A resource names attribute values. They are grouped by definition, each definition's rule is
applied, and all must pass:

- ANY_OF: one of the named values is entitled,
- ALL_OF: every named value is entitled,
- HIERARCHY: the highest named value, or one above it, is entitled (values are listed from the top).

Entitled means: for the requested action.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

from support.embedded.faults import Fault
from support.embedded.obligations import Duty

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NO_DUTY = Duty()


class Rule(IntEnum):
    """``policy.AttributeRuleTypeEnum``."""

    ALL_OF = 1
    ANY_OF = 2
    HIERARCHY = 3


@dataclass(frozen=True, slots=True)
class Action:
    """An action that is asked for or entitled; an empty ``id`` or namespace means any."""

    name: str
    id: str = ""
    namespace_id: str = ""
    namespace_fqn: str = ""

    def is_met_by(self, entitled: Action) -> bool:
        """Tell whether an entitled action is the one that is asked for."""
        same = self.id == entitled.id if self.id else self.name.lower() == entitled.name.lower()
        if self.namespace_id:
            return same and self.namespace_id == entitled.namespace_id
        if self.namespace_fqn:
            return same and self.namespace_fqn.lower() == entitled.namespace_fqn.lower()
        return same


@dataclass(frozen=True, slots=True)
class Definition:
    """An attribute with the names of its values, from the highest to the lowest."""

    id: str
    fqn: str
    rule: Rule
    value_fqns: tuple[str, ...]


Entitlements: TypeAlias = "Mapping[str, Sequence[Action]]"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How one definition's rule came out; ``failures`` are the values that lack entitlement."""

    definition: Definition
    value_fqns: tuple[str, ...]
    failures: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the rule is met."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class ResourceDecision:
    """Whether an entity may act on one resource, and why; unknown values give no rule results.

    Attributes:
        resource_id: What the request calls the resource.
        entitled: Whether every rule is met.
        rules: How the rule of each definition came out.
        unknown: Whether it could not come to rules, because something is not known.
        name: What the audit calls the resource.
        duty: The obligations that come with it, whether the entity is entitled or not.
    """

    resource_id: str
    entitled: bool
    rules: tuple[RuleResult, ...] = field(default_factory=tuple)
    unknown: bool = False
    name: str = ""
    duty: Duty = NO_DUTY

    @property
    def passed(self) -> bool:
        """Whether the entity is entitled and the client can fulfil what is required."""
        return self.entitled and self.duty.satisfied


def decide(
    resource_id: str,
    value_fqns: Sequence[str],
    definitions: Mapping[str, Definition],
    *,
    entitlements: Entitlements,
    action: Action,
    faults: frozenset[Fault] = frozenset(),
) -> ResourceDecision:
    """Decide about one resource.

    Args:
        resource_id: Echoed in the decision.
        value_fqns: The resource's values, in lower case.
        definitions: The definition of each known value, by the value's name.
        entitlements: What the entity may do, by the value's name.
        action: What it wants to do.
        faults: Rules to break.
    """
    if not definitions or not value_fqns:
        return ResourceDecision(resource_id, entitled=False, unknown=True, name=resource_id)
    if any(fqn not in definitions for fqn in value_fqns):
        return ResourceDecision(resource_id, entitled=False, unknown=True)
    named: dict[str, list[str]] = {}
    by_fqn = {definition.fqn: definition for definition in definitions.values()}
    for fqn in value_fqns:
        named.setdefault(definitions[fqn].fqn, []).append(fqn)
    entitled = {fqn for fqn, actions in entitlements.items() if any(map(action.is_met_by, actions))}
    results = tuple(
        RuleResult(by_fqn[fqn], tuple(names), _failures(by_fqn[fqn], names, entitled, faults))
        for fqn, names in named.items()
    )
    return ResourceDecision(resource_id, all(result.passed for result in results), results)


def _failures(
    definition: Definition, named: Sequence[str], entitled: set[str], faults: frozenset[Fault]
) -> tuple[str, ...]:
    """Return the named values that stand in the way; none when the rule is met."""
    match definition.rule:
        case Rule.ALL_OF if Fault.ANY_OF_FOR_ALL_OF not in faults:
            return tuple(fqn for fqn in named if fqn not in entitled)
        case Rule.HIERARCHY if not sufficient_values(definition, named, faults) & entitled:
            return tuple(fqn for fqn in named if fqn not in entitled)
        case Rule.HIERARCHY:
            return ()
        case _:
            return () if set(named) & entitled else tuple(named)


def sufficient_values(
    definition: Definition, named: Iterable[str], faults: frozenset[Fault] = frozenset()
) -> set[str]:
    """Return the values of a hierarchy that open the named ones: the highest, and all above it."""
    if Fault.IGNORE_HIERARCHY in faults:
        return set(definition.value_fqns)
    ranks = [definition.value_fqns.index(fqn) for fqn in named if fqn in definition.value_fqns]
    return set(definition.value_fqns[: min(ranks) + 1]) if ranks else set()


def higher_values(definition: Definition, fqn: str) -> tuple[str, ...]:
    """Return the values above one of a hierarchy; none for another rule.

    All of them are above one that the definition does not list.
    """
    if definition.rule != Rule.HIERARCHY:
        return ()
    return tuple(itertools.takewhile(lambda name: name != fqn, definition.value_fqns))


def lower_values(definition: Definition, fqn: str) -> tuple[str, ...]:
    """Return the values below one of a hierarchy; none for another rule."""
    if definition.rule != Rule.HIERARCHY:
        return ()
    return definition.value_fqns[definition.value_fqns.index(fqn) + 1 :]
