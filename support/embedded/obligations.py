"""Obligations of a decision: what is required, and whether the client can fulfil it; pure.

A trigger requires an obligation value for an action on an attribute value, through every client or
through one. The client says what it can fulfil; what is missing denies, and what is required is
told to the entitled only, so that others learn nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Trigger:
    """What requires an obligation value; an empty client means any. All but that in lower case."""

    action: str
    value_fqn: str
    obligation_fqn: str
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """The action that is asked for, the client that asks, and what it says that it can fulfil."""

    action: str
    client_id: str
    fulfillable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """What is required for one resource; ``None`` where nothing is for any of a question."""

    required: tuple[str, ...] | None = None
    satisfied: bool = True


@dataclass(frozen=True, slots=True)
class Duties:
    """What is required for each resource of a question."""

    by_resource: tuple[Duty, ...]

    @property
    def any_required(self) -> bool:
        """Whether something is required for some resource."""
        return any(duty.required for duty in self.by_resource)

    @property
    def satisfied(self) -> bool:
        """Whether all that is required for all resources can be fulfilled."""
        return all(duty.satisfied for duty in self.by_resource)


def duties_of(
    triggers: Iterable[Trigger],
    asking: Asking,
    resources: Sequence[Sequence[str] | None],
    faults: frozenset[Fault] = frozenset(),
) -> Duties:
    """Return what is required for each resource.

    Args:
        triggers: In the order in which obligations are told.
        asking: What is asked for, and by which client.
        resources: The values of each resource in lower case; nothing for an unknown one.
        faults: Promises to break.
    """
    relevant = [trigger for trigger in triggers if _applies(trigger, asking, faults)]
    if Fault.OBLIGATION_OF_NEIGHBOUR in faults:
        every = [value for values in resources for value in values or ()]
        resources = [every for _ in resources]
    none = Duties(tuple(Duty() for _ in resources))
    # What holds for every client is told before what holds for this one.
    relevant.sort(key=lambda trigger: bool(trigger.client_id))
    fulfillable = {name.lower() for name in asking.fulfillable}
    duties = Duties(tuple(_duty(relevant, values, fulfillable, faults) for values in resources))
    return duties if duties.any_required else none


def _applies(trigger: Trigger, asking: Asking, faults: frozenset[Fault]) -> bool:
    same_action = trigger.action == asking.action.lower()
    same_client = trigger.client_id in {"", asking.client_id}
    return (same_action or Fault.OBLIGATION_ACTION_IGNORED in faults) and (
        same_client or Fault.OBLIGATION_CLIENT_SCOPE_IGNORED in faults
    )


def _duty(
    triggers: Sequence[Trigger],
    values: Sequence[str] | None,
    fulfillable: set[str],
    faults: frozenset[Fault],
) -> Duty:
    if values is None:
        return Duty()
    required = tuple(
        dict.fromkeys(
            trigger.obligation_fqn
            for value in values
            for trigger in triggers
            if trigger.value_fqn == value
        )
    )
    if Fault.FIRST_OBLIGATION_ONLY in faults:
        required = required[:1]
    satisfied = set(required) <= fulfillable
    if Fault.PARTIAL_OBLIGATIONS_PERMIT in faults:
        satisfied = satisfied or bool(set(required) & fulfillable)
    return Duty(required, satisfied or Fault.UNFULFILLED_OBLIGATION_PERMITS in faults)
