"""SDKs that are kept loaded for a run, so that a call does not pay for loading them again.

An SDK takes part if its folder has an executable `serve.sh` beside its `cli.sh`. Started with the
path of a socket, that program serves calls there until its standard input ends, each in a process
of its own; `cli.sh` finds the path in ACCEPTANCE_WARM_SDK and hands its call over, or makes the
call itself where nobody answers. So a run never waits for it, and does not depend on it.
"""

import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from support.foundation.process import BackgroundProcess, start
from support.foundation.settings import child_environment
from support.sdk.model import SERVE_NAME, Sdk

WARM = "ACCEPTANCE_WARM_SDK"
FEWEST_UNITS = 4
"""Of an SDK that fewer units use, loading it once more would cost more than it saves."""


class WarmSdks:
    """The SDKs of a run; what keeps one loaded is started before the first unit that uses it.

    Args:
        sdks: those of the run.
        uses: by an SDK's id, how many units will use it.
        logs: folder for what the servers print.
    """

    def __init__(self, sdks: Iterable[Sdk], uses: Mapping[str, int], logs: Path) -> None:
        self._sdks = {sdk.id: sdk for sdk in sdks}
        self._uses = uses
        self._logs = logs
        self._folder: Path | None = None
        self._servers: dict[str, BackgroundProcess] = {}

    def of(self, names: Collection[str]) -> tuple[Sdk, ...]:
        """Return the SDKs for a unit.

        Args:
            names: ids of those that the unit uses; other names among them do no harm.

        Raises:
            EnvironmentUnfitError: what keeps one loaded cannot be started.
        """
        for sdk in [sdk for name, sdk in self._sdks.items() if name in names and not sdk.warm]:
            if self._uses.get(sdk.id, 0) >= FEWEST_UNITS:
                self._sdks[sdk.id] = self._warmed(sdk)
        return tuple(self._sdks.values())

    def close(self) -> None:
        """End the servers, and with them every call that still runs."""
        for server in self._servers.values():
            server.stop()
        self._servers.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _warmed(self, sdk: Sdk) -> Sdk:
        program = sdk.directory / SERVE_NAME
        if not os.access(program, os.X_OK):
            return sdk
        if self._folder is None:
            # Not below the run's folder: the path of a socket holds about a hundred characters.
            self._folder = Path(tempfile.mkdtemp(prefix="acceptance-sdk-"))
        address = self._folder / sdk.id
        self._logs.mkdir(parents=True, exist_ok=True)
        self._servers[sdk.id] = start(
            sdk.id,
            (program, address),
            environment=child_environment(),
            log=self._logs / f"{sdk.id}.log",
        )
        return replace(sdk, warm=str(address))
