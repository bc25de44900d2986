import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from support.foundation.errors import EnvironmentUnfitError, ServiceUnreachableError
from support.foundation.http import HttpSession, Response
from support.foundation.text import did_you_mean, listed, slug, tail
from support.foundation.waiting import wait_until
from support.model.records import ExchangeRecord


def test_waiting_returns_what_the_condition_gave() -> None:
    answers = iter([None, None, "done"])

    assert wait_until(lambda: next(answers), what="it", time_limit_seconds=5) == "done"


def test_waiting_too_long_is_a_diagnosis() -> None:
    with pytest.raises(EnvironmentUnfitError, match=r"Waited 0\.05 s for rain.*dry"):
        wait_until(
            lambda: False, what="rain", time_limit_seconds=0.05, diagnose=lambda: "It is dry."
        )


def test_an_error_in_the_condition_ends_the_wait() -> None:
    def broken() -> bool:
        raise LookupError("no")

    with pytest.raises(LookupError):
        wait_until(broken, what="it", time_limit_seconds=5)


def test_text_helpers() -> None:
    assert did_you_mean("embeded", ["embedded", "remote"]) == ' Did you mean "embedded"?'
    assert did_you_mean("xyz", ["embedded"]) == ""
    assert listed([]) == "none"
    assert listed(["a", "b"]) == "a, b"
    assert slug("A reader, opening it!") == "a-reader-opening-it"
    assert slug("…") == "unnamed"
    assert tail("1\n2\n3\n", lines=2) == "2\n3"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/away" else 404)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"not json")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"got": ' + body + b"}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        pass


@pytest.fixture
def server() -> Iterator[str]:
    httpd = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def test_an_exchange_is_answered_and_observed(server: str) -> None:
    seen: list[ExchangeRecord] = []
    session = HttpSession(observer=seen.append)

    response = session.post_json(f"{server}/x", {"a": 1}, {"X-Test": "y"})
    session.close()

    assert response.ok
    assert response.json() == {"got": {"a": 1}}
    assert seen[0].request_body == '{"a": 1}'
    assert seen[0].request_headers["X-Test"] == "y"
    assert seen[0].status == 200


def test_refusals_and_redirects_are_answers_not_errors(server: str) -> None:
    session = HttpSession()

    away = session.request("GET", f"{server}/away")
    lost = session.request("GET", f"{server}/lost")
    session.close()

    assert (away.status, lost.status, lost.ok) == (302, 404, False)
    with pytest.raises(ValueError, match="Expected JSON, got 'not json'"):
        lost.json()


def test_no_answer_is_an_error_with_the_address_and_is_observed() -> None:
    seen: list[ExchangeRecord] = []
    session = HttpSession(observer=seen.append)

    with pytest.raises(ServiceUnreachableError, match=r"No answer from GET http://127\.0\.0\.1:1/"):
        session.request("GET", "http://127.0.0.1:1/")

    session.close()
    assert seen[0].status == 0
    assert seen[0].error == "ConnectionError: [Errno 111] Connection refused"


def test_text_of_an_undecodable_body() -> None:
    assert Response(200, {}, b"\xff").text == "\N{REPLACEMENT CHARACTER}"
