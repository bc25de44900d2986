"""Reading evidence: one record, those of a run, and the files that a record names."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from support.artifacts.stored import RECORD_ENDING
from support.evidence.migration import CURRENT, OLDEST, migrated
from support.foundation.documents import Document, check, parsed
from support.foundation.errors import ConfigurationError

PATTERN = f"*{RECORD_ENDING}"
WRITER = "behave, which leaves"


def read_record(path: Path) -> dict[str, Any]:
    """Read one record, of whichever version, as one of the current version.

    Raises:
        ConfigurationError: missing, unreadable, not JSON, or against the schema.
    """
    value = migrated(parsed(path, WRITER))
    version = value.get("schema_version") if isinstance(value, dict) else None
    if version not in (OLDEST, CURRENT):
        raise ConfigurationError(
            f"{path}: schema_version is {version!r}, but {OLDEST} to {CURRENT} can be read. Is it "
            "evidence, and of a version that this checkout knows?"
        )
    check(Document(path, value, {}), "evidence")
    record: dict[str, Any] = value
    return record


def records_in(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield every record below a folder with its path, in the order of their paths.

    Raises:
        ConfigurationError: see `read_record`.
    """
    for path in sorted(folder.rglob(PATTERN)):
        yield path, read_record(path)


def paths_of(record: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    """Return the files of one kind that a record names, relative to the run's folder."""
    return tuple(file["path"] for file in record["files"] if file["kind"] == kind)
