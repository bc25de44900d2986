import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.wire import Disturbance, Wire, _Framing

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
BODY = bytes(1000)


class Answering(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while self.request.recv(1024):
            self.request.sendall(HEAD + BODY)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Server(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        made = Wire(f"http://127.0.0.1:{server.server_address[1]}/kas", seed=7)
        yield made
        made.close()
        server.shutdown()


def ask(wire: Wire, timeout: float = 5.0) -> bytes:
    """Return all that arrives of one answer."""
    port = int(wire.url.split(":")[2].removesuffix("/kas"))
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(b"question")
        while len(received) < len(HEAD + BODY):
            try:
                data = connection.recv(4096)
            except ConnectionResetError:
                break
            if not data:
                break
            received += data
    return received


def test_an_undisturbed_wire_changes_nothing(wire: Wire) -> None:
    assert ask(wire) == HEAD + BODY
    assert ask(wire) == HEAD + BODY
    assert wire.contacts == 2
    assert wire.url.endswith("/kas")


def test_only_an_overheard_wire_keeps_what_is_asked(wire: Wire) -> None:
    ask(wire)
    assert wire.heard == b""

    wire.disturb(Disturbance(overheard=True))

    assert ask(wire) == HEAD + BODY
    assert wire.heard == b"question"


def test_a_slow_wire_holds_answers_back(wire: Wire) -> None:
    wire.disturb(Disturbance(delay_seconds=0.2))
    began = time.monotonic()

    assert ask(wire) == HEAD + BODY
    assert time.monotonic() - began >= 0.2


def test_the_first_answer_is_told_once_and_passed_on_after_that(wire: Wire) -> None:
    told: list[int] = []
    wire.once_answered = lambda: told.append(1)

    assert ask(wire) == HEAD + BODY
    assert told == [1]
    assert ask(wire) == HEAD + BODY
    assert told == [1]


def test_a_narrow_wire_takes_its_time(wire: Wire) -> None:
    wire.disturb(Disturbance(bytes_per_second=5000))
    began = time.monotonic()

    assert ask(wire) == HEAD + BODY
    assert time.monotonic() - began >= len(BODY) / 5000


@pytest.mark.parametrize("passing", [0, 10, 1000])
def test_a_wire_is_cut_after_so_many_bytes(wire: Wire, passing: int) -> None:
    wire.disturb(Disturbance(cut_after_bytes=passing))

    assert ask(wire) == (HEAD + BODY)[:passing]


def test_a_wire_spoils_bodies_and_leaves_heads_alone(wire: Wire) -> None:
    wire.disturb(Disturbance(spoil_every=100))

    first, second = ask(wire), ask(wire)

    assert first == second  # by the seed
    assert first.startswith(HEAD)
    spoiled = [byte for byte in first[len(HEAD) :] if byte]
    assert len(spoiled) == 10
    assert all(byte.bit_count() == 1 for byte in spoiled)


def test_a_swallowed_answer_never_arrives(wire: Wire) -> None:
    wire.disturb(Disturbance(swallowed=True))

    with pytest.raises(TimeoutError):
        ask(wire, timeout=0.2)


def test_nobody_listens_at_a_closed_wire_until_it_is_open_again(wire: Wire) -> None:
    before = wire.url
    wire.disturb(Disturbance(closed=True))
    with pytest.raises(ConnectionRefusedError):
        ask(wire)

    wire.disturb(Disturbance())

    assert wire.url == before
    assert ask(wire) == HEAD + BODY


def test_connections_break_when_the_wire_is_disturbed(wire: Wire) -> None:
    port = int(wire.url.split(":")[2].removesuffix("/kas"))
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"question")
        assert connection.recv(16)
        wire.disturb(Disturbance(closed=True))
        left = b"x"
        while left:
            try:
                left = connection.recv(4096)
            except ConnectionResetError:
                break


def test_a_wire_without_a_server_hangs_up() -> None:
    wire = Wire("http://localhost:1/kas")

    assert ask(wire) == b""
    wire.close()
    wire.close()


@pytest.mark.parametrize("target", ["http://example.org:80", "http://localhost/kas", "nothing"])
def test_a_wire_leads_to_this_machine_only(target: str) -> None:
    with pytest.raises(ValueError, match="a port of this machine only"):
        Wire(target)


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=5))
def test_the_content_of_chunks_is_found(chunks: list[bytes]) -> None:
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed
    framing = _Framing()

    found = bytes(byte for byte in answer if framing.is_content(byte))

    assert found == b"".join(chunks)
