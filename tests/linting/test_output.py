"""What people and machines get to see of findings."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from support.foundation.documents import validator
from support.linting import machine_output, page, text_output
from support.linting.linter import Report, Reported, lint
from support.linting.project import Project
from support.linting.rules import RULES
from support.specs.finding import Edit, Finding

SAMPLES = Path(__file__).parents[1] / "data" / "lint"


def report(finding: Finding, source: str = "") -> Report:
    return Report((Reported(finding, source),), features=1, profiles=0)


def found(**changes: object) -> Finding:
    values: dict[str, object] = {
        "rule": "tag-value",
        "path": "features/x.feature",
        "line": 3,
        "column": 3,
        "length": 4,
        "message": "what",
    }
    return Finding(**{**values, **changes})  # type: ignore[arg-type]  # any fields


def shown(some: Report, *, terminal: bool = False) -> list[str]:
    file = io.StringIO()
    console = Console(
        file=file, width=140, force_terminal=terminal, color_system="standard" if terminal else None
    )
    text_output.render(some, console)
    return file.getvalue().split("\n")


def test_a_finding_is_shown_with_its_line_and_a_caret_under_it() -> None:
    assert shown(report(found(), "  @tag @other")) == [
        "features/x.feature:3:3: error tag-value: what",
        "      @tag @other",
        "      ^~~~",
        "1 feature linted: 1 error.",
        "",
    ]


@pytest.mark.parametrize(
    ("source", "column", "length", "line", "caret"),
    [
        ("\t@tag", 2, 4, " @tag", " ^~~~"),
        ("日本 @tag", 4, 4, "日本 @tag", "     ^~~~"),
        ("@日本", 1, 3, "@日本", "^~~~~"),
        ("e\u0301 @tag", 4, 4, "e\u0301 @tag", "  ^~~~"),
        ("@tag", 1, 99, "@tag", "^~~~"),
        ("@tag", 5, 1, "@tag", "    ^"),
        ("\x1b[31m@x", 6, 2, "�[31m@x", "     ^~"),
        ("x" * 300 + "@tag", 301, 4, "x" * 136 + "@tag", " " * 136 + "^~~~"),
        ("@tag" + "x" * 300, 1, 304, "@tag" + "x" * 136, "^" + "~" * 139),
    ],
)
def test_the_caret_stands_under_what_is_meant(
    source: str, column: int, length: int, line: str, caret: str
) -> None:
    lines = shown(report(found(column=column, length=length), source))

    assert lines[1:3] == [f"    {line}", f"    {caret}"]


def test_a_terminal_gets_colours_and_no_control_characters_of_others() -> None:
    lines = shown(report(found(message="a\x1b[31mb"), "@tag"), terminal=True)

    assert "\x1b[1;31merror \x1b[0m" in lines[0]
    assert "a�[31mb" in lines[0]


def test_a_finding_without_a_line_has_no_caret() -> None:
    assert len(shown(report(found()))) == 3


def test_requirements_without_scenario_share_a_line() -> None:
    findings = tuple(
        Reported(found(rule="requirement-uncovered", column=9, length=6), f"  - id: BR-00{number}")
        for number in (1, 2)
    )

    lines = shown(Report(findings, features=2, profiles=1))

    assert lines[0].endswith(
        "warning requirement-uncovered: 2 requirements without a scenario: BR-001, BR-002."
    )
    assert lines[1] == "2 features and 1 profile linted: 2 warnings."


def test_nothing_found_is_said() -> None:
    assert shown(Report((), 3, 0))[0] == "3 features linted: nothing to mend."


@pytest.fixture
def samples(sample_project: Project) -> Report:
    """Findings of most rules."""
    return lint([SAMPLES], sample_project)


def test_json_keeps_its_schema(samples: Report) -> None:
    value = json.loads(json.dumps(machine_output.as_json(samples)))

    assert not list(validator("lint-report").iter_errors(value))
    assert value["errors"] == len([f for f in value["findings"] if f["severity"] == "error"]) > 30
    assert any(f["fixable"] for f in value["findings"])
    assert {f["rule"] for f in value["findings"]} <= set(RULES)


def test_the_schema_refuses_what_is_none() -> None:
    value = machine_output.as_json(report(found(line=0)))

    assert list(validator("lint-report").iter_errors(value))


def test_sarif_has_what_the_standard_requires(samples: Report) -> None:
    log = json.loads(json.dumps(machine_output.as_sarif(samples)))

    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"]
    assert [rule["id"] for rule in driver["rules"]] == list(RULES)
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"error", "warning"}
    assert run["columnKind"] == "unicodeCodePoints"
    assert len(run["results"]) == len(samples.reported)
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning"}
        assert result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert " " not in physical["artifactLocation"]["uri"]
        region = physical["region"]
        assert region["startLine"] >= 1
        assert 1 <= region["startColumn"] < region["endColumn"]
        assert result["partialFingerprints"]


def test_sarif_tells_fixes_and_escapes_paths() -> None:
    finding = found(path="features/a b#c.feature", fix=Edit(3, 2, 5, "@x"))

    (result,) = machine_output.as_sarif(report(finding))["runs"][0]["results"]

    (change,) = result["fixes"][0]["artifactChanges"]
    assert change == {
        "artifactLocation": {"uri": "features/a%20b%23c.feature"},
        "replacements": [
            {
                "deletedRegion": {"startLine": 3, "startColumn": 2, "endColumn": 7},
                "insertedContent": {"text": "@x"},
            }
        ],
    }


def test_a_finding_keeps_its_fingerprint_when_it_moves() -> None:
    def fingerprint(finding: Finding, source: str) -> str:
        (result,) = machine_output.as_sarif(report(finding, source))["runs"][0]["results"]
        return str(result["partialFingerprints"])

    assert fingerprint(found(), "  @tag") == fingerprint(found(line=9), "@tag")
    assert fingerprint(found(), "@tag") != fingerprint(found(), "@tags")


def test_annotations_are_escaped() -> None:
    finding = found(path="features/50%,a:b.feature", message="100 %\r\nof: it, all", mild=True)

    assert list(machine_output.as_annotations(report(finding))) == [
        (
            "::warning file=features/50%25%2Ca%3Ab.feature,line=3,endLine=3,col=3,endColumn=7,"
            "title=tag-value::100 %25%0D%0Aof: it, all"
        )
    ]


def test_the_page_tells_every_rule_and_is_up_to_date() -> None:
    text = page.render()

    assert Path("docs/lint-rules.md").read_text(encoding="utf-8") == text
    for rule in RULES.values():
        assert f"| `{rule.id}` | {rule.title} ({rule.severity}" in text
        assert rule.rationale.replace("|", "\\|") in text
