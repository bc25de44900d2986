"""The table that docs/parity.md holds for people and machine."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.evidence import parity_page
from support.evidence.parity_page import COLUMNS, HEADING, OUTCOMES, Row, Words
from support.foundation.errors import ConfigurationError
from support.model.capability import Capability
from support.profiles.catalog import Catalog

PROFILES = ("platform", "keycloak")
REQUIREMENTS = ("BR-001", "BR-027", "BR-039")
WORDS = Words({"needs": None, "format": ("ztdf", "nano")}, {}, PROFILES, REQUIREMENTS)

HEAD = f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}\n"
ROW = "| platform | BR-027 | `needs == 'x'` | passed | skipped | Because. |\n"


def page(*rows: str, head: str = HEAD) -> str:
    return (
        f"# Parity\n\n{HEADING}\n\nWhat differs.\n\n{head}{''.join(rows)}\nMore prose.\n\n## Next\n"
    )


def problem(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parity_page.parse(text, "parity.md", WORDS)
    return str(caught.value)


def test_a_row_is_read_with_its_place() -> None:
    text = page(
        "| platform, keycloak | BR-027, BR-039 | `format in ['ztdf', 'nano']` | not applicable "
        "| absent | A \\| b `c`. |\n"
    )

    (row,) = parity_page.parse(text, "parity.md", WORDS)

    assert row.profiles == ("platform", "keycloak")
    assert row.requirements == ("BR-027", "BR-039")
    assert row.units.holds({"format": ["nano"]})
    assert not row.units.holds({"format": ["other"]})
    assert (row.embedded, row.there, row.why) == ("not applicable", "absent", "A | b `c`.")
    assert row.where == "parity.md:9"
    assert str(row).startswith("parity.md:9: BR-027, BR-039, `format in ['ztdf', 'nano']`, not app")


def test_a_table_may_be_empty_and_other_tables_of_the_page_do_not_count() -> None:
    others = "\n## Other\n\n| a | b |\n| --- | --- |\n| c | d |\n"

    assert parity_page.parse(page() + others, "parity.md", WORDS) == ()
    assert len(parity_page.parse(page(ROW) + others, "parity.md", WORDS)) == 1


@pytest.mark.parametrize(
    ("embedded", "there", "planned"),
    [
        ("passed", "skipped", True),
        ("absent", "passed", True),
        ("passed", "failed", False),
        ("waived", "passed", False),
    ],
)
def test_only_what_a_plan_can_expect_is_planned(
    embedded: str, there: str, *, planned: bool
) -> None:
    text = page(f"| platform | BR-027 | `needs == 'x'` | {embedded} | {there} | Because. |\n")

    (row,) = parity_page.parse(text, "parity.md", WORDS)

    assert row.is_planned is planned


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (ROW.replace("platform", "platfrom"), 'parity.md:9: "profile" names "platfrom"'),
        (ROW.replace("platform", "platfrom"), 'Did you mean "platform"?'),
        (ROW.replace("platform", "platform,"), 'parity.md:9: "profile" names ""'),
        (ROW.replace("BR-027", "BR-072"), 'parity.md:9: "requirement" names "BR-072"'),
        (ROW.replace("skipped", "skiped"), 'Did you mean "skipped"?'),
        (ROW.replace("skipped", "passed"), 'parity.md:9: both sides are "passed"'),
        (ROW.replace("`", ""), "a condition between backticks was expected"),
        (ROW.replace("needs", "lacking"), 'parity.md:9: the condition "lacking =='),
        (ROW.replace("needs == 'x'", "format == 'ztfd'"), 'Did you mean "ztdf"?'),
        (ROW.replace("Because.", ""), 'parity.md:9: the cell "why" is empty'),
        (ROW.replace("Because.", "a | b"), "parity.md:9: the row has 7 cells, but 6"),
        (ROW.replace(" Because. |", ""), "parity.md:9: the row has 5 cells"),
        (ROW.replace("Because. |", "Because."), 'parity.md:9: the row does not end with "|"'),
        (ROW + "and more\n", "parity.md:10: the table is followed by"),
        (ROW + "\n" + ROW, "parity.md:11: here is a second table"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_with_its_line(row: str, told: str) -> None:
    assert told in problem(page(row))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("# Parity\n", f'parity.md:1: the heading "{HEADING}" is there 0 times'),
        (page(ROW) + page(ROW), f'parity.md:16: the heading "{HEADING}" is there 2 times'),
        (page(head=""), "parity.md:3: there is no table"),
        (page(head=HEAD.replace("why", "because")), "parity.md:7: the columns are"),
        (page(head=HEAD.replace("---", "...")), "parity.md:8: the second line is"),
        (page(ROW).replace("differs.\n\n", "differs.\n"), "parity.md:6: the table follows"),
    ],
)
def test_what_is_wrong_with_the_table_is_told_with_its_line(text: str, told: str) -> None:
    assert told in problem(text)


def test_a_page_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.md: cannot be read"):
        parity_page.read(tmp_path / "none.md", WORDS)


def test_conditions_name_the_dimensions_of_the_catalog_and_needs(catalog: Catalog) -> None:
    words = Words.of(catalog, PROFILES, REQUIREMENTS)

    assert set(words.names) == {*catalog.dimensions, "needs"}
    assert words.names["format"] == catalog.dimensions["format"].values
    assert set(words.aliases) == set(catalog.aliases)
    assert Capability("sdk", "go") not in words.aliases


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)


@given(
    st.lists(st.sampled_from(PROFILES), min_size=1),
    st.sampled_from(OUTCOMES),
    st.sampled_from(OUTCOMES),
    TEXT.filter(lambda text: not text.endswith("\\") and "\\|" not in text),
)
def test_what_is_written_is_read(profiles: list[str], embedded: str, there: str, why: str) -> None:
    cells = (", ".join(profiles), "BR-001", "`needs == 'x'`", embedded, there)
    text = page(f"| {' | '.join(cells)} | {why.replace('|', chr(92) + '|')} |\n")

    if embedded == there:
        assert "both sides" in problem(text)
        return
    (row,) = parity_page.parse(text, "parity.md", WORDS)
    assert (row.profiles, row.embedded, row.there, row.why) == (
        tuple(profiles),
        embedded,
        there,
        why,
    )


@given(st.text("|`\\-: \n#abc'=") | st.text())
def test_any_other_line_is_refused_with_its_line_or_is_no_row(text: str) -> None:
    found: tuple[Row, ...] | str
    try:
        found = parity_page.parse(page(ROW + text + "|\n"), "parity.md", WORDS)
    except ConfigurationError as error:
        found = str(error)

    if isinstance(found, str):
        assert re.match(r"parity\.md:\d+: ", found)
    else:
        assert [row.why for row in found] == ["Because."]
