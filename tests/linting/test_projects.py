"""Features, steps, requirements and profiles of a project, linted together."""

import shutil
from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError
from support.linting import project as projects
from support.linting.linter import lint
from support.linting.project import Project
from support.linting.rules import Severity
from tests.linting.texts import PROJECT, STEPS, judged, tagged


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A project that may be changed."""
    shutil.copytree(PROJECT, tmp_path / "project")
    return tmp_path / "project"


def test_features_are_judged_together_only_when_all_are_linted(copy: Path) -> None:
    (copy / "features" / "reading.feature").write_text(
        f"@req:BR-001 @cap:format=any\nFeature: x\n  Scenario: y\n{STEPS}"
    )
    project = projects.load(copy)

    whole = lint([copy / "features"], project)
    part = lint([copy / "features" / "reading.feature"], project)

    assert [(r.finding.rule, r.finding.path, r.finding.line) for r in whole.reported] == [
        ("requirement-uncovered", "features/requirements.yaml", 10),
        ("step-unused", "steps/reading.py", 11),
        ("step-unused", "steps/reading.py", 26),
    ]
    assert whole.count(Severity.WARNING) == 1
    assert not part.reported


def test_findings_in_other_files_can_be_allowed_there(copy: Path) -> None:
    module = copy / "steps" / "reading.py"
    comment = "# lint: allow step-unused because the next release needs it\n"
    phrase = '@given("a letter")\ndef given_a_letter(context):\n    """Write a letter."""\n'
    module.write_text(f"{module.read_text()}\n\n{comment}{phrase}")

    assert not lint([copy], projects.load(copy)).reported
    module.write_text(module.read_text().replace(phrase, ""))
    assert [r.finding.rule for r in lint([copy], projects.load(copy)).reported] == [
        "suppression-unused"
    ]


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("features/requirements.yaml", "requirements: [\n", "not valid YAML"),
        ("profiles/capability-catalog.yaml", "dimensions: 1\n", "dimensions is 1"),
        ("steps/reading.py", "def x(:\n", "a step module is not Python"),
        ("steps/reading.py", '@given("x")\ndef f(context): ...\n', "f has no docstring"),
    ],
)
def test_a_broken_project_is_one_message(copy: Path, file: str, text: str, words: str) -> None:
    (copy / file).write_text(text)

    with pytest.raises(ConfigurationError, match=words):
        projects.load(copy)


def test_step_modules_that_are_no_text_are_told(copy: Path) -> None:
    (copy / "steps" / "reading.py").write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigurationError, match="not UTF-8"):
        projects.load(copy)


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        ("config.yaml", "config:\n  stak: x\n", "config.yaml:1:1"),
        ("capabilities.yaml", "capabilities: [\n", "capabilities.yaml:2:1"),
        ("capabilities.yaml", None, "config.yaml:1:1"),
    ],
)
def test_a_broken_profile_is_a_finding_and_judges_no_scenario(
    copy: Path, file: str, text: str | None, place: str
) -> None:
    path = copy / "profiles" / "shipped" / file
    path.unlink()
    if text is not None:
        path.write_text(text)

    (reported,) = lint([copy / "profiles", copy / "features"], projects.load(copy)).reported

    finding = reported.finding
    assert finding.rule == "profile-broken"
    assert f"{finding.path}:{finding.line}:{finding.column}" == f"profiles/shipped/{place}"


def profile(root: Path, file: str, text: str) -> None:
    (root / "profiles" / "shipped" / f"{file}.yaml").write_text(text)


def test_a_scenario_that_no_profile_selects_is_told_with_every_reason(copy: Path) -> None:
    shutil.copytree(copy / "profiles" / "shipped", copy / "profiles" / "second")
    rules = "config:\n  stack: embedded\n  selection:\n    tags: '@smoke'\n"
    profile(copy, "config", rules)
    (copy / "profiles" / "second" / "capabilities.yaml").write_text(
        "capabilities:\n  sdk: [go]\n  format: [nano]\n  wrapping: [p-256]\n"
    )
    project = projects.load(copy)

    (finding,) = judged(tagged("@cap:format=ztdf"), project)

    assert finding.rule == "scenario-unplannable"
    assert "profile second has no format=ztdf (it has nano)" in finding.message
    assert "profile shipped selects @smoke" in finding.message
    assert not judged(tagged("@cap:format=ztdf @smoke"), project)


def test_a_scenario_that_profiles_skip_even_with_everything_is_told(
    sample_project: Project,
) -> None:
    (finding,) = judged(tagged("@cap:encrypt_sdk=go-v9.9.9 @cap:format=nano"), sample_project)

    assert finding.rule == "scenario-unplannable"
    assert "profile shipped skips it: the Go SDK of this sample writes no" in finding.message


def test_a_profile_whose_selection_cannot_be_read_is_broken(copy: Path) -> None:
    rules = "config:\n  stack: embedded\n  selection:\n    tags: '@smoke and ('\n"
    profile(copy, "config", rules)

    report = lint([copy / "profiles", copy / "features"], projects.load(copy))

    assert [r.finding.rule for r in report.reported] == ["profile-broken"]


def test_aliases_of_the_catalog_are_known_and_judged_by_what_they_mean(copy: Path) -> None:
    path = copy / "profiles" / "capability-catalog.yaml"
    path.write_text(
        path.read_text().replace(
            "  wrapping:\n",
            "    aliases:\n      nano-rsa:\n        title: Impossible\n"
            "        means: {format: nano, wrapping: rsa-2048}\n  wrapping:\n",
        )
    )
    project = projects.load(copy)

    (alias,) = judged(tagged("@cap:format=nano-rsa"), project)
    (slip,) = judged(tagged("@cap:format=Nano_RSA"), project)

    assert (alias.rule, alias.column) == ("tag-contradiction", 3)
    assert slip.fix is not None
    assert slip.fix.text == "@cap:format=nano-rsa"


def test_a_profile_may_be_linted_from_inside(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy / "profiles" / "shipped")

    report = lint([Path()], projects.load(copy))

    assert (report.profiles, report.reported) == (1, ())


WAIVERS = """\
policies:
  waivers:
    - test: "A stranger is refused"
      reason: "nobody refuses yet"
    - requirement: BR-002
      reason: "nobody refuses yet"
      owner: "policy team"
      expires: "2020-01-31"
"""


def test_waivers_are_errors_in_shipped_profiles_and_warnings_in_others(copy: Path) -> None:
    (copy / "profiles" / "shipped" / "policies.yaml").write_text(WAIVERS)
    shutil.copytree(copy / "profiles" / "shipped", copy / "elsewhere" / "mine")
    (copy / "profiles" / "child").mkdir()
    (copy / "profiles" / "child" / "config.yaml").write_text("config:\n  extends: shipped\n")

    report = lint([copy / "profiles", copy / "elsewhere" / "mine"], projects.load(copy))

    told = [
        (str(r.severity), r.finding.rule, r.finding.path.split("/")[1], r.finding.line)
        for r in report.reported
    ]
    assert report.profiles == 3
    assert told == [
        ("error", "waiver-incomplete", "shipped", 3),
        ("error", "waiver-ended", "shipped", 5),
        ("warning", "waiver-incomplete", "mine", 3),
        ("warning", "waiver-ended", "mine", 5),
    ]
    assert "no owner and no end date" in report.reported[0].finding.message
