"""One record of evidence, from what is known of the run, the unit and the attempt."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.evidence import observations
from support.evidence.facts import Facts
from support.model.clocks import ClockUse
from support.model.events import AttachmentKind, StepFinished
from support.model.outcome import Outcome

NEEDED: Mapping[AttachmentKind, frozenset[str]] = {
    AttachmentKind.EXCHANGE: frozenset({"url", "status", "response_body"}),
    AttachmentKind.COMMAND: frozenset({"arguments", "exit_code", "timed_out", "stdout", "stderr"}),
    AttachmentKind.AUDIT: frozenset(),
}
"""What lines are read for the record, and which members they have to have."""

LINES: Mapping[AttachmentKind, str] = {
    AttachmentKind.COMMAND: "commands",
    AttachmentKind.EXCHANGE: "exchanges",
    AttachmentKind.AUDIT: "audit",
}
"""What files of kinds are named that grow by one line per event, one per unit; any other kind is a
file of its own."""

EXTENSIONS: Mapping[str, str] = {
    "application/json": "json",
    "text/plain": "txt",
    "image/png": "png",
    "application/zip": "zip",
}
"""What names of files end in, by their media type."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of an attempt.

    Attributes:
        path: relative to the run's folder.
        size: of its plain content, in bytes.
        sha256: of that content, in hexadecimal.
    """

    path: Path
    kind: AttachmentKind
    media_type: str
    size: int
    sha256: str

    def as_data(self) -> dict[str, Any]:
        """Return it as evidence lists it."""
        return {
            "path": self.path.as_posix(),
            "kind": self.kind.value,
            "media_type": self.media_type,
            "bytes": self.size,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended.

    Attributes:
        begun: false where the run ended before the unit began.
        lines: by their kind, the commands, exchanges and audit records, as JSON.
    """

    number: int
    started_at: datetime
    ended_at: datetime
    outcome: Outcome
    begun: bool = True
    steps: tuple[StepFinished, ...] = ()
    clocks: tuple[ClockUse, ...] = ()
    at_time: datetime | None = None
    files: tuple[Kept, ...] = ()
    lines: Mapping[AttachmentKind, Iterable[bytes]] = field(default_factory=dict)


def record(run: Facts, unit: Facts, attempt: Attempt) -> dict[str, Any]:
    """Return the record of an attempt; a clock that went backwards gives no negative duration."""
    exchanges, commands, audit = (
        _parsed(attempt.lines.get(kind, ()), needed) for kind, needed in NEEDED.items()
    )
    seconds = (attempt.ended_at - attempt.started_at).total_seconds()
    return {
        **run,
        **unit,
        "attempt": attempt.number,
        "begun": attempt.begun,
        "clocks": [
            {"name": use.name, "state": use.state.value, "reason": use.reason}
            for use in attempt.clocks
        ],
        "at_time": timestamp(attempt.at_time) if attempt.at_time else None,
        "start_timestamp": timestamp(attempt.started_at),
        "end_timestamp": timestamp(attempt.ended_at),
        "duration_seconds": max(0.0, seconds),
        "status": attempt.outcome.status.value,
        "reason": attempt.outcome.reason,
        "steps": [_step(step) for step in attempt.steps],
        "commands": [_command(command) for command in commands],
        "observed": {
            name: list(found)
            for name, found in observations.of_records(exchanges, commands, audit).facets.items()
        },
        "files": [file.as_data() for file in attempt.files],
    }


def timestamp(at: datetime) -> str:
    """Return an instant as evidence writes it: UTC, with microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant(text: str) -> datetime:
    """Return the instant that `timestamp` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def _step(step: StepFinished) -> dict[str, Any]:
    return {
        "keyword": step.keyword,
        "text": step.text,
        "status": step.status,
        "duration_seconds": max(0.0, step.duration_seconds),
        "error": step.error,
    }


def _command(command: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "arguments": [str(each) for each in command["arguments"]],
        "exit_code": command["exit_code"],
        "timed_out": command["timed_out"],
    }


def _parsed(lines: Iterable[bytes], needed: frozenset[str]) -> list[dict[str, Any]]:
    """Return the lines that are objects with the members needed; files keep all as they are."""
    found = []
    for line in lines:
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and needed <= value.keys():
            found.append(value)
    return found
