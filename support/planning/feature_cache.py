"""What was planned before, by feature file: one SQLite file for each basis of a plan.

A fragment is found by the digest of everything that decides it, so an edit is never missed. The
cache only saves time: where it cannot be read or written, it is as if it were not there.
"""

import hashlib
import sqlite3
import zlib
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from support.planning.fragments import Fragment

KEPT_FILES = 8
LONGEST_WAIT_SECONDS = 2.0

_FORM = """
CREATE TABLE IF NOT EXISTS fragments (
    path TEXT PRIMARY KEY, key TEXT NOT NULL, checksum INTEGER NOT NULL,
    facts TEXT NOT NULL, left_out BLOB NOT NULL, units BLOB NOT NULL
)
"""
_FIND = "SELECT checksum, facts, left_out, units FROM fragments WHERE path = ? AND key = ?"
_KEEP = "INSERT OR REPLACE INTO fragments VALUES (?, ?, ?, ?, ?, ?)"


class FeatureCache:
    """Fragments that were made on one basis.

    Args:
        folder: holds one file for each basis.
        basis: digest of everything beside the feature files that decides a plan.
    """

    def __init__(self, folder: Path, basis: str) -> None:
        self._path = folder / f"{basis}.sqlite"

    def read(self, keys: Iterable[tuple[str, str]]) -> dict[str, Fragment]:
        """Return the fragments that are known, by path.

        Args:
            keys: path of each feature file, and the digest of what decides its fragment.
        """
        if not self._path.is_file():
            return {}
        try:
            with closing(self._connected()) as connection:
                found = ((path, key, connection.execute(_FIND, (path, key))) for path, key in keys)
                rows = ((path, key, rows.fetchone()) for path, key, rows in found)
                return {path: _fragment(key, row) for path, key, row in rows if row}
        except sqlite3.OperationalError:
            return {}  # somebody else writes it
        except (sqlite3.Error, ValueError, KeyError, TypeError):
            self._forget()
            return {}

    def write(self, fragments: Iterable[tuple[str, str, Fragment]]) -> None:
        """Keep fragments: path, key, fragment."""
        rows = [_row(path, key, fragment) for path, key, fragment in fragments]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connected()) as connection, connection:
                connection.execute(_FORM)
                connection.executemany(_KEEP, rows)
        except sqlite3.OperationalError:
            return
        except (sqlite3.Error, OSError):
            self._forget()
        self._remove_oldest()

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=LONGEST_WAIT_SECONDS)
        # What a crash may damage is noticed by the checksum, and made again.
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    def _forget(self) -> None:
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _remove_oldest(self) -> None:
        """Keep the files of the few bases that were written last."""
        with suppress(OSError):
            files = sorted(self._path.parent.glob("*.sqlite"), key=lambda p: p.stat().st_mtime_ns)
            for path in files[:-KEPT_FILES]:
                path.unlink(missing_ok=True)


def key_of(*parts: str) -> str:
    """Return the digest of what decides a fragment."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()


def _checksum(key: str, facts: str, left_out: bytes, units: bytes) -> int:
    beginning = zlib.crc32(facts.encode(), zlib.crc32(key.encode()))
    return zlib.crc32(units, zlib.crc32(left_out, beginning))


def _row(path: str, key: str, fragment: Fragment) -> tuple[str, str, int, str, bytes, bytes]:
    facts, left_out, units = fragment.facts(), fragment.left_out, fragment.units
    return path, key, _checksum(key, facts, left_out, units), facts, left_out, units


def _fragment(key: str, row: tuple[int, str, bytes, bytes]) -> Fragment:
    checksum, facts, left_out, units = row
    if _checksum(key, facts, left_out, units) != checksum:
        raise ValueError(key)
    return Fragment.of(units, left_out, facts)
