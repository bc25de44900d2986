"""The journal of a run: what was begun and what has its record, written before it is done.

One line of JSON for each, appended whole and never changed. It is not synchronised: a line outlives
this process however that ends, which is what it is for; to outlive a loss of power as well would
cost each unit milliseconds. The file is locked while its run goes on, and the system frees the lock
when the run's process is gone, so nobody has to guess from process ids.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.foundation.files import Appender

NAME = "journal.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line: an attempt at a unit was begun, or has its record.

    Attributes:
        event: `begun` or `recorded`.
        at: when it began, as evidence writes instants.
        stem: what the attempt's files begin with, relative to the run's folder.
    """

    event: str
    unit_id: str
    attempt: int
    at: str
    stem: str


class Journal:
    """Writes the journal of the run that goes on."""

    def __init__(self, run_folder: Path) -> None:
        self._file = Appender(run_folder / NAME)
        self._file.hold()

    def add(self, entry: Entry) -> None:
        """Append a line.

        Raises:
            OSError: it could not be written; the journal is as it was.
        """
        line = {
            "event": entry.event,
            "unit_id": entry.unit_id,
            "attempt": entry.attempt,
            "at": entry.at,
            "stem": entry.stem,
        }
        self._file.append(json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def close(self) -> None:
        """Close it, and say by that that the run is over."""
        self._file.close()


def read(run_folder: Path) -> Iterator[Entry]:
    """Yield the lines of a journal; what is no whole line, after a loss of power, is left out."""
    try:
        content = (run_folder / NAME).read_bytes()
    except FileNotFoundError:
        return
    for line in content.splitlines():
        try:
            value: Any = json.loads(line)
            yield Entry(
                str(value["event"]),
                str(value["unit_id"]),
                int(value["attempt"]),
                str(value["at"]),
                str(value["stem"]),
            )
        except (ValueError, KeyError, TypeError):
            continue
