"""Processes that live on their own: who they are for certain, who started them, how they end.

Ids of processes are used again, so every process is known by its id and its start time.
"""

import contextlib
import os
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import psutil

GRACE_SECONDS = 5.0
# The start time is told relative to the clock, which may be set; no id is used again this fast.
SAME_START_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process for certain: its id, and when it started.

    Attributes:
        created: when it started, in seconds since the epoch, as the system tells.
    """

    process_id: int
    created: float


def identity_of(process_id: int) -> ProcessIdentity:
    """Return the identity of a process that runs; of one that has ended, one that nobody has."""
    return ProcessIdentity(process_id, _created(process_id) or 0.0)


def is_alive(identity: ProcessIdentity) -> bool:
    """Return whether this very process still runs; another one with its id does not count."""
    created = _created(identity.process_id)
    return created is not None and abs(created - identity.created) < SAME_START_SECONDS


def own_identity() -> ProcessIdentity:
    """Return the identity of this process."""
    return identity_of(os.getpid())


def marked(variable: str, value: str) -> tuple[ProcessIdentity, ...]:
    """Return the processes whose environment has `variable=value`, this one left out.

    Children inherit it, so that everything a marked process started is found, even if nobody
    wrote down its id. Processes of other users are seen only by root.
    """
    return tuple(process for process, mark in marks(variable) if mark == value)


def marks(variable: str) -> Iterator[tuple[ProcessIdentity, str]]:
    """Yield every process whose environment has a variable, with its value; this one left out."""
    for entry in psutil.process_iter():
        try:
            mark = entry.environ().get(variable)
            if mark is not None and entry.pid != os.getpid():
                yield ProcessIdentity(entry.pid, entry.create_time()), mark
        except (psutil.Error, OSError):  # ended meanwhile, or somebody else's
            continue


def end(
    identities: Iterable[ProcessIdentity],
    *,
    first_signal: signal.Signals = signal.SIGTERM,
    grace_seconds: float = GRACE_SECONDS,
) -> tuple[ProcessIdentity, ...]:
    """End processes with their groups, politely first, then for certain; return who survived.

    Whoever is not alive any more is left alone, and so is whoever has its id now.
    """
    living = [identity for identity in identities if is_alive(identity)]
    processes = [*_with_children(living)]
    for identity in living:
        _signal(identity.process_id, first_signal)
    psutil.wait_procs(processes, timeout=grace_seconds)
    for identity in living:
        _signal(identity.process_id, signal.SIGKILL)
    for process in processes:
        if process.is_running():
            with contextlib.suppress(psutil.Error):
                process.kill()
    _, left = psutil.wait_procs(processes, timeout=GRACE_SECONDS)
    return tuple(ProcessIdentity(p.pid, p.create_time()) for p in left if p.is_running())


def listener_on(port: int) -> str:
    """Return who listens on a TCP port, such as `java (process 4711)`; empty where unknown."""
    try:
        connections = psutil.net_connections("tcp")
    except (psutil.Error, OSError):
        return ""
    for connection in connections:
        address = connection.laddr
        if connection.status != psutil.CONN_LISTEN or not address or address.port != port:
            continue
        if connection.pid is None:
            return "a process of somebody else"
        try:
            return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
        except psutil.Error:
            return f"process {connection.pid}"
    return ""


def _with_children(identities: Iterable[ProcessIdentity]) -> Iterator[psutil.Process]:
    for identity in identities:
        try:
            process = psutil.Process(identity.process_id)
            yield from process.children(recursive=True)
            yield process
        except psutil.Error:
            continue


def _signal(process_id: int, number: signal.Signals) -> None:
    """Send a signal to the group that a process leads, or to it alone where it leads none."""
    try:
        leads = os.getpgid(process_id) == process_id
    except (ProcessLookupError, PermissionError):
        leads = True  # it has ended; its group may live on under its id, which stays taken
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if leads:
            os.killpg(process_id, number)
        else:
            os.kill(process_id, number)


def _created(process_id: int) -> float | None:
    try:
        process = psutil.Process(process_id)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return float(process.create_time())
    except (psutil.Error, OSError):
        return None
