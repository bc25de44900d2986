"""Every rule has a bad sample, which breaks this rule and no other, and a good one."""

import re
import shutil
from pathlib import Path

import pytest

from support.linting import project as projects
from support.linting.linter import lint
from support.linting.project import Project
from support.linting.rules import RULES

DATA = Path(__file__).parents[1] / "data" / "lint"
_EXPECTED = re.compile(rb"# expected (\d+):(\d+)")

Place = tuple[str, str, int, int]


def sample(rule: str, kind: str) -> Path:
    """A file, or a folder that is laid over the project of the samples."""
    folder = DATA / rule / kind
    return folder if folder.is_dir() else DATA / rule / f"{kind}.feature"


def found_in(path: Path, project: Project, tmp_path: Path) -> set[Place]:
    """Lint a sample; a folder as a project of its own, with everything in it."""
    paths = [path]
    if path.is_dir():
        shutil.copytree(DATA / "project", tmp_path, dirs_exist_ok=True)
        shutil.copytree(path, tmp_path, dirs_exist_ok=True)
        project = projects.load(tmp_path)
        paths = [project.features, project.profile_folder]
    report = lint(paths, project)
    assert report.features
    return {
        (r.finding.rule, Path(r.finding.path).name, r.finding.line, r.finding.column)
        for r in report.reported
    }


def expected_in(rule: str, path: Path) -> set[Place]:
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return {
        (rule, file.name, int(line), int(column))
        for file in files
        for line, column in _EXPECTED.findall(file.read_bytes())
    }


@pytest.mark.parametrize("rule", RULES)
def test_a_bad_sample_breaks_this_rule_only(
    rule: str, sample_project: Project, tmp_path: Path
) -> None:
    path = sample(rule, "bad")
    expected = expected_in(rule, path)

    assert expected
    assert found_in(path, sample_project, tmp_path) == expected


@pytest.mark.parametrize("rule", RULES)
def test_a_good_sample_breaks_no_rule(rule: str, sample_project: Project, tmp_path: Path) -> None:
    assert found_in(sample(rule, "good"), sample_project, tmp_path) == set()


def test_there_is_no_sample_without_a_rule() -> None:
    assert {p.name for p in DATA.iterdir()} - {"project"} == set(RULES)


def test_the_project_of_the_samples_is_clean(sample_project: Project) -> None:
    report = lint([sample_project.root], sample_project)

    assert (report.reported, report.features, report.profiles) == ((), 1, 1)
