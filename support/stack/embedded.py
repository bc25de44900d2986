"""Starting the embedded platform as a child process, and watching it."""

import sys
from collections.abc import Sequence
from pathlib import Path

from support.embedded.descriptor import ROOT_KEY_FILE
from support.foundation.errors import EnvironmentUnfitError, StackError
from support.foundation.process import BackgroundProcess, start
from support.foundation.settings import ROOT, child_environment
from support.foundation.waiting import wait_until
from support.stack import descriptor
from support.stack.running import RunningStack

READY_TIME_LIMIT_SECONDS = 20.0


def start_for_run(
    folder: Path,
    faults: Sequence[str] = (),
    options: Sequence[str] = (),
    arguments: Sequence[str] = (),
) -> RunningStack:
    """Start an embedded platform that lives no longer than this process.

    Its secrets are random, so that a secret found in any file of the run is a real leak.

    Args:
        folder: gets the platform's log and its descriptor.
        faults: named faults to switch on.
        options: named variants of the platform's configuration.
        arguments: further ones of its command line, which a restart does not repeat.

    Raises:
        StackError: it did not become ready; the message has the end of its log.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ready_file = folder / "descriptor.json"
    ready_file.unlink(missing_ok=True)
    process = start(
        "embedded platform",
        [
            sys.executable,
            "-m",
            "support.embedded",
            *("--port", "0", "--ready-file", ready_file),
            *("--random-secrets", "--stop-with-stdin"),
            *(part for fault in faults for part in ("--fault", fault)),
            *(part for option in options for part in ("--option", option)),
            *arguments,
        ],
        environment=child_environment({"PYTHONPATH": str(ROOT)}),
        log=folder / "platform.log",
    )
    try:
        _wait_until_ready(process, ready_file)
        services = descriptor.services(descriptor.read(ready_file))
    except BaseException:
        process.stop()
        raise
    finally:
        for file in (ready_file, folder / ROOT_KEY_FILE):
            file.unlink(missing_ok=True)  # they hold secrets, which are in memory now
    return RunningStack(
        services=services,
        how=f"started for this run, process {process.process_id}",
        problem=lambda: _problem(process),
        stop=process.stop,
        restart=lambda: start_for_run(folder, faults, options),
        variant=lambda chosen: start_for_run(folder / "-".join(chosen), faults, chosen),
        audit_logs={"default": process.log},
        logs=lambda: (process.log,),
        options=tuple(options),
        fresh=True,
    )


def _wait_until_ready(process: BackgroundProcess, ready_file: Path) -> None:
    def ready() -> bool:
        if process.exit_code is not None:
            raise StackError(_problem(process))
        return ready_file.exists()

    try:
        wait_until(
            ready,
            what="the embedded platform to become ready",
            time_limit_seconds=READY_TIME_LIMIT_SECONDS,
            diagnose=lambda: f"Its log {process.log} ends: {process.last_output() or '(empty)'}",
        )
    except StackError:
        raise
    except EnvironmentUnfitError as error:
        raise StackError(str(error)) from error


def _problem(process: BackgroundProcess) -> str:
    if process.exit_code is None:
        return ""
    return (
        f"The embedded platform stopped with exit code {process.exit_code}. Its log {process.log} "
        f"ends: {process.last_output() or '(empty)'}"
    )
