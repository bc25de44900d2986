"""Telling people that something takes its time."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str], None]

INTERVAL_SECONDS = 10.0


def silent(_line: str) -> None:
    """Tell nobody."""


@contextmanager
def reporting(
    what: str, progress: Progress, interval_seconds: float = INTERVAL_SECONDS
) -> Iterator[None]:
    """Say that something begins, and from time to time that it goes on.

    Args:
        what: such as `Fetching Keycloak 26.7.3 (176 MB)`.
        progress: gets the lines, some from another thread.
        interval_seconds: between two lines.
    """
    begun, done = time.monotonic(), threading.Event()

    def tell() -> None:
        while not done.wait(interval_seconds):
            progress(f"{what}: {time.monotonic() - begun:.0f} s …")

    progress(f"{what} …")
    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()
