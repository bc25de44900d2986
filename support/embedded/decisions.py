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
import operator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

from support.embedded.faults import Fault
from support.embedded.obligations import Duty

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NO_DUTY = Duty()


STANDARD_ACTIONS = frozenset({"create", "read", "update", "delete"})


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
    if Fault.UNKNOWN_VALUE_IGNORED in faults:
        value_fqns = [fqn for fqn in value_fqns if fqn in definitions] or value_fqns
    if not definitions or not value_fqns:
        return ResourceDecision(resource_id, entitled=False, unknown=True, name=resource_id)
    if any(fqn not in definitions for fqn in value_fqns):
        return ResourceDecision(resource_id, entitled=False, unknown=True)
    named: dict[str, list[str]] = {}
    by_fqn = {definition.fqn: definition for definition in definitions.values()}
    for fqn in value_fqns:
        named.setdefault(definitions[fqn].fqn, []).append(fqn)
    entitled = _entitled(entitlements, action, faults)
    results = tuple(
        RuleResult(by_fqn[fqn], tuple(names), _failures(by_fqn[fqn], names, entitled, faults))
        for fqn, names in named.items()
    )
    outcomes = [result.passed for result in results]
    if Fault.LAST_ATTRIBUTE_SKIPPED in faults:
        outcomes = outcomes[:-1] or outcomes
    met = any(outcomes) if Fault.ANY_ATTRIBUTE_SUFFICES in faults else all(outcomes)
    return ResourceDecision(resource_id, met, results)


def _entitled(entitlements: Entitlements, action: Action, faults: frozenset[Fault]) -> set[str]:
    """Return the values that are entitled for an action."""
    wanted = [action]
    if Fault.CUSTOM_ACTION_IS_STANDARD in faults and action.name.lower() not in STANDARD_ACTIONS:
        wanted.append(Action("read"))
    return {
        fqn
        for fqn, actions in entitlements.items()
        if any(item.is_met_by(entitled) for item in wanted for entitled in actions)
        or (actions and Fault.ACTION_IGNORED in faults)
    }


def _failures(
    definition: Definition, named: Sequence[str], entitled: set[str], faults: frozenset[Fault]
) -> tuple[str, ...]:
    """Return the named values that stand in the way; none when the rule is met."""
    lacking = tuple(fqn for fqn in named if fqn not in entitled)
    match definition.rule:
        case Rule.ALL_OF if Fault.ANY_OF_FOR_ALL_OF not in faults:
            if Fault.ALL_OF_LAST_VALUE_SKIPPED in faults and len(named) > 1:
                return tuple(fqn for fqn in lacking if fqn != named[-1])
            return lacking
        case Rule.HIERARCHY if not sufficient_values(definition, named, faults) & entitled:
            return lacking
        case Rule.HIERARCHY:
            return ()
        case _:
            return _any_of_failures(named, entitled, faults)


def _any_of_failures(
    named: Sequence[str], entitled: set[str], faults: frozenset[Fault]
) -> tuple[str, ...]:
    if Fault.ALL_OF_FOR_ANY_OF in faults:
        return tuple(fqn for fqn in named if fqn not in entitled)
    looked_at = named[:1] if Fault.ANY_OF_FIRST_VALUE_ONLY in faults else named
    return () if set(looked_at) & entitled else tuple(named)


def sufficient_values(
    definition: Definition, named: Iterable[str], faults: frozenset[Fault] = frozenset()
) -> set[str]:
    """Return the values of a hierarchy that open the named ones: the highest, and all above it."""
    if Fault.IGNORE_HIERARCHY in faults:
        return set(definition.value_fqns)
    ranks = [definition.value_fqns.index(fqn) for fqn in named if fqn in definition.value_fqns]
    if not ranks:
        return set()
    rank = max(ranks) if Fault.HIERARCHY_LOWEST_DECIDES in faults else min(ranks)
    return set(definition.value_fqns[_sufficient_ranks(rank, faults)])


def _sufficient_ranks(rank: int, faults: frozenset[Fault]) -> slice:
    """Return the ranks that open one, from the highest, which is 0."""
    if Fault.HIERARCHY_OFF_BY_ONE in faults:
        return slice(rank + 2)
    if Fault.HIERARCHY_UPSIDE_DOWN in faults:
        return slice(rank, None)
    if Fault.HIERARCHY_EXACT_RANK_ONLY in faults:
        return slice(rank, rank + 1)
    return slice(rank + 1)


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


def misreported(
    decisions: Sequence[ResourceDecision], faults: frozenset[Fault]
) -> Sequence[ResourceDecision]:
    """Return decisions about several resources as they are, but for the faults."""
    if Fault.LAST_RESOURCE_DROPPED in faults:
        return decisions[:-1]
    outcomes = [item.passed for item in decisions]
    if Fault.DECISIONS_IN_REVERSE in faults:
        outcomes.reverse()
    if Fault.PERMIT_SPREADS in faults:
        outcomes = list(itertools.accumulate(outcomes, operator.or_))
    return [
        item if item.passed is outcome else replace(item, entitled=outcome, duty=NO_DUTY)
        for item, outcome in zip(decisions, outcomes, strict=True)
    ]
