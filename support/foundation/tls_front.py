"""A secure entrance to a server on loopback that has none: it ends TLS and passes the rest on."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Collection

from support.foundation.wire import CHUNK_BYTES, CONNECT_SECONDS, HOST, place_of

SHUTDOWN_SECONDS = 1.0


class TlsFront:
    """Listens on a free loopback port until it is closed, and shows the certificate it is given.

    Attributes:
        contacts: how many clients went through with the handshake.
    """

    def __init__(self, target: str, context: ssl.SSLContext) -> None:
        """Open an entrance.

        Args:
            target: address of the server, such as `http://localhost:8080/kas`.
            context: what it shows clients.

        Raises:
            ValueError: the server is not on this machine, or its port is not told.
        """
        self._target, self._path = place_of(target)
        self.contacts = 0
        self._loop = asyncio.new_event_loop()
        starting = asyncio.start_server(
            self._serve, HOST, 0, ssl=context, ssl_shutdown_timeout=SHUTDOWN_SECONDS
        )
        self._server = self._loop.run_until_complete(starting)
        self._port: int = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True, name="tls-front")
        self._thread.start()

    @property
    def url(self) -> str:
        """The address to use instead of the server's."""
        return f"https://{HOST}:{self._port}{self._path}"

    def close(self) -> None:
        """Stop listening and break every connection; harmless when that is done."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _run(self) -> None:
        self._loop.run_forever()
        self._server.close()
        self._loop.run_until_complete(_end(asyncio.all_tasks(self._loop)))
        self._loop.close()

    async def _serve(self, asking: asyncio.StreamReader, answering: asyncio.StreamWriter) -> None:
        self.contacts += 1
        try:
            with contextlib.suppress(OSError, TimeoutError):
                await self._pass(asking, answering)
            answering.close()
            with contextlib.suppress(OSError, TimeoutError):
                await answering.wait_closed()
        except asyncio.CancelledError:  # nobody is waited for any more
            answering.transport.abort()
            raise

    async def _pass(self, asking: asyncio.StreamReader, answering: asyncio.StreamWriter) -> None:
        reaching = asyncio.open_connection(*self._target)
        answers, questions = await asyncio.wait_for(reaching, CONNECT_SECONDS)
        passing = asyncio.ensure_future(_relay(asking, questions))
        try:
            await _relay(answers, answering)
        finally:
            passing.cancel()
            questions.transport.abort()


async def _end(tasks: Collection[asyncio.Task[object]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)  # for the connections that break now


async def _relay(source: asyncio.StreamReader, destination: asyncio.StreamWriter) -> None:
    """Pass on what comes, until no more does; then tell the other side so, where it can be told."""
    with contextlib.suppress(OSError):
        while data := await source.read(CHUNK_BYTES):
            destination.write(data)
            await destination.drain()
        if destination.can_write_eof():
            destination.write_eof()
