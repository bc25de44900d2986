"""However a run ends, every planned unit has valid evidence in the end, and nothing half of it."""

import errno
import os
import random
import signal
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from support.evidence import journal, recovery
from support.evidence.reading import records_in
from support.evidence.recorder import EvidenceRecorder
from support.foundation.dispatcher import Dispatcher
from support.foundation.errors import ConfigurationError
from support.foundation.files import Appender, System, through
from support.foundation.redaction import Redactor
from support.model.events import (
    AttachmentKind,
    Event,
    RunFinished,
    StepFinished,
    UnitFinished,
    UnitStarted,
)
from support.model.outcome import Outcome, Status
from support.model.unit import Unit
from tests.conftest import MakeUnit
from tests.evidence.test_recorder import attached, started


class FullDisk(System):
    """A disk that is full from one of its writes on, for some of them or for ever."""

    def __init__(self, first: int, count: int | None) -> None:
        self.first, self.count, self.seen = first, count, 0

    def _use(self) -> None:
        self.seen += 1
        last = None if self.count is None else self.first + self.count
        if self.seen >= self.first and (last is None or self.seen < last):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def make_folder(self, path: Path) -> None:
        if not path.exists():
            self._use()
        super().make_folder(path)

    def open(self, path: Path, flags: int, mode: int) -> int:
        if not path.exists():
            self._use()
        return super().open(path, flags, mode)

    def write(self, handle: int, data: bytes | memoryview) -> int:
        half = super().write(handle, data[: len(data) // 2])  # some of it still fits
        self._use()
        return half + super().write(handle, data[half:])

    def replace(self, draft: Path, path: Path) -> None:
        self._use()
        super().replace(draft, path)

    def sync(self, handle: int) -> None:
        """Do nothing: it takes long, and no power is lost here."""


def events(now: datetime, units: list[Unit]) -> list[Event]:
    found: list[Event] = []
    for number, unit in enumerate(units):
        at = now + timedelta(seconds=number)
        found += [
            UnitStarted(at, unit),
            attached(unit, at, AttachmentKind.COMMAND, b'{"n": 1}', "command"),
            StepFinished(at, unit.id, 0, "Given", "a document", "passed", 0.25),
            attached(unit, at, AttachmentKind.LOG, b"printed", "output"),
            UnitFinished(at, unit, Outcome(Status.PASSED), started_at=at),
        ]
    return [*found, RunFinished(now + timedelta(minutes=1), "run-1")]


def run(folder: Path, now: datetime, units: list[Unit]) -> dict[str, str]:
    """Let the recorder see a run, as the dispatcher would; return its failures."""
    recorder = EvidenceRecorder(folder)
    dispatcher = Dispatcher([recorder], Redactor(), lambda _: None, folder.parent / "unwritten")
    dispatcher.emit(started(now, *units))
    if not dispatcher.failures:
        for event in events(now, units):
            dispatcher.emit(event)
    dispatcher.close()
    return dispatcher.failures


def statuses(folder: Path) -> Counter[str]:
    """Return how many units have which status; every record has to be valid."""
    assert not list(folder.rglob("*.part"))
    records = [record for _, record in records_in(folder)]
    assert len({record["unit_id"] for record in records}) == len(records)
    for record in records:
        for file in record["files"]:
            assert (folder / file["path"]).stat().st_size == file["bytes"]
    return Counter(record["status"] for record in records)


@pytest.fixture
def units(make_unit: MakeUnit) -> list[Unit]:
    return [make_unit(f"Unit {number}") for number in range(3)]


def writes_of_a_run(folder: Path, now: datetime, units: list[Unit]) -> int:
    disk = FullDisk(sys.maxsize, None)
    with through(disk):
        assert not run(folder, now, units)
    return disk.seen


@pytest.mark.parametrize("count", [1, None], ids=["for a moment", "for ever"])
def test_a_disk_that_is_full_at_any_write_loses_no_unit(
    tmp_path: Path, now: datetime, units: list[Unit], count: int | None
) -> None:
    total = writes_of_a_run(tmp_path / "whole", now, units)
    assert total > 25
    for first in range(1, total + 1):
        folder = tmp_path / f"{first}" / "run"
        with through(FullDisk(first, count)):
            failures = run(folder, now, units)

        assert "evidence" in failures, "a write that fails is told"
        if not (folder / "run.json").exists():
            assert not list(folder.rglob("*-evidence.json")), "nothing was begun"
            continue
        for _ in records_in(folder):
            pass  # each that is there is valid already
        recovery.recover(folder)
        found = statuses(folder)
        assert found.total() == 3
        if count == 1:
            assert found["passed"] == 3


def test_a_unit_that_no_outcome_reached_and_one_that_never_began_say_so(
    tmp_path: Path, now: datetime, units: list[Unit]
) -> None:
    recorder = EvidenceRecorder(tmp_path)
    recorder.handle(started(now, *units))
    for event in events(now, units)[:7]:
        recorder.handle(event)
    recorder.handle(RunFinished(now, "run-1", interrupted=True))
    recorder.close()

    records = [record for _, record in records_in(tmp_path)]
    found = sorted((each["status"], each["begun"], each["reason"]) for each in records)

    assert [each[:2] for each in found] == [
        ("error", False),
        ("error", True),
        ("passed", True),
    ]
    assert "interrupted before" in found[0][2]
    assert "without an outcome" in found[1][2]


def test_a_run_that_goes_on_is_left_alone(tmp_path: Path, now: datetime, units: list[Unit]) -> None:
    recorder = EvidenceRecorder(tmp_path)
    recorder.handle(started(now, *units))

    with pytest.raises(ConfigurationError, match="goes on"):
        recovery.recover(tmp_path)
    recorder.close()

    assert recovery.recover(tmp_path) == 3
    assert recovery.recover(tmp_path) == 0
    assert statuses(tmp_path) == {"error": 3}


def test_a_record_that_a_loss_of_power_damaged_is_replaced(
    tmp_path: Path, now: datetime, units: list[Unit]
) -> None:
    run(tmp_path, now, units)
    path = next(tmp_path.rglob("*-evidence.json"))
    path.write_bytes(b"")
    with (tmp_path / journal.NAME).open("ab") as file:
        file.write(b'{"event": "beg')

    assert recovery.recover(tmp_path) == 1
    assert statuses(tmp_path) == {"passed": 2, "error": 1}
    assert list(tmp_path.rglob("*-evidence.json.damaged"))


def test_a_piece_that_does_not_fit_leaves_nothing_of_itself(tmp_path: Path) -> None:
    with Appender(tmp_path / "file") as file:
        file.append(b"one\n")
        with through(FullDisk(1, None)), pytest.raises(OSError, match="No space"):
            file.append(b"a longer piece\n")
        file.append(b"two\n")

    assert (tmp_path / "file").read_bytes() == b"one\ntwo\n"


class Killer(System):
    """Kills its own process at one of its calls, halfway through where that is a write."""

    def __init__(self, call: int) -> None:
        self.left = call

    def _use(self) -> None:
        self.left -= 1
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def open(self, path: Path, flags: int, mode: int) -> int:
        self._use()
        return super().open(path, flags, mode)

    def write(self, handle: int, data: bytes | memoryview) -> int:
        half = super().write(handle, data[: len(data) // 2])
        self._use()
        return half + super().write(handle, data[half:])

    def replace(self, draft: Path, path: Path) -> None:
        self._use()
        super().replace(draft, path)


def killed(folder: Path, now: datetime, units: list[Unit], call: int) -> bool:
    """Run in a child process that is killed at a call; return whether it came to that."""
    child = os.fork()
    if child == 0:
        try:
            with through(Killer(call)):
                run(folder, now, units)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def check_kills(folder: Path, now: datetime, units: list[Unit], count: int) -> None:
    chance = random.Random(42)  # noqa: S311 -- which call, not a key
    total = writes_of_a_run(folder / "whole", now, units)
    for number in range(count):
        run_folder = folder / f"{number}" / "run"
        assert killed(run_folder, now, units, chance.randint(1, total))
        if not (run_folder / "run.json").exists():
            assert not list(run_folder.rglob("*-evidence.json"))
            continue
        recovery.recover(run_folder)
        assert statuses(run_folder).total() == len(units)


def test_a_run_that_is_killed_at_any_point_leaves_no_unit_without_evidence(
    tmp_path: Path, now: datetime, units: list[Unit]
) -> None:
    check_kills(tmp_path, now, units, 5)


@pytest.mark.soak
def test_200_killed_runs_leave_no_unit_without_evidence(
    tmp_path: Path, now: datetime, make_unit: MakeUnit
) -> None:
    check_kills(tmp_path, now, [make_unit(f"Unit {number}") for number in range(20)], 200)
