import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from support.foundation import process
from support.foundation.errors import FrameworkError
from support.foundation.settings import ROOT, build_environment
from support.model.unit import Unit
from support.proving.proof import Catch
from support.proving.prover import ControlRedError, Prover
from support.proving.trial import Verdict
from support.specs.faults import BrokenPromise, Place
from tests.conftest import MakeUnit

ONE = BrokenPromise("one", "BR-001", "it breaks", Place.PLATFORM)
OTHER = BrokenPromise("other", "BR-002", "it breaks, too", Place.SHIM)

Outcome = Callable[[Unit, str], tuple[str, str]]


@dataclass
class Behave:
    """Stands for the trials: how a unit ends depends on the fault alone."""

    outcome: Outcome
    tried: list[tuple[str, list[str]]] = field(default_factory=list)

    def __call__(self, units: Sequence[Unit], fault: str) -> Verdict:
        ran: dict[str, tuple[str, str]] = {}
        for unit in units:
            ran[unit.id] = self.outcome(unit, fault)
            if ran[unit.id][0] == "failed":
                break
        self.tried.append((fault, list(ran)))
        return Verdict(ran, "what behave said")


@pytest.fixture
def units(make_unit: MakeUnit) -> list[Unit]:
    return [
        make_unit("a", (), ("req:BR-001",), path="features/a.feature"),
        make_unit("b", (), ("req:BR-001", "req:BR-002"), path="features/b.feature"),
    ]


def prover(units: Sequence[Unit], outcome: Outcome) -> tuple[Prover, Behave]:
    behave = Behave(outcome)
    return Prover(units, "", behave, jobs=2), behave


def test_a_fault_is_caught_by_the_first_unit_that_fails(units: list[Unit]) -> None:
    proving, behave = prover(units, lambda _unit, fault: ("failed" if fault else "passed", ""))
    told: list[Catch] = []

    catches = proving.prove([ONE, OTHER], told.append)

    assert catches == [
        Catch("one", "BR-001", (units[0].id,)),
        Catch("other", "BR-002", (units[1].id,)),
    ]
    assert sorted(told, key=lambda catch: catch.name) == catches
    assert sorted(behave.tried) == [("one", [units[0].id]), ("other", [units[1].id])]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("passed", "all 2 units passed"),
        ("error", "0 units passed, 2 ended without a verdict, such as: the moon"),
    ],
)
def test_a_fault_that_fails_nothing_is_not_caught(
    units: list[Unit], status: str, reason: str
) -> None:
    proving, _ = prover(units, lambda _unit, _fault: (status, "the moon"))

    assert proving.try_fault(ONE) == Catch("one", "BR-001", (), reason)


def test_a_fault_without_units_is_not_caught(units: list[Unit]) -> None:
    proving, behave = prover(units[:1], lambda _unit, _fault: ("failed", ""))

    assert proving.try_fault(OTHER).reason == "no unit of the requirement can run"
    assert behave.tried == []


def test_a_trial_in_which_nothing_ran_tells_what_was_said(units: list[Unit]) -> None:
    proving = Prover(units, "", lambda *_given: Verdict({}, "no platform"), jobs=1)

    assert proving.try_fault(ONE).reason == "nothing ran: no platform"


def test_the_control_runs_every_unit_once_without_fault(units: list[Unit]) -> None:
    proving, behave = prover(units, lambda _unit, _fault: ("passed", ""))

    assert proving.control([ONE, OTHER]) == 2
    assert sorted(behave.tried) == [("", [units[0].id]), ("", [units[1].id])]


@pytest.mark.parametrize("status", ["failed", "error"])
def test_a_control_that_is_not_green_ends_the_proof(units: list[Unit], status: str) -> None:
    proving, _ = prover(units, lambda _unit, _fault: (status, "the moon"))

    with pytest.raises(ControlRedError, match=f"1 of 1 units.*{status}: the moon"):
        proving.control([ONE])


def test_a_control_in_which_nothing_ran_tells_what_was_said(units: list[Unit]) -> None:
    proving = Prover(units, "", lambda *_given: Verdict({}, "no platform"), jobs=1)

    with pytest.raises(ControlRedError, match="no platform"):
        proving.control([ONE])


def test_trials_that_cannot_be_made_end_the_proof(units: list[Unit]) -> None:
    def broken(_units: Sequence[Unit], fault: str) -> Verdict:
        raise FrameworkError(f"no trial with {fault}")

    with pytest.raises(FrameworkError, match="no trial with one"):
        Prover(units, "", broken, jobs=1).prove([ONE], lambda _catch: None)


def test_an_interrupt_ends_the_trials_that_run(units: list[Unit]) -> None:
    ended: list[str] = []

    def interrupted(_catch: Catch) -> None:
        raise KeyboardInterrupt

    proving = Prover(
        units, "", Behave(lambda *_: ("passed", "")), jobs=1, end_trials=lambda: ended.append("all")
    )

    with pytest.raises(KeyboardInterrupt):
        proving.prove([ONE, OTHER], interrupted)
    assert ended == ["all"]


def test_ending_trials_ends_our_children() -> None:
    script = (
        "import subprocess; from support.proving import trial; "
        "child = subprocess.Popen(['sleep', '60']); trial.end_all(); print(child.wait(10))"
    )

    record = process.run(
        [sys.executable, "-c", script],
        environment={**build_environment(), "PYTHONPATH": str(ROOT)},
        time_limit_seconds=60,
    )

    assert record.stdout.strip() == str(-signal.SIGTERM)
