"""Every rule about artifacts finds its fault in a run that was sound before."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.artifacts.reading import restore
from support.foundation.documents import validator
from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT
from support.linting.artifact_linter import ArtifactReport, lint_artifacts
from support.linting.artifact_run import run_folder
from support.linting.rules import ARTIFACT_RULES
from tests.execution.conftest import GOOD, STEPS, Project
from tools.cli.__main__ import main

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a real run, with its JUnit reports in it."""
    folder = tmp_path_factory.mktemp("run") / "project"
    for name in ("features", "steps"):
        (folder / name).mkdir(parents=True)
    (folder / "steps" / "small.py").write_text(STEPS.replace("\\\\", "\\"))
    (folder / "environment.py").symlink_to(ROOT / "environment.py")
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    sdk = folder / "sdk" / "go" / "dist" / "v0.36.0" / "cli.sh"
    sdk.parent.mkdir(parents=True)
    sdk.write_text("#!/bin/sh\nexit 0\n")
    sdk.chmod(0o755)
    project = Project(folder)
    project.feature(GOOD)
    ran = project.behave("--junit", "--junit-directory", "reports")
    assert ran.code == 0, ran.text
    (packed,) = project.artifacts.iterdir()
    run = folder / "plain" / packed.name
    restore(packed, run)  # plain files can be spoiled one at a time
    shutil.copytree(folder / "reports", run / "junit")
    return run


@pytest.fixture
def run(sound: Path, tmp_path: Path) -> Path:
    """A copy of the sound run, to be spoiled."""
    return Path(shutil.copytree(sound, tmp_path / sound.name))


def record_of(run: Path) -> Path:
    return next(path for path in sorted(run.rglob("*-evidence.json")) if "format=ztdf" in str(path))


