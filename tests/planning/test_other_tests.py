"""A pytest plug-in can select by the same rules, from the plan alone."""

import json
import shutil
import sys
from pathlib import Path

from support.foundation import process
from support.foundation.settings import ROOT, child_environment

SAMPLE = ROOT / "tests" / "data" / "pytest_plan"


def test_a_plan_tells_pytest_which_nodes_prove_the_same_requirements(tmp_path: Path) -> None:
    shutil.copy(SAMPLE / "plugin.py", tmp_path / "conftest.py")
    shutil.copy(SAMPLE / "nodes.py", tmp_path / "test_tdfs.py")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  req: requirement\n  sdk: SDK\n")
    plan = tmp_path / "plan.json"
    discovered = process.run(
        [
            *(sys.executable, "-m", "tools.cli", "discover"),
            *("--requirement", "BR-001", "--output", str(plan)),
        ],
        environment=child_environment({"PYTHONPATH": str(ROOT)}),
        time_limit_seconds=60,
        working_directory=ROOT,
    )
    assert discovered.exit_code == 0, discovered.stderr

    record = process.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-p", "no:randomly"],
        environment=child_environment(),
        time_limit_seconds=60,
        working_directory=tmp_path,
    )

    passed = [line.split()[0] for line in record.stdout.splitlines() if "PASSED" in line]
    assert passed == [
        "test_tdfs.py::test_tdf_roundtrip[go]",
        "test_tdfs.py::test_tdf_roundtrip[java]",
        "test_tdfs.py::test_by_marker",
    ]
    (test, *_) = json.loads(plan.read_text())["tests"]
    assert test["reasons"] == ["the command line selects BR-001"]
