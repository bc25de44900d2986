"""Two runs are compared, and what differs is held against what the page accepts."""

from pathlib import Path
from typing import Any

import pytest

from support.evidence import outcomes, parity, parity_page
from support.evidence.parity import Verdict
from support.evidence.parity_page import Row, Words
from support.profiles.catalog import Catalog
from tests.evidence.runs import record, write

ACCEPTED = "| platform | BR-027 | `needs == 'expired-token'` | passed | skipped | No such token. |"
LEFT_OUT = "| platform | BR-001 | `format == 'nano'` | passed | absent | Not built. |"
PAGE = """\
## Units that differ

| profile | requirement | units | embedded | there | why |
| --- | --- | --- | --- | --- | --- |
"""


def expired(status: str, reason: str = "") -> dict[str, Any]:
    tags = ["needs:expired-token"]
    return record("expired", requirement="BR-027", status=status, reason=reason, tags=tags)


NANO = record("nano", capabilities={"format": "nano"})
SAME = record("same")


class Sides:
    """Two run folders, and a page."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self.folder = folder
        self.catalog = catalog
        self.embedded: tuple[dict[str, Any], ...] = (SAME, NANO, expired("passed"))
        self.there: tuple[dict[str, Any], ...] = (SAME, expired("skipped", reason="no such token"))

    def pairs(self) -> tuple[parity.Pair, ...]:
        left = write(self.folder / "left", *self.embedded)
        right = write(self.folder / "right", *self.there)
        return parity.compare(
            outcomes.of_run(left, self.catalog), outcomes.of_run(right, self.catalog)
        )

    def rows(self, *lines: str) -> tuple[Row, ...]:
        words = Words.of(self.catalog, ("platform", "keycloak"), ("BR-001", "BR-027"))
        return parity_page.parse(PAGE + "\n".join(lines), "parity.md", words)

    def judged(self, *lines: str) -> Verdict:
        return parity.judge(self.pairs(), self.rows(*lines), "platform")


@pytest.fixture
def sides(tmp_path: Path, catalog: Catalog) -> Sides:
    return Sides(tmp_path, catalog)


def test_differences_that_are_listed_are_no_problem(sides: Sides) -> None:
    verdict = sides.judged(ACCEPTED, LEFT_OUT)

    assert verdict.problems == ()
    assert [pair.unit.unit_id for pair in verdict.listed] == ["expired", "nano"]


def test_a_difference_that_is_not_listed_is_a_problem(sides: Sides) -> None:
    verdict = sides.judged(LEFT_OUT)

    (problem,) = verdict.problems
    assert problem.startswith(
        "expired: passed on the embedded platform, skipped there (no such token). No row of"
    )


def test_a_row_that_accepts_nothing_is_a_problem(sides: Sides) -> None:
    sides.there = (*sides.there, NANO)

    verdict = sides.judged(ACCEPTED, LEFT_OUT)

    (problem,) = verdict.problems
    assert problem.startswith("parity.md:6: BR-001, `format == 'nano'`, passed on the embedded")
    assert "no unit differs so" in problem


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(ACCEPTED.replace("platform", "keycloak"), id="of another profile"),
        pytest.param(ACCEPTED.replace("BR-027", "BR-001"), id="of another requirement"),
        pytest.param(ACCEPTED.replace("expired", "foreign"), id="of other units"),
        pytest.param(ACCEPTED.replace("skipped", "failed"), id="of another outcome"),
        pytest.param(ACCEPTED.replace("passed", "failed"), id="of another outcome here"),
        pytest.param(
            ACCEPTED.replace("passed | skipped", "skipped | passed"), id="the other way round"
        ),
    ],
)
def test_a_row_accepts_nothing_else_than_it_says(sides: Sides, row: str) -> None:
    verdict = sides.judged(row, LEFT_OUT)

    assert [pair.unit.unit_id for pair in verdict.unlisted] == ["expired"]


@pytest.mark.parametrize("status", ["failed", "error", "skipped", "waived", "not_applicable"])
def test_any_other_outcome_is_a_difference(sides: Sides, status: str) -> None:
    sides.there = (record("same", status=status), *sides.there[1:])

    verdict = sides.judged(ACCEPTED, LEFT_OUT)

    assert [pair.unit.unit_id for pair in verdict.unlisted] == ["same"]


def test_a_unit_that_only_the_other_side_has_is_a_difference(sides: Sides) -> None:
    sides.there = (*sides.there, record("theirs"))

    (problem,) = sides.judged(ACCEPTED, LEFT_OUT).problems

    assert problem.startswith("theirs: absent on the embedded platform, passed there.")


def test_of_units_that_nobody_ran_nothing_is_known(sides: Sides) -> None:
    sides.embedded = (SAME, NANO, expired("skipped"))

    assert sides.judged(ACCEPTED, LEFT_OUT).problems == ()


def test_of_units_that_nobody_has_a_row_is_stale(sides: Sides) -> None:
    sides.embedded, sides.there = (SAME, NANO), (SAME,)

    (problem,) = sides.judged(ACCEPTED, LEFT_OUT).problems

    assert "needs == 'expired-token'" in problem


def test_outcomes_are_counted_for_each_requirement(sides: Sides) -> None:
    assert parity.table(sides.pairs(), "platform") == (
        "| requirement | embedded | platform | differ |\n"
        "| --- | --- | --- | --- |\n"
        "| BR-001 | 2 passed | 1 passed | 1 |\n"
        "| BR-027 | 1 passed | 1 skipped | 1 |\n"
        "| all | 3 passed | 1 passed, 1 skipped | 2 |\n"
    )
