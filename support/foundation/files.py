"""Writing files so that nobody ever sees half of one, and taking turns by a lock file.

Everything is written through one `System`, so that tests can put one in its place whose disk is
full at a chosen write.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self


class System:
    """What of the operating system changes files here; each call may raise OSError."""

    def make_folder(self, path: Path) -> None:
        """Make a folder with those above it, unless it is there."""
        path.mkdir(parents=True, exist_ok=True)

    def open(self, path: Path, flags: int, mode: int) -> int:
        """Open a file, and return its handle; a child process does not inherit it."""
        return os.open(path, flags, mode)

    def write(self, handle: int, data: bytes | memoryview) -> int:
        """Write some of `data`, and return how many bytes those were."""
        return os.write(handle, data)

    def sync(self, handle: int) -> None:
        """Return once the content of a file would outlive a loss of power."""
        os.fsync(handle)

    def replace(self, draft: Path, path: Path) -> None:
        """Let a file take the place of another in one step."""
        draft.replace(path)


class _Systems:
    """The system that is written through now."""

    current = System()


@contextlib.contextmanager
def through(system: System) -> Iterator[None]:
    """Write through another system for a while: for tests of what happens when writing fails."""
    before, _Systems.current = _Systems.current, system
    try:
        yield
    finally:
        _Systems.current = before


class Appender:
    """A file that grows by whole pieces: a piece that does not fit leaves nothing of itself.

    Pieces are not synchronised: they outlive this process however it ends, but not a loss of power.
    """

    def __init__(self, path: Path) -> None:
        system = _Systems.current
        system.make_folder(path.parent)
        self._handle = system.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)

    def append(self, data: bytes) -> None:
        """Append all of `data`, or none of it.

        Raises:
            OSError: it could not be written.
        """
        before = os.fstat(self._handle).st_size
        try:
            _write_all(self._handle, data)
        except OSError:
            os.ftruncate(self._handle, before)
            raise

    def hold(self) -> bool:
        """Lock the file for as long as it is open; return whether nobody else holds it."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Close the file, which frees it."""
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def append(path: Path, data: bytes) -> None:
    """Append all of `data` to a file, or none of it.

    Raises:
        OSError: it could not be written.
    """
    is_new = not path.exists()
    try:
        with Appender(path) as file:
            file.append(data)
    except OSError:
        if is_new:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        raise


def _write_all(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[_Systems.current.write(handle, left) :]


def write_atomically(path: Path, text: str, *, durable: bool = True) -> None:
    """Write a file so that a reader sees all of it or none of it, even after a crash.

    See `write_pieces_atomically`.
    """
    write_pieces_atomically(path, (text.encode(),), durable=durable)


def write_pieces_atomically(
    path: Path, pieces: Iterable[bytes], *, durable: bool = True, mode: int = 0o666
) -> None:
    """Write a file from its pieces so that a reader sees all of it or none, even after a crash.

    The draft has a name of its own, so two processes that write the same file do not disturb each
    other; the last one wins.

    Args:
        path: the file.
        pieces: its content.
        durable: whether it has to outlive a loss of power, too, which takes milliseconds.
        mode: the file's mode, less what the process masks.
    """
    system = _Systems.current
    system.make_folder(path.parent)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        handle = system.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        try:
            for piece in pieces:
                _write_all(handle, piece)
            if durable:
                system.sync(handle)
        finally:
            os.close(handle)
        system.replace(draft, path)
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
