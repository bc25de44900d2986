"""Events of a run, in the order they happen; sinks turn them into logs, evidence and reports."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from support.model.clocks import ClockUse
from support.model.component import Component
from support.model.inventory import Inventory
from support.model.outcome import Outcome
from support.model.unit import Unit


class AttachmentKind(StrEnum):
    """What an attachment is: decides its file name and whether evidence lists it as a log."""

    COMMAND = "command"
    EXCHANGE = "exchange"
    AUDIT = "audit"
    LOG = "log"
    MANIFEST = "manifest"
    SCREENSHOT = "screenshot"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class StackSummary:
    """The stack a run used, as reports name it on every page."""

    name: str
    platform_url: str
    platform_version: str
    faults: tuple[str, ...] = ()
    components: tuple[Component, ...] = ()


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run begins: what is planned, and on what it will run.

    `seed` is what all data of the run is derived from; `order` is `stable`, or `random:SEED`.
    """

    at: datetime
    run_id: str
    profile_id: str
    commit_sha: str
    stack: StackSummary
    inventory: Inventory
    units: tuple[Unit, ...]
    seed: int = 42
    order: str = "stable"


@dataclass(frozen=True, slots=True)
class UnitStarted:
    """An attempt at a unit begins; attempts count from 1."""

    at: datetime
    unit: Unit
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step came to its end. `index` counts the unit's steps from 0, backgrounds included."""

    at: datetime
    unit_id: str
    index: int
    keyword: str
    text: str
    status: str
    duration_seconds: float
    error: str = ""
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Attached:
    """Bytes that belong to a unit: a command, an exchange, a manifest, a screenshot."""

    at: datetime
    unit_id: str
    kind: AttachmentKind
    name: str
    media_type: str
    data: bytes
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class UnitFinished:
    """An attempt at a unit has its outcome.

    `clocks` names each clock of the unit; `at_time` is the instant that the scenario set first, or
    None where it went by the real time.
    """

    at: datetime
    unit: Unit
    outcome: Outcome
    started_at: datetime
    attempt: int = 1
    clocks: tuple[ClockUse, ...] = ()
    at_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over; `interrupted` when it was stopped before every unit had an outcome."""

    at: datetime
    run_id: str
    interrupted: bool = False


Event = RunStarted | UnitStarted | StepFinished | Attached | UnitFinished | RunFinished
