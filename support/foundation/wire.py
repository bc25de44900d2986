"""A wire between clients and one server on loopback, which can be disturbed: delayed, cut, spoiled.

What a network does to connections can so be done to one of them, on purpose and again in the same
way: which bits are spoiled follows from a seed. It relays bytes and understands just as much of
HTTP as it needs to leave the head of an answer alone.
"""

import contextlib
import random
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

HOST = "127.0.0.1"
BACKLOG = 64
CHUNK_BYTES = 16 * 1024
CONNECT_SECONDS = 10.0
POLL_SECONDS = 0.05
# A narrow wire passes so many pieces a second, whatever its rate.
PIECES_PER_SECOND = 20
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What happens to the answers on a wire; nothing by default.

    Attributes:
        delay_seconds: how long the first byte of an answer is held back.
        bytes_per_second: how much of answers passes; 0 for as much as there is.
        cut_after_bytes: the connection breaks after so many bytes of answers; -1 for never.
        spoil_every: of so many bytes of an answer's body, one bit of one is flipped; 0 for none.
        swallowed: answers never arrive, and the connection stays.
        closed: nobody listens at all.
        overheard: what is asked is kept, and goes on as it is.
    """

    delay_seconds: float = 0.0
    bytes_per_second: int = 0
    cut_after_bytes: int = -1
    spoil_every: int = 0
    swallowed: bool = False
    closed: bool = False
    overheard: bool = False


UNDISTURBED = Disturbance()


@dataclass(slots=True)
class _Framing:
    """Tells which bytes of an answer are content: neither its head nor the sizes of its chunks."""

    head: bytearray = field(default_factory=bytearray)
    size: bytearray = field(default_factory=bytearray)
    in_body: bool = False
    chunked: bool = False
    left_of_chunk: int = 0

    def is_content(self, byte: int) -> bool:
        """Take the next byte, and tell whether it is content."""
        if not self.in_body:
            self.head.append(byte)
            self.in_body = self.head.endswith(_END_OF_HEAD)
            self.chunked = self.in_body and b"chunked" in self.head.lower()
            return False
        if not self.chunked:
            return True
        if self.left_of_chunk:
            self.left_of_chunk -= 1
            return True
        self.size.append(byte)
        if self.size.endswith(b"\r\n") and self.size.strip():
            self.left_of_chunk = int(self.size.split(b";")[0], 16)
            self.size.clear()
        return False


@dataclass(slots=True)
class _Answer:
    """How far one connection's answer has come, and what is to be done to the rest."""

    disturbance: Disturbance
    chance: random.Random
    passed: int = 0
    framing: _Framing = field(default_factory=_Framing)
    until_spoiled: int = -1

    def disturbed(self, data: bytes) -> bytes:
        """Return what arrives of some bytes of the server."""
        every = self.disturbance.spoil_every
        if not every:
            return data
        spoiled = bytearray(data)
        for at, byte in enumerate(data):
            if not self.framing.is_content(byte):
                continue
            if self.until_spoiled < 0:
                self.until_spoiled = self.chance.randrange(every)
            if self.until_spoiled == 0:
                spoiled[at] ^= 1 << self.chance.randrange(8)
                self.until_spoiled = every
            self.until_spoiled -= 1
        return bytes(spoiled)


