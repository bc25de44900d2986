"""The evidence sink: one schema-valid JSON record and its logs for each attempt at a unit."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.artifacts.layout import UnitFiles, unit_files
from support.foundation.documents import Document, check
from support.foundation.files import write_atomically
from support.model.events import (
    Attached,
    AttachmentKind,
    Event,
    RunStarted,
    StepFinished,
    UnitFinished,
    UnitStarted,
)
from support.model.unit import Unit

SCHEMA_VERSION = 1

# Kinds that grow by one line per event, in one file per unit; any other kind is a file of its own.
_LINES = {
    AttachmentKind.COMMAND: "commands",
    AttachmentKind.EXCHANGE: "exchanges",
    AttachmentKind.AUDIT: "audit",
}
_EXTENSIONS = {
    "application/json": "json",
    "text/plain": "txt",
    "image/png": "png",
    "application/zip": "zip",
}


@dataclass(slots=True)
class _Open:
    """What is known of an attempt so far."""

    files: UnitFiles
    steps: list[StepFinished] = field(default_factory=list)
    logs: list[Path] = field(default_factory=list)
    screenshots: list[Path] = field(default_factory=list)
    attachments: list[Path] = field(default_factory=list)


class EvidenceRecorder:
    """Writes `{req}/{profile}/{variant}/<timestamp>-evidence.json` below the run folder.

    Logs are written as they arrive, so a run that is stopped keeps them; the record itself appears
    in one atomic step when the attempt has its outcome.
    """

    name = "evidence"

    def __init__(self, run_folder: Path) -> None:
        self._run_folder = run_folder
        self._run: RunStarted | None = None
        self._open: dict[tuple[str, int], _Open] = {}

    def handle(self, event: Event) -> None:
        """Take one event of the run."""
        if isinstance(event, RunStarted):
            self._run = event
        elif isinstance(event, UnitStarted):
            files = self._files_of(event.unit, event.attempt, event.at)
            self._open[event.unit.id, event.attempt] = _Open(files)
        elif isinstance(event, StepFinished):
            self._open[event.unit_id, event.attempt].steps.append(event)
        elif isinstance(event, Attached):
            self._attach(self._open[event.unit_id, event.attempt], event)
        elif isinstance(event, UnitFinished):
            self._finish(event)

    def close(self) -> None:
        """Nothing is left open: every record was written when its attempt ended."""

    def _files_of(self, unit: Unit, attempt: int, at: datetime) -> UnitFiles:
        names = (unit.spec.requirement_ids[0], self._started.profile_id, unit.variant.id)
        return unit_files(self._run_folder, names, unit.id, attempt, at)

    @property
    def _started(self) -> RunStarted:
        if self._run is None:
            raise ValueError("A unit began before the run did.")
        return self._run

    def _attach(self, attempt: _Open, event: Attached) -> None:
        if event.kind in _LINES:
            path = attempt.files.path(_LINES[event.kind], "jsonl")
            _append(self._run_folder / path, event.data + b"\n")
            _remember(attempt.logs, path)
            return
        group = attempt.attachments
        if event.kind is AttachmentKind.LOG:
            group = attempt.logs
        elif event.kind is AttachmentKind.SCREENSHOT:
            group = attempt.screenshots
        path = self._unused(attempt.files, event)
        _append(self._run_folder / path, event.data)
        _remember(group, path)

    def _unused(self, files: UnitFiles, event: Attached) -> Path:
        extension = _EXTENSIONS.get(event.media_type, "bin")
        path, number = files.path(event.name, extension), 1
        while (self._run_folder / path).exists():
            number += 1
            path = files.path(f"{event.name}-{number}", extension)
        return path

    def _finish(self, event: UnitFinished) -> None:
        attempt = self._open[event.unit.id, event.attempt]
        path = self._run_folder / attempt.files.path("evidence", "json")
        record = self._record(event, attempt)
        check(Document(path, record, {}), "evidence")
        write_atomically(path, json.dumps(record, indent=2, ensure_ascii=False) + "\n")
        del self._open[event.unit.id, event.attempt]

    def _record(self, event: UnitFinished, attempt: _Open) -> dict[str, Any]:
        run, unit = self._started, event.unit
        return {
            "schema_version": SCHEMA_VERSION,
            "run_id": run.run_id,
            "unit_id": unit.id,
            "attempt": event.attempt,
            "req_id": unit.spec.requirement_ids[0],
            "req_ids": list(unit.spec.requirement_ids),
            "profile_id": run.profile_id,
            "variant": unit.variant.id,
            "capabilities": {c.dimension: c.value for c in unit.variant},
            "commit_sha": run.commit_sha,
            "start_timestamp": _timestamp(event.started_at),
            "end_timestamp": _timestamp(event.at),
            "duration_seconds": max(0.0, (event.at - event.started_at).total_seconds()),
            "status": event.outcome.status.value,
            "reason": event.outcome.reason,
            "severity": unit.severity.value,
            "feature": {"path": unit.spec.feature_path, "name": unit.spec.feature_name},
            "scenario": {"name": unit.spec.name, "line": unit.spec.line},
            "tags": list(unit.spec.tags),
            "steps": [_step(step) for step in attempt.steps],
            "stack": {
                "name": run.stack.name,
                "platform_url": run.stack.platform_url,
                "platform_version": run.stack.platform_version,
                "faults": list(run.stack.faults),
            },
            "sdks": [sdk.id for sdk in run.inventory.sdks if _names(unit, sdk.id)],
            "logs": _posix(attempt.logs),
            "screenshots": _posix(attempt.screenshots),
            "attachments": _posix(attempt.attachments),
        }


def _append(path: Path, data: bytes) -> None:
    """Append all of `data` or none of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.stat().st_size if path.exists() else None
    try:
        with path.open("ab") as file:
            file.write(data)
    except OSError:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            os.truncate(path, before)
        raise


def _remember(group: list[Path], path: Path) -> None:
    if path not in group:
        group.append(path)


def _step(step: StepFinished) -> dict[str, Any]:
    return {
        "keyword": step.keyword,
        "text": step.text,
        "status": step.status,
        "duration_seconds": max(0.0, step.duration_seconds),
        "error": step.error,
    }


def _names(unit: Unit, sdk_id: str) -> bool:
    return any(capability.value == sdk_id for capability in unit.variant)


def _posix(paths: Iterable[Path]) -> list[str]:
    return [path.as_posix() for path in paths]


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
