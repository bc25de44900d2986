from support.proving import page
from support.proving.proof import Catch
from support.specs.faults import BrokenPromise, Place

FAULTS = (
    BrokenPromise("all-for-any", "BR-011", "every value is demanded", Place.PLATFORM),
    BrokenPromise("wrong-byte", "BR-001", "another byte", Place.SHIM),
)
UNIT = "features/authorization/any_of.feature:one-suffices:rows.a#default"


def rows(*catches: Catch) -> list[str]:
    return [line for line in page.render(FAULTS, catches).splitlines() if "BR-" in line][-2:]


def test_a_caught_fault_names_its_unit_and_another_is_said_not_to_be_caught() -> None:
    assert rows(Catch("all-for-any", "BR-011", (UNIT,))) == [
        (
            "| all-for-any | every value is demanded | BR-011 | platform "
            "| authorization/any_of.feature:one-suffices:rows.a |"
        ),
        "| wrong-byte | another byte | BR-001 | SDK shim | **not caught** |",
    ]


def test_caught_faults_are_counted() -> None:
    text = page.render(FAULTS, [Catch("all-for-any", "BR-011", (UNIT,)), Catch("wrong-byte", "B")])

    assert "1 of 2 faults are caught." in text
