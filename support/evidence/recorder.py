"""The evidence sink: one schema-valid JSON record and its logs for each attempt at a unit."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from support.artifacts.layout import UnitFiles, unit_files
from support.evidence import run_files
from support.evidence.facts import Context, Facts, of_unit, pretty
from support.evidence.journal import Entry, Journal
from support.evidence.record import EXTENSIONS, LINES, NEEDED, Attempt, Kept, record, timestamp
from support.evidence.run_files import RunFiles
from support.foundation.documents import Document, check
from support.foundation.errors import ConfigurationError
from support.foundation.files import append, write_atomically
from support.model.events import (
    Attached,
    AttachmentKind,
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
    UnitFinished,
    UnitStarted,
)
from support.model.outcome import Outcome, Status
from support.model.unit import Unit

INTERRUPTED = "The run was interrupted before this unit began."
ENDED = "The run ended before this unit began: see why in what the run printed."
UNFINISHED = "The run ended without an outcome of this unit: something failed while it was closed."


@dataclass(slots=True)
class _File:
    """A file that still grows."""

    kind: AttachmentKind
    media_type: str
    size: int = 0
    content: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def grow(self, data: bytes) -> None:
        self.size += len(data)
        self.content.update(data)


@dataclass(slots=True)
class _Open:
    """What is known of an attempt so far."""

    unit: Unit
    number: int
    started_at: datetime
    names: UnitFiles
    steps: list[StepFinished] = field(default_factory=list)
    files: dict[Path, _File] = field(default_factory=dict)
    lines: dict[AttachmentKind, list[bytes]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def kept(self) -> tuple[Kept, ...]:
        return tuple(
            Kept(path, file.kind, file.media_type, file.size, file.content.hexdigest())
            for path, file in self.files.items()
        )


class EvidenceRecorder:
    """Writes `{req}/{profile}/{variant}/<timestamp>-evidence.json` below the run folder.

    What is planned is written before anything runs, and each attempt is written to the journal
    before it begins. Logs are written as they arrive, so a run that is stopped keeps them; the
    record itself appears in one atomic step when the attempt has its outcome. A record that could
    not be written is tried once more at the end; `recovery` makes what is missing even then.
    """

    name = "evidence"

    def __init__(self, run_folder: Path, context: Context | None = None) -> None:
        self._run_folder = run_folder
        self._context = context or Context()
        self._run: RunStarted | None = None
        self._files: RunFiles | None = None
        self._journal: Journal | None = None
        self._open: dict[tuple[str, int], _Open] = {}
        self._waiting: list[tuple[_Open, Attempt]] = []
        self._recorded: set[str] = set()
        self._finished: RunFinished | None = None
        self._last_at: datetime | None = None

    def handle(self, event: Event) -> None:
        """Take one event of the run."""
        self._last_at = event.at
        if isinstance(event, RunStarted):
            self._begin(event)
        elif isinstance(event, UnitStarted):
            self._start(event)
        elif isinstance(event, StepFinished):
            self._open[event.unit_id, event.attempt].steps.append(event)
        elif isinstance(event, Attached):
            self._attach(self._open[event.unit_id, event.attempt], event)
        elif isinstance(event, UnitFinished):
            self._finish(event)
        else:
            self._finished = event
            self._complete(event.at)

    def close(self) -> None:
        """Write whatever is still missing, and free the journal.

        Raises:
            OSError: something could not be written even now; it is made by `recovery`.
        """
        try:
            if self._last_at is not None:
                self._complete(self._last_at)
        finally:
            if self._journal is not None:
                self._journal.close()
                self._journal = None

    def _begin(self, event: RunStarted) -> None:
        self._run = event
        self._journal = Journal(self._run_folder)
        self._files = run_files.write(self._run_folder, event, self._context)

    @property
    def _started(self) -> tuple[RunStarted, RunFiles, Journal]:
        if self._run is None or self._files is None or self._journal is None:
            raise ValueError("A unit began before the run did.")
        return self._run, self._files, self._journal

    def _start(self, event: UnitStarted) -> None:
        opened = self._opened(event.unit, event.attempt, event.at)
        self._open[event.unit.id, event.attempt] = opened
        self._note("begun", opened)

    def _opened(self, unit: Unit, number: int, at: datetime) -> _Open:
        run, _, _ = self._started
        names = (unit.spec.requirement_ids[0], run.profile_id, unit.variant.id)
        files = unit_files(self._run_folder, names, unit.id, number, at)
        return _Open(unit, number, at, files)

    def _note(self, event: str, opened: _Open) -> None:
        _, _, journal = self._started
        stem = (opened.names.folder / opened.names.stem).as_posix()
        at = timestamp(opened.started_at)
        journal.add(Entry(event, opened.unit.id, opened.number, at, stem))

    def _attach(self, attempt: _Open, event: Attached) -> None:
        grows = event.kind in LINES
        if grows:
            path = attempt.names.path(LINES[event.kind], "jsonl")
        else:
            path = self._unused(attempt.names, event)
        data = event.data + b"\n" if grows else event.data
        try:
            append(self._run_folder / path, data)
        except OSError as error:
            attempt.lost.append(f"{event.name} ({error.strerror})")
            raise
        if path not in attempt.files:
            attempt.files[path] = _File(event.kind, event.media_type)
        attempt.files[path].grow(data)
        if event.kind in NEEDED:
            attempt.lines.setdefault(event.kind, []).append(event.data)

    def _unused(self, files: UnitFiles, event: Attached) -> Path:
        extension = EXTENSIONS.get(event.media_type, "bin")
        path, number = files.path(event.name, extension), 1
        while (self._run_folder / path).exists():
            number += 1
            path = files.path(f"{event.name}-{number}", extension)
        return path

    def _finish(self, event: UnitFinished) -> None:
        opened = self._open.pop((event.unit.id, event.attempt))
        self._keep(
            opened,
            Attempt(
                number=event.attempt,
                started_at=event.started_at,
                ended_at=event.at,
                outcome=_with_losses(event.outcome, opened.lost),
                steps=tuple(opened.steps),
                clocks=event.clocks,
                at_time=event.at_time,
                files=opened.kept(),
                lines=opened.lines,
            ),
        )

    def _keep(self, opened: _Open, attempt: Attempt) -> None:
        """Write a record; one that cannot be written now waits for the end of the run."""
        self._recorded.add(opened.unit.id)
        try:
            self._write(opened, attempt)
        except OSError:
            self._waiting.append((opened, attempt))
            raise

    def _write(self, opened: _Open, attempt: Attempt) -> None:
        run, files, _ = self._started
        unit: Facts = files.units.get(opened.unit.id) or of_unit(opened.unit, run, self._context)
        path = self._run_folder / opened.names.path("evidence", "json")
        content = record(files.facts, unit, attempt)
        check(Document(path, content, {}), "evidence")
        write_atomically(path, pretty(content), durable=False)
        self._note("recorded", opened)

    def _complete(self, at: datetime) -> None:
        """Write what waits, what was never closed, and what was never begun."""
        waiting, self._waiting = self._waiting, []
        problems: list[OSError | ConfigurationError] = []
        unfinished = [self._open.pop(key) for key in tuple(self._open)]
        pairs = [*waiting, *((opened, self._unfinished(opened, at)) for opened in unfinished)]
        self._recorded.update(opened.unit.id for opened, _ in pairs)
        for opened, attempt in (*pairs, *self._never_begun(at)):
            try:
                self._keep(opened, attempt)
            except (OSError, ConfigurationError) as error:
                problems.append(error)
        if problems:
            raise problems[0]

    def _unfinished(self, opened: _Open, at: datetime) -> Attempt:
        return Attempt(
            number=opened.number,
            started_at=opened.started_at,
            ended_at=at,
            outcome=_with_losses(Outcome(Status.ERROR, UNFINISHED), opened.lost),
            steps=tuple(opened.steps),
            files=opened.kept(),
            lines=opened.lines,
        )

    def _never_begun(self, at: datetime) -> list[tuple[_Open, Attempt]]:
        if self._run is None or self._files is None or self._finished is None:
            return []
        reason = INTERRUPTED if self._finished.interrupted else ENDED
        outcome = Outcome(Status.ERROR, reason)
        return [
            (self._opened(unit, 1, at), Attempt(1, at, at, outcome, begun=False))
            for unit in self._run.units
            if unit.id not in self._recorded
        ]


def _with_losses(outcome: Outcome, lost: list[str]) -> Outcome:
    """Return an outcome whose reason says what of the evidence could not be written."""
    if not lost:
        return outcome
    told = f"{len(lost)} attachment(s) of this unit could not be written, such as {lost[0]}."
    return Outcome(outcome.status, f"{outcome.reason}\n{told}".strip())
