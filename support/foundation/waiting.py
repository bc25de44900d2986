"""The one place that waits: a named condition, a monotonic deadline, a diagnosis on time-out."""

import time
from collections.abc import Callable
from typing import TypeVar

from support.foundation.errors import EnvironmentUnfitError

Value = TypeVar("Value")


def wait_until(
    condition: Callable[[], Value | None],
    *,
    what: str,
    time_limit_seconds: float,
    interval_seconds: float = 0.02,
    diagnose: Callable[[], str] = lambda: "",
) -> Value:
    """Call `condition` until it returns something truthy, and return that.

    Args:
        condition: returns a truthy value when done; an exception it raises ends the wait at once.
        what: completes the sentence "Waited 5 s for …".
        time_limit_seconds: bound on the monotonic clock.
        interval_seconds: pause between two tries.
        diagnose: adds what is known (exit code, last output) to the time-out message.

    Raises:
        EnvironmentUnfitError: the condition did not hold in time.
    """
    deadline = time.monotonic() + time_limit_seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise EnvironmentUnfitError(
                f"Waited {time_limit_seconds:g} s for {what}, which did not happen. {diagnose()}"
            )
        time.sleep(interval_seconds)


def pause(seconds: float) -> None:
    """Wait for a time that somebody else named: a service's Retry-After, a turn, a back-off."""
    if seconds > 0:
        time.sleep(seconds)
