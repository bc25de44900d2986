from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.artifacts.layout import LONGEST_PART, safe, unit_files

AT = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)


def test_the_human_path_of_a_file() -> None:
    files = unit_files(Path("run"), ("BR-001", "embedded", "sdk=go-v0.36.0"), "unit", 1, AT)

    path = files.path("evidence", "json")

    assert path.parent == Path("BR-001/embedded/sdk=go-v0.36.0")
    assert path.name.startswith("20260304T050607.000089Z-")
    assert path.name.endswith("-evidence.json")


def test_the_time_is_utc_whatever_zone_it_came_in() -> None:
    names = ("BR-001", "p", "v")
    elsewhere = AT.astimezone(timezone(timedelta(hours=9)))

    assert unit_files(Path(), names, "u", 1, AT) == unit_files(Path(), names, "u", 1, elsewhere)


@pytest.mark.parametrize(("unit_id", "attempt"), [("other", 1), ("unit", 2)])
def test_units_and_attempts_of_one_instant_do_not_collide(unit_id: str, attempt: int) -> None:
    names = ("BR-001", "p", "v")

    first = unit_files(Path(), names, "unit", 1, AT).path("evidence", "json")
    second = unit_files(Path(), names, unit_id, attempt, AT).path("evidence", "json")

    assert first != second


@pytest.mark.parametrize("text", ["go-v0.36.0", "encrypt_sdk=go,format=ztdf", "BR-001"])
def test_ordinary_names_stay_as_they_are(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize("text", ["..", "../../etc/passwd", "/abs", "", "a\nb", "x" * 5000, ".git"])
def test_no_text_leaves_its_folder(text: str) -> None:
    part = safe(text)

    assert Path(part).name == part
    assert not part.startswith(".")
    assert 0 < len(part.encode()) < 255


@given(st.text(max_size=300), st.text(max_size=300))
def test_different_texts_get_different_parts(one: str, two: str) -> None:
    assert (safe(one) == safe(two)) == (one == two)


@pytest.mark.parametrize("text", ["a\nb", "🎉" * 40, "v" * 4096, "..", "a/../../b", "\0", "\udc80"])
def test_any_text_names_a_file_that_can_be_made(tmp_path: Path, text: str) -> None:
    files = unit_files(tmp_path / "run", (text, text, text), text, 1, AT)

    path = tmp_path / "run" / files.path(text, text)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")

    assert (tmp_path / "run") in path.resolve().parents
    assert list(tmp_path.iterdir()) == [tmp_path / "run"]


@given(st.text(min_size=LONGEST_PART, max_size=LONGEST_PART * 3))
def test_parts_are_bounded(text: str) -> None:
    assert len(safe(text)) <= LONGEST_PART + 11
