"""Texts of features that tests lint."""

from pathlib import Path

from support.linting.feature_linter import FeatureLinter
from support.linting.project import Project
from support.specs.finding import Finding

PROJECT = Path(__file__).parents[1] / "data" / "lint" / "project"
STEPS = "    Given a document\n    When the reader opens it\n    Then it opens\n"


def findings(text: str, project: Project) -> list[tuple[str, int, int]]:
    return [(f.rule, f.line, f.column) for f in judged(text, project)]


def judged(text: str, project: Project) -> tuple[Finding, ...]:
    return FeatureLinter(project).findings("x.feature", text)


def tagged(line: str) -> str:
    """A good feature whose scenario has a line of tags."""
    return (
        f"@req:BR-001 @cap:format=any\nFeature: x\n\n  {line}\n  Scenario: y\n{STEPS}"
        if line
        else f"@req:BR-001 @cap:format=any\nFeature: x\n\n\n  Scenario: y\n{STEPS}"
    )
