"""What the audit says in one scenario, and how it is known that it says no more.

Records are found by what only this scenario caused: the ids of its requests, policies and bindings,
and the names of its labels. That a record is *not* there is proved by a fence: a call made later
whose own record has arrived, which is written after those of all calls that were answered before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.waiting import wait_until
from support.platform.audit import AuditLog, AuditRecord
from support.world.expectations import expect_equal

FENCE_TIME_LIMIT_SECONDS = 3.0

Fence = Callable[[], str]
"""Makes a call that leaves an audit record, and returns the id of the request."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the audit said.

    Attributes:
        records: of all calls since the scenario began.
        doubt: why there may be more than those; empty where there cannot be.
    """

    records: tuple[AuditRecord, ...]
    doubt: str = ""

    def of(self, kind: str) -> tuple[AuditRecord, ...]:
        """Return the records of one kind."""
        return tuple(record for record in self.records if record.kind == kind)


class Audit:
    """Reads the audit of the stack from where it was when the scenario began.

    Args:
        logs: by the key access service that writes there.
        fences: ways to make an audited call there; where one leaves no record, the next is tried.
        time_limit_seconds: how long to wait for the record of a fence.
    """

    def __init__(
        self,
        logs: Mapping[str, Path],
        fences: Callable[[str], Sequence[Fence]],
        time_limit_seconds: float = FENCE_TIME_LIMIT_SECONDS,
    ) -> None:
        self._logs = {name: AuditLog(path) for name, path in logs.items()}
        self._fences = fences
        self._time_limit = time_limit_seconds

    def hear(self) -> Heard:
        """Return everything that the audit says about the calls that were answered so far.

        Raises:
            EnvironmentUnfitError: the run cannot read this stack's log.
        """
        if not self._logs:
            raise EnvironmentUnfitError(
                "A step asks what the audit says, but the run cannot read this stack's log. Tag "
                "the scenario @needs:audit-log; for an adopted platform, name its log in "
                "ACCEPTANCE_AUDIT_LOG."
            )
        doubts = [doubt for name in self._logs if (doubt := self._doubt(name))]
        records = [record for log in self._logs.values() for record in log.records()]
        return Heard(tuple(records), " ".join(doubts))

    def _doubt(self, name: str) -> str:
        """Make an audited call and wait for its record; return why none came, or nothing."""
        log = self._logs[name]
        for fence in self._fences(name):
            request_id = fence()
            try:
                wait_until(
                    lambda wanted=request_id: _has(log, wanted),  # type: ignore[misc]
                    what=f"the audit record of request {request_id}",
                    time_limit_seconds=self._time_limit,
                )
            except EnvironmentUnfitError:
                continue
            return ""
        return (
            f"No audited call that was made later has left a record in {log.path}, so the records "
            "of earlier calls may be missing, too."
        )


def _has(log: AuditLog, request_id: str) -> bool:
    return any(record.request_id == request_id for record in log.records())


def expect_heard(what: str, heard: Heard, actual: object, expected: object) -> None:
    """Expect the audit to say exactly something.

    Raises:
        AssertionError: it says something else.
        EnvironmentUnfitError: it says that, but nobody knows whether it says more.
    """
    expect_equal(what, actual, expected)
    if heard.doubt:
        raise EnvironmentUnfitError(f"{what}: {heard.doubt}")
