import hashlib
import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.evidence.recorder import EvidenceRecorder
from support.foundation.documents import validator
from support.foundation.errors import ConfigurationError
from support.foundation.files import write_atomically
from support.model.events import (
    Attached,
    AttachmentKind,
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
from tests.conftest import MakeUnit


def started(now: datetime, *units: Unit) -> RunStarted:
    return RunStarted(
        at=now,
        run_id="run-1",
        profile_id="embedded",
        commit_sha="a" * 40,
        stack=StackSummary("embedded", "http://localhost:1", "embedded-0.1.0", ("some-fault",)),
        inventory=Inventory((InstalledSdk("go-v0.36.0", "go", "v0.36.0", "x"),)),
        units=units,
    )


def attached(unit: Unit, now: datetime, kind: AttachmentKind, data: bytes, name: str) -> Attached:
    media_type = "application/json" if kind is AttachmentKind.MANIFEST else "text/plain"
    return Attached(now, unit.id, kind, name, media_type, data)


def record_of(folder: Path) -> dict[str, Any]:
    (path,) = folder.rglob("*-evidence.json")
    content: dict[str, Any] = json.loads(path.read_text())
    return content


@pytest.fixture
def recorder(tmp_path: Path) -> EvidenceRecorder:
    return EvidenceRecorder(tmp_path)


def test_a_unit_leaves_a_valid_record_with_everything_that_happened(
    recorder: EvidenceRecorder, tmp_path: Path, now: datetime, make_unit: MakeUnit
) -> None:
    unit = make_unit(tags=("req:BR-001", "req:BR-003", "cap:encrypt_sdk=any"))
    later = now + timedelta(seconds=1.5)
    for event in (
        started(now, unit),
        UnitStarted(now, unit),
        attached(unit, now, AttachmentKind.COMMAND, b'{"n": 1}', "command"),
        attached(unit, now, AttachmentKind.COMMAND, b'{"n": 2}', "command"),
        attached(unit, now, AttachmentKind.MANIFEST, b"{}", "manifest"),
        attached(unit, now, AttachmentKind.MANIFEST, b"{}", "manifest"),
        attached(unit, now, AttachmentKind.LOG, b"printed", "output"),
        attached(unit, now, AttachmentKind.SCREENSHOT, b"png", "page"),
        StepFinished(now, unit.id, 0, "Given", "a document", "passed", 0.25),
        StepFinished(now, unit.id, 1, "Then", "it opens", "failed", 0.5, "it did not"),
        UnitFinished(later, unit, Outcome(Status.FAILED, "it did not"), started_at=now),
        RunFinished(later, "run-1"),
    ):
        recorder.handle(event)
    recorder.close()

    record = record_of(tmp_path)

    assert not list(validator("evidence").iter_errors(record))
    assert (record["req_id"], record["req_ids"]) == ("BR-001", ["BR-001", "BR-003"])
    assert record["variant"] == "encrypt_sdk=go-v0.36.0"
    assert record["start_timestamp"] == "2026-03-04T05:06:07.000089Z"
    assert (record["status"], record["duration_seconds"]) == ("failed", 1.5)
    assert [step["status"] for step in record["steps"]] == ["passed", "failed"]
    assert [sdk["id"] for sdk in record["sdks"]] == ["go-v0.36.0"]
    assert record["stack"]["faults"] == ["some-fault"]
    kinds = [file["kind"] for file in record["files"]]
    assert kinds == ["command", "manifest", "manifest", "log", "screenshot"]
    for file in record["files"]:
        content = (tmp_path / file["path"]).read_bytes()
        assert len(content) == file["bytes"]
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
    assert (tmp_path / record["files"][0]["path"]).read_text() == '{"n": 1}\n{"n": 2}\n'


def test_records_stand_under_requirement_profile_and_variant(
    recorder: EvidenceRecorder, tmp_path: Path, now: datetime, make_unit: MakeUnit
) -> None:
    unit = make_unit()
    recorder.handle(started(now, unit))
    recorder.handle(UnitStarted(now, unit))
    recorder.handle(UnitFinished(now, unit, Outcome(Status.PASSED), started_at=now))

    (path,) = tmp_path.rglob("*-evidence.json")

    expected = Path("BR-001/embedded/encrypt_sdk=go-v0.36.0")
    assert path.parent.relative_to(tmp_path) == expected


def test_a_clock_that_goes_backwards_gives_no_negative_duration(
    recorder: EvidenceRecorder, tmp_path: Path, now: datetime, make_unit: MakeUnit
) -> None:
    unit = make_unit()
    before = now - timedelta(hours=1)
    recorder.handle(started(now, unit))
    recorder.handle(UnitStarted(now, unit))
    recorder.handle(UnitFinished(before, unit, Outcome(Status.PASSED), started_at=now))

    assert record_of(tmp_path)["duration_seconds"] == 0


def test_a_record_against_the_schema_is_refused(
    recorder: EvidenceRecorder, tmp_path: Path, now: datetime, make_unit: MakeUnit
) -> None:
    unit = make_unit(tags=("req:NONSENSE",))
    recorder.handle(started(now, unit))
    recorder.handle(UnitStarted(now, unit))

    with pytest.raises(ConfigurationError, match="NONSENSE"):
        recorder.handle(UnitFinished(now, unit, Outcome(Status.PASSED), started_at=now))

    assert not list(tmp_path.rglob("*-evidence.json"))


def test_a_unit_before_its_run_is_refused(
    recorder: EvidenceRecorder, now: datetime, make_unit: MakeUnit
) -> None:
    with pytest.raises(ValueError, match="before the run"):
        recorder.handle(UnitStarted(now, make_unit()))


def test_a_write_that_fails_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "record.json"

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(target, "{}")

    assert not list(tmp_path.iterdir())
