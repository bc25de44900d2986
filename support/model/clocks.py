"""Which clocks a unit went by: those that its scenario set, and those that stayed real."""

from dataclasses import dataclass
from enum import StrEnum


class ClockState(StrEnum):
    """What became of a clock in a unit."""

    CONTROLLED = "controlled"
    REAL = "real"
    NOT_CONTROLLABLE = "not_controllable"


@dataclass(frozen=True, slots=True)
class ClockUse:
    """One clock of a unit.

    Attributes:
        name: whose clock: `framework`, `platform`, or an SDK as in `sdk go-v0.36.0`.
        state: whether the scenario set it.
        reason: by which means it was set, or why it was not.
    """

    name: str
    state: ClockState
    reason: str
