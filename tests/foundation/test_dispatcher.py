import json
from datetime import datetime
from pathlib import Path

from support.foundation.dispatcher import Dispatcher
from support.foundation.redaction import Redactor
from support.model.events import (
    Attached,
    AttachmentKind,
    Event,
    RunFinished,
    StepFinished,
    UnitFinished,
    UnitStarted,
)
from support.model.outcome import Outcome, Status
from tests.conftest import MakeUnit

SECRET = "a-very-secret-value"


class Keeper:
    """A sink that keeps events, and fails as often as it is told to."""

    def __init__(
        self, name: str = "keeper", failures: int = 0, *, close_fails: bool = False
    ) -> None:
        self.name = name
        self.events: list[Event] = []
        self.failures = failures
        self.close_fails = close_fails
        self.closed = False

    def handle(self, event: Event) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError(28, "No space left on device")
        self.events.append(event)

    def close(self) -> None:
        self.closed = True
        if self.close_fails:
            raise OSError("cannot close")


def dispatcher(folder: Path, *sinks: Keeper) -> tuple[Dispatcher, list[str]]:
    said: list[str] = []
    return Dispatcher(sinks, Redactor([SECRET]), said.append, folder / "spill"), said


def test_every_sink_gets_every_event_in_order(tmp_path: Path, now: datetime) -> None:
    one, two = Keeper(), Keeper()
    events = [RunFinished(now, "a"), RunFinished(now, "b")]
    target, said = dispatcher(tmp_path, one, two)

    for event in events:
        target.emit(event)
    target.close()

    assert one.events == two.events == events
    assert one.closed
    assert said == target.failures == []


def test_no_sink_ever_sees_a_secret(tmp_path: Path, now: datetime, make_unit: MakeUnit) -> None:
    sink, unit = Keeper(), make_unit()
    target, _ = dispatcher(tmp_path, sink)

    target.emit(UnitStarted(now, unit))
    target.emit(StepFinished(now, unit.id, 0, "Given", "x", "failed", 0.1, f"saw {SECRET}"))
    kind = AttachmentKind.LOG
    target.emit(Attached(now, unit.id, kind, "n", "text/plain", SECRET.encode()))
    target.emit(UnitFinished(now, unit, Outcome(Status.FAILED, SECRET), started_at=now))

    assert SECRET not in repr(sink.events)
    assert len(sink.events) == 4


def test_a_failing_sink_is_reported_once_and_catches_up(tmp_path: Path, now: datetime) -> None:
    sick, well = Keeper("sick", failures=2), Keeper("well")
    target, said = dispatcher(tmp_path, sick, well)

    for name in "abc":
        target.emit(RunFinished(now, name))
    target.close()

    assert sick.events == well.events == [RunFinished(now, name) for name in "abc"]
    assert len(said) == 1
    assert "The sick sink failed: OSError" in said[0]
    assert target.failures == said


def test_what_a_sink_never_takes_is_spilled(
    tmp_path: Path, now: datetime, make_unit: MakeUnit
) -> None:
    dead = Keeper("dead sink", failures=99)
    target, said = dispatcher(tmp_path, dead)

    target.emit(Attached(now, "u", AttachmentKind.LOG, "n", "text/plain", b"bytes"))
    target.emit(UnitStarted(now, make_unit()))
    target.close()

    spilled = (tmp_path / "spill" / "unwritten-dead-sink.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in spilled] == ["Attached", "UnitStarted"]
    assert json.loads(spilled[0])["data"] == "bytes"
    assert "2 events never reached the dead sink" in said[-1]


def test_a_spill_that_fails_is_said_too(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "spill").write_text("a file stands in the way")
    target, said = dispatcher(tmp_path, Keeper(failures=99))

    target.emit(RunFinished(now, "a"))
    target.close()

    assert "could not be written" in said[-1]


def test_a_sink_that_cannot_close_is_reported(tmp_path: Path) -> None:
    target, said = dispatcher(tmp_path, Keeper(close_fails=True))

    target.close()

    assert "cannot close" in said[0]
