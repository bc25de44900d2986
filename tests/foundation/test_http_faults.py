"""Faults of connections without TLS, each made by a real server or by there being none."""

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import BadStatusLine, RemoteDisconnected

import pytest
from urllib3.connection import HTTPConnection
from urllib3.exceptions import IncompleteRead, NewConnectionError, ProtocolError

from support.foundation.fault_case import Case
from support.foundation.fault_signs import Kind, kind_of
from support.foundation.faults import TELLINGS, Fault
from support.foundation.network import Network
from tests.foundation.http_servers import closed_port, get, raw, refusal, say, serving

ONCE = Network(retries=0, service="idp")


def answering(data: bytes) -> Callable[[socket.socket], None]:
    """Return a talk that reads what was sent, sends `data` and hangs up."""

    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(data)

    return talk


def test_nothing_listens() -> None:
    port = closed_port()

    message = refusal(f"http://127.0.0.1:{port}", ONCE, "not listening")

    assert f"nothing listens at 127.0.0.1:{port} (connection refused)" in message
    assert "Check that it runs" in message


def test_a_name_is_not_found() -> None:
    message = refusal("http://nobody.invalid/x", ONCE, "name not found")

    assert 'the name "nobody.invalid" was not found' in message


def test_no_answer_in_time() -> None:
    def wait(connection: socket.socket) -> None:
        while connection.recv(4096):
            pass

    with raw(wait) as port:
        network = Network(time_limit_seconds=0.1, service="idp")
        message = refusal(f"http://localhost:{port}", network, "timed out")

    assert (
        f"localhost:{port} took longer than 0.1 s: it took the connection, but did not" in message
    )
    assert "ACCEPTANCE_IDP_TIMEOUT gives it more time" in message


@pytest.mark.parametrize(
    "data", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"], ids=["nothing", "half"]
)
def test_a_connection_is_broken_off(data: bytes) -> None:
    with raw(answering(data)) as port:
        message = refusal(f"http://localhost:{port}", ONCE, "broken off")

    assert f"localhost:{port} broke off the connection before it had answered" in message


def test_something_else_listens() -> None:
    with raw(answering(b"SSH-2.0-OpenSSH_9.2\x1b[31m\r\n")) as port:
        message = refusal(f"http://localhost:{port}", ONCE, "not HTTP")

    assert "is not HTTP (BadStatusLine: SSH-2.0-OpenSSH_9.2.[31m" in message


def test_an_alert_of_tls_on_a_plain_address() -> None:
    with raw(answering(b"\x15\x03\x01\x00\x02\x02\x46")) as port:
        message = refusal(f"http://localhost:{port}/x", ONCE, "TLS on an http address")

    assert f"Use https://localhost:{port}/x." in message


@pytest.mark.parametrize(
    "body",
    [
        b"Client sent an HTTP request to an HTTPS server.\n",
        b"<center>The plain HTTP request was sent to HTTPS port</center>",
    ],
    ids=["Go", "nginx"],
)
def test_servers_that_say_that_they_speak_tls_are_believed(body: bytes) -> None:
    with serving(say(400, body)) as server:
        refusal(server.url, ONCE, "TLS on an http address")
    with serving(say(400, b"bad request")) as server:
        assert get(server.url, ONCE) == 400


@pytest.mark.parametrize(
    "address",
    ["localhost:1", "ftp://localhost", "http://", "http://localhost:port", "http://local host"],
)
def test_an_address_that_is_none(address: str) -> None:
    message = refusal(address, ONCE, "bad address")

    assert "this is no address. Expected http:// or https://, a host" in message


def test_an_unreadable_encoding_is_told_as_it_is() -> None:
    with serving(say(200, b"no gzip", Content_Encoding="gzip")) as server:
        message = refusal(server.url, ONCE, "other")

    assert "incorrect header check" in message


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_words(kind: Kind) -> None:
    network = Network(requests_per_second=1.0, pins=("sha256:" + "0" * 64,), proxy="http://a:b@c:1")
    now = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    url = "https://me:hidden@platform.example/x?token=hidden"
    case = Case("GET", url, network, 1.0, now, OSError(5, f"seen at {url}"))

    message = str(Fault(kind, case).error(3))

    assert message.startswith("No answer from GET https://platform.example/x?… (3 tries): ")
    assert "{" not in message
    assert "hidden" not in message
    assert "a:b" not in message
    assert set(TELLINGS) == set(Kind)


def _ssl_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, reason)
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (_ssl_error("TLSV1_ALERT_UNKNOWN_CA"), Kind.CLIENT_CERTIFICATE_REFUSED),
        (_ssl_error("SSL/TLS_ALERT_BAD_CERTIFICATE"), Kind.CLIENT_CERTIFICATE_REFUSED),
        (_ssl_error("TLSV1_ALERT_PROTOCOL_VERSION"), Kind.TLS_FAILED),
        (_ssl_error("RECORD_LAYER_FAILURE"), Kind.PLAIN_ON_TLS),
        (OSError(113, "No route to host"), Kind.NO_ROUTE),
        (ConnectionResetError(104, "reset"), Kind.BROKEN_OFF),
        (RemoteDisconnected("closed"), Kind.BROKEN_OFF),
        (IncompleteRead(1, 2), Kind.BROKEN_OFF),
        (BadStatusLine("hello"), Kind.NOT_HTTP),
        (NewConnectionError(HTTPConnection("x"), "new"), Kind.OTHER),
        (RuntimeError("?"), Kind.OTHER),
    ],
)
def test_signs_are_found_however_deep_they_are_wrapped(error: Exception, kind: Kind) -> None:
    wrapped = RuntimeError("outer", ProtocolError("middle", error))

    assert kind_of(wrapped, presents_certificate=True) is kind
