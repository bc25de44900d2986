"""Turns of a token bucket, told by a clock that goes on only when somebody waits; dates of HTTP."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.http_time import clock_skew, http_date, retry_after
from support.foundation.network import Network, Networks
from support.foundation.pacing import Pace, Turns

NOW = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


class Told:
    """A clock that goes on only when somebody waits; for several threads."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._lock = threading.Lock()

    def pause(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds

    @property
    def pace(self) -> Pace:
        return Pace(monotonic=lambda: self.now, pause=self.pause)


def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    told = Told()
    turns = Turns(10.0, 3, told.pace)

    times = []
    for _ in range(8):
        assert turns.take(60)
        times.append(round(told.now - 1000.0, 3))

    assert times == pytest.approx([0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.5], abs=0.002)


def test_a_bucket_fills_up_to_its_burst_and_no_further() -> None:
    told = Told()
    turns = Turns(1.0, 2, told.pace)
    turns.take(60)
    turns.take(60)
    told.pause(100.0)

    before = told.now
    for _ in range(3):
        assert turns.take(60)

    assert told.now - before == pytest.approx(1.0, abs=0.002)


def test_a_turn_that_would_come_too_late_is_refused_at_once_and_costs_nothing() -> None:
    told = Told()
    turns = Turns(0.5, 1, told.pace)
    assert turns.take(0)

    assert not turns.take(1.9)
    assert told.now == 1000.0
    assert turns.take(2.1)
    assert told.now - 1000.0 == pytest.approx(2.0, abs=0.002)


@given(
    rate=st.floats(0.001, 100_000),
    burst=st.integers(1, 5),
    count=st.integers(1, 12),
)
def test_no_more_than_burst_and_rate_allow(rate: float, burst: int, count: int) -> None:
    told = Told()
    turns = Turns(rate, burst, told.pace)
    for _ in range(count):
        assert turns.take(1e9)

    needed = max(0, count - burst) / rate
    assert told.now - 1000.0 >= needed * 0.999 - 0.002
    assert told.now - 1000.0 <= needed * 1.001 + 0.002 * count


def test_threads_share_a_bucket() -> None:
    told = Told()
    turns = Turns(10.0, 1, told.pace)
    taken: list[bool] = []

    def work() -> None:
        taken.extend(turns.take(1.5) for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    passed = sum(taken)
    assert len(taken) == 40
    assert passed <= 1 + (told.now - 1000.0) * 10 + 0.1


def test_all_who_use_the_same_networks_share_turns_and_each_entry_has_its_own() -> None:
    told = Told()
    limited = Network(requests_per_second=1.0)
    networks = Networks({"http://a": limited, "http://b": limited}, pace=told.pace)

    first, again = networks.route("http://a/x"), networks.route("http://a/y")
    other, free = networks.route("http://b"), networks.route("http://c")

    assert first.turns is again.turns
    assert first.turns is not None
    assert other.turns is not None
    assert free.turns is None
    assert first.turns.take(0)
    assert not again.turns.take(0) if again.turns else False
    assert other.turns.take(0)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ],
)
def test_the_three_forms_of_dates_are_read(text: str) -> None:
    assert http_date(text) == NOW


@given(st.text())
def test_whatever_is_no_date_is_none_or_a_date_with_a_zone(text: str) -> None:
    date = http_date(text)

    assert date is None or date.tzinfo is not None


def test_the_skew_of_a_clock_is_positive_when_it_is_ahead() -> None:
    headers = {"date": "Sun, 06 Nov 1994 08:49:37 GMT"}

    assert clock_skew(headers, NOW - timedelta(minutes=5)) == timedelta(minutes=5)
    assert clock_skew(headers, NOW + timedelta(seconds=3)) == timedelta(seconds=-3)
    assert clock_skew({}, NOW) is None
    assert clock_skew({"Date": "yesterday"}, NOW) is None


def test_retry_after_is_seconds_or_a_date() -> None:
    assert retry_after({"retry-after": "120"}, NOW) == 120.0
    assert retry_after({"Retry-After": "Sun, 06 Nov 1994 08:49:47 GMT"}, NOW) == 10.0
    assert retry_after({"Retry-After": "Sun, 06 Nov 1994 08:49:27 GMT"}, NOW) == 0.0
    assert retry_after({"Retry-After": "-1"}, NOW) is None
    assert retry_after({"Retry-After": "soon"}, NOW) is None
    assert retry_after({}, NOW) is None
