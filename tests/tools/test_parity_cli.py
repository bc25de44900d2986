"""`acceptance parity`: real runs on two sides, and fabricated ones that differ."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from support.foundation.settings import ROOT
from tests.evidence.runs import record, write
from tools.cli.__main__ import main

SCHEMA = json.loads((ROOT / "schemas" / "parity-report.schema.json").read_text())
DECIDE = "http://localhost:1/authorization.v2.AuthorizationService/GetDecision"


def decided(folder: Path, verdict: str, *, run_id: str) -> Path:
    """A run of one unit in which one decision was made."""
    unit = record("a unit", requirement="BR-011", run_id=run_id)
    unit["logs"] = ["a-exchanges.jsonl"]
    write(folder, unit, record("another", run_id=run_id))
    body = json.dumps({"decision": {"decision": f"DECISION_{verdict}"}})
    line = json.dumps({"url": DECIDE, "status": 200, "response_body": body})
    (folder / "a-exchanges.jsonl").write_text(line + "\n")
    return folder


def compare(left: Path, right: Path, *more: str) -> int:
    sides = ("--left-run", str(left), "--right-run", str(right))
    return main(["parity", "--tags", "@any", *sides, *more])


def report(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, SCHEMA)
    return found


def test_two_runs_that_agree_are_green(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    left = decided(tmp_path / "left", "PERMIT", run_id="l")
    right = decided(tmp_path / "right", "PERMIT", run_id="r")

    assert compare(left, right, "--json") == 0
    found = report(capsys)
    assert found["differences"] == []
    assert found["passed_on_both"] == found["units"] == 2


def test_a_decision_that_no_step_looked_at_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left = decided(tmp_path / "left", "PERMIT", run_id="l")
    right = decided(tmp_path / "right", "DENY", run_id="r")

    assert compare(left, right, "--json") == 1
    (difference,) = report(capsys)["differences"]
    assert difference["facet"] == "decisions"
    assert difference["requirements"] == ["BR-011"]
    assert difference["left"] == ["AuthorizationService/GetDecision: permit"]
    assert compare(left, right) == 1
    assert "1 not." in capsys.readouterr().out


def test_an_outcome_that_differs_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    same = record("same", run_id="l")
    left = write(tmp_path / "left", same, record("unit", run_id="l"))
    right = write(
        tmp_path / "right", record("same", run_id="r"), record("unit", status="failed", run_id="r")
    )

    assert compare(left, right) == 1
    assert "outcome" in (told := capsys.readouterr().out)
    assert "failed" in told
    assert compare(left, right, "--json") == 1
    assert [each["facet"] for each in report(capsys)["differences"]] == ["outcome"]


def test_nothing_compared_is_not_green(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    left = write(tmp_path / "left", record("unit", status="failed", run_id="l"))
    right = write(tmp_path / "right", record("unit", status="failed", run_id="r"))

    assert compare(left, right) == 1
    assert "nothing was compared" in capsys.readouterr().err


def test_an_unknown_profile_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parity", "--right", "platfrom"]) == 2
    assert 'Did you mean "platform"?' in capsys.readouterr().err


def test_both_sides_are_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feature = "features/tdf/inspection.feature"
    sides = ("--left", "no-kas", "--right", "no-kas")

    assert main(["parity", *sides, feature, "--keep", str(tmp_path / "kept")]) == 0

    told = capsys.readouterr()
    assert "Running profile no-kas" in told.err
    assert "0 not." in told.out
    assert len(list((tmp_path / "kept").iterdir())) == 2


def test_a_side_that_does_not_run_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parity", "--left", "no-kas", "features/nowhere.feature"]) == 1
    assert "Profile no-kas did not run" in capsys.readouterr().err
