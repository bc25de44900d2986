import time

import pytest

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.text import did_you_mean, listed, slug, tail
from support.foundation.waiting import pause, wait_until


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


def test_a_pause_lasts_as_long_as_was_named() -> None:
    begun = time.monotonic()
    pause(0.05)
    lasted = time.monotonic() - begun
    pause(-1)

    assert lasted >= 0.05


def test_text_helpers() -> None:
    assert did_you_mean("embeded", ["embedded", "remote"]) == ' Did you mean "embedded"?'
    assert did_you_mean("xyz", ["embedded"]) == ""
    assert listed([]) == "none"
    assert listed(["a", "b"]) == "a, b"
    assert slug("A reader, opening it!") == "a-reader-opening-it"
    assert slug("…") == "unnamed"
    assert tail("1\n2\n3\n", lines=2) == "2\n3"


def test_the_end_of_a_log_is_short_however_long_its_lines_are() -> None:
    log = "\n".join(["first", "x" * 5000, "last"])

    shown = tail(log, 2)

    assert shown.splitlines()[0] == "x" * 300 + " …"
    assert shown.splitlines()[1] == "last"
