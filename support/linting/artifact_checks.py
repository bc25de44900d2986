"""The rules of the artifact linter about records and the files that they name."""

import itertools
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from support.artifacts.layout import unit_files
from support.artifacts.reading import measured
from support.artifacts.stored import RECORD_ENDING
from support.foundation.errors import ConfigurationError
from support.linting.artifact_run import (
    OF_REPORTS,
    OF_THE_RUN,
    ArtifactRun,
    Named,
    named_files,
)
from support.linting.artifact_secrets import secrets_in
from support.specs.finding import Finding

_SAME_SECONDS = 0.001


def _finding(rule: str, path: str, message: str) -> Finding:
    return Finding(rule, path, 1, 1, 1, message)


def files(run: ArtifactRun) -> Iterator[Finding]:
    """Yield files that are missing, differ from what their record says, or belong to nobody."""
    named: set[str] = set(run.records)
    for name, record in run.records.items():
        for file in named_files(record):
            named.add(file.path)
            yield from _file(run, name, file)
    unread = {finding.path for finding in run.findings}
    for path in run.files:
        at_top = path.partition("/")[0]
        if path in named | unread or path in OF_THE_RUN or at_top in OF_REPORTS:
            continue
        message = "no record names this file. Remove it, or find the record that was removed."
        yield _finding("artifact-orphan", path, message)


def _file(run: ArtifactRun, record: str, file: Named) -> Iterator[Finding]:
    try:
        with run.open(file.path) as content:
            size, seen = measured(content)
    except (OSError, ConfigurationError) as error:
        yield _finding("artifact-missing", record, f"{file.path} cannot be read: {error}.")
        return
    if file.bytes is not None and file.bytes != size:
        message = f"{file.path} has {size} bytes, the record says {file.bytes}. It was altered."
        yield _finding("artifact-digest", record, message)
    elif file.sha256 not in {"", "unknown", seen}:
        message = f"{file.path} has the SHA-256 {seen}, the record says {file.sha256}."
        yield _finding("artifact-digest", record, f"{message} It was altered.")


def paths(run: ArtifactRun) -> Iterator[Finding]:
    """Yield records that stand elsewhere than their content says."""
    for name, record in run.records.items():
        names = (record["req_id"], record["profile_id"], record["variant"])
        at = _instant(record["start_timestamp"])
        made = unit_files(run.folder, names, record["unit_id"], record["attempt"], at)
        expected = made.path("evidence", "json").as_posix()
        if expected != name:
            message = f"its content belongs to {expected}. Was it moved, renamed or copied?"
            yield _finding("artifact-path", name, message)
        if record["run_id"] != run.folder.resolve().name:
            message = f"it is of the run {record['run_id']}, not of {run.folder.name}."
            yield _finding("artifact-path", name, message)
        elsewhere = [f.path for f in named_files(record) if not f.path.startswith(_stem(name))]
        for path in elsewhere:
            yield _finding("artifact-path", name, f"{path} is not a file of this unit.")


def _stem(record_path: str) -> str:
    return record_path.removesuffix(RECORD_ENDING)


def times(run: ArtifactRun) -> Iterator[Finding]:
    """Yield records that end before they begin, or whose parts take longer than the whole."""
    attempts: defaultdict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for name, record in run.records.items():
        begin, end = _instant(record["start_timestamp"]), _instant(record["end_timestamp"])
        attempts[record["unit_id"]].append((record["attempt"], record["start_timestamp"], name))
        if end < begin:
            message = f"it ends ({record['end_timestamp']}) before it begins. Did a clock go back?"
            yield _finding("artifact-time", name, message)
        elif abs((end - begin).total_seconds() - record["duration_seconds"]) > _SAME_SECONDS:
            message = f"{record['duration_seconds']} s are not what lies between begin and end."
            yield _finding("artifact-time", name, message)
    for several in attempts.values():
        ordered = sorted(several)
        for (_, before, _), (attempt, begin_text, name) in itertools.pairwise(ordered):
            if begin_text < before:
                message = f"attempt {attempt} begins before the one that it follows."
                yield _finding("artifact-time", name, message)


def planned(run: ArtifactRun) -> Iterator[Finding]:
    """Yield planned units that have no record."""
    path = run.files.get("plan.json")
    if path is None:
        return
    try:
        units = [unit["unit_id"] for unit in json.loads(path.read_bytes())["units"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield _finding("artifact-unreadable", "plan.json", f"it cannot be read: {error!r}.")
        return
    recorded = {record["unit_id"] for record in run.records.values()}
    for unit in units:
        if unit not in recorded:
            message = f"{unit} was planned and has no valid record."
            yield _finding("artifact-unrecorded", "plan.json", message)


def secrets(run: ArtifactRun) -> Iterator[Finding]:
    """Yield what looks like a secret to detectors that know nothing of our redaction."""
    for name in run.files:
        if name in {"artifacts.pack", "artifacts.pack.sealed"} or name.endswith(".pub.pem"):
            continue
        yield from _secrets_of(run, name)
    for record in run.records.values():  # those that stand in a pack only
        for file in named_files(record):
            if file.path not in run.files:
                yield from _secrets_of(run, file.path)


def _secrets_of(run: ArtifactRun, name: str) -> Iterator[Finding]:
    try:
        with run.open(name) as content:
            for line, column, length, kind in secrets_in(content):
                message = (
                    f"{kind}: what looks like a secret stands here. Give the value to a provider, "
                    "or the form to `redact_patterns`; replace the secret and destroy this run."
                )
                yield Finding("artifact-secret", name, line, column, length, message)
    except (OSError, ConfigurationError):
        return  # told as missing, where a record names it


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
