"""The one place that runs child processes.

A child gets its own session, so that a time limit or Ctrl-C ends it with everything it started.
Output goes to temporary files, not pipes: a grandchild that keeps a pipe open cannot hang us.
"""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from support.foundation import living
from support.foundation.errors import CommandTimeoutError, EnvironmentUnfitError
from support.foundation.living import ProcessIdentity
from support.foundation.text import tail
from support.model.records import CommandRecord

Observer = Callable[[CommandRecord], None]

OUTPUT_LIMIT_BYTES = 8 * 1024 * 1024
GRACE_SECONDS = 2.0

# Kept for as long as we live: a Popen that is collected while its child runs warns about it.
_DETACHED: dict[int, subprocess.Popen[bytes]] = {}


@atexit.register
def _let_go() -> None:
    """Let detached children live on without a warning: to outlive us is what they are for."""
    for child in _DETACHED.values():
        if child.poll() is None:
            child.returncode = 0


def run(
    arguments: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    time_limit_seconds: float,
    working_directory: Path | None = None,
    observer: Observer | None = None,
    shown_environment: Mapping[str, str] | None = None,
) -> CommandRecord:
    """Run a command to its end and return what happened, whatever its exit code.

    Args:
        arguments: program and arguments; never a secret, for others can read them.
        environment: the whole environment of the child.
        time_limit_seconds: after this, the child and all its children are ended.
        working_directory: where it runs; the current directory by default.
        observer: gets the record, also of a command that was stopped.
        shown_environment: the part of the environment worth keeping in the record, without secrets.

    Raises:
        EnvironmentUnfitError: the program does not exist or cannot be started.
        CommandTimeoutError: the time limit was reached.
    """
    command = tuple(map(str, arguments))
    started_at, begun = datetime.now(UTC), time.monotonic()
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        child = _spawn(command, environment, working_directory, (stdout, stderr))
        timed_out = False
        try:
            child.wait(timeout=time_limit_seconds)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            _end_group(child)
        record = CommandRecord(
            arguments=command,
            exit_code=child.returncode,
            stdout=_read(stdout),
            stderr=_read(stderr),
            started_at=started_at,
            duration_seconds=time.monotonic() - begun,
            timed_out=timed_out,
            environment=dict(shown_environment or {}),
        )
    if observer is not None:
        observer(record)
    if timed_out:
        said = tail(record.stdout + record.stderr) or "(none)"
        raise CommandTimeoutError(
            f"`{' '.join(command)}` did not end within {time_limit_seconds:g} s and was stopped "
            f"with all its children. Its last output: {said}"
        )
    return record


def find_program(name: str, search_path: str) -> Path | None:
    """Return the program `name` on `search_path` (as in PATH), or None."""
    found = shutil.which(name, path=search_path)
    return Path(found) if found else None


@dataclass(slots=True)
class BackgroundProcess:
    """A child that keeps running, its output going to `log`; stop it with `stop()`."""

    name: str
    log: Path
    child: subprocess.Popen[bytes]

    @property
    def process_id(self) -> int:
        """The child's process id."""
        return self.child.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs, else its exit code."""
        return self.child.poll()

    def last_output(self) -> str:
        """Return the last lines it wrote."""
        return tail(self.log.read_text(errors="replace")) if self.log.exists() else ""

    def kill(self) -> None:
        """End it and its children at once, without a chance to tidy up."""
        _signal_group(self.child.pid, signal.SIGKILL)
        self.stop()

    def stop(self) -> None:
        """End it and its children; harmless when it has ended."""
        if self.child.stdin is not None:
            self.child.stdin.close()
        _end_group(self.child)


def start(
    name: str, arguments: Sequence[str | Path], *, environment: Mapping[str, str], log: Path
) -> BackgroundProcess:
    """Start a long-running child whose standard input is a pipe that we hold open.

    A child that stops at end of input therefore never outlives this process, however that ends.

    Raises:
        EnvironmentUnfitError: the program does not exist or cannot be started.
    """
    command = tuple(map(str, arguments))
    with log.open("ab") as output:
        child = _spawn(command, environment, None, (output, output), stdin=subprocess.PIPE)
    return BackgroundProcess(name, log, child)


def start_detached(
    arguments: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    log: Path,
    working_directory: Path | None = None,
    user: str | None = None,
) -> ProcessIdentity:
    """Start a child that outlives this process, as the leader of a process group of its own.

    Args:
        arguments: program and arguments; never a secret, for others can read them.
        environment: the whole environment of the child.
        log: gets what it prints, after what is there.
        working_directory: where it runs; the current directory by default.
        user: whom it runs as; only root may name another one.

    Raises:
        EnvironmentUnfitError: the program does not exist or cannot be started.
    """
    with log.open("ab") as output:
        child = _spawn(
            tuple(map(str, arguments)), environment, working_directory, (output, output), user=user
        )
    _DETACHED[child.pid] = child
    return living.identity_of(child.pid)


def exit_code(identity: ProcessIdentity) -> int | None:
    """Return the exit code of a detached child of this process that has ended, else None."""
    child = _DETACHED.get(identity.process_id)
    return None if child is None else child.poll()


def _spawn(
    command: tuple[str, ...],
    environment: Mapping[str, str],
    working_directory: Path | None,
    outputs: tuple[IO[bytes], IO[bytes]],
    *,
    stdin: int = subprocess.DEVNULL,
    user: str | None = None,
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            env=dict(environment),
            cwd=working_directory,
            stdin=stdin,
            stdout=outputs[0],
            stderr=outputs[1],
            start_new_session=True,
            **_as_user(user),
        )
    except OSError as error:
        raise EnvironmentUnfitError(
            f"Cannot start `{command[0]}`: {error.strerror or error}. Expected an executable "
            "program; check the path and its permissions."
        ) from error


def _as_user(user: str | None) -> dict[str, Any]:
    """Return the arguments of Popen that make a child run as somebody else.

    Raises:
        EnvironmentUnfitError: there is no such user.
    """
    if user is None:
        return {}
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise EnvironmentUnfitError(
            f'There is no user "{user}" on this machine, whom a service was to run as.'
        ) from None
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """End the child's whole process group: politely first if it still runs, then for certain."""
    if child.poll() is None:
        _signal_group(child.pid, signal.SIGTERM)
        try:
            child.wait(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            _signal_group(child.pid, signal.SIGKILL)
    _signal_group(child.pid, signal.SIGKILL)
    child.wait()


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def _read(stream: IO[bytes]) -> str:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - OUTPUT_LIMIT_BYTES))
    text = stream.read().decode(errors="replace")
    if size > OUTPUT_LIMIT_BYTES:
        return f"[… the first {size - OUTPUT_LIMIT_BYTES} bytes are left out …]\n{text}"
    return text
