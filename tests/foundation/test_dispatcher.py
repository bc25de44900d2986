import dataclasses
import json
import tempfile
from datetime import datetime
from pathlib import Path

import pytest

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
    assert said == []
    assert target.failures == {}


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


def test_a_failing_sink_is_reported_once_and_what_it_missed_is_spilled(
    tmp_path: Path, now: datetime
) -> None:
    sick, well = Keeper("sick", failures=2), Keeper("well")
    target, said = dispatcher(tmp_path, sick, well)

    for name in "abc":
        target.emit(RunFinished(now, name))
    target.close()

    assert well.events == [RunFinished(now, name) for name in "abc"]
    assert sick.events == [RunFinished(now, "c")]
    assert said[0].startswith("The sick sink failed: OSError")
    assert target.failures == {"sick": "OSError: [Errno 28] No space left on device"}
    assert len(said) == 2
    assert "(2 of sick)" in said[1]
    spilled = (tmp_path / "spill" / "unwritten-sick.jsonl").read_text().splitlines()
    assert [json.loads(line)["run_id"] for line in spilled] == ["a", "b"]


def test_every_kind_of_event_can_be_spilled(
    tmp_path: Path, now: datetime, make_unit: MakeUnit
) -> None:
    dead = Keeper("dead sink", failures=99)
    target, _ = dispatcher(tmp_path, dead)

    target.emit(Attached(now, "u", AttachmentKind.LOG, "n", "text/plain", b"bytes"))
    target.emit(UnitStarted(now, make_unit()))
    target.close()

    spilled = (tmp_path / "spill" / "unwritten-dead-sink.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in spilled] == ["Attached", "UnitStarted"]
    assert json.loads(spilled[0])["data"] == "bytes"


def test_a_spill_folder_that_takes_nothing_is_replaced_by_the_temporary_one(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spill").write_text("a file stands in the way")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    target, said = dispatcher(tmp_path, Keeper(failures=99))

    target.emit(RunFinished(now, "a"))
    target.close()

    assert list((tmp_path / "elsewhere").rglob("unwritten-keeper.jsonl"))
    assert "1 events that the keeper sink did not take are in" in said[-1]


def test_events_that_nothing_takes_are_counted(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spill").write_text("a file stands in the way")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "spill"))
    target, said = dispatcher(tmp_path, Keeper(failures=99))

    target.emit(RunFinished(now, "a"))
    target.close()

    assert "1 events of the keeper sink could not be kept" in said[-1]


def test_a_sink_that_cannot_close_is_reported(tmp_path: Path) -> None:
    target, said = dispatcher(tmp_path, Keeper(close_fails=True))

    target.close()

    assert "cannot close" in said[0]


def test_texts_of_a_feature_lose_secrets_and_its_units_keep_their_ids(
    tmp_path: Path, now: datetime, make_unit: MakeUnit
) -> None:
    sink, made = Keeper(), make_unit()
    target, _ = dispatcher(tmp_path, sink)
    unit = dataclasses.replace(made, spec=dataclasses.replace(made.spec, name=f"saw {SECRET}"))

    target.emit(UnitStarted(now, unit))
    target.emit(StepFinished(now, unit.id, 0, "When", f"uses {SECRET}", "passed", 0.1))

    started, step = sink.events
    assert isinstance(started, UnitStarted)
    assert (started.unit.spec.name, started.unit.id) == ("saw [redacted: secret]", unit.id)
    assert isinstance(step, StepFinished)
    assert step.text == "uses [redacted: secret]"
