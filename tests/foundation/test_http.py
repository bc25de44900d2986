"""The session: exchanges, their observer, the time limit, and which network holds."""

import gzip
import socket
from collections.abc import Iterator

import pytest

from support.foundation.errors import ConfigurationError, ServiceUnreachableError
from support.foundation.http import HttpSession, Response
from support.foundation.network import Network, Networks
from support.model.records import ExchangeRecord
from tests.foundation.http_servers import Handler, Server, closed_port, raw, say, serving


def script(handler: Handler) -> None:
    if handler.command == "POST":
        handler.answer(200, b'{"got": ' + handler.content + b"}")
    elif handler.path == "/zipped":
        handler.answer(200, gzip.compress(b"x" * 200_000), Content_Encoding="gzip")
    elif handler.path == "/large":
        handler.answer(200, b"y" * 1_000_000)
    elif handler.path == "/chunked":
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    elif handler.path == "/cookie":
        handler.answer(200, handler.headers.get("Cookie", "").encode(), Set_Cookie="a=b")
    else:
        handler.answer(302 if handler.path == "/away" else 404, b"not json", Location="/elsewhere")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(script) as running:
        yield running


@pytest.fixture
def session() -> Iterator[HttpSession]:
    made = HttpSession()
    yield made
    made.close()


def test_an_exchange_is_answered_and_observed(server: Server) -> None:
    seen: list[ExchangeRecord] = []
    session = HttpSession(observer=seen.append)

    response = session.post_json(f"{server.url}/x", {"a": 1}, {"X-Test": "y"})
    session.close()

    assert response.ok
    assert response.json() == {"got": {"a": 1}}
    assert seen[0].request_body == '{"a": 1}'
    assert seen[0].request_headers["X-Test"] == "y"
    assert seen[0].status == 200


def test_refusals_and_redirects_are_answers_not_errors(
    server: Server, session: HttpSession
) -> None:
    away = session.request("GET", f"{server.url}/away")
    lost = session.request("GET", f"{server.url}/lost")

    assert (away.status, lost.status, lost.ok) == (302, 404, False)
    with pytest.raises(ValueError, match="Expected JSON, got 'not json'"):
        lost.json()


@pytest.mark.parametrize(
    ("path", "body"),
    [("/zipped", b"x" * 200_000), ("/large", b"y" * 1_000_000), ("/chunked", b"abcde")],
)
def test_bodies_arrive_whole_however_they_are_sent(
    path: str, body: bytes, server: Server, session: HttpSession
) -> None:
    assert session.request("GET", server.url + path).body == body


def test_a_connection_is_used_again(server: Server, session: HttpSession) -> None:
    for path in ("/lost", "/zipped", "/chunked", "/large", "/lost"):
        session.request("GET", server.url + path)
    session.request("HEAD", f"{server.url}/large")
    session.request("POST", f"{server.url}/x", body="1")

    assert len(server.requests) == 7
    assert server.connections == 1


def test_cookies_of_a_service_come_back_to_it(server: Server, session: HttpSession) -> None:
    session.request("GET", f"{server.url}/cookie")

    assert session.request("GET", f"{server.url}/cookie").text == "a=b"


def test_no_answer_is_an_error_with_the_address_and_is_observed() -> None:
    seen: list[ExchangeRecord] = []
    port = closed_port()
    session = HttpSession(seen.append, networks=Networks(default=Network(retries=0)))

    with pytest.raises(
        ServiceUnreachableError, match=rf"No answer from GET http://127.0.0.1:{port}"
    ):
        session.request("GET", f"http://127.0.0.1:{port}/")

    session.close()
    assert seen[0].status == 0
    assert seen[0].error == f"nothing listens at 127.0.0.1:{port} (connection refused)"


def test_passwords_of_an_address_are_in_neither_message_nor_record() -> None:
    seen: list[ExchangeRecord] = []
    address = f"localhost:{closed_port()}/x"
    session = HttpSession(seen.append, networks=Networks(default=Network(retries=0)))

    with pytest.raises(ServiceUnreachableError) as refused:
        session.request("GET", f"http://someone:hidden@{address}?token=hidden")

    session.close()
    assert "hidden" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None
    assert seen[0].url == f"http://{address}?token=hidden"


def test_a_body_that_trickles_does_not_outlast_the_time_limit() -> None:
    def trickle(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            connection.sendall(b".")
            connection.settimeout(0.02)
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue

    session = HttpSession(time_limit_seconds=0.2)
    with raw(trickle) as port:
        with pytest.raises(ServiceUnreachableError, match=r"took longer than 0\.2 s") as late:
            session.request("GET", f"http://localhost:{port}/")
        session.close()

    assert late.value.fault == "timed out"
    assert "did not answer to the end" in str(late.value)


def test_the_shorter_of_two_time_limits_holds() -> None:
    def wait(connection: socket.socket) -> None:
        while connection.recv(4096):
            pass

    with raw(wait) as port:
        for session_limit, network_limit in ((0.1, 30.0), (30.0, 0.1), (None, 0.1)):
            networks = Networks(default=Network(time_limit_seconds=network_limit))
            session = HttpSession(time_limit_seconds=session_limit, networks=networks)
            with pytest.raises(ServiceUnreachableError, match=r"took longer than 0\.1 s"):
                session.request("GET", f"http://localhost:{port}/")
            session.close()


def test_a_pin_for_a_plain_address_is_refused_not_ignored(server: Server) -> None:
    pinned = Network(pins=("sha256:" + "0" * 64,), service="platform")
    session = HttpSession(networks=Networks(default=pinned))

    with pytest.raises(ConfigurationError, match="ACCEPTANCE_PLATFORM_PIN is set, but http://"):
        session.request("GET", f"{server.url}/lost")

    session.close()
    assert server.requests == []


def test_plain_answers_are_observed_with_their_status() -> None:
    seen: list[ExchangeRecord] = []
    with serving(say(201, b"made")) as server:
        session = HttpSession(seen.append)
        session.request("PUT", server.url, body=b"\xff")
        session.close()

    assert (seen[0].status, seen[0].response_body, seen[0].error) == (201, "made", "")
    assert seen[0].request_body == "\N{REPLACEMENT CHARACTER}"


def test_text_of_an_undecodable_body() -> None:
    assert Response(200, {}, b"\xff").text == "\N{REPLACEMENT CHARACTER}"
