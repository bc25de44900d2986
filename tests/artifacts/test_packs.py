import io
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from support.artifacts import packs
from support.artifacts.packs import FRAME_BYTES, LARGEST_WHOLE, Pack, PackWriter, is_safe
from support.foundation.errors import ConfigurationError


def packed(files: dict[str, bytes]) -> bytes:
    output = io.BytesIO()
    writer = PackWriter(output)
    for path, content in files.items():
        writer.add(path, io.BytesIO(content))
    writer.finish()
    return output.getvalue()


@given(st.dictionaries(st.text(min_size=1, max_size=30), st.binary(max_size=2000), max_size=20))
def test_what_goes_in_comes_out(files: dict[str, bytes]) -> None:
    pack = Pack(io.BytesIO(packed(files)), "a pack")

    pack.check()
    assert {path: pack.open(path).read() for path in pack.members} == files


def test_files_that_span_frames_are_read_from_anywhere() -> None:
    long = bytes(range(256)) * (LARGEST_WHOLE // 256 + 5 * 1024)
    pack = Pack(io.BytesIO(packed({"before": b"x" * 1000, "long": long, "after": b"y"})), "a pack")

    with pack.open("long") as content:
        content.seek(FRAME_BYTES - 3)
        assert content.read(10) == long[FRAME_BYTES - 3 : FRAME_BYTES + 7]
        content.seek(-4, io.SEEK_END)
        assert content.read() == long[-4:]
        content.seek(len(long) + 5)
        assert content.read() == b""
    assert pack.open("after").read() == b"y"


def test_equal_files_stand_once() -> None:
    once, twice = (
        packed({"a": b"content" * 50}),
        packed({"a": b"content" * 50, "b": b"content" * 50}),
    )

    pack = Pack(io.BytesIO(twice), "a pack")

    assert pack.members["a"].offset == pack.members["b"].offset
    assert pack.index.plain_bytes == Pack(io.BytesIO(once), "a pack").index.plain_bytes


def test_other_programs_read_all_of_it() -> None:
    plain = b"one\n" * 90_000
    reader = zstandard.ZstdDecompressor().stream_reader(
        io.BytesIO(packed({"log": plain})), read_across_frames=True
    )

    assert reader.read(len(plain)) == plain


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError, match="holds no b"):
        Pack(io.BytesIO(packed({"a": b""})), "a pack").open("b")


@given(st.data())
def test_damage_is_told_and_never_read(data: st.DataObject) -> None:
    files = {"a": b"some content " * 40, "b": bytes(range(200))}
    whole = bytearray(packed(files))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))

    try:
        pack = Pack(io.BytesIO(bytes(whole)), "a pack")
        pack.check()
    except (ConfigurationError, FileNotFoundError):
        return
    # What is left is a change that changes nothing: a name in the index has no digest of its own.
    assert set(files.values()) == {pack.open(path).read() for path in pack.members}


@given(st.data())
def test_a_pack_that_was_cut_is_none(data: st.DataObject) -> None:
    whole = packed({"a": b"some content " * 40})

    with pytest.raises(ConfigurationError, match="is damaged or no pack"):
        Pack(io.BytesIO(whole[: data.draw(st.integers(0, len(whole) - 1))]), "a pack")


def test_an_index_that_lies_about_sizes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "LARGEST_INDEX_BYTES", 10)

    with pytest.raises(ConfigurationError, match=r"no footer|larger than any"):
        Pack(io.BytesIO(packed({"a": b"x"})), "a pack")


@pytest.mark.parametrize("path", ["", "/a", "../a", "a/../../b", "a\0b", "a//b", "./a", "a/"])
def test_paths_that_lead_astray(path: str) -> None:
    assert not is_safe(path)


def test_ordinary_paths_lead_nowhere_else() -> None:
    assert is_safe("BR-001/embedded/sdk=go/20260101-evidence.json")
    assert is_safe("emoji-🎉/new\nline/..dots")


def test_a_pack_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "pack").write_bytes(packed({}))

    with (tmp_path / "pack").open("rb") as file:
        assert not Pack(file, "a pack").members
