"""The sink that writes a run into the history, outcome by outcome.

Keeping the history never fails a run: what is wrong with its file is said once, and outcomes that
cannot be written yet are kept and written with later ones.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from support.history import database
from support.history.database import DamagedHistoryError, UnusableHistoryError, transaction
from support.model.events import Event, RunFinished, RunStarted, UnitFinished
from support.model.outcome import Status

REASON_CHARACTERS = 200
PENDING_LIMIT = 1000
"""How many outcomes may wait for a locked or full file before they are given up."""

_ADD_RUN = """
INSERT INTO runs (id, profile, stack, commit_sha, started) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING
"""
_ADD_OUTCOME = """
INSERT OR REPLACE INTO outcomes (unit, run, attempt, status, reason, started, seconds, input)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_FINISH = """
UPDATE runs SET ended = ?, interrupted = ?, verdict = ? WHERE number = ?
"""


@dataclass(frozen=True, slots=True)
class _Row:
    """An outcome as it will be written."""

    unit_id: str
    attempt: int
    status: str
    reason: str
    started: float
    seconds: float
    input_digest: str


class HistorySink:
    """Writes the run, and each outcome as soon as it is known, each in a transaction of its own.

    Args:
        path: the history's file; made when it does not exist.
        input_digests: digest of what each unit depends on, by unit id; see
            `support.planning.inputs`.
        report: gets the one message about a history that cannot be kept.
    """

    name = "history"

    def __init__(
        self,
        path: Path,
        input_digests: Mapping[str, str] | None = None,
        report: Callable[[str], None] = lambda _message: None,
    ) -> None:
        self._path = path
        self._input_digests = input_digests or {}
        self._report = report
        self._connection: sqlite3.Connection | None = None
        self._run = 0
        self._last_status: dict[str, Status] = {}
        self._pending: list[_Row] = []

    def handle(self, event: Event) -> None:
        """Write what this event adds to the history; never raises for the file's sake."""
        try:
            match event:
                case RunStarted():
                    self._start(event)
                case UnitFinished() if self._connection is not None:
                    self._add(event)
                case RunFinished() if self._connection is not None:
                    self._finish(event)
                case _:
                    pass
        except (sqlite3.Error, UnusableHistoryError, OSError) as error:
            self._give_up(error)

    def close(self) -> None:
        """Write what is left, and say if something could not be kept."""
        if self._connection is None:
            return
        try:
            self._write_pending()
        except sqlite3.Error as error:
            self._give_up(error)
            return
        self._connection.close()
        self._connection = None

    def _start(self, event: RunStarted) -> None:
        try:
            self._open(event)
        except (DamagedHistoryError, sqlite3.DatabaseError) as error:
            if isinstance(error, sqlite3.Error) and not database.is_damage(error):
                raise
            kept = database.set_aside(self._path)
            self._report(
                f"The history {self._path} is damaged ({error.__cause__ or error}). It is kept as "
                f"{kept}; a new one begins with this run."
            )
            self._open(event)

    def _open(self, event: RunStarted) -> None:
        values = (event.run_id, event.profile_id, event.stack.name, event.commit_sha)
        connection = database.open_for_writing(self._path)
        try:
            with transaction(connection):
                connection.execute(_ADD_RUN, (*values, event.at.timestamp()))
                self._run = _numbers(connection, "runs", "id", event.run_id)[0]
                connection.executemany(
                    "INSERT OR REPLACE INTO sdks (run, id, digest) VALUES (?, ?, ?)",
                    [(self._run, sdk.id, sdk.digest) for sdk in event.inventory.sdks],
                )
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _add(self, event: UnitFinished) -> None:
        self._last_status[event.unit.id] = event.outcome.status
        self._pending.append(
            _Row(
                unit_id=event.unit.id,
                attempt=event.attempt,
                status=event.outcome.status.value,
                reason=_short(event.outcome.reason),
                started=event.started_at.timestamp(),
                seconds=max(0.0, (event.at - event.started_at).total_seconds()),
                input_digest=self._input_digests.get(event.unit.id, ""),
            )
        )
        try:
            self._write_pending()
        except sqlite3.OperationalError:
            # Locked for longer than we wait, or no space: both may pass.
            if len(self._pending) > PENDING_LIMIT:
                raise

    def _write_pending(self) -> None:
        connection = self._connection
        if connection is None or not self._pending:
            return
        with transaction(connection):
            for row in self._pending:
                unit = _interned(connection, "units", "id", row.unit_id)
                reason = _interned(connection, "reasons", "text", row.reason)
                digest = _interned(connection, "inputs", "digest", row.input_digest)
                verdict = (row.status, reason, row.started, row.seconds, digest)
                connection.execute(_ADD_OUTCOME, (unit, self._run, row.attempt, *verdict))
        self._pending.clear()

    def _finish(self, event: RunFinished) -> None:
        self._write_pending()
        red = any(status.is_red for status in self._last_status.values())
        verdict = "interrupted" if event.interrupted else "red" if red else "green"
        if self._connection is not None:
            values = (event.at.timestamp(), event.interrupted, verdict, self._run)
            self._connection.execute(_FINISH, values)

    def _give_up(self, error: Exception) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        lost = f" {len(self._pending)} outcome(s) of it are lost." if self._pending else ""
        self._pending.clear()
        if database.is_damage(error):
            lost += f" The damaged file is kept as {database.set_aside(self._path)}."
        self._report(f"The history of this run is not kept: {str(error).rstrip('.')}.{lost}")


def _interned(connection: sqlite3.Connection, table: str, column: str, text: str) -> int | None:
    """Return the number of a text, added when it is new; None for the empty text."""
    if not text:
        return None
    found = _numbers(connection, table, column, text)
    if found:
        return found[0]
    statement = f"INSERT INTO {table} ({column}) VALUES (?)"  # noqa: S608 -- names of our own
    return connection.execute(statement, (text,)).lastrowid


def _numbers(connection: sqlite3.Connection, table: str, column: str, text: str) -> list[int]:
    statement = f"SELECT number FROM {table} WHERE {column} = ?"  # noqa: S608 -- names of our own
    return [int(number) for (number,) in connection.execute(statement, (text,))]


def _short(reason: str) -> str:
    words = " ".join(reason.split())
    return words if len(words) <= REASON_CHARACTERS else f"{words[: REASON_CHARACTERS - 1]}…"
