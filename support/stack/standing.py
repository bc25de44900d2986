"""An embedded platform that stays up between runs: `acceptance stack up|status|down`."""

import sys
from pathlib import Path
from typing import Any

from support.foundation import process
from support.foundation.errors import ServiceUnreachableError, StackError
from support.foundation.http import HttpSession
from support.foundation.settings import ROOT, child_environment
from support.foundation.text import tail
from support.foundation.waiting import wait_until
from support.stack import descriptor
from support.stack.running import RunningStack

READY_TIME_LIMIT_SECONDS = 20.0
STOP_TIME_LIMIT_SECONDS = 10.0


def up(folder: Path, port: int = 0) -> dict[str, Any]:
    """Start a platform that outlives this process, or return the one that is up.

    Returns:
        The stack descriptor, credentials included.

    Raises:
        StackError: it did not become ready; the message has the end of its log.
    """
    if find(folder) is not None:
        return descriptor.read(_descriptor_path(folder))
    folder.mkdir(parents=True, exist_ok=True)
    _descriptor_path(folder).unlink(missing_ok=True)
    log = folder / "platform.log"
    identifier = process.start_detached(
        [
            *(sys.executable, "-m", "support.embedded", "--port", str(port)),
            *("--ready-file", _descriptor_path(folder)),
        ],
        environment=child_environment({"PYTHONPATH": str(ROOT)}),
        log=log,
    )

    def ready() -> bool:
        if _descriptor_path(folder).exists():
            return True
        if not process.is_alive(identifier):
            raise StackError(f"The embedded platform did not start. {tail(log.read_text())}")
        return False

    wait_until(
        ready, what="the platform to become ready", time_limit_seconds=READY_TIME_LIMIT_SECONDS
    )
    return descriptor.read(_descriptor_path(folder))


def find(folder: Path) -> RunningStack | None:
    """Return the standing platform if one is up and answers, else None."""
    path = _descriptor_path(folder)
    if not path.is_file():
        return None
    content = descriptor.read(path)
    if not process.is_alive(content["pid"]) or not _answers(content["platform"]["url"]):
        return None
    return RunningStack(
        services=descriptor.services(content),
        how="was already up (`acceptance stack down` ends it)",
        problem=lambda: _problem(content, folder),
        audit_log=folder / "platform.log",
    )


def describe(folder: Path) -> dict[str, Any]:
    """Return the descriptor of the standing platform, credentials included."""
    return descriptor.read(_descriptor_path(folder))


def down(folder: Path) -> bool:
    """End the standing platform; return whether there was one."""
    stack = find(folder)
    if stack is None:
        _descriptor_path(folder).unlink(missing_ok=True)
        return False
    identifier = descriptor.read(_descriptor_path(folder))["pid"]
    process.terminate(identifier)
    wait_until(
        lambda: not process.is_alive(identifier),
        what=f"process {identifier} to end",
        time_limit_seconds=STOP_TIME_LIMIT_SECONDS,
    )
    _descriptor_path(folder).unlink(missing_ok=True)
    return True


def _descriptor_path(folder: Path) -> Path:
    return folder / "descriptor.json"


def _answers(platform_url: str) -> bool:
    try:
        return HttpSession(time_limit_seconds=2.0).request("GET", f"{platform_url}/healthz").ok
    except ServiceUnreachableError:
        return False


def _problem(content: dict[str, Any], folder: Path) -> str:
    if process.is_alive(content["pid"]):
        return ""
    log = folder / "platform.log"
    return f"The embedded platform (process {content['pid']}) is gone. Its log ends: " + tail(
        log.read_text(errors="replace")
    )
