from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from support.model.events import (
    Attached,
    AttachmentKind,
    Event,
    RunFinished,
    RunStarted,
    StackSummary,
    StepFinished,
    UnitFinished,
    UnitStarted,
)
from support.model.inventory import InstalledSdk, Inventory
from support.model.outcome import Outcome, Status
from support.model.unit import Unit

MakeRun = Callable[..., list[Event]]


@pytest.fixture
def make_run(now: datetime) -> MakeRun:
    """Make the events of a run from units and their outcomes."""

    def make(
        *outcomes: tuple[Unit, Outcome], faults: tuple[str, ...] = (), interrupted: bool = False
    ) -> list[Event]:
        units = tuple(unit for unit, _ in outcomes)
        stack = StackSummary("embedded", "http://localhost:1", "embedded-0.1.0", faults)
        inventory = Inventory((InstalledSdk("go-v0.36.0", "go", "v0.36.0", "x"),))
        events: list[Event] = [
            RunStarted(now, "run-1", "embedded", "a" * 40, stack, inventory, units)
        ]
        for unit, outcome in outcomes:
            events.append(UnitStarted(now, unit))
            if outcome.status.ran:
                kind = AttachmentKind.COMMAND
                events.append(Attached(now, unit.id, kind, "command", "application/json", b"{}"))
                kind = AttachmentKind.MANIFEST
                events.append(Attached(now, unit.id, kind, "manifest", "application/json", b"{}"))
                status = "passed" if outcome.status is Status.PASSED else "failed"
                events.append(StepFinished(now, unit.id, 0, "Given", "a document", status, 0.25))
            later = now + timedelta(seconds=1)
            events.append(UnitFinished(later, unit, outcome, started_at=now))
        events.append(RunFinished(now, "run-1", interrupted))
        return events

    return make
