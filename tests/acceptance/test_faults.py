"""Each fault of the embedded platform is caught by the scenarios that docs/faults.md names."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.embedded.faults import Fault
from support.foundation import process
from support.foundation.settings import ROOT, build_environment
from support.sdk.discovery import BUILT_SDKS

# The platform's faults show with any SDK; the fastest one, where it is built, shows them soonest.
QUICK = " and not @variant:*=python-* and not @variant:*=rust-*"


@dataclass(frozen=True, slots=True)
class Promise:
    """One line of the table."""

    requirement: str
    description: str
    scenarios: tuple[str, ...]


def table() -> dict[str, Promise]:
    rows: dict[str, Promise] = {}
    for line in (ROOT / "docs" / "faults.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[2].startswith("BR-"):
            names = tuple(name.strip() for name in cells[3].split("·"))
            rows[cells[0]] = Promise(cells[2], cells[1], names)
    return rows


def run(folder: Path, requirement: str, *defines: str) -> list[dict[str, str]]:
    """Run the scenarios of a requirement and return the name and status of each unit."""
    tags = f"@req:{requirement}" + (QUICK if (BUILT_SDKS / "go").is_dir() else "")
    process.run(
        [
            *(sys.executable, "-m", "behave", "-f", "null", "--tags", tags),
            *("--define", f"artifacts={folder}"),
            *(part for define in defines for part in ("--define", define)),
        ],
        environment=build_environment(),
        time_limit_seconds=110,
        working_directory=ROOT,
    )
    records = [json.loads(path.read_text()) for path in folder.rglob("*-evidence.json")]
    return [{"name": r["scenario"]["name"], "status": r["status"]} for r in records]


def test_every_fault_is_in_the_table_with_its_own_description() -> None:
    described = {name: promise.description for name, promise in table().items()}

    assert described == {fault.value: fault.description for fault in Fault}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", list(Fault))
def test_a_fault_fails_the_scenarios_that_the_table_names(fault: Fault, tmp_path: Path) -> None:
    promise = table()[fault.value]

    units = run(tmp_path, promise.requirement, f"fault={fault.value}")

    failed = {unit["name"] for unit in units if unit["status"] == "failed"}
    assert not [unit for unit in units if unit["status"] == "error"]
    for scenario in promise.scenarios:
        beginning = scenario.removesuffix("…")
        assert any(name.startswith(beginning) for name in failed), (scenario, sorted(failed))


@pytest.mark.timeout(240)
@pytest.mark.parametrize("requirement", sorted({p.requirement for p in table().values()}))
def test_without_a_fault_the_same_scenarios_are_green(requirement: str, tmp_path: Path) -> None:
    statuses = {unit["status"] for unit in run(tmp_path, requirement)}

    assert "passed" in statuses
    assert statuses <= {"passed", "skipped"}
