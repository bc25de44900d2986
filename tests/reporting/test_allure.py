import json
from pathlib import Path
from typing import Any

import pytest

from support.model.outcome import Outcome, Status
from support.reporting.allure import AllureResults
from tests.conftest import MakeUnit
from tests.reporting.conftest import MakeRun


def results(folder: Path, events: list[Any]) -> list[dict[str, Any]]:
    sink = AllureResults(folder, {"BR-001": "Round trips"})
    for event in events:
        sink.handle(event)
    sink.close()
    return [json.loads(path.read_text()) for path in folder.glob("*-result.json")]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.PASSED, "passed"),
        (Status.FAILED, "failed"),
        (Status.ERROR, "broken"),
        (Status.SKIPPED, "skipped"),
        (Status.NOT_APPLICABLE, "skipped"),
    ],
)
def test_outcomes_are_allure_statuses_with_their_reason(
    tmp_path: Path, make_run: MakeRun, make_unit: MakeUnit, status: Status, expected: str
) -> None:
    (result,) = results(tmp_path, make_run((make_unit(), Outcome(status, "first\nsecond"))))

    assert result["status"] == expected
    assert result["statusDetails"] == {"message": "first", "trace": "first\nsecond"}


def test_variants_of_one_scenario_have_histories_of_their_own(
    tmp_path: Path, make_run: MakeRun, make_unit: MakeUnit
) -> None:
    go = make_unit(variant=(("encrypt_sdk", "go-v0.36.0"),))
    python = make_unit(variant=(("encrypt_sdk", "python-v0.11.0"),))
    passed = Outcome(Status.PASSED)

    one, two = results(tmp_path, make_run((go, passed), (python, passed)))

    assert one["historyId"] != two["historyId"]
    assert one["testCaseId"] == two["testCaseId"]
    assert one["parameters"] != two["parameters"]


def test_labels_steps_and_attachments(
    tmp_path: Path, make_run: MakeRun, make_unit: MakeUnit
) -> None:
    (result,) = results(tmp_path, make_run((make_unit(), Outcome(Status.PASSED))))

    labels = {(label["name"], label["value"]) for label in result["labels"]}
    assert {("epic", "BR-001"), ("severity", "normal"), ("tag", "risk:high")} <= labels
    assert result["titlePath"] == ["BR-001 Round trips", "Round trip"]
    assert [step["name"] for step in result["steps"]] == ["Given a document"]
    assert {a["name"] for a in result["attachments"]} == {"manifest", "commands"}
    for attachment in result["attachments"]:
        assert (tmp_path / attachment["source"]).is_file()


def test_the_environment_names_the_stack_and_its_faults(
    tmp_path: Path, make_run: MakeRun, make_unit: MakeUnit
) -> None:
    results(tmp_path, make_run((make_unit(), Outcome(Status.PASSED)), faults=("skip-check",)))

    text = (tmp_path / "environment.properties").read_text()

    assert "stack=embedded" in text
    assert "faults=skip-check" in text


def test_a_unit_before_its_run_is_refused(
    tmp_path: Path, make_run: MakeRun, make_unit: MakeUnit
) -> None:
    events = make_run((make_unit(), Outcome(Status.PASSED)))[1:]

    with pytest.raises(ValueError, match="before the run"):
        results(tmp_path, events)
