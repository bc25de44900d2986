"""Calls to another service, from threads, so that a slow one keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from support.foundation.http import HttpSession, Response
    from support.foundation.network import Networks

TIME_LIMIT_SECONDS = 10.0
MAXIMUM_AT_ONCE = 16

Value = TypeVar("Value")


@dataclass(slots=True)
class Outbound:
    """Connections to one service; each is used by one thread at a time, and kept.

    ``networks`` says whom to trust; by default the public authorities.
    """

    networks: Networks | None = None
    time_limit_seconds: float = TIME_LIMIT_SECONDS
    _idle: list[HttpSession] = field(default_factory=list)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAXIMUM_AT_ONCE))

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: str = ""
    ) -> Response:
        """Send one request and wait for its answer.

        Raises:
            ServiceUnreachableError: There is none.
        """
        with self._session() as session:
            return session.request(method, url, headers=headers, body=body)

    async def run(self, work: Callable[[], Value]) -> Value:
        """Return the result of work that waits for the service, done in a thread.

        The thread is a daemon: the program ends without waiting for the service.
        """
        loop = asyncio.get_running_loop()
        async with self._slots:
            result: asyncio.Future[Value] = loop.create_future()
            thread = threading.Thread(target=_work, args=(work, loop, result), daemon=True)
            thread.start()
            return await result

    @contextlib.contextmanager
    def _session(self) -> Iterator[HttpSession]:
        # A sixth of what a start takes, and most platforms are their own identity provider.
        from support.foundation.http import HttpSession  # noqa: PLC0415

        # Appending to a list and popping from it are atomic.
        try:
            session = self._idle.pop()
        except IndexError:
            session = HttpSession(None, self.time_limit_seconds, self.networks)
        try:
            yield session
        finally:
            self._idle.append(session)


def _work(
    work: Callable[[], Value], loop: asyncio.AbstractEventLoop, result: asyncio.Future[Value]
) -> None:
    try:
        outcome = work()
    except Exception as problem:  # noqa: BLE001 - handed over to whoever waits
        settle = functools.partial(_settle, result, result.set_exception, problem)
    else:
        settle = functools.partial(_settle, result, result.set_result, outcome)
    with contextlib.suppress(RuntimeError):  # the loop may have ended in the meantime
        loop.call_soon_threadsafe(settle)


def _settle(result: asyncio.Future[Value], deliver: Callable[[Any], None], outcome: object) -> None:
    if not result.done():  # else nobody waits any more
        deliver(outcome)