def change(path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    value = json.loads(path.read_text())
    edit(value)
    path.write_text(json.dumps(value))


def named(run: Path) -> Path:
    """Return a file that the record names."""
    files: list[dict[str, str]] = json.loads(record_of(run).read_text())["files"]
    return run / files[0]["path"]


def rules_of(report: ArtifactReport) -> set[str]:
    return {reported.finding.rule for reported in report.reported}


def test_a_sound_run_has_nothing_to_mend(run: Path) -> None:
    report = lint_artifacts(run, verify=lambda _: iter(()))

    assert [r.finding for r in report.reported] == []
    assert report.records == 3
    assert report.files > 6


def unreadable(run: Path) -> None:
    record_of(run).write_text('{"schema_version": 2, "run')


def schema(run: Path) -> None:
    change(record_of(run), lambda record: record.pop("status"))


def unrecorded(run: Path) -> None:
    record_of(run).unlink()


def missing(run: Path) -> None:
    named(run).unlink()


def size(run: Path) -> None:
    named(run).write_bytes(named(run).read_bytes() + b"x")


def digest(run: Path) -> None:
    path = named(run)
    path.write_bytes(path.read_bytes()[:-2] + b"?\n")


def orphan(run: Path) -> None:
    (run / "BR-001" / "notes.txt").write_text("whose is this?")


def moved(run: Path) -> None:
    record = record_of(run)
    record.rename(record.with_name(f"20250101T000000.000000Z-12345678-{'evidence.json'}"))


def other_run(run: Path) -> None:
    change(record_of(run), lambda record: record.update(run_id="another"))


def foreign(run: Path) -> None:
    entry = {"path": "run.json", "kind": "log", "media_type": "x", "bytes": None}
    change(record_of(run), lambda r: r["files"].append({**entry, "sha256": "unknown"}))


def backwards(run: Path) -> None:
    change(record_of(run), lambda r: r.update(end_timestamp="2020-01-01T00:00:00.000000Z"))


def too_long(run: Path) -> None:
    change(record_of(run), lambda r: r.update(duration_seconds=99.5))


def allure(run: Path) -> None:
    for path in (run / "allure-results").glob("*-result.json"):
        change(path, lambda result: result.update(status="failed"))


def no_allure(run: Path) -> None:
    next((run / "allure-results").glob("*-result.json")).unlink()


def broken_allure(run: Path) -> None:
    next((run / "allure-results").glob("*-result.json")).write_text("{")


def junit(run: Path) -> None:
    (report,) = (run / "junit").glob("*.xml")
    text = report.read_text()
    report.write_text(text.replace("<system-out>", '<failure message="x"/><system-out>'))


def broken_junit(run: Path) -> None:
    (run / "junit" / "x.xml").write_text("<testsuite")


def secret(run: Path) -> None:
    (run / "allure-results" / "x-attachment.txt").write_text(f"one\nsaw {TOKEN}\n")


FAULTS = {
    "artifact-unreadable": [unreadable],
    "artifact-schema": [schema],
    "artifact-unrecorded": [unrecorded],
    "artifact-missing": [missing],
    "artifact-digest": [size, digest],
    "artifact-orphan": [orphan],
    "artifact-path": [moved, other_run, foreign],
    "artifact-time": [backwards, too_long],
    "artifact-allure": [allure, no_allure, broken_allure],
    "artifact-junit": [junit, broken_junit],
    "artifact-secret": [secret],
}
CASES = [(rule, fault) for rule, faults in FAULTS.items() for fault in faults]


@pytest.mark.parametrize(("rule", "fault"), CASES, ids=[fault.__name__ for _, fault in CASES])
def test_each_rule_finds_its_fault(run: Path, rule: str, fault: Callable[[Path], None]) -> None:
    fault(run)

    report = lint_artifacts(run)

    assert rule in rules_of(report)
    assert rules_of(lint_artifacts(run, chosen=[rule])) >= {rule}


def test_an_attestation_that_does_not_verify_is_found(run: Path) -> None:
    def verify(folder: Path) -> Iterator[str]:
        yield f"the signature of {folder.name} is not of this key."

    assert rules_of(lint_artifacts(run, verify=verify)) == {"artifact-attestation"}


def test_every_rule_has_a_fault() -> None:
    assert set(FAULTS) | {"artifact-attestation"} == set(ARTIFACT_RULES)


def test_a_secret_is_told_by_place_and_never_shown(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret(run)

    for form in ("text", "json", "sarif"):
        code = main(["lint", "artifacts", str(run), "--format", form])

        said = capsys.readouterr().out
        assert code == 1
        assert "x-attachment.txt" in said
        assert TOKEN not in said
    found = lint_artifacts(run).reported[0].finding
    assert (found.line, found.column, found.length > 40) == (2, 5, True)


def test_a_mark_of_redaction_is_no_secret(run: Path) -> None:
    text = "http://me:[redacted: password]@host Authorization: Basic [redacted: field]\n"
    (run / "allure-results" / "x-attachment.txt").write_text(text)

    assert lint_artifacts(run).reported == ()


def test_reports_are_json_by_schema_and_sarif(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orphan(run)

    main(["lint", "artifacts", str(run), "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    main(["lint", "artifacts", str(run), "--format", "sarif"])
    log = json.loads(capsys.readouterr().out)

    assert not list(validator("artifact-lint-report").iter_errors(report))
    assert (report["errors"], report["records"]) == (2, 3)
    results = log["runs"][0]["results"]
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    # The attestation covers all files of a run, so that it tells of one that came later, too.
    expected = ["artifact-attestation", "artifact-orphan"]
    assert sorted(result["ruleId"] for result in results) == expected
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in results)


def test_a_wrong_name_of_a_run_is_told_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "20260101T000000Z-abc123").mkdir()

    with pytest.raises(ConfigurationError, match=r"Did you mean .20260101T000000Z-abc123"):
        run_folder("20260101T00000Z-abc123", tmp_path)
    assert run_folder("20260101T000000Z-abc123", tmp_path).parent == tmp_path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rule", "artifact-secrets"], 'Did you mean "artifact-secret"'),
        (["--junit", "nowhere"], "is no folder"),
    ],
)
def test_wrong_use_is_told(
    run: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", "artifacts", str(run), *arguments]) == 2
    assert said in capsys.readouterr().err
