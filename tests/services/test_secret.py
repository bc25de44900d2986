import copy
import dataclasses
import hmac
import json
import logging
import pickle
import traceback
from collections.abc import Callable

import pytest

from support.foundation.redaction import Redactor
from support.services.locator import Credentials
from support.services.secret import LiveSecret, Revealed, Secret

CANARY = "canary-value-of-a-secret"


def plain() -> Secret:
    return Secret(CANARY, "environment X")


def live() -> Secret:
    return LiveSecret(plain, Revealed())


MAKERS = pytest.mark.parametrize("make", [plain, live])
Make = Callable[[], Secret]


@MAKERS
@pytest.mark.parametrize(
    "show",
    [
        str,
        repr,
        ascii,
        "{}".format,
        "{!r:>40}".format,
        "%s".__mod__,
        "%r".__mod__,
        lambda s: f"{s=}",
        lambda s: repr([s, {"x": s}]),
        lambda s: repr(Credentials("client", s)),
        lambda s: json.dumps({"x": s}, default=str),
        lambda s: json.dumps(dataclasses.asdict(Credentials("client", s)), default=repr),
    ],
)
def test_nothing_shows_it(make: Make, show: Callable[[object], str]) -> None:
    assert CANARY not in show(make())


@MAKERS
def test_a_log_does_not_show_it(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    logging.getLogger("x").debug("%s %r %s", make(), make(), {"secret": make()})

    assert "Secret(…)" in caplog.text
    assert CANARY not in caplog.text


@MAKERS
def test_a_traceback_with_locals_does_not_show_it(make: Make) -> None:
    def fails(secret: Secret) -> None:
        raise ValueError(f"about {secret}")

    try:
        fails(make())
    except ValueError as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
    text = "".join(told.format())

    assert "secret = Secret(…)" in text
    assert CANARY not in text


@MAKERS
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_not_written_to_disk(make: Make, protocol: int) -> None:
    for value in (make(), [make()], Credentials("client", make())):
        with pytest.raises(TypeError, match="not written to disk"):
            pickle.dumps(value, protocol)


@MAKERS
@pytest.mark.parametrize(
    "take_apart", [json.dumps, vars, Secret.__getstate__, lambda s: s.__reduce_ex__(2)]
)
def test_it_is_not_taken_apart(make: Make, take_apart: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError) as caught:
        take_apart(make())
    assert CANARY not in str(caught.value)


@MAKERS
def test_a_copy_is_as_careful(make: Make) -> None:
    secret = make()

    for same in (copy.copy(secret), copy.deepcopy(secret), copy.deepcopy([secret])[0]):
        assert same is secret
    assert dataclasses.replace(Credentials("a", secret), client_id="b").client_secret is secret


@MAKERS
def test_it_is_compared_in_constant_time(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(left: bytes, right: bytes) -> bool:
        compared.append((left, right))
        return left == right

    monkeypatch.setattr(hmac, "compare_digest", compare)

    assert make() == make()
    assert make() != Secret("another")
    assert make() != CANARY
    assert len(compared) == 2
    assert len({make(), make(), Secret("another")}) == 2


def test_a_live_secret_tells_whether_it_has_changed() -> None:
    values = [Secret("first-value"), Secret("first-value", "elsewhere"), Secret("second-value")]
    revealed = Revealed()
    secret = LiveSecret(lambda: values.pop(0), revealed)

    assert (secret.reveal(), secret.refresh()) == ("first-value", False)
    assert secret.origin == "elsewhere"
    assert secret.refresh()
    assert secret.reveal() == "second-value"
    assert revealed.values == ("first-value", "second-value")


def test_a_live_secret_that_cannot_be_read_keeps_its_value() -> None:
    values = [Secret("first-value")]
    secret = LiveSecret(lambda: values.pop(0), Revealed())

    with pytest.raises(IndexError):
        secret.refresh()

    assert secret.reveal() == "first-value"


def test_a_plain_secret_has_nowhere_to_be_read_again() -> None:
    assert not Secret("x").refresh()
    assert Secret("x").origin == ""


def test_a_changed_secret_is_redacted_before_anybody_has_it() -> None:
    revealed, redactor = Revealed(), Redactor()
    current = ["first-value"]
    secret = LiveSecret(lambda: Secret(current[0]), revealed)
    revealed.teach(redactor.learn)

    assert redactor.text("a first-value b") == "a [redacted: secret] b"
    current[0] = "second-value"
    assert redactor.text("a second-value b") == "a second-value b"
    secret.refresh()
    assert redactor.text("first-value second-value") == "[redacted: secret] [redacted: secret]"


def test_values_are_learnt_once_and_never_empty() -> None:
    revealed = Revealed()
    learnt: list[str] = []
    revealed.teach(learnt.extend)

    for value in ("a", "", "a", "b"):
        revealed.add(value)

    assert learnt == ["a", "b"]
