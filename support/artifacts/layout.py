"""Where a run keeps its files, for people to find them.

A unit's files are `{run_id}/{req.id}/{profile.id}/{variant}/<timestamp>-<type>.<ext>`; files of
the whole run stand beside the requirements' folders.

`<timestamp>` is UTC with microseconds plus eight hex digits of unit and attempt, so that two units
with the same requirement and variant never collide.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

LONGEST_KIND = 120  # with the time stamp, an extension and the endings of stored forms, below 255
LONGEST_EXTENSION = 20
LONGEST_PART = 150  # file systems take 255 bytes; the rest is room for a digest

_UNSAFE = re.compile(r"[^A-Za-z0-9._=,+-]+")


@dataclass(frozen=True, slots=True)
class UnitFiles:
    """Names the files of one attempt at a unit.

    Attributes:
        run_folder: `artifacts/{run_id}`.
        folder: the unit's folder below it, relative.
        stem: `<timestamp>` with the digits that tell units apart.
    """

    run_folder: Path
    folder: Path
    stem: str

    def path(self, kind: str, extension: str) -> Path:
        """Return the path of a file, relative to the run folder."""
        return self.folder / f"{self.stem}-{safe(kind, LONGEST_KIND)}.{safe(extension, LONGEST_EXTENSION)}"


def unit_files(
    run_folder: Path, names: tuple[str, str, str], unit_id: str, attempt: int, at: datetime
) -> UnitFiles:
    """Return the file names of an attempt; `names` are requirement, profile and variant id."""
    digest = hashlib.sha256(f"{unit_id}\n{attempt}".encode(errors="surrogatepass")).hexdigest()[:8]
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return UnitFiles(run_folder, Path(*map(safe, names)), f"{stamp}-{digest}")


def safe(text: str, longest: int = LONGEST_PART) -> str:
    """Return `text` as one path part: no separators, no leading dot, bounded, never empty.

    Different texts stay different: what had to be changed or cut carries a digest of the original.
    """
    cleaned = _UNSAFE.sub("_", text).lstrip(".")
    if cleaned == text and len(cleaned) <= longest and cleaned:
        return cleaned
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:10]
    return f"{cleaned[:longest]}_{digest}"
