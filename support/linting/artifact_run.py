"""A run's folder as the artifact linter sees it: records, and all files by their plain names."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from support.artifacts.reading import open_artifact
from support.artifacts.stored import (
    ALLURE,
    ENCRYPTED,
    KEEPING,
    LOCK,
    MESSAGES,
    PACK,
    RECORD_ENDING,
    plain_name,
)
from support.foundation.documents import validator
from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean
from support.specs.finding import Finding

OF_THE_RUN = frozenset(
    (
        *("plan.json", "run.json", "journal.jsonl", MESSAGES, "costs.json", "seal.json"),
        *("attestation.json", "attestation.pub.pem", LOCK, KEEPING, "audit.jsonl"),
        *(PACK, PACK + ENCRYPTED),
    )
)
"""Files that belong to the run as a whole."""

OF_REPORTS = (ALLURE, "junit")


@dataclass(frozen=True, slots=True)
class Named:
    """A file that a record names; size and digest where the record says them."""

    path: str
    bytes: int | None = None
    sha256: str = ""


@dataclass(slots=True)
class ArtifactRun:
    """A run.

    Attributes:
        files: path below the run's folder of every file, by its plain name.
        records: the valid records, by the path of each.
        findings: what kept others from being read.
    """

    folder: Path
    files: Mapping[str, Path]
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def open(self, name: str) -> BinaryIO:
        """Open the plain content of a file.

        Raises:
            ConfigurationError: the name leads out of the run, or its stored form is damaged.
            OSError: it cannot be read.
        """
        return open_artifact(self.folder, name)


def run_folder(name: str, artifacts: Path) -> Path:
    """Return the folder of a run that is named by its id or by a path.

    Raises:
        ConfigurationError: there is no such run.
    """
    for folder in (Path(name), artifacts / name):
        if folder.is_dir():
            return folder
    known = sorted(path.name for path in artifacts.iterdir()) if artifacts.is_dir() else []
    raise ConfigurationError(
        f'There is no run "{name}", neither as a folder nor in {artifacts}.'
        f"{did_you_mean(Path(name).name, known)} Give the folder of a run, or its id."
    )


def read_run(folder: Path) -> ArtifactRun:
    """Read all records of a run, and list its files."""
    run = ArtifactRun(folder, dict(_files(folder)))
    for name in sorted(run.files):
        if name.endswith(RECORD_ENDING):
            _read_record(run, name)
    return run


def named_files(record: Mapping[str, Any]) -> Iterator[Named]:
    """Yield the files that a record of any version names."""
    for entry in record.get("files", ()):
        yield Named(entry["path"], entry["bytes"], entry["sha256"])
    for group in ("logs", "screenshots", "attachments"):  # version 1
        yield from (Named(path) for path in record.get(group, ()))


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() or path.is_symlink():
            name = path.relative_to(folder).as_posix()
            yield name if name in OF_THE_RUN else plain_name(name), path


def _read_record(run: ArtifactRun, name: str) -> None:
    try:
        record = json.loads(run.files[name].read_bytes())
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        message = f"the record cannot be read: {error}. Was it cut off or altered?"
        run.findings.append(Finding("artifact-unreadable", name, 1, 1, 1, message))
        return
    fault = next(validator("evidence").iter_errors(record), None)
    if fault is None:
        run.records[name] = record
        return
    place = "/".join(map(str, fault.absolute_path)) or "the whole record"
    message = f"{place}: {fault.message}. schemas/evidence.schema.json says what is wanted."
    run.findings.append(Finding("artifact-schema", name, 1, 1, 1, message))
