"""The audit records that belong to one unit, cut out of the platform's log.

Records are matched by what only this unit can have caused: its namespace, its policy ids, its
request ids. Time alone would match what another unit did at the same moment.
"""

import json
from collections.abc import Collection, Iterator
from pathlib import Path


class AuditTrail:
    """Remembers where the log ended when the unit began."""

    def __init__(self, log: Path | None) -> None:
        self._log = log
        self._start = log.stat().st_size if log is not None and log.exists() else 0

    def records(self, correlation: Collection[str]) -> Iterator[bytes]:
        """Yield the audit lines written since, that mention one of `correlation`."""
        if self._log is None or not correlation:
            return
        with self._log.open("rb") as file:
            file.seek(self._start)
            for line in file:
                text = line.decode(errors="replace")
                if _is_audit(text) and any(mark in text for mark in correlation):
                    yield line.rstrip(b"\n")


def _is_audit(line: str) -> bool:
    try:
        value = json.loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and value.get("level") == "AUDIT"
