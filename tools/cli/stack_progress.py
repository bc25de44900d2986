"""Showing how the components of a stack come up."""

import contextlib
import threading
import time
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from support.stack.supervisor import State

_STYLES = {"starting": "yellow", "provisioning": "yellow", "ready": "green", "failed": "red"}
_WIDTH = 26


class Progress:
    """A table of components that changes while they start; plain lines where output is piped."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self._states: dict[str, tuple[State, float]] = {}
        self._live = (
            Live(console=console, get_renderable=self._table, refresh_per_second=8, transient=True)
            if console.is_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def watch(self, component: str, state: State) -> None:
        """Take note of a component's state; called from several threads."""
        with self._lock:
            seconds = time.monotonic() - self._begun
            self._states[component] = (state, seconds)
            if state in {"ready", "failed"}:
                line = f"{component:<{_WIDTH}} {state:<12} {seconds:6.1f} s"
                with contextlib.suppress(BrokenPipeError, SystemExit):  # nobody looks any more
                    self._console.print(line, style=_STYLES[state], highlight=False, markup=False)

    def _table(self) -> RenderableType:
        with self._lock:
            states = dict(self._states)
        coming = {name: s for name, s in states.items() if s[0] in {"starting", "provisioning"}}
        table = Table.grid(padding=(0, 1))
        for name, (state, since) in coming.items():
            seconds = time.monotonic() - self._begun
            table.add_row(Spinner("dots"), f"{name:<{_WIDTH}}", state, f"{seconds - since:.0f} s")
        return Group(table)
