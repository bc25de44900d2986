"""How often and how soon a service is asked: turns of a token bucket, pauses between tries."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pyrate_limiter import Decision, InMemoryStateStore, Rate, StateStore, TokenBucket

from support.foundation.waiting import pause

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Calls that may be made again, for they change nothing (RFC 9110 section 9.2.1)."""

PASSING_STATUSES: Final = frozenset({502, 503, 504})
"""Answers that say: not now."""

FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 5.0
LONGEST_RETRY_AFTER_SECONDS: Final = 10.0

# The bucket counts in whole milliseconds and in whole requests of an interval; a thousand seconds
# make rates such as 0.5 or 333 per second come out exact to the microsecond.
_INTERVAL_SECONDS: Final = 1000


@dataclass(frozen=True, slots=True)
class Pace:
    """The clock, the waiting and the chance that pacing goes by; tests bring their own."""

    monotonic: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = pause
    # Not `random.random`, which is seeded for each unit: workers would wait in step.
    chance: Callable[[], float] = random.SystemRandom().random


class Turns:
    """A token bucket: a number of requests at once, then so many per second, for all threads.

    pyrate-limiter decides who may go and who waits how long; the waiting is ours, because its own
    cannot be given a clock and adds 50 ms to every wait.
    """

    def __init__(self, requests_per_second: float, burst: int, pace: Pace) -> None:
        limit = max(1, round(requests_per_second * _INTERVAL_SECONDS))
        self._rates = [Rate(limit, _INTERVAL_SECONDS * 1000, burst)]
        self._store: StateStore = InMemoryStateStore()
        self._pace = pace

    def take(self, limit_seconds: float) -> bool:
        """Wait for a turn; False at once, and nothing taken, where it would come too late."""
        deadline = self._pace.monotonic() + limit_seconds
        while True:
            now = self._pace.monotonic()
            decision = self._store.check(TokenBucket(), self._rates, int(now * 1000), 1)
            # The type allows for stores that answer later; the one in memory does not.
            if not isinstance(decision, Decision) or decision.allowed:
                return True
            wait = (decision.retry_after_ms or 1) / 1000
            if now + wait > deadline:
                return False
            self._pace.pause(wait)


def pause_before_retry(attempt: int, asked_for: float | None, chance: float) -> float | None:
    """Return how long to wait before the next try, or None if it is no use to wait.

    Exponential with full jitter, so that clients that failed together do not come back together:
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.

    Args:
        attempt: number of the try that failed, from 0.
        asked_for: what the service's Retry-After says, in seconds.
        chance: a number from 0 up to 1.
    """
    if asked_for is not None and asked_for > LONGEST_RETRY_AFTER_SECONDS:
        return None
    backoff = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0**attempt)
    return max(asked_for or 0.0, chance * backoff)
