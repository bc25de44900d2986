"""Starting the embedded platform as a child process, and watching it."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from support.embedded.descriptor import ROOT_KEY_FILE
from support.embedded.options import MAINTENANCE
from support.foundation.errors import EnvironmentUnfitError, FrameworkError, StackError
from support.foundation.http import HttpSession
from support.foundation.process import BackgroundProcess, start
from support.foundation.settings import ROOT, child_environment
from support.foundation.waiting import wait_until
from support.services.locator import Services
from support.stack import descriptor
from support.stack.maintenance import ControlClient, Maintenance
from support.stack.running import RunningStack

READY_TIME_LIMIT_SECONDS = 20.0
STATE_FILE = "state"


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
    kept = folder / STATE_FILE
    state = ("--state", str(kept)) if MAINTENANCE in options else ()
    words = [
        *(part for fault in faults for part in ("--fault", fault)),
        *(part for option in options for part in ("--option", option)),
        *(*arguments, *state),
    ]
    platform = _Platform(folder, words)
    services = platform.start()

    def stop() -> None:
        platform.process.stop()
        kept.unlink(missing_ok=True)

    return RunningStack(
        services=services,
        how=f"started for this run, process {platform.process.process_id}",
        problem=lambda: _problem(platform.process),
        stop=stop,
        restart=lambda: start_for_run(folder, faults, options),
        variant=lambda chosen: start_for_run(folder / "-".join(chosen), faults, chosen),
        audit_logs={"default": platform.log},
        logs=lambda: (platform.log,),
        options=tuple(options),
        maintenance=_maintenance(platform, services) if state else None,
    )


@dataclass(slots=True)
class _Platform:
    """One platform, whichever process it is at the moment."""

    folder: Path
    words: Sequence[str]
    _process: BackgroundProcess | None = None

    @property
    def process(self) -> BackgroundProcess:
        """The process that it is now."""
        if self._process is None:
            raise FrameworkError("The embedded platform was not started.")
        return self._process

    @property
    def log(self) -> Path:
        """What its processes write."""
        return self.folder / "platform.log"

    def start(self, port: int = 0) -> Services:
        """Start it, and wait until it serves.

        Raises:
            StackError: it did not become ready.
        """
        ready_file = self.folder / "descriptor.json"
        ready_file.unlink(missing_ok=True)
        process = self._process = start(
            "embedded platform",
            [
                *(sys.executable, "-m", "support.embedded"),
                *("--port", str(port), "--ready-file", ready_file),
                *("--random-secrets", "--stop-with-stdin"),
                *self.words,
            ],
            environment=child_environment({"PYTHONPATH": str(ROOT)}),
            log=self.log,
        )
        try:
            _wait_until_ready(process, ready_file)
            return descriptor.services(descriptor.read(ready_file))
        except BaseException:
            process.stop()
            raise
        finally:
            for file in (ready_file, self.folder / ROOT_KEY_FILE):
                file.unlink(missing_ok=True)  # they hold secrets, which are in memory now


def _maintenance(platform: _Platform, services: Services) -> Maintenance:
    if services.control is None:
        raise FrameworkError("An embedded platform without Keycloak has a control interface.")
    client = ControlClient(services.control, HttpSession())
    port = urlsplit(services.platform_url).port or 0

    def restart() -> None:
        client.keep_state()
        platform.process.kill()
        platform.start(port)

    return Maintenance(restart, client.database_away, client.database_back)


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
