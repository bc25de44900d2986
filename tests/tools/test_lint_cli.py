"""`acceptance lint`, in this process and as a process of its own."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from support.foundation import process
from support.foundation.documents import validator
from support.foundation.settings import ROOT, build_environment
from support.linting.rules import RULES
from tools.cli import __main__ as cli

SAMPLES = ROOT / "tests" / "data" / "lint"
BAD = (
    "@req:BR-001 @cap:format=any @smoke  \nFeature: x\n  @smoke\n  Scenario: y\n    Then it opens\n"
)
MENDED = "@req:BR-001 @cap:format=any @smoke\nFeature: x\n  Scenario: y\n    Then it opens\n"

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A clean project that may be changed."""
    shutil.copytree(SAMPLES / "project", tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def bad(root: Path) -> Path:
    path = root / "bad.feature"
    path.write_text(BAD)
    return path


def lint(root: Path, *arguments: str | Path) -> int:
    return cli.main(["lint", "tags", "--root", str(root), *map(str, arguments)])


def test_a_clean_project_is_exit_code_0(root: Path, capsys: Captured) -> None:
    assert lint(root) == 0
    assert capsys.readouterr().out == "1 feature and 1 profile linted: nothing to mend.\n"


def test_findings_are_exit_code_1_with_place_and_caret(
    root: Path, bad: Path, capsys: Captured
) -> None:
    assert lint(root, bad) == 1
    assert capsys.readouterr().out.split("\n") == [
        "bad.feature:1:35: warning tag-spacing: blanks at the end of a line of tags. Remove them.",
        "    @req:BR-001 @cap:format=any @smoke  ",
        "                                      ^~",
        "bad.feature:3:3: error tag-duplicate: tag @smoke holds already (line 1). Remove it.",
        "      @smoke",
        "      ^~~~~~",
        "1 feature linted: 1 error, 1 warning.",
        "",
    ]


def test_warnings_fail_only_when_strict(root: Path, bad: Path) -> None:
    assert lint(root, bad, "--rule", "tag-spacing") == 0
    assert lint(root, bad, "--rule", "tag-spacing", "--strict") == 1
    assert lint(root, "--strict") == 0


def test_only_chosen_rules_are_judged(root: Path, bad: Path, capsys: Captured) -> None:
    assert lint(root, bad, "--rule", "tag-duplicate", "--rule", "leading-and", "--json") == 1

    found = json.loads(capsys.readouterr().out)["findings"]
    assert [finding["rule"] for finding in found] == ["tag-duplicate"]


def test_files_that_cannot_be_read_are_told_whatever_is_chosen(
    root: Path, capsys: Captured
) -> None:
    assert lint(root, root / "missing", "--rule", "leading-and") == 1
    assert "missing:1:1: error unreadable-file: there is no such" in capsys.readouterr().out


def test_an_unknown_rule_is_wrong_use(root: Path, capsys: Captured) -> None:
    assert lint(root, "--rule", "tag-dupplicate") == 2
    assert 'Did you mean "tag-duplicate"?' in capsys.readouterr().err


def test_a_dry_run_without_fix_is_wrong_use(root: Path, capsys: Captured) -> None:
    assert lint(root, "--dry-run") == 2
    assert "Give --fix as well" in capsys.readouterr().err


def test_two_ways_to_print_are_wrong_use(root: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        lint(root, "--json", "--github")


def test_a_broken_registry_is_wrong_use(root: Path, capsys: Captured) -> None:
    (root / "features" / "requirements.yaml").write_text("requirements: 1\n")

    assert lint(root) == 2
    assert "requirements is 1" in capsys.readouterr().err


def test_json_keeps_its_schema(root: Path, bad: Path, capsys: Captured) -> None:
    assert lint(root, bad, "--json") == 1

    value = json.loads(capsys.readouterr().out)
    assert not list(validator("lint-report").iter_errors(value))
    assert (value["errors"], value["warnings"], len(value["findings"])) == (1, 1, 2)


def test_annotations_and_sarif_at_once(
    root: Path, bad: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert lint(root, bad, "--github", "--sarif", tmp_path / "deep" / "x.sarif") == 1

    lines = capsys.readouterr().out.split("\n")
    log = json.loads((tmp_path / "deep" / "x.sarif").read_text())
    assert lines[1].startswith("::error file=bad.feature,line=3,endLine=3,col=3,endColumn=9,title=")
    assert lines[2] == "1 feature linted: 1 error, 1 warning."
    assert [result["ruleId"] for result in log["runs"][0]["results"]] == [
        "tag-spacing",
        "tag-duplicate",
    ]


def test_a_file_that_cannot_be_written_is_wrong_use(root: Path, capsys: Captured) -> None:
    assert lint(root, "--sarif", root) == 2
    assert "Name another file with --sarif" in capsys.readouterr().err


def test_fix_mends_and_tells_what_is_left(root: Path, bad: Path, capsys: Captured) -> None:
    assert lint(root, bad, "--fix") == 0

    said = capsys.readouterr()
    assert bad.read_text() == MENDED
    assert said.err == "mended bad.feature\n"
    assert said.out == "1 feature linted: nothing to mend.\n"
    assert lint(root, bad, "--fix") == 0
    assert not capsys.readouterr().err


def test_a_dry_run_shows_the_change_and_writes_nothing(
    root: Path, bad: Path, capsys: Captured
) -> None:
    assert lint(root, bad, "--fix", "--dry-run") == 1

    diff = capsys.readouterr().out
    assert bad.read_text() == BAD
    assert diff.startswith("--- a/bad.feature\n+++ b/bad.feature\n@@ ")
    assert "\n-  @smoke\n" in diff
    bad.write_text(MENDED)
    assert lint(root, bad, "--fix", "--dry-run") == 0
    assert not capsys.readouterr().out


def test_a_file_that_cannot_be_mended_is_one_message(
    root: Path, bad: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("support.linting.fixing.write_atomically", refuse)

    assert lint(root, bad, "--fix") == 2
    assert "bad.feature: cannot be written: Permission denied." in capsys.readouterr().err


def test_the_rules_can_be_listed(capsys: Captured) -> None:
    assert cli.main(["lint", "tags", "--list-rules"]) == 0

    lines = capsys.readouterr().out.strip().split("\n")
    assert [line.split()[0] for line in lines] == list(RULES)
    assert "tag-value                   error    The value of a tag" in "\n".join(lines)
    assert lines[3].endswith("(refused)")


def test_the_page_of_rules_is_written_and_compared(root: Path, capsys: Captured) -> None:
    arguments = ["lint", "docs", "--root", str(root)]

    assert cli.main([*arguments, "--check"]) == 1
    assert "Run `acceptance lint docs`" in capsys.readouterr().err
    assert cli.main(arguments) == 0
    assert cli.main([*arguments, "--check"]) == 0
    assert (root / "docs" / "lint-rules.md").read_text().startswith("# Rules of the linter")


def test_the_shipped_project_is_clean_and_its_page_up_to_date(capsys: Captured) -> None:
    assert cli.main(["lint", "tags"]) == 0, capsys.readouterr().out
    assert cli.main(["lint", "docs", "--check"]) == 0


def test_a_pipe_gets_plain_text(root: Path, bad: Path) -> None:
    record = process.run(
        [sys.executable, "-m", "tools.cli", "lint", "tags", "--root", str(root), str(bad)],
        environment=build_environment(),
        time_limit_seconds=60,
        working_directory=ROOT,
    )

    assert record.exit_code == 1
    assert "bad.feature:3:3: error tag-duplicate" in record.stdout
    assert "\x1b" not in record.stdout
    assert not record.stderr
