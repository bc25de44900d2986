"""Faults of the embedded platform are caught by scenarios of their requirement."""

import json
import sys
from pathlib import Path

import pytest

from support.embedded.faults import Fault
from support.foundation import process
from support.foundation.settings import ROOT, build_environment
from support.sdk.discovery import BUILT_SDKS

# The platform's faults show with any SDK; the fastest one, where it is built, shows them soonest.
QUICK = " and not @variant:*=python-* and not @variant:*=rust-*"


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


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("fault", "requirement"),
    [
        (Fault.SKIP_POLICY_BINDING, "BR-008"),
        (Fault.IGNORE_HIERARCHY, "BR-013"),
        (Fault.ACCEPT_EXPIRED_TOKEN, "BR-027"),
    ],
)
def test_a_fault_fails_a_scenario_of_its_requirement(
    fault: Fault, requirement: str, tmp_path: Path
) -> None:
    units = run(tmp_path, requirement, f"fault={fault.value}")

    assert [unit for unit in units if unit["status"] == "failed"]
    assert not [unit for unit in units if unit["status"] == "error"]
