import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.artifacts.encryption import (
    EncryptingWriter,
    Key,
    Keys,
    key_id_of,
    key_of,
    open_encrypted,
)
from support.foundation.errors import ConfigurationError

KEY = Key(b"k" * 32)
CHUNK = 64


def encrypted(plain: bytes, key: Key = KEY) -> bytes:
    output = io.BytesIO()
    writer = EncryptingWriter(output, key, CHUNK)
    for begin in range(0, len(plain), 50):
        writer.write(plain[begin : begin + 50])
    writer.finish()
    return output.getvalue()


def decrypted(data: bytes, *keys: Key) -> bytes:
    return open_encrypted(io.BytesIO(data), "a file", Keys(*keys)).read()


@given(st.binary(max_size=400))
def test_what_goes_in_comes_out(plain: bytes) -> None:
    assert decrypted(encrypted(plain), Key(b"other" + b"x" * 27), KEY) == plain


@given(st.integers(0, 300), st.integers(0, 300))
def test_it_is_read_from_anywhere(begin: int, size: int) -> None:
    plain = bytes(index % 251 for index in range(257))
    content = open_encrypted(io.BytesIO(encrypted(plain)), "a file", Keys(KEY))

    content.seek(begin)

    assert content.read(size) == plain[begin : begin + size]
    assert content.seek(-3, io.SEEK_END) == 254


@given(st.data())
def test_any_change_is_refused(data: st.DataObject) -> None:
    whole = bytearray(encrypted(b"evidence " * 30))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(ConfigurationError):
        decrypted(bytes(whole), KEY)


@given(st.integers(0, 400))
def test_a_file_that_was_cut_is_refused(length: int) -> None:
    whole = encrypted(b"evidence " * 30)

    with pytest.raises(ConfigurationError):
        decrypted(whole[: min(length, len(whole) - 1)], KEY)


def test_chunks_that_change_places_are_refused() -> None:
    whole = encrypted(b"a" * CHUNK + b"b" * CHUNK + b"c")
    begin = len(whole) - 2 * (CHUNK + 16) - 17
    one, two = (whole[begin + n * (CHUNK + 16) : begin + (n + 1) * (CHUNK + 16)] for n in (0, 1))

    with pytest.raises(ConfigurationError, match="chunk 0 is not what was written"):
        decrypted(whole[:begin] + two + one + whole[begin + 2 * (CHUNK + 16) :], KEY)


def test_another_key_is_named_not_tried() -> None:
    with pytest.raises(ConfigurationError, match=f"with the key {KEY.id}, which is not here"):
        decrypted(encrypted(b"x"), Key(b"o" * 32))
    assert key_id_of(io.BytesIO(encrypted(b"x")), "a file") == KEY.id


def test_equal_files_look_different() -> None:
    assert encrypted(b"same") != encrypted(b"same")


@pytest.mark.parametrize("text", ["6b" * 32, base64.b64encode(b"k" * 32).decode() + "\n"])
def test_keys_are_read(text: str) -> None:
    assert key_of(text, "somewhere") == KEY


@pytest.mark.parametrize("text", ["", "short", "6b" * 31, base64.b64encode(b"k" * 33).decode()])
def test_what_is_no_key_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigurationError, match="from somewhere is no key") as raised:
        key_of(text, "somewhere")
    assert not text or text not in str(raised.value)


def test_a_key_is_never_shown() -> None:
    assert "kkk" not in repr(KEY)
    assert KEY.value.hex() not in repr(KEY)
