import io

import pytest
from rich.console import Console

from support.model.events import RunStarted
from support.model.outcome import Outcome, Status
from support.model.unit import Unit
from support.reporting.summary import FAILURES_SHOWN, Tally, render
from tests.conftest import MakeUnit
from tests.reporting.conftest import MakeRun


def tally_of(events: list) -> Tally:  # type: ignore[type-arg]  # any list of events
    tally = Tally()
    for event in events:
        tally.handle(event)
    tally.close()
    return tally


def text_of(tally: Tally) -> str:
    output = io.StringIO()
    render(
        Console(file=output, width=140), tally, {"BR-001": "Round trip"}, [("evidence", "/x y/z")]
    )
    return output.getvalue()


def test_a_green_run_says_so(make_run: MakeRun, make_unit: MakeUnit) -> None:
    tally = tally_of(make_run((make_unit(), Outcome(Status.PASSED))))

    text = text_of(tally)

    assert tally.problems() == ()
    assert "GREEN: 1 of 1 units passed, 0 not run" in text
    assert "BR-001" in text
    assert "Round trip" in text
    assert "evidence   /x y/z" in text


def test_each_kind_of_trouble_makes_a_run_red(make_run: MakeRun, make_unit: MakeUnit) -> None:
    failed = tally_of(make_run((make_unit(), Outcome(Status.FAILED, "because"))))
    error = tally_of(make_run((make_unit(), Outcome(Status.ERROR, "[broken]"))))
    interrupted = tally_of(make_run((make_unit(), Outcome(Status.PASSED)), interrupted=True))
    skipped = tally_of(make_run((make_unit(), Outcome(Status.SKIPPED, "no Go"))))

    assert failed.problems() == ("1 failed",)
    assert error.problems() == ("1 without a verdict (error)",)
    assert interrupted.problems() == ("the run was interrupted",)
    assert skipped.problems() == ("nothing ran",)
    assert "because" in text_of(failed)
    assert "[broken]" in text_of(error)
    assert "RED: nothing ran" in text_of(skipped)


def test_units_without_outcome_make_a_run_red(make_run: MakeRun, make_unit: MakeUnit) -> None:
    one, two = make_unit(), make_unit(name="Another")
    events = make_run((one, Outcome(Status.PASSED)), (two, Outcome(Status.PASSED)))
    tally = tally_of([e for e in events if getattr(e, "unit", one) is one])

    assert [unit.id for unit in tally.missing] == [two.id]
    assert tally.problems() == ("1 planned but not run",)


def test_skips_are_one_line_per_reason(make_run: MakeRun, make_unit: MakeUnit) -> None:
    skips = [
        (make_unit(name=f"N{number}"), Outcome(Status.SKIPPED, f"reason {number % 2}"))
        for number in range(5)
    ]
    other = (make_unit(name="other"), Outcome(Status.NOT_APPLICABLE, "no nano"))

    text = text_of(tally_of(make_run(*skips, other)))

    assert "    3 skipped: reason 0" in text
    assert "    2 skipped: reason 1" in text
    assert "    1 not applicable: no nano" in text


def test_many_failures_are_cut_and_say_so(make_run: MakeRun, make_unit: MakeUnit) -> None:
    failures = [
        (make_unit(name=f"N{number}"), Outcome(Status.FAILED, f"x{number}"))
        for number in range(FAILURES_SHOWN + 3)
    ]

    assert "… and 3 more" in text_of(tally_of(make_run(*failures)))


def test_one_cause_is_told_once_with_the_units_it_hit(
    make_run: MakeRun, make_unit: MakeUnit
) -> None:
    outcome = Outcome(Status.ERROR, "the stack is gone")

    text = text_of(tally_of(make_run(*((make_unit(name=f"N{n}"), outcome) for n in range(9)))))

    assert text.count("the stack is gone") == 1
    assert "… and 6 more units" in text


def test_a_fault_is_a_watermark(make_run: MakeRun, make_unit: MakeUnit) -> None:
    tally = tally_of(make_run((make_unit(), Outcome(Status.PASSED)), faults=("skip-check",)))

    assert "FAULTS ON: skip-check: this run proves nothing" in text_of(tally)


def test_a_unit_counts_for_each_requirement_it_names(
    make_run: MakeRun, make_unit: MakeUnit
) -> None:
    unit = make_unit(tags=("req:BR-001", "req:BR-008", "cap:format=ztdf"))

    data = tally_of(make_run((unit, Outcome(Status.PASSED)))).as_data()

    assert data["requirements"] == {"BR-001": {"passed": 1}, "BR-008": {"passed": 1}}
    assert data["verdict"] == "green"


@pytest.mark.parametrize("width", [60, 200])
def test_the_table_fits_any_width(width: int, make_run: MakeRun, make_unit: MakeUnit) -> None:
    tally = tally_of(make_run((make_unit(), Outcome(Status.PASSED))))
    output = io.StringIO()

    render(Console(file=output, width=width), tally, {"BR-001": "A very long title " * 9}, [])

    assert "BR-001" in output.getvalue()


def test_an_empty_run_is_red() -> None:
    assert Tally().problems() == ("nothing ran",)


def test_planned_units_come_from_the_start(make_run: MakeRun, make_unit: MakeUnit) -> None:
    unit: Unit = make_unit()
    events = make_run((unit, Outcome(Status.PASSED)))

    assert isinstance(events[0], RunStarted)
    assert tally_of(events[:1]).missing == (unit,)
