import json
from pathlib import Path
from typing import Any

import cucumber_messages as cm
import pytest

from support.model.outcome import Outcome, Status
from support.model.unit import Unit
from support.model.variant import Variant
from support.reporting.messages import MessagesLog
from support.specs.reader import parse, specs_of
from tests.reporting.conftest import MakeRun

FEATURE = """\
@req:BR-001 @cap:format=any
Feature: Round trip
  Background:
    Given a platform
  Scenario Outline: <n> open
    Then <n> open
    Examples: sizes
      | n |
      | 1 |
"""


@pytest.fixture
def unit() -> Unit:
    (spec,) = specs_of(parse("features/a.feature", FEATURE))
    return Unit(spec, Variant.of({"format": "ztdf"}))


def log(folder: Path, events: list[Any]) -> list[dict[str, Any]]:
    sink = MessagesLog(folder / "messages.ndjson", {"features/a.feature": FEATURE}, "0.1.0")
    for event in events:
        sink.handle(event)
    sink.close()
    lines = (folder / "messages.ndjson").read_text().splitlines()
    return [json.loads(line) for line in lines]


def kinds(envelopes: list[dict[str, Any]]) -> list[str]:
    return [next(iter(envelope)) for envelope in envelopes]


def results(envelopes: list[dict[str, Any]]) -> list[str]:
    return [
        e["testStepFinished"]["testStepResult"]["status"]
        for e in envelopes
        if "testStepFinished" in e
    ]


def test_every_line_is_an_envelope_of_the_protocol(
    tmp_path: Path, unit: Unit, make_run: MakeRun
) -> None:
    envelopes = log(tmp_path, make_run((unit, Outcome(Status.PASSED))))

    for envelope in envelopes:
        assert cm.message_converter.from_dict(envelope, cm.Envelope)
    first = ["meta", "hook", "source", "gherkinDocument", "pickle", "testCase"]
    assert kinds(envelopes)[:6] == first
    assert kinds(envelopes)[-1] == "testRunFinished"


def test_a_unit_is_a_pickle_that_points_into_the_document(
    tmp_path: Path, unit: Unit, make_run: MakeRun
) -> None:
    envelopes = log(tmp_path, make_run((unit, Outcome(Status.PASSED))))
    pickle = next(e["pickle"] for e in envelopes if "pickle" in e)
    document = json.dumps(next(e for e in envelopes if "gherkinDocument" in e))

    assert pickle["name"] == "1 open -- sizes.1 [format=ztdf]"
    assert [step["text"] for step in pickle["steps"]] == ["a platform", "1 open"]
    for node in (*pickle["astNodeIds"], *(n for s in pickle["steps"] for n in s["astNodeIds"])):
        assert f'"id": "{node}"' in document


@pytest.mark.parametrize(
    ("outcome", "expected", "success"),
    [
        (Outcome(Status.PASSED), ["PASSED", "SKIPPED", "PASSED"], True),
        (Outcome(Status.FAILED, "no"), ["FAILED", "SKIPPED", "FAILED"], False),
        (Outcome(Status.SKIPPED, "no Go"), ["SKIPPED", "SKIPPED", "SKIPPED"], True),
        (Outcome(Status.NOT_APPLICABLE, "x"), ["SKIPPED", "SKIPPED", "SKIPPED"], True),
    ],
)
def test_outcomes_are_results_of_steps_and_of_the_run(
    tmp_path: Path,
    unit: Unit,
    make_run: MakeRun,
    outcome: Outcome,
    expected: list[str],
    *,
    success: bool,
) -> None:
    envelopes = log(tmp_path, make_run((unit, outcome)))

    assert results(envelopes) == expected
    assert envelopes[-1]["testRunFinished"]["success"] is success


def test_a_unit_that_never_reached_a_step_is_failed_by_its_outcome(
    tmp_path: Path, unit: Unit, make_run: MakeRun
) -> None:
    events = make_run((unit, Outcome(Status.ERROR, "the stack is gone")))
    without_steps = [e for e in events if type(e).__name__ != "StepFinished"]

    envelopes = log(tmp_path, without_steps)

    assert results(envelopes) == ["SKIPPED", "SKIPPED", "FAILED"]
    assert "the stack is gone" in json.dumps(envelopes)


def test_an_interrupted_run_is_no_success(tmp_path: Path, unit: Unit, make_run: MakeRun) -> None:
    envelopes = log(tmp_path, make_run((unit, Outcome(Status.PASSED)), interrupted=True))

    assert envelopes[-1]["testRunFinished"]["success"] is False


def test_closing_without_events_writes_nothing(tmp_path: Path) -> None:
    MessagesLog(tmp_path / "m.ndjson", {}, "0").close()

    assert not (tmp_path / "m.ndjson").exists()
