"""Free ports on loopback."""

import socket
from collections.abc import Collection

from support.foundation import living
from support.foundation.errors import StackError

HOST = "127.0.0.1"
ATTEMPTS = 50


def free(taken: Collection[int] = ()) -> int:
    """Return a port on which nobody listens now and which is not `taken`.

    Raises:
        StackError: none is to be had.
    """
    for _ in range(ATTEMPTS):
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        if port not in taken:
            return port
    raise StackError(
        f"No free port was found on {HOST} in {ATTEMPTS} attempts. End what holds so many."
    )


def require_free(port: int, who: str) -> None:
    """Make sure that nobody listens on a port.

    Raises:
        StackError: somebody does; the message says who.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            holder = living.listener_on(port)
            raise StackError(
                f"{who} cannot listen on port {port} of {HOST}: {error.strerror}"
                f"{f'; {holder} does' if holder else ''}. End that, or let a free port be chosen."
            ) from error
