"""Where the time of a run went, from events that carry made-up times."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.foundation.errors import ConfigurationError
from support.model.events import (
    Attached,
    AttachmentKind,
    Event,
    RunFinished,
    StepFinished,
    UnitFinished,
    UnitStarted,
)
from support.model.outcome import Outcome, Status
from support.model.unit import Unit
from support.reporting.costs import FILE_NAME, CostMeter, lines, read
from tests.conftest import MakeUnit
from tests.reporting.conftest import MakeRun
from tools.cli.__main__ import main

POLICY = "http://localhost:1/policy.attributes.AttributesService"


def _at(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)


def _attached(unit: Unit, now: datetime, kind: AttachmentKind, **record: Any) -> Attached:  # noqa: ANN401 -- JSON
    data = json.dumps(record).encode()
    return Attached(now, unit.id, kind, kind.value, "application/json", data)


def _exchange(unit: Unit, now: datetime, url: str, seconds: float, status: int = 200) -> Attached:
    kind = AttachmentKind.EXCHANGE
    return _attached(unit, now, kind, url=url, status=status, duration_seconds=seconds)


def _step(unit: Unit, now: datetime, keyword: str, seconds: float) -> StepFinished:
    return StepFinished(now, unit.id, 0, keyword, "something", "passed", seconds)


def _costly(unit: Unit, now: datetime) -> Iterator[Event]:
    """Yield a unit of 10 s: 2.5 set-up, 3 an SDK, 1 requests, 1.5 its own, 2 ours."""
    yield UnitStarted(_at(now, 4), unit)
    yield _exchange(unit, now, f"{POLICY}/CreateAttribute", 0.5)
    yield _step(unit, now, "Given", 0.5)
    yield _exchange(unit, now, f"{POLICY}/GetAttribute", 0.25)
    yield _exchange(unit, now, f"{POLICY}/CreateAttribute", 0.25, status=409)
    yield _exchange(unit, now, "http://localhost:1/token", 0.5)
    yield _step(unit, now, "And", 2.0)
    cli = "/x/build/sdk/go/dist/v0.36.0/cli.sh"
    kind = AttachmentKind.COMMAND
    yield _attached(unit, now, kind, arguments=[cli, "decrypt", "a", "b"], duration_seconds=3.0)
    yield _step(unit, now, "When", 3.5)
    yield _exchange(unit, now, f"{POLICY}/ListAttributes", 1.0)
    yield _step(unit, now, "Then", 1.0)
    yield _exchange(unit, now, f"{POLICY}/UnsafeDeleteAttribute", 1.0)
    passed = Outcome(Status.PASSED)
    yield UnitFinished(_at(now, 14), unit, passed, started_at=_at(now, 4))


@pytest.fixture
def report(tmp_path: Path, now: datetime, make_run: MakeRun, make_unit: MakeUnit) -> dict[str, Any]:
    slow, skipped = make_unit(), make_unit(name="Another")
    begun = make_run((slow, Outcome(Status.PASSED)))[0]
    needy = replace(skipped, spec=replace(skipped.spec, tags=(*skipped.spec.tags, "needs:x")))
    meter = CostMeter(tmp_path / FILE_NAME)
    for event in (
        begun,
        *_costly(slow, now),
        UnitStarted(_at(now, 15), skipped),
        UnitFinished(_at(now, 16), skipped, Outcome(Status.SKIPPED, "so"), started_at=_at(now, 15)),
        UnitStarted(_at(now, 18), needy),
        _step(needy, now, "Given", 1.0),
        UnitFinished(_at(now, 19.5), needy, Outcome(Status.PASSED), started_at=_at(now, 18)),
        RunFinished(_at(now, 20), "run-1", interrupted=False),
    ):
        meter.handle(event)
    meter.close()
    return meter.report


def test_what_a_unit_spent_is_split(report: dict[str, Any]) -> None:
    unit = report["units"][0]

    assert unit["seconds"] == 10.0
    parts = ("setup", "sdk", "platform", "scenario", "framework")
    assert [unit[part] for part in parts] == [2.5, 3.0, 1.0, 1.5, 2.0]
    assert unit["calls"] == {"setup": 5, "sdk": 1, "platform": 1}
    assert (unit["objects"], unit["reads"]) == (1, 1)


def test_the_parts_of_a_run_hold_what_lies_between_units_too(report: dict[str, Any]) -> None:
    assert report["seconds"] == 20.0
    assert report["parts"] == {
        "setup": 2.5,
        "sdk": 3.0,
        "platform": 1.0,
        "scenario": 2.5,
        "framework": 2.5,
        "between": 6.0,  # before the first, after it, and the unit that did not run
        "stacks": 2.0,
    }
    assert [unit["seconds"] for unit in report["units"]] == [10.0, 1.5]


def test_the_report_tells_round_trips_an_object_and_the_slowest_units(
    report: dict[str, Any],
) -> None:
    text = "\n".join(lines(report, slowest=1))

    assert "Where the time went (20.0 s, 2 units ran)" in text
    assert "      6.0 s  30.0%  framework, between units" in text
    assert "SDK calls: go decrypt 1 of 3.00 s" in text
    assert "1 objects made, 1 reads (2.00 round trips an object): GetAttribute 1" in text
    assert text.endswith("(setup 2.50, sdk 3.00, platform 1.00, scenario 1.50, framework 2.00)")


def test_what_was_written_is_read_again(report: dict[str, Any], tmp_path: Path) -> None:
    assert read(tmp_path) == report
    assert len((tmp_path / FILE_NAME).read_text().splitlines()) < 60  # a line for each unit


def test_a_run_without_units_has_costs_too(tmp_path: Path, make_run: MakeRun) -> None:
    meter = CostMeter(tmp_path / FILE_NAME)
    for event in make_run():
        meter.handle(event)

    assert read(tmp_path)["units"] == []
    assert "0 units ran" in next(lines(meter.report))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "did not come to its end"),
        ("{", "is no JSON"),
        ("{}", "schema_version"),
    ],
)
def test_costs_that_cannot_be_read_are_told(
    tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / FILE_NAME).write_text(content)

    with pytest.raises(ConfigurationError, match=message):
        read(tmp_path)


def test_the_command_prints_the_costs_of_a_run(
    report: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--costs", "--run", str(tmp_path)]) == 0
    assert "Where the time went (20.0 s" in capsys.readouterr().out

    assert main(["report", "--costs", "--json", "--run", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == report

    assert main(["report", "--json", "--run", str(tmp_path)]) == 2
    assert "--json goes with --costs" in capsys.readouterr().err
