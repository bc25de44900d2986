"""Making the evidence of a run whole whose process is gone: killed, or out of disk space.

Every planned unit gets a valid record: one that had begun says that the run's process ended while
it ran, and keeps the files that it left; one that had not begun says that. Nothing that the run
recorded itself is changed.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.artifacts.layout import unit_files
from support.artifacts.reading import measured
from support.artifacts.stored import RECORD_ENDING
from support.evidence import journal, run_files, sealing
from support.evidence.facts import pretty
from support.evidence.journal import Entry
from support.evidence.reading import PATTERN, read_record
from support.evidence.record import EXTENSIONS, LINES, NEEDED, Attempt, Kept, instant, record
from support.evidence.run_files import RunFiles
from support.foundation.documents import Document, check
from support.foundation.errors import ConfigurationError
from support.foundation.files import Appender, write_atomically
from support.foundation.settings import Settings
from support.model.events import AttachmentKind
from support.model.outcome import Outcome, Status

CUT_SHORT = (
    "The run's process ended while this unit ran, so it has no outcome: it was killed, or its "
    "record could not be written."
)
NEVER_BEGUN = "The run's process ended before this unit began."

_KIND = re.compile(r"-(?P<name>[^/-]+?)(?:-\d+)?\.(?P<extension>[A-Za-z0-9]+)$")
_KINDS = {
    **{name: kind for kind, name in LINES.items()},
    "output": AttachmentKind.LOG,
    AttachmentKind.MANIFEST.value: AttachmentKind.MANIFEST,
}
_MEDIA_TYPES = {extension: media_type for media_type, extension in EXTENSIONS.items()}
_MEDIA_TYPES["jsonl"] = "application/json"


def is_over(folder: Path) -> bool:
    """Return whether no process writes the evidence of this run any more.

    A run holds its journal for as long as it lives; the system frees it when the process is gone.
    """
    if not (folder / journal.NAME).is_file():
        return True
    with Appender(folder / journal.NAME) as file:
        return file.hold()


def recover(folder: Path) -> int:
    """Write the records that are missing of a run that is over, and return how many those were.

    Raises:
        ConfigurationError: the run goes on, or it left nothing that tells what was planned.
        OSError: there is still no room to write.
    """
    if not is_over(folder):
        raise ConfigurationError(
            f"{folder}: the run goes on, so nothing is missing yet. Recover it when it is over."
        )
    files = run_files.read(folder)
    for draft in folder.rglob("*.part"):
        draft.unlink()
    recorded = set(_recorded(folder))
    missing = [*_unrecorded(folder, files, recorded)]
    for path, content in missing:
        check(Document(path, content, {}), "evidence")
        write_atomically(path, pretty(content))
    return len(missing)


def recover_all(settings: Settings) -> Iterator[str]:
    """Make every run of the artifact folder whole that was cut short; yield what to say of it."""
    for run in sorted(settings.artifacts.glob(f"*/{run_files.RUN}")):
        folder = run.parent
        if sealing.is_sealed(folder):
            continue
        try:
            if is_over(folder):
                count = recover(folder)
                sealing.seal(folder, settings)
                yield f"recovered  {folder}: its process had ended; {count} record(s) made"
        except (ConfigurationError, OSError) as error:
            yield f"recovered  not {folder}: {error}"


def _recorded(folder: Path) -> Iterator[str]:
    """Yield the ids of units that have a valid record; what is none is removed.

    A record appears whole or not at all, but for a loss of power: such a file proves nothing.
    """
    for path in sorted(folder.rglob(PATTERN)):
        try:
            yield read_record(path)["unit_id"]
        except ConfigurationError:
            path.rename(path.with_name(f"{path.name}.damaged"))


def _unrecorded(
    folder: Path, files: RunFiles, recorded: set[str]
) -> Iterator[tuple[Path, dict[str, Any]]]:
    begun = {entry.unit_id: entry for entry in journal.read(folder) if entry.event == "begun"}
    for unit_id, unit in files.units.items():
        if unit_id in recorded:
            continue
        entry = begun.get(unit_id)
        if entry is not None:
            path = folder / f"{entry.stem}{RECORD_ENDING}"
            yield path, record(files.facts, unit, _cut_short(folder, entry))
        else:
            yield _never_begun(folder, files, unit)


def _cut_short(folder: Path, entry: Entry) -> Attempt:
    at = instant(entry.at)
    kept = tuple(_left_by(folder, entry))
    ended = max((_changed(folder / file.path) for file in kept), default=at)
    lines: dict[AttachmentKind, list[bytes]] = {
        file.kind: (folder / file.path).read_bytes().splitlines()
        for file in kept
        if file.kind in NEEDED
    }
    outcome = Outcome(Status.ERROR, CUT_SHORT)
    return Attempt(entry.attempt, at, max(at, ended), outcome, files=kept, lines=lines)


def _never_begun(
    folder: Path, files: RunFiles, unit: Mapping[str, Any]
) -> tuple[Path, dict[str, Any]]:
    at = instant(files.started_at)
    names = (unit["req_id"], files.facts["profile_id"], unit["variant"])
    path = unit_files(folder, names, unit["unit_id"], 1, at).path("evidence", "json")
    attempt = Attempt(1, at, at, Outcome(Status.ERROR, NEVER_BEGUN), begun=False)
    return folder / path, record(files.facts, dict(unit), attempt)


def _left_by(folder: Path, entry: Entry) -> Iterator[Kept]:
    stem = folder / entry.stem
    for path in sorted(stem.parent.glob(f"{stem.name}-*")):
        if path.name.endswith((RECORD_ENDING, ".damaged")) or not path.is_file():
            continue
        found = _KIND.search(path.name)
        name, extension = (found["name"], found["extension"]) if found else ("", "")
        yield Kept(
            path.relative_to(folder),
            _KINDS.get(name, AttachmentKind.ATTACHMENT),
            _MEDIA_TYPES.get(extension, "application/octet-stream"),
            *_measured(path),
        )


def _measured(path: Path) -> tuple[int, str]:
    with path.open("rb") as content:
        return measured(content)


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
