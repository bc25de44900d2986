import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.embedded.ldif import PEOPLE, entries_of

NAMES = st.text("abcdefgh", min_size=1)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), min_size=1).filter(
    lambda value: value.strip() == value and not value.startswith((":", "<"))
)
ENTRIES = st.lists(st.dictionaries(NAMES, st.tuples(VALUES), min_size=1), min_size=1)


def test_the_people_of_the_directory_are_read() -> None:
    people = [entry for entry in entries_of(PEOPLE.read_text()) if "uid" in entry]

    departments = {entry["uid"][0]: entry["departmentNumber"][0] for entry in people}
    assert departments == {
        "alice": "engineering",
        "bob": "marketing",
        "charlie": "security",
        "diana": "engineering",
        "eve": "operations",
        "grace": "hr",
        "henry": "finance",
    }


def test_comments_folded_lines_encoded_and_repeated_values_are_read() -> None:
    encoded = base64.b64encode("Zoë".encode()).decode()
    text = f"# a comment\n goes on\ncn: Ann\n e\ncn: Anna\ngivenName:: {encoded}\n\n\nuid:x\n"

    assert entries_of(text) == ({"cn": ("Anne", "Anna"), "givenName": ("Zoë",)}, {"uid": ("x",)})


@pytest.mark.parametrize("line", ["no colon", ": value"])
def test_what_is_no_line_of_ldif_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no line of LDIF"):
        entries_of(line)


@given(entries=ENTRIES, encode=st.booleans())
def test_what_is_written_is_read(entries: list[dict[str, tuple[str]]], *, encode: bool) -> None:
    def line(name: str, value: str) -> str:
        if encode:
            return f"{name}:: {base64.b64encode(value.encode()).decode()}"
        return f"{name}: {value}"

    text = "\n\n".join(
        "\n".join(line(name, value) for name, (value,) in entry.items()) for entry in entries
    )

    assert list(entries_of(text)) == entries
