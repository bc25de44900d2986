"""Writing files so that nobody ever sees half of one, and taking turns by a lock file."""

import contextlib
import fcntl
import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or none of it, even after a crash.

    See `write_pieces_atomically`.
    """
    write_pieces_atomically(path, (text.encode(),))


def write_pieces_atomically(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file from its pieces so that a reader sees all of it or none, even after a crash.

    The draft has a name of its own, so two processes that write the same file do not disturb each
    other; the last one wins.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file; whoever else wants it waits. The system frees it when its holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def remove_unheld(path: Path) -> None:
    """Remove a lock file, unless somebody holds it now."""
    try:
        with path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
    except BlockingIOError:
        return


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, so that a reader sees all of it or none of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    draft.unlink(missing_ok=True)
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
