"""Reading the history: what became of each unit, how long it took, what it depended on."""

import sqlite3
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from support.history import database
from support.history.database import UnusableHistoryError
from support.model.outcome import Status

RUNS_FOR_A_DURATION = 5

Found = TypeVar("Found")

_RAN = ", ".join(f"'{status.value}'" for status in Status if status.ran)
_OF_PROFILE = "EXISTS (SELECT 1 FROM runs WHERE number = outcomes.run AND profile = :profile)"
_LAST = """
SELECT run, attempt, status, reason, started, seconds, input FROM outcomes
WHERE unit = :unit AND {of_profile} ORDER BY run DESC, attempt DESC LIMIT 1
"""
_DURATIONS = f"""
SELECT seconds FROM outcomes
WHERE unit = :unit AND {{of_profile}} AND status IN ({_RAN}) AND seconds > 0
ORDER BY run DESC, attempt DESC LIMIT {RUNS_FOR_A_DURATION}
"""  # noqa: S608 -- our own words
_RUNS = """
SELECT id, profile, stack, commit_sha, started, ended, interrupted, verdict FROM runs
ORDER BY number
"""


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run. `verdict` is green, red, interrupted or, of a run that was killed, unfinished."""

    id: str
    profile_id: str
    stack: str
    commit_sha: str
    started_at: datetime
    ended_at: datetime | None
    interrupted: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class LastOutcome:
    """What became of a unit when it was last planned.

    Attributes:
        reason: the beginning of the outcome's reason.
        input_digest: digest of what the unit depended on; empty where nobody computed one.
        sdk_digests: digest of each SDK that the run's machine had, by SDK id.
    """

    run_id: str
    profile_id: str
    status: Status
    reason: str
    started_at: datetime
    duration_seconds: float
    attempt: int = 1
    input_digest: str = ""
    sdk_digests: Mapping[str, str] = field(default_factory=dict)


class History:
    """What earlier runs left in a history file.

    A history that does not exist or cannot be read is empty.

    Attributes:
        problem: why it cannot be read; empty while it can, or does not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problem = ""

    def last_outcomes(self, profile_id: str | None = None) -> Mapping[str, LastOutcome]:
        """Return the outcome of each unit's last attempt in its last run, by unit id.

        Args:
            profile_id: count only runs of this profile; runs of all by default.
        """
        return self._read(lambda connection: dict(_last_outcomes(connection, profile_id)), {})

    def durations(self, profile_id: str | None = None) -> Mapping[str, float]:
        """Return how many seconds each unit took: the median of the last five times it ran.

        Units that never ran are left out.
        """
        return self._read(lambda connection: dict(_durations(connection, profile_id)), {})

    def input_digests(self, profile_id: str | None = None) -> Mapping[str, str]:
        """Return the input digest of each unit's last outcome, where one was written."""
        last = self.last_outcomes(profile_id)
        return {name: o.input_digest for name, o in last.items() if o.input_digest}

    def runs(self) -> tuple[PastRun, ...]:
        """Return all runs, in the order in which they began to write."""
        return self._read(lambda connection: tuple(map(_run, connection.execute(_RUNS))), ())

    def _read(self, read: Callable[[sqlite3.Connection], Found], nothing: Found) -> Found:
        if not self._path.exists():
            return nothing
        try:
            with database.open_for_reading(self._path) as connection:
                return read(connection)
        except UnusableHistoryError as error:
            self.problem = str(error)
            return nothing


def _last_outcomes(
    connection: sqlite3.Connection, profile_id: str | None
) -> Iterator[tuple[str, LastOutcome]]:
    runs = {row[0]: row[1:] for row in connection.execute("SELECT number, id, profile FROM runs")}
    reasons = _Texts(connection, "SELECT text FROM reasons WHERE number = ?")
    inputs = _Texts(connection, "SELECT digest FROM inputs WHERE number = ?")
    sdks: dict[int, dict[str, str]] = {}
    for run, name, digest in connection.execute("SELECT run, id, digest FROM sdks"):
        sdks.setdefault(run, {})[name] = digest
    for unit_id, row in _of_each_unit(connection, _LAST, profile_id):
        run, attempt, status, reason, started, seconds, digest = row
        run_id, profile = runs[run]
        yield (
            unit_id,
            LastOutcome(
                run_id=run_id,
                profile_id=profile,
                status=Status(status),
                reason=reasons.get(reason),
                started_at=_instant(started),
                duration_seconds=seconds,
                attempt=attempt,
                input_digest=inputs.get(digest),
                sdk_digests=sdks.get(run, {}),
            ),
        )


def _durations(
    connection: sqlite3.Connection, profile_id: str | None
) -> Iterator[tuple[str, float]]:
    found: dict[str, list[float]] = {}
    for unit_id, (seconds,) in _of_each_unit(connection, _DURATIONS, profile_id):
        found.setdefault(unit_id, []).append(seconds)
    yield from ((unit_id, statistics.median(seconds)) for unit_id, seconds in found.items())


def _of_each_unit(
    connection: sqlite3.Connection, question: str, profile_id: str | None
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Ask once for each unit: the index leads to its last rows, however many there are."""
    text = question.format(of_profile="TRUE" if profile_id is None else _OF_PROFILE)
    units = connection.execute("SELECT number, id FROM units ORDER BY number").fetchall()
    for number, unit_id in units:
        for row in connection.execute(text, {"unit": number, "profile": profile_id}):
            yield unit_id, row


class _Texts:
    """Interned texts by number, each read once."""

    def __init__(self, connection: sqlite3.Connection, question: str) -> None:
        self._connection = connection
        self._question = question
        self._known: dict[int | None, str] = {None: ""}

    def get(self, number: int | None) -> str:
        if number not in self._known:
            (text,) = self._connection.execute(self._question, (number,)).fetchone()
            self._known[number] = text
        return self._known[number]


def _run(row: tuple[str, str, str, str, float, float | None, int, str]) -> PastRun:
    run_id, profile_id, stack, commit, started, ended, interrupted, verdict = row
    return PastRun(
        id=run_id,
        profile_id=profile_id,
        stack=stack,
        commit_sha=commit,
        started_at=_instant(started),
        ended_at=None if ended is None else _instant(ended),
        interrupted=bool(interrupted),
        verdict=verdict,
    )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
