import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.redaction import Redactor

SECRET = "s3cr3t/value+with=signs"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
    ],
)
def test_a_known_secret_is_removed_in_every_spelling(spelling: str) -> None:
    clean = Redactor([SECRET]).text(f"before {spelling} after")

    assert spelling.rstrip("=") not in clean
    assert clean.startswith("before [redacted: secret]")
    assert clean.endswith(" after")


def test_a_longer_secret_wins_over_one_that_it_contains() -> None:
    assert (
        Redactor(["secret-value", "secret-value-2"]).text("secret-value-2") == "[redacted: secret]"
    )


def test_short_values_are_left_alone_since_they_are_ordinary_words() -> None:
    assert Redactor(["secret", ""]).text("a secret garden") == "a secret garden"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"token {TOKEN}!", "token [redacted: token]!"),
        (f"Authorization: Bearer {'a' * 30}", "Authorization: Bearer [redacted: field]"),
        ('{"authorization": "Basic abcdef=="}', '{"authorization": "Basic [redacted: field]"}'),
        ("client_secret=abc&x=1", "client_secret=[redacted: field]&x=1"),
        ('{"password": "abc", "x": 1}', '{"password": "[redacted: field]", "x": 1}'),
        (f'{{"password":"x{TOKEN}y"}} z', '{"password":"[redacted: field]"} z'),
        (f'"access_token":"{TOKEN}"', '"access_token":"[redacted: token]"'),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nrest",
            "[redacted: private key]\nrest",
        ),
        ("-----BEGIN PRIVATE KEY-----\ncut off", "[redacted: private key]"),
    ],
)
def test_what_has_the_form_of_a_secret_is_removed(text: str, expected: str) -> None:
    assert Redactor().text(text) == expected


@pytest.mark.parametrize(
    "text",
    ["-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----", "author: me", "a.b.c", "eyJ"],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert Redactor([SECRET]).text(text) == text


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_bytes_lose_the_secret_and_nothing_else(before: bytes, after: bytes) -> None:
    clean = Redactor([SECRET]).data(before + b"\n" + SECRET.encode() + b"\n" + after)

    assert SECRET.encode() not in clean
    assert Redactor([SECRET]).data(clean) == clean


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=8, max_size=40), st.text())
def test_no_known_secret_survives_anywhere(secret: str, around: str) -> None:
    clean = Redactor([secret]).text(around + secret + around)

    assert secret not in clean.replace("[redacted: secret]", "\0")
