"""Evidence as a page of text: one run, or one unit of it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from support.evidence.reading import records_in
from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean

Record = Mapping[str, Any]


def run_lines(folder: Path) -> Iterator[str]:
    """Yield what a run's evidence tells, one unit a line.

    Raises:
        ConfigurationError: there is no evidence, or it breaks its schema.
    """
    records = [record for _, record in records_in(folder)]
    if not records:
        raise ConfigurationError(f"{folder}: there is no evidence. Name a run: artifacts/<run>.")
    yield from _head(records[0])
    counts = Counter(record["status"] for record in records)
    yield "units      " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    yield ""
    for record in sorted(records, key=lambda record: (record["unit_id"], record["attempt"])):
        again = f" (attempt {record['attempt']})" if record["attempt"] > 1 else ""
        yield f"{record['status']:<14} {record['duration_seconds']:7.2f} s  {_id(record)}{again}"


def unit_lines(folder: Path, wanted: str) -> Iterator[str]:
    """Yield everything that evidence tells of the units whose id contains a text.

    Raises:
        ConfigurationError: there is no such unit.
    """
    for index, record in enumerate(matching(folder, wanted)):
        if index:
            yield ""
        yield from _whole(record)


def matching(folder: Path, wanted: str) -> list[Record]:
    """Return the records whose unit's id contains a text.

    Raises:
        ConfigurationError: there is none, or evidence breaks its schema.
    """
    records: list[Record] = [record for _, record in records_in(folder)]
    found = [record for record in records if wanted in record["unit_id"]]
    if not found:
        known = [record["unit_id"] for record in records]
        raise ConfigurationError(
            f"{folder}: no unit's id contains {wanted!r}.{did_you_mean(wanted, known)} "
            "List them: acceptance evidence show RUN"
        )
    return found


def _head(record: Record) -> Iterator[str]:
    stack = record["stack"]
    yield f"run        {record['run_id']}"
    yield f"profile    {record['profile_id']}"
    yield f"stack      {stack['name']} ({stack['platform_version']})"
    for part in stack["components"]:
        yield f"           {part['name']} {part['version']} {part['digest']}"
    if stack["faults"]:
        yield f"faults     {', '.join(stack['faults'])}"
    yield f"commit     {record['commit_sha']}"
    yield f"seed       {record['seed']}, order {record['order']}"


def _whole(record: Record) -> Iterator[str]:
    yield f"unit       {_id(record)}"
    yield f"outcome    {record['status']} (attempt {record['attempt']})"
    for line in record["reason"].splitlines():
        yield f"           {line}"
    for each in record["requirements"]:
        yield f"proves     {each['id']} {each['title']}"
    yield from _head(record)
    yield f"time       {record['start_timestamp']}, {record['duration_seconds']:.2f} s"
    for clock in record["clocks"]:
        yield f"clock      {clock['name']}: {clock['state']} ({clock['reason']})"
    for sdk in record["sdks"]:
        yield f"SDK        {sdk['id']} {sdk['digest']}"
    yield from _done(record)
    for file in record["files"]:
        yield f"file       {file['path']} ({file['kind']}, {file['bytes']} bytes)"


def _done(record: Record) -> Iterator[str]:
    for step in record["steps"]:
        yield (
            f"step       {step['status']:<8} {step['duration_seconds']:6.2f} s  "
            f"{step['keyword']} {step['text']}"
        )
        for line in step["error"].splitlines():
            yield f"           {line}"
    for command in record["commands"]:
        yield f"command    exit code {command['exit_code']}: {' '.join(command['arguments'])}"
    for name, items in record["observed"].items():
        for item in items:
            yield f"{name:<10} {item}"


def _id(record: Record) -> str:
    unit_id: str = record["unit_id"]
    return unit_id
