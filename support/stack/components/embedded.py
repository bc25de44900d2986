"""The embedded platform as a part of a stack."""

import sys
from collections.abc import Sequence
from pathlib import Path

from support.foundation.settings import ROOT, child_environment
from support.stack.components.component import Component, Launch

READY_FILE = "ready.json"
READY_TIME_LIMIT_SECONDS = 30.0
_TAKEN = "address already in use"


def embedded_component(
    name: str,
    folder: Path,
    port: int,
    *,
    arguments: Sequence[str | Path] = (),
    random_secrets: bool = False,
    needs: tuple[str, ...] = (),
) -> Component:
    """Return an embedded platform as a part of a stack.

    Args:
        name: of the component.
        folder: its own; gets the ready file, which is a descriptor with credentials.
        port: of the platform.
        arguments: what its command line gets beside that.
        random_secrets: whether its clients have secrets of their own, not the documented ones.
        needs: what has to serve before it starts.
    """
    ready_file = folder / READY_FILE

    def launch() -> Launch:
        folder.mkdir(parents=True, exist_ok=True)
        ready_file.unlink(missing_ok=True)
        own = ("--random-secrets",) if random_secrets else ()
        return Launch(
            arguments=(
                *(sys.executable, "-m", "support.embedded", "--port", str(port)),
                *("--ready-file", ready_file, *own, *arguments),
            ),
            environment=child_environment({"PYTHONPATH": str(ROOT)}),
        )

    def unready() -> str:
        return "" if ready_file.exists() else "its ready file"

    return Component(
        name=name,
        launch=launch,
        unready=unready,
        ports=(port,),
        needs=needs,
        advise=advise,
        time_limit_seconds=READY_TIME_LIMIT_SECONDS,
    )


def advise(log: str) -> str:
    """Return the remedy for what the end of its log tells."""
    if _TAKEN in log.lower():
        return "End what listens there, or leave the port out: a free one is chosen then."
    return ""
