"""Real servers on loopback for tests of HTTP: plain, TLS, raw bytes, and a forward proxy."""

import base64
import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from support.foundation.errors import ServiceUnreachableError, TransportSecurityError
from support.foundation.fault_signs import DISTRUST
from support.foundation.http import HttpSession
from support.foundation.network import Network, Networks

Script = Callable[["Handler"], None]
Request = socket.socket | tuple[bytes, socket.socket]


class Handler(BaseHTTPRequestHandler):
    """Answers by the script of its server; keeps connections open."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def handle_any(self) -> None:
        self.content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append(f"{self.command} {self.path}")
        self.server.script(self)

    do_GET = do_HEAD = do_POST = do_OPTIONS = do_PUT = do_DELETE = handle_any  # noqa: N815

    def answer(self, status: int = 200, body: bytes = b"{}", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        pass


class Server(ThreadingHTTPServer):
    """An HTTP server, with TLS if it has a context; it remembers connections and requests."""

    daemon_threads = True

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script, self.context = script, context
        self.requests: list[str] = []
        self.connections = 0

    @property
    def url(self) -> str:
        scheme = "https" if self.context else "http"
        return f"{scheme}://localhost:{self.server_port}"

    def finish_request(self, request: Request, client_address: object) -> None:
        self.connections += 1
        if self.context is None:
            super().finish_request(request, client_address)
            return
        assert isinstance(request, socket.socket)
        with self.context.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: Request, client_address: object) -> None:
        pass  # clients of these tests break off on purpose


def say(status: int = 200, body: bytes = b"{}", **headers: str) -> Script:
    """Return a script that always answers alike."""
    return lambda handler: handler.answer(status, body, **headers)


@contextlib.contextmanager
def serving(
    script: Script | None = None, context: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """Serve until the block ends."""
    with Server(script or say(), context) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def raw(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Let `talk` handle each connection on a port; connections are closed after it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def accept() -> None:
            while not done.is_set():
                if not select.select([listener], [], [], 0.01)[0]:
                    continue
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(5)
                    talk(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            done.set()
            thread.join()


def closed_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@dataclass
class Proxy:
    """What a forward proxy was asked, and how it answers."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    password: str = ""
    refusal: bytes = b""
    context: ssl.SSLContext | None = None

    def talk(self, connection: socket.socket) -> None:
        if self.context is None:
            self._serve(connection)
            return
        with self.context.wrap_socket(connection, server_side=True) as wrapped:
            self._serve(wrapped)

    def _serve(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            part = client.recv(4096)
            if not part:
                return
            head += part
        line, _, rest = head.partition(b"\r\n")
        self.asked.append(line.decode())
        if self.refusal or not self._knows(rest):
            client.sendall(self.refusal or b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
            return
        method, target, _ = line.decode().split(" ")
        place = target if method == "CONNECT" else target.split("/")[2]
        host, _, port = place.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=5) as upstream:
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = "/" + target.split("/", 3)[3]
                upstream.sendall(f"{method} {path} HTTP/1.1\r\n".encode() + rest)
            _relay(client, upstream)

    def _knows(self, headers: bytes) -> bool:
        wanted = base64.b64encode(self.password.encode())
        return not self.password or b"Proxy-Authorization: Basic " + wanted in headers


def _relay(one: socket.socket, other: socket.socket) -> None:
    while True:
        pending = isinstance(one, ssl.SSLSocket) and one.pending()
        ready = [one] if pending else select.select([one, other], [], [], 5)[0]
        for source in ready:
            data = source.recv(65536)
            if not data:
                return
            (other if source is one else one).sendall(data)
        if not ready:
            return


@contextlib.contextmanager
def proxying(
    password: str = "", refusal: bytes = b"", context: ssl.SSLContext | None = None
) -> Iterator[Proxy]:
    """Run a forward proxy that knows CONNECT and absolute addresses."""
    proxy = Proxy(password=password, refusal=refusal, context=context)
    with raw(proxy.talk) as port:
        proxy.port = port
        yield proxy


def get(url: str, network: Network) -> int:
    """Return the status of a GET by a session of its own."""
    session = HttpSession(networks=Networks(default=network))
    try:
        return session.request("GET", url).status
    finally:
        session.close()


def refusal(url: str, network: Network, fault: str) -> str:
    """Return the message of the error that a GET ends in, which has to be of a kind."""
    with pytest.raises(ServiceUnreachableError) as refused:
        get(url, network)
    assert refused.value.fault == fault
    assert isinstance(refused.value, TransportSecurityError) == (fault in DISTRUST)
    assert f"No answer from GET {url}" in str(refused.value)
    return str(refused.value)
