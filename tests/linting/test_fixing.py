"""Fixes mend without changing what is meant, and there is nothing left to fix after them."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.linting.feature_linter import FeatureLinter
from support.linting.fixing import applied, mended, mended_text
from support.linting.project import Project
from support.linting.rules import RULES
from support.profiles.variants import tagged
from support.specs import reader
from support.specs.finding import Edit

ALL = tuple(RULES)
TAGS = (
    *("@smoke", "@Smoke", "@smokee", "@slow", "@wip", "@winter"),
    *("@risk:high", "@risk_high", "@risk:low", "@RISK-LOW"),
    *("@req:BR-001", "@req-BR-001", "@req:BR-002", "@req:br-002"),
    *("@cap:format=any", "@cap:format=ztdf", "@cap:format:ztdf", "@cap:format=nano"),
    *("@cap:sdk=any", "@cap:sdk=go", "@Cap:Format=ANY"),
)


def fixed(text: str, project: Project) -> str:
    return mended_text("x.feature", text, FeatureLinter(project), ALL)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("@smoke @smoke\n", "@smoke\n"),
        ("@smoke @smoke @smoke @slow\n", "@smoke @slow\n"),
        ("  @smoke\t@smoke  \n", "  @smoke\n"),
        ("@smoke @smoke # why\n", "@smoke # why\n"),
        ("@smoke\n@smoke # why\n", "@smoke\n# why\n"),
        ("@smoke\r\n@smoke\r\n", "@smoke\r\n"),
        ("@smoke\n  @smoke @slow\n", "@smoke\n  @slow\n"),
        ("@Smoke @smoke\n", "@smoke\n"),
        ("@risk_high @req-BR-001\n", "@risk:high @req:BR-001\n"),
        ("@cap:format:ZTDF\n", "@cap:format=ztdf\n"),
        ("@smokee @whatever\n", "@smokee @whatever\n"),
        ("@smoke@smoke\n", "@smoke@smoke\n"),
        ("@smoke  \n", "@smoke\n"),
    ],
)
def test_tags_are_mended(before: str, after: str, sample_project: Project) -> None:
    feature = "Feature: x\n\n  Scenario: y\n    Then it opens\n"

    assert fixed(before + feature, sample_project) == after + feature


FIXABLE = {
    "capability-unknown": "@cap:format=ZTDF",
    "tag-value": "@risk:High",
    "tag-family": "@RISK:high",
    "tag-near-miss": "@risk_high",
    "tag-duplicate": "@slow @slow",
    "tag-spacing": "@slow ",
}


def test_exactly_the_fixable_rules_have_fixes(sample_project: Project) -> None:
    fixed_rules = set()
    for line in FIXABLE.values():
        text = f"{line}\nFeature: x\n  Scenario: y\n    Then it opens\n"
        found = FeatureLinter(sample_project).findings("x.feature", text)
        fixed_rules |= {finding.rule for finding in found if finding.fix}

    assert fixed_rules == {rule.id for rule in RULES.values() if rule.fixable}


def test_what_a_scenario_inherits_is_taken_away_unless_it_was_changed_in_between(
    sample_project: Project,
) -> None:
    text = (
        "@cap:format=any @risk:high\nFeature: x\n  @cap:format=ztdf\n  Rule: r\n"
        "    @cap:format=any @risk:high\n    Scenario: y\n      Then it opens\n"
    )

    assert fixed(text, sample_project) == text.replace("any @risk:high\n    S", "any\n    S")


def test_a_broken_file_and_an_allowed_finding_are_left_alone(sample_project: Project) -> None:
    broken = "@smoke @smoke\nFeature: x\n@a b\n"
    allowed = (
        "# lint: allow tag-duplicate because it is the sample's point\n"
        "@smoke @smoke\nFeature: x\n  Scenario: y\n    Then it opens\n"
    )

    assert fixed(broken, sample_project) == broken
    assert fixed(allowed, sample_project) == allowed


def test_only_chosen_rules_are_mended(sample_project: Project) -> None:
    text = "@smoke @smoke  \nFeature: x\n  Scenario: y\n    Then it opens\n"
    linter = FeatureLinter(sample_project, ["tag-spacing"])

    assert mended_text("x.feature", text, linter, ["tag-spacing"]) == text.replace("  \nF", "\nF")


def test_of_overlapping_edits_the_first_one_is_made() -> None:
    edits = [Edit(1, 1, 3, "X"), Edit(1, 3, 2, "Y"), Edit(1, 5, 1, "Z")]

    assert applied("abcde\n", edits) == "XdZ\n"


def test_files_are_written_as_a_whole_with_mode_and_links(
    sample_project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "x.feature"
    path.write_bytes(b"@smoke @smoke\r\nFeature: x\n  Scenario: y\n    Then it opens")
    path.chmod(0o640)
    link = tmp_path / "y.feature"
    link.symlink_to(path)

    (change,) = mended([link, tmp_path / "missing.feature"], sample_project, ALL)
    diff = change.diff()
    change.write()

    assert path.read_bytes() == b"@smoke\r\nFeature: x\n  Scenario: y\n    Then it opens"
    assert path.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert "-@smoke @smoke\r\n+@smoke\r\n" in diff
    assert sorted(tmp_path.iterdir()) == [path, link]
    assert not list(mended([link], sample_project, ALL))


TAG_LINES = st.lists(st.lists(st.sampled_from(TAGS), max_size=5), min_size=4, max_size=4)


def feature(lines: list[list[str]], blank: str) -> str:
    first, second, third, fourth = (
        blank.join(line) + (blank + "\n" if line else "") for line in lines
    )
    return (
        f"{first}Feature: x\n{second}  Rule: r\n{third}    Scenario Outline: <n> y\n"
        f"      Then it opens\n{fourth}      Examples: z\n        | n |\n        | 1 |\n"
        f"{fourth}      Examples: w\n        | n |\n        | 2 |\n"
    )


def meaning(text: str) -> list[Any]:
    """Return what a run makes of the tags: each one known, repetitions left out."""
    specs = reader.specs_of(reader.parse("x.feature", text))
    result: list[Any] = []
    for spec in specs:
        caps = {name: frozenset(values) for name, values in tagged(spec).items()}
        others = frozenset(tag for tag in spec.tags if not tag.startswith("cap:"))
        risks = [tag for tag in spec.tags if tag.startswith("risk:")]
        steps = [(step.keyword, step.text) for step in spec.steps]
        result.append((spec.id, steps, caps, others, risks[-1:], spec.requirement_ids))
    return result


def without_tags(node: Any) -> Any:  # noqa: ANN401 -- any part of a document
    if isinstance(node, dict):
        left_out = {"tags", "location", "id"}
        return {key: without_tags(value) for key, value in node.items() if key not in left_out}
    return [without_tags(item) for item in node] if isinstance(node, list) else node


@settings(max_examples=300, deadline=None)
@given(TAG_LINES, st.sampled_from([" ", "  ", "\t"]))
def test_fixing_twice_is_fixing_once_and_nothing_but_tags_changes(
    sample_project: Project, lines: list[list[str]], blank: str
) -> None:
    text = feature(lines, blank)

    once = fixed(text, sample_project)

    assert fixed(once, sample_project) == once
    parse = reader.parse
    assert without_tags(parse("x.feature", once)) == without_tags(parse("x.feature", text))


WELL_FORMED = [tag for tag in TAGS if tag.islower() or tag.startswith("@req:BR")]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WELL_FORMED), max_size=6), min_size=4, max_size=4))
def test_taking_duplicates_away_changes_no_meaning(
    sample_project: Project, lines: list[list[str]]
) -> None:
    known = [[tag for tag in line if tag[1:] in sample_project.near_tags.known] for line in lines]
    text = feature(known, " ")

    assert meaning(fixed(text, sample_project)) == meaning(text)
