"""Whatever stands in a file, the linter answers with findings."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support.linting.feature_linter import FeatureLinter
from support.linting.fixing import mended_text
from support.linting.linter import lint
from support.linting.project import Project
from support.linting.rules import RULES

GOOD = """\
# language: en
@req:BR-001 @cap:format=any @smoke
Feature: Reading
  Words.

  Background:
    Given a document

  Rule: All readers

    @risk:high
    Scenario Outline: A document for <label>
      Given a document that needs "<label>"
        | a | b |
      When the reader opens it
        \"\"\"
        text
        \"\"\"
      Then it opens

      @slow
      Examples: labels
        | label  |
        | apollo |
"""
PIECES = (
    *(
        "@",
        "@a@b",
        "@req:",
        "@cap:=",
        "@cap:x",
        "@cap:sdk=any",
        "@x:y:z",
        "@profile",
        "#",
        "# lint:",
    ),
    *("# lint: allow", "# lint: allow tag-duplicate because of it", "|", "||", "| \\| |", '"""'),
    *(
        "Feature:",
        "Rule:",
        "Background:",
        "Scenario:",
        "Scenario Outline:",
        "Examples:",
        "*",
        "And x",
    ),
    *(
        "<",
        ">",
        "<label>",
        "{",
        "}",
        "\t",
        "\r",
        "\x00",
        "\ufeff",
        "\u2028",
        "\x0b",
        "é",
        "日本",
        "\x1b[31m",
    ),
)


def touch(path: Path, data: bytes = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def loop(path: Path) -> Path:
    path.symlink_to(path)
    return path


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: touch(p / "x.feature", b"\xff"), "not UTF-8 text (byte 0). Save it as UTF-8."),
        (lambda p: touch(p / "x.feature", b"\xef\xbb\xbfFeature: x"), "byte order mark"),
        (lambda p: touch(p / "x.feature"), "the file has no Feature"),
        (lambda p: touch(p / "x.feature", b"#" * 10_000_000), "10,000,000 bytes; 1,000,000 is the"),
        (lambda p: touch(p / "x.feature", b"Feature: x\n@a b\n"), "tag may not contain white"),
        (lambda p: touch(p / "x.txt", b"Feature: x\n"), "not a feature file"),
        (lambda p: folder(p / "x.feature"), "it is a folder"),
        (lambda p: folder(p / "empty"), "no *.feature file and no profile stands below it"),
        (lambda p: pipe(p / "x.feature"), "not a feature file"),
        (lambda p: loop(p / "x.feature"), "there is no such file or folder"),
        (lambda p: p / "missing.feature", "there is no such file or folder"),
        (lambda p: p / ("long" * 100), "it cannot be looked at: File name too long"),
    ],
)
def test_a_file_that_is_none_is_one_finding_and_the_others_are_linted(
    make: Callable[[Path], Path], message: str, sample_project: Project, tmp_path: Path
) -> None:
    other = touch(tmp_path / "other" / "other.feature", b"Feature: x\n")

    report = lint([make(tmp_path), other], sample_project)

    first, last = report.reported
    assert message in first.finding.message
    assert first.rule.refused
    assert (last.finding.rule, Path(last.finding.path).name) == ("feature-empty", "other.feature")


def test_a_folder_named_like_a_feature_is_told_and_looked_into_no_further(
    sample_project: Project, tmp_path: Path
) -> None:
    touch(tmp_path / "x.feature" / "y.feature", b"Feature: x\n")

    report = lint([tmp_path], sample_project)

    assert [r.finding.rule for r in report.reported] == ["unreadable-file", "feature-empty"]


def test_a_file_named_twice_is_linted_once(sample_project: Project, tmp_path: Path) -> None:
    path = touch(tmp_path / "x.feature", b"Feature: x\n")

    report = lint([path, tmp_path, path], sample_project)

    assert len(report.reported) == report.features == 1


@given(st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=5)).map(" ".join))
def test_any_text_gives_findings_in_it(linter: FeatureLinter, text: str) -> None:
    check(text, linter)


MUTATIONS = st.lists(
    st.tuples(st.integers(0, len(GOOD)), st.integers(0, 12), st.sampled_from((*PIECES, "\n"))),
    min_size=1,
    max_size=6,
)


def mutated(mutations: list[tuple[int, int, str]]) -> str:
    text = GOOD
    for start, length, piece in mutations:
        text = text[:start] + piece + text[start + length :]
    return text


@settings(max_examples=2_000, deadline=None)
@given(MUTATIONS.map(mutated))
@example("Feature: x\n  Scenario Outline: y\n    Then a\n    Examples:\n      |\n      |\n")
def test_a_mutated_feature_gives_findings_in_it(linter: FeatureLinter, text: str) -> None:
    check(text, linter)


@pytest.mark.soak
@settings(max_examples=100_000, deadline=None)
@given(MUTATIONS.map(mutated))
def test_a_hundred_thousand_mutated_features_give_findings(
    linter: FeatureLinter, text: str
) -> None:
    check(text, linter)


@pytest.fixture(scope="session")
def linter(sample_project: Project) -> FeatureLinter:
    return FeatureLinter(sample_project)


def check(text: str, linter: FeatureLinter) -> None:
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = unified.split("\n")
    for finding in linter.findings("x.feature", unified):
        assert finding.rule in RULES
        assert 1 <= finding.line <= len(lines)
        assert finding.column >= 1
        assert finding.length >= 1
        assert finding.message
        if finding.fix is not None:
            fix = finding.fix
            assert fix.column - 1 + fix.length <= len(lines[fix.line - 1])
    mended_text("x.feature", text, linter, tuple(RULES))


@given(st.binary(max_size=200))
def test_any_bytes_give_a_report(
    sample_project: Project, tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = touch(tmp_path_factory.getbasetemp() / "bytes.feature", data)

    assert lint([path], sample_project).features == 1
