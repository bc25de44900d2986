"""Obligations of a decision: what is required, and whether the client can fulfil it; pure.

A trigger requires an obligation value for an action on an attribute value, through every client or
through one. The client says what it can fulfil; what is missing denies, and what is required is
told to the entitled only, so that others learn nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    triggers: Iterable[Trigger], asking: Asking, resources: Sequence[Sequence[str] | None]
) -> Duties:
    """Return what is required for each resource.

    Args:
        triggers: In the order in which obligations are told.
        asking: What is asked for, and by which client.
        resources: The values of each resource in lower case; nothing for an unknown one.
    """
    action = asking.action.lower()
    relevant = [
        trigger
        for trigger in triggers
        if trigger.action == action and trigger.client_id in {"", asking.client_id}
    ]
    none = Duties(tuple(Duty() for _ in resources))
    # What holds for every client is told before what holds for this one.
    relevant.sort(key=lambda trigger: bool(trigger.client_id))
    fulfillable = {name.lower() for name in asking.fulfillable}
    duties = Duties(tuple(_duty(relevant, values, fulfillable) for values in resources))
    return duties if duties.any_required else none


def _duty(triggers: Sequence[Trigger], values: Sequence[str] | None, fulfillable: set[str]) -> Duty:
    if values is None:
        return Duty()
    required = dict.fromkeys(
        trigger.obligation_fqn
        for value in values
        for trigger in triggers
        if trigger.value_fqn == value
    )
    return Duty(tuple(required), set(required) <= fulfillable)