class Wire:
    """Listens on a free loopback port and relays to a server on loopback, until it is closed.

    Attributes:
        contacts: how many connections were made.
        heard: everything that was asked while the wire was overheard.
        once_answered: is called once, when the first answer has come from the server, before any of
            it is passed on.
    """

    def __init__(self, target: str, seed: int = 0) -> None:
        """Open a wire.

        Args:
            target: address of the server, such as `http://localhost:8080/kas`.
            seed: which bits are spoiled follows from it.

        Raises:
            ValueError: the server is not on this machine, or its port is not told.
        """
        self._target, self._path = place_of(target)
        self._seed = seed
        self._disturbance = UNDISTURBED
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = _listen(0)
        self._port: int = self._listener.getsockname()[1]
        self.contacts = 0
        self.heard = bytearray()
        self.once_answered: Callable[[], None] | None = None
        self._accept_from(self._listener)

    @property
    def url(self) -> str:
        """The address to use instead of the server's."""
        return f"http://{HOST}:{self._port}{self._path}"

    def disturb(self, disturbance: Disturbance) -> None:
        """Disturb the wire from now on; connections that were made before break."""
        with self._lock:
            self._disturbance = disturbance
        self._break_all()
        if disturbance.closed:
            self._stop_listening()
        elif self._listener is None:
            self._listener = _listen(self._port)
            self._accept_from(self._listener)

    def close(self) -> None:
        """Stop listening and break every connection; harmless when that is done."""
        self._ended.set()
        self._stop_listening()
        self._break_all()

    def _accept_from(self, listener: socket.socket) -> None:
        threading.Thread(target=self._accept, args=(listener,), daemon=True, name="wire").start()

    def _accept(self, listener: socket.socket) -> None:
        while not self._ended.is_set():
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:  # closed: nobody is to be let in any more
                return
            self.contacts += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True, name="wire").start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(None)
        with contextlib.ExitStack() as stack:
            stack.callback(self._end, client)
            self._keep(client)
            try:
                server = socket.create_connection(self._target, CONNECT_SECONDS)
            except OSError:
                return
            server.settimeout(None)
            stack.callback(self._end, server)
            self._keep(server)
            with self._lock:
                ear = self.heard if self._disturbance.overheard else None
            asking = threading.Thread(target=_relay, args=(client, server, ear), daemon=True)
            asking.start()
            self._answer(server, client)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with self._lock:
            disturbance = self._disturbance
        chance = random.Random(self._seed)  # noqa: S311 -- the same faults again, not a secret
        answer = _Answer(disturbance, chance)
        with contextlib.suppress(OSError):
            while data := server.recv(CHUNK_BYTES):
                if disturbance.swallowed:
                    continue
                if answer.passed == 0:
                    self._tell()
                    self._ended.wait(disturbance.delay_seconds)
                if not self._pass(answer, answer.disturbed(data), client):
                    return

    def _tell(self) -> None:
        with self._lock:
            told, self.once_answered = self.once_answered, None
        if told is not None:
            told()

    def _pass(self, answer: _Answer, data: bytes, client: socket.socket) -> bool:
        """Let an answer's bytes through; tell whether the connection is still whole."""
        limit = answer.disturbance.cut_after_bytes
        left = data if limit < 0 else data[: max(0, limit - answer.passed)]
        rate = answer.disturbance.bytes_per_second
        size = max(1, rate // PIECES_PER_SECOND) if rate else CHUNK_BYTES
        for start in range(0, len(left), size):
            if rate:
                self._ended.wait(1 / PIECES_PER_SECOND)
            client.sendall(left[start : start + size])
        answer.passed += len(data)
        return len(left) == len(data)

    def _keep(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def _end(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)
        _hang_up(connection)

    def _break_all(self) -> None:
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _stop_listening(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            # While a thread waits in it, a closed socket goes on listening.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()


def place_of(target: str) -> tuple[tuple[str, int], str]:
    """Return host and port of a server on this machine, and the path of its address.

    Raises:
        ValueError: it is not on this machine, or its port is not told.
    """
    parts = urlsplit(target)
    if parts.hostname not in {"localhost", HOST, "::1"} or parts.port is None:
        raise ValueError(f"{target}: a wire leads to a port of this machine only")
    return (parts.hostname, parts.port), parts.path


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(BACKLOG)
    listener.settimeout(POLL_SECONDS)
    return listener


def _relay(source: socket.socket, destination: socket.socket, ear: bytearray | None) -> None:
    """Pass questions on as they are; when no more come, tell the server so."""
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK_BYTES):
            if ear is not None:
                ear += data
            destination.sendall(data)
        destination.shutdown(socket.SHUT_WR)


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
