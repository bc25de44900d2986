"""Sockets and the life of the process: bind, serve every listener, stop when told."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from support.foundation.errors import EnvironmentUnfitError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from support.embedded.http import App

BACKLOG = 512
GRACE_SECONDS = 1.0
# Clients keep connections open between calls, and ask by GET with long queries.
KEEP_ALIVE_SECONDS = 120.0
MAXIMUM_REQUESTS = 1_000_000
MAXIMUM_HEAD_BYTES = 1 << 20
_PORT_ATTEMPTS = 20
_STDIN_CHUNK_BYTES = 4096


class PortInUseError(EnvironmentUnfitError):
    """The wanted port belongs to somebody else."""


@dataclass(slots=True)
class Binding:
    """The loopback sockets of one listener, IPv4 and where there is one IPv6, on one port."""

    port: int
    sockets: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The URL that is advertised."""
        return f"http://localhost:{self.port}"


def bind(port: int) -> Binding:
    """Bind a port on the loopback addresses; 0 chooses a free one.

    ``localhost`` may resolve to either family, so both must answer on the same port.

    Raises:
        PortInUseError: The port is taken.
    """
    if port:
        return _bind_both(port)
    for _ in range(_PORT_ATTEMPTS):
        # The port that IPv4 gives may be taken for IPv6: then try another.
        with contextlib.suppress(PortInUseError):
            return _bind_both(0)
    raise PortInUseError(
        f"found no port that is free on 127.0.0.1 and ::1 in {_PORT_ATTEMPTS} tries"
    )


def _bind_both(port: int) -> Binding:
    first = _bind_one(socket.AF_INET, "127.0.0.1", port)
    binding = Binding(first.getsockname()[1], [first])
    try:
        binding.sockets.append(_bind_one(socket.AF_INET6, "::1", binding.port))
    except PortInUseError:
        first.close()
        raise
    except OSError:
        # A machine without IPv6: ``localhost`` is 127.0.0.1 there.
        return binding
    return binding


def _bind_one(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except OSError as problem:
        bound.close()
        if problem.errno == errno.EADDRINUSE:
            raise PortInUseError(
                f"port {port} on {host} is in use: stop what listens there, or choose another "
                "(--port 0 finds a free one)"
            ) from problem
        raise
    bound.settimeout(0)
    return bound


@dataclass(slots=True)
class Server:
    """Serves applications on their bindings until a signal, or the end of standard input."""

    stop_with_stdin: bool = False
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(
        self, listeners: Sequence[tuple[Binding, App]], when_ready: Callable[[], None]
    ) -> None:
        """Serve; ``when_ready`` is called once every listener accepts connections."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._report)
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop.set)
        if self.stop_with_stdin:
            threading.Thread(target=self._watch_stdin, args=(loop,), daemon=True).start()
        tasks = [
            asyncio.create_task(
                serve(app, _config(binding), shutdown_trigger=self._stopped, mode="asgi")  # type: ignore[arg-type]
            )
            for binding, app in listeners
        ]
        # The sockets listen already, so a connection made before the tasks run just waits.
        when_ready()
        await asyncio.gather(*tasks)

    def _report(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        # Calls that are cut off at the end are no defect, though asyncio of Python 3.11 reports it.
        cut_off = isinstance(context.get("exception"), asyncio.CancelledError)
        if not (cut_off and self._stop.is_set()):
            loop.default_exception_handler(context)

    async def _stopped(self) -> None:
        await self._stop.wait()

    def _watch_stdin(self, loop: asyncio.AbstractEventLoop) -> None:
        # Not through sys.stdin: its lock, held here, would abort the interpreter's end.
        while os.read(sys.stdin.fileno(), _STDIN_CHUNK_BYTES):
            pass
        with contextlib.suppress(RuntimeError):  # the loop may have ended in the meantime
            loop.call_soon_threadsafe(self._stop.set)


def _config(binding: Binding) -> Config:
    config = Config()
    config.bind = [f"fd://{bound.fileno()}" for bound in binding.sockets]
    config.accesslog = None
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.keep_alive_max_requests = MAXIMUM_REQUESTS
    config.h11_max_incomplete_size = MAXIMUM_HEAD_BYTES
    config.errorlog = None
    config.graceful_timeout = GRACE_SECONDS
    config.shutdown_timeout = GRACE_SECONDS
    return config
