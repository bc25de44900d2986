from dataclasses import replace

from support.model.unit import Expectation, Unit
from support.model.waiver import Waiver
from support.proving.candidates import candidates
from tests.conftest import MakeUnit

GO, PYTHON = "go-v0.36.0", "python-v0.11.0"


def names(units: tuple[Unit, ...]) -> list[str]:
    return [unit.spec.name for unit in units]


def test_only_units_of_the_requirement_that_run_and_may_fail_are_tried(
    make_unit: MakeUnit,
) -> None:
    waiver = Waiver("", "BR-001", "", "known", "somebody", "", None, "policies.yaml:1")
    units = [
        make_unit("good"),
        make_unit("of another", tags=("req:BR-002",)),
        make_unit("skipped", expectation=Expectation("skip", "a reason")),
        replace(make_unit("waived"), waiver=waiver),
    ]

    assert names(candidates(units, "BR-001", GO)) == ["good"]


def test_a_scenario_is_tried_with_the_quick_sdk_once(make_unit: MakeUnit) -> None:
    def pair(first: str, second: str) -> Unit:
        return make_unit("one", (("encrypt_sdk", first), ("decrypt_sdk", second)))

    units = [pair(PYTHON, GO), pair(GO, GO), pair(PYTHON, PYTHON)]

    assert candidates(units, "BR-001", GO) == (units[1],)


def test_where_the_quick_sdk_cannot_another_one_is_tried(make_unit: MakeUnit) -> None:
    unit = make_unit("one", (("encrypt_sdk", PYTHON),))

    assert candidates([unit], "BR-001", GO) == (unit,)


def test_variants_that_differ_in_more_than_sdks_are_all_tried(make_unit: MakeUnit) -> None:
    units = [make_unit("one", (("encrypt_sdk", GO), ("format", name))) for name in ("a", "b")]

    assert len(candidates(units, "BR-001", GO)) == 2


def test_what_is_cheap_is_tried_first(make_unit: MakeUnit) -> None:
    tags = ("req:BR-001",)
    units = [
        make_unit("slow", (), (*tags, "slow")),
        make_unit("two SDKs", (("encrypt_sdk", GO), ("decrypt_sdk", GO)), tags),
        make_unit("option", (), (*tags, "needs:ec-wrapping")),
        make_unit("question", (), tags),
    ]

    found = candidates(units, "BR-001", GO)

    assert names(found) == ["question", "option", "two SDKs", "slow"]
