"""The history's file: its form, its version, and what to do with one that cannot be used."""

import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from support.foundation.errors import EnvironmentUnfitError

BUSY_SECONDS = 5.0
"""How long a writer waits for another run that writes to the same file."""

APPLICATION_ID = 0x0DF_ACCE
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

_FIRST = """
CREATE TABLE runs (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  profile TEXT NOT NULL,
  stack TEXT NOT NULL,
  commit_sha TEXT NOT NULL,
  started REAL NOT NULL,
  ended REAL,
  interrupted INTEGER NOT NULL DEFAULT 0,
  verdict TEXT NOT NULL DEFAULT 'unfinished'
);
CREATE TABLE units (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE reasons (number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE inputs (number INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE);
CREATE TABLE sdks (
  run INTEGER NOT NULL REFERENCES runs (number),
  id TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (run, id)
) WITHOUT ROWID;
CREATE TABLE outcomes (
  unit INTEGER NOT NULL REFERENCES units (number),
  run INTEGER NOT NULL REFERENCES runs (number),
  attempt INTEGER NOT NULL,
  status TEXT NOT NULL,
  reason INTEGER REFERENCES reasons (number),
  started REAL NOT NULL,
  seconds REAL NOT NULL,
  input INTEGER REFERENCES inputs (number),
  PRIMARY KEY (unit, run DESC, attempt DESC)
) WITHOUT ROWID;
CREATE INDEX outcomes_of_a_run ON outcomes (run);
"""

_FACTS = """
SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)
FROM pragma_application_id, pragma_user_version
"""

MIGRATIONS: tuple[str, ...] = (_FIRST,)
"""Each script takes a file from the version that is its index to the next one."""


class UnusableHistoryError(EnvironmentUnfitError):
    """A history that must be left alone: of a newer version, not ours, or not to be opened."""


class DamagedHistoryError(UnusableHistoryError):
    """A history whose file is damaged."""


def open_for_writing(path: Path, migrations: Sequence[str] = MIGRATIONS) -> sqlite3.Connection:
    """Open a history, made or brought to this version first; every statement commits by itself.

    A writer that is killed loses nothing that it committed (write-ahead log).

    Raises:
        DamagedHistoryError: the file is no database any more.
        UnusableHistoryError: newer than this version, of another program, or it cannot be written.
    """
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create(path, migrations)
        return _opened(path, path, migrations)


@contextmanager
def open_for_reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a history that exists.

    Raises:
        DamagedHistoryError: the file is no database any more.
        UnusableHistoryError: of another version, of another program, or it cannot be read.
    """
    with (
        _explained(path),
        closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", timeout=BUSY_SECONDS, uri=True)
        ) as connection,
    ):
        version = _version(connection, path, len(MIGRATIONS))
        if version < len(MIGRATIONS):
            raise UnusableHistoryError(
                f"The history {path} has version {version}, older than this version reads "
                f"({len(MIGRATIONS)}). The next run brings it up to date."
            )
        yield connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all statements of the block or none; other writers wait until it ends."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def set_aside(path: Path) -> Path:
    """Move a damaged history, with its write-ahead log, out of the way; return where it is now."""
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    kept = path.with_name(f"{path.name}.damaged-{stamp}")
    path.rename(kept)
    for ending in ("-wal", "-shm"):
        beside = path.with_name(path.name + ending)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + ending))
    return kept


def _create(path: Path, migrations: Sequence[str]) -> None:
    """Make an empty history beside its place and put it there whole.

    Runs that begin together would otherwise lock each other out while they switch the same new
    file to write-ahead logging.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        _opened(draft, path, migrations).close()
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another run was quicker
    finally:
        draft.unlink(missing_ok=True)


def _opened(path: Path, shown: Path, migrations: Sequence[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _upgrade(connection, shown, migrations)
    except BaseException:
        connection.close()
        raise
    return connection


def _upgrade(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    if _version(connection, path, len(migrations)) == len(migrations):
        return
    with transaction(connection):
        # Another run may have done it while this one waited for the lock.
        for index in range(_version(connection, path, len(migrations)), len(migrations)):
            for statement in migrations[index].split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")


def _version(connection: sqlite3.Connection, path: Path, known: int) -> int:
    application, version, tables = connection.execute(_FACTS).fetchone()
    if tables and application != APPLICATION_ID:
        raise UnusableHistoryError(
            f"{path} is a database of another program, so no history can be kept in it. Name "
            "another file with --define history=…"
        )
    if version > known:
        raise UnusableHistoryError(
            f"The history {path} has version {version}, newer than this version knows ({known}). "
            "It is left as it is; update OpenTDF Acceptance, or name another file with "
            "--define history=…"
        )
    return int(version)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Say in one message why a history cannot be used.

    Raises:
        DamagedHistoryError: the file is no database any more.
        UnusableHistoryError: it cannot be opened, read or written.
    """
    try:
        yield
    except sqlite3.Error as error:
        if is_damage(error):
            raise DamagedHistoryError(f"The history {path} is damaged: {error}.") from error
        raise _unusable(path, str(error)) from error
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error


def is_damage(error: BaseException) -> bool:
    """Tell whether an error means that the file is damaged, and not only locked or full."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _CORRUPT


def _unusable(path: Path, why: str) -> UnusableHistoryError:
    return UnusableHistoryError(
        f"The history {path} cannot be used: {why}. Expected a file that this user may read and "
        "write; correct its permissions, free space, or name another with --define history=…"
    )
