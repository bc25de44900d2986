"""What is tried again, how often and how soon; with flaky servers and a clock that is told."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.errors import ServiceUnreachableError
from support.foundation.http import HttpSession
from support.foundation.network import Network, Networks
from support.foundation.pacing import Pace, pause_before_retry
from support.model.records import ExchangeRecord
from tests.foundation.http_servers import Handler, Server, closed_port, serving


@dataclass
class Told:
    """A clock that goes on only when somebody waits."""

    now: float = 1000.0
    pauses: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    @property
    def pace(self) -> Pace:
        return Pace(monotonic=lambda: self.now, pause=self.pause, chance=lambda: 1.0)


@contextmanager
def flaky(*statuses: int, **headers: str) -> Iterator[Server]:
    """Serve the statuses in turn, then 200; 0 hangs up instead of answering."""
    left = list(statuses)

    def script(handler: Handler) -> None:
        status = left.pop(0) if left else 200
        if status:
            handler.answer(status, b"{}", **headers)
        else:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)

    with serving(script) as server:
        yield server


def ask(
    server_url: str, told: Told, network: Network | None = None, method: str = "GET"
) -> tuple[int, list[ExchangeRecord]]:
    """Return the status of one request, and the exchanges that it took."""
    seen: list[ExchangeRecord] = []
    networks = Networks(default=network or Network(), pace=told.pace)
    session = HttpSession(seen.append, networks=networks)
    try:
        return session.request(method, server_url).status, seen
    finally:
        session.close()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("status", [0, 502, 503, 504])
def test_safe_calls_are_made_again_until_they_succeed(status: int, method: str) -> None:
    told = Told()
    with flaky(status, status) as server:
        got, seen = ask(server.url, told, method=method)

    assert got == 200
    assert [record.status for record in seen] == [status, status, 200]
    assert told.pauses == [0.1, 0.2]


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_calls_are_never_made_again(status: int, method: str) -> None:
    with flaky(status) as server:
        got, _ = ask(server.url, Told(), method=method)

    assert got == status
    assert len(server.requests) == 1


def test_a_post_that_is_broken_off_is_not_sent_twice() -> None:
    with flaky(0) as server, pytest.raises(ServiceUnreachableError, match="broke off"):
        ask(server.url, Told(), method="POST")

    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500, 501])
def test_other_answers_are_final(status: int) -> None:
    with flaky(status) as server:
        assert ask(server.url, Told())[0] == status

    assert len(server.requests) == 1


def test_the_last_answer_counts_when_tries_run_out() -> None:
    with flaky(503, 503, 503, 503) as server:
        assert ask(server.url, Told())[0] == 503

    assert len(server.requests) == 3


def test_retries_may_be_switched_off() -> None:
    with flaky(503) as server:
        assert ask(server.url, Told(), Network(retries=0))[0] == 503

    assert len(server.requests) == 1


def test_the_message_says_how_often_it_was_tried() -> None:
    with pytest.raises(ServiceUnreachableError, match=r"\(3 tries\): nothing listens"):
        ask(f"http://127.0.0.1:{closed_port()}", Told())


def test_retry_after_is_honoured() -> None:
    told = Told()
    with flaky(503, Retry_After="7") as server:
        assert ask(server.url, told)[0] == 200

    assert told.pauses == [7.0]


def test_a_service_that_wants_long_rest_is_not_asked_again() -> None:
    told = Told()
    with flaky(503, Retry_After="11") as server:
        assert ask(server.url, told)[0] == 503

    assert told.pauses == []
    assert len(server.requests) == 1


def test_no_wait_goes_beyond_the_time_limit() -> None:
    told = Told()
    with flaky(503, 503, Retry_After="4") as server:
        got, _ = ask(server.url, told, Network(time_limit_seconds=6.0))

    assert got == 503
    assert told.pauses == [4.0]


def test_turns_are_taken_for_each_try() -> None:
    told = Told()
    with flaky(503) as server:
        ask(server.url, told, Network(requests_per_second=0.5))

    assert told.now - 1000.0 == pytest.approx(2.0, abs=0.002)
    assert len(server.requests) == 2


def test_a_turn_that_never_comes_is_told_and_nothing_is_sent() -> None:
    told = Told()
    network = Network(requests_per_second=0.01, time_limit_seconds=5.0, service="jira")
    networks = Networks(default=network, pace=told.pace)
    with flaky() as server:
        session = HttpSession(networks=networks)
        session.request("POST", server.url)
        with pytest.raises(ServiceUnreachableError, match="no turn came up within 5 s") as refused:
            session.request("POST", server.url)
        session.close()

    assert refused.value.fault == "no turn"
    assert "Raise ACCEPTANCE_JIRA_REQUESTS_PER_SECOND" in str(refused.value)
    assert len(server.requests) == 1
    assert told.pauses == []


@given(
    attempt=st.integers(0, 10),
    chance=st.floats(0, 1, exclude_max=True),
    asked_for=st.none() | st.floats(0, 10),
)
def test_pauses_are_spread_and_bounded(
    attempt: int, chance: float, asked_for: float | None
) -> None:
    pause = pause_before_retry(attempt, asked_for, chance)

    assert pause is not None
    assert (asked_for or 0.0) <= pause <= max(5.0, asked_for or 0.0)
    assert pause <= max(0.1 * 2**attempt, asked_for or 0.0)
    assert pause_before_retry(attempt, None, 0.0) == 0.0
    assert pause_before_retry(attempt, 10.1, chance) is None
