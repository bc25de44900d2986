"""How long a run is kept, as the run itself says: `keeping.json` in its folder.

A run holds a lock file while it goes on; the system frees it however the run ends, so whoever
collects garbage or packs beside a running run sees that it is not theirs.
"""

import contextlib
import fcntl
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from support.artifacts.stored import KEEPING, LOCK, PRIVATE_FILE
from support.foundation.documents import load_json
from support.foundation.files import locked, write_atomically

SCHEMA = "run-keeping"
SCHEMA_VERSION = 1
WRITTEN_BY = "behave --define artifacts="


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days a run is kept, and after how many it is packed as small as can be."""

    days: int = 7
    cold_after_days: int = 2


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a run says of how it is to be kept.

    Attributes:
        began_at: when the run began.
        labels: under which names it is kept for ever.
        refers_to: ids of runs that this one needs, such as the one whose failure it replays.
    """

    run_id: str
    profile_id: str
    began_at: datetime
    retention: Retention
    labels: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()

    def labelled(self, label: str) -> "Keeping":
        """Return the same with one more label."""
        return replace(self, labels=tuple(dict.fromkeys((*self.labels, label))))

    def without(self, label: str) -> "Keeping":
        """Return the same without a label."""
        return replace(self, labels=tuple(each for each in self.labels if each != label))


def write(run_folder: Path, keeping: Keeping) -> None:
    """Write what a run says, in one step."""
    path = run_folder / KEEPING
    data = {
        "schema_version": SCHEMA_VERSION,
        "run_id": keeping.run_id,
        "profile_id": keeping.profile_id,
        "began_at": keeping.began_at.astimezone(UTC).isoformat(),
        "keep_days": keeping.retention.days,
        "cold_after_days": keeping.retention.cold_after_days,
        "labels": list(keeping.labels),
        "refers_to": list(keeping.refers_to),
    }
    write_atomically(path, json.dumps(data, indent=2) + "\n")
    path.chmod(PRIVATE_FILE)


def read(run_folder: Path) -> Keeping | None:
    """Read what a run says; None for one of before runs said anything.

    Raises:
        ConfigurationError: the file is damaged.
    """
    path = run_folder / KEEPING
    if not path.exists():
        return None
    data: dict[str, Any] = load_json(path, SCHEMA, WRITTEN_BY).value
    return Keeping(
        run_id=data["run_id"],
        profile_id=data["profile_id"],
        began_at=datetime.fromisoformat(data["began_at"]),
        retention=Retention(data["keep_days"], data["cold_after_days"]),
        labels=tuple(data["labels"]),
        refers_to=tuple(data["refers_to"]),
    )


@contextlib.contextmanager
def changing(artifacts: Path) -> Iterator[None]:
    """Take turns with whoever labels runs or collects garbage."""
    with locked(artifacts / ".keeping.lock"):
        yield


class Hold:
    """A run's lock while it goes on."""

    def __init__(self, run_folder: Path) -> None:
        self._path = run_folder / LOCK
        self._file: IO[bytes] = self._path.open("ab")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self) -> None:
        """Let go; the run has ended."""
        with contextlib.suppress(OSError):  # whoever took the folder away took the lock with it
            self._path.unlink()
        self._file.close()


def is_running(run_folder: Path) -> bool:
    """Whether somebody holds the lock of a run."""
    try:
        with (run_folder / LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
