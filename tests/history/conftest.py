"""Runs as the dispatcher would tell them to the history."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.history.sink import HistorySink
from support.model.events import Event, RunFinished, RunStarted, StackSummary, UnitFinished
from support.model.inventory import InstalledSdk, Inventory
from support.model.outcome import Outcome, Status
from support.model.unit import Unit
from tests.conftest import MakeUnit

BEGUN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """One outcome of a run."""

    unit: Unit
    status: Status = Status.PASSED
    seconds: float = 1.0
    reason: str = ""
    attempt: int = 1


@dataclass(slots=True)
class Recorder:
    """Writes runs into one history, and keeps what it was told about the file."""

    path: Path
    messages: list[str] = field(default_factory=list)

    def started(self, run_id: str, profile: str = "embedded", sdk_digest: str = "") -> RunStarted:
        sdks = (InstalledSdk("go-v0.36.0", "go", "v0.36.0", "sdks", digest=sdk_digest),)
        stack = StackSummary("embedded", "http://localhost", "1.0")
        return RunStarted(BEGUN, run_id, profile, "c0ffee", stack, Inventory(sdks), ())

    def sink(self, inputs: Mapping[str, str] | None = None) -> HistorySink:
        return HistorySink(self.path, inputs, self.messages.append)

    def run(
        self,
        run_id: str,
        told: Sequence[Told],
        *,
        profile: str = "embedded",
        inputs: Mapping[str, str] | None = None,
        sdk_digest: str = "",
        interrupted: bool = False,
    ) -> None:
        sink = self.sink(inputs)
        for event in (
            self.started(run_id, profile, sdk_digest),
            *map(finished, told),
            RunFinished(BEGUN + timedelta(minutes=1), run_id, interrupted),
        ):
            sink.handle(event)
        sink.close()


def finished(told: Told) -> Event:
    outcome = Outcome(told.status, told.reason)
    ended = BEGUN + timedelta(seconds=told.seconds)
    return UnitFinished(ended, told.unit, outcome, BEGUN, told.attempt)


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path / "build" / "history.sqlite")


@pytest.fixture
def named(make_unit: MakeUnit) -> Callable[[str], Unit]:
    """Return a unit by a word of its name."""
    return lambda word: make_unit(name=word)
