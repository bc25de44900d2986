"""The audit records that belong to one unit, cut out of the platform's logs.

Records are matched by what only this unit can have caused: its namespace, its policy ids, its
request ids. Time alone would match what another unit did at the same moment.
"""

import contextlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from support.foundation.errors import EnvironmentUnfitError
from support.platform.audit import AuditLog


class AuditTrail:
    """Remembers where the logs ended when the unit began."""

    def __init__(self, logs: Iterable[Path]) -> None:
        self._logs = [AuditLog(path) for path in logs]

    def records(self, correlation: Collection[str]) -> Iterator[bytes]:
        """Yield the audit lines written since, that mention one of `correlation`."""
        if not correlation:
            return
        for log in self._logs:
            with contextlib.suppress(EnvironmentUnfitError):  # evidence has what can be had
                for record in log.records():
                    if any(mark in record.text for mark in correlation):
                        yield record.text.encode()
