"""Whether reports of a run tell what its evidence tells."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from support.linting.artifact_run import ArtifactRun
from support.specs.finding import Finding

_ALLURE = {
    "passed": {"passed"},
    "failed": {"failed"},
    "waived": {"failed"},
    "error": {"broken"},
    "skipped": {"skipped"},
    "not_applicable": {"skipped"},
}
_JUNIT = {
    "passed": {"passed"},
    "failed": {"failed"},
    "waived": {"failed"},
    # behave knows errors of steps, but not a platform that died or a unit that could not begin.
    "error": {"failed", "error", "skipped", "passed"},
    "skipped": {"skipped"},
    "not_applicable": {"skipped"},
}


def allure(run: ArtifactRun) -> Iterator[Finding]:
    """Yield units whose Allure result is missing or tells something else."""
    results = sorted((run.folder / "allure-results").glob("*-result.json"))
    if not results:
        return
    told: dict[str, list[dict[str, Any]]] = {}
    for path in results:
        try:
            result = json.loads(path.read_bytes())
            told.setdefault(result["historyId"], []).append(result)
        except (OSError, ValueError, KeyError, TypeError) as error:
            name = path.relative_to(run.folder).as_posix()
            yield Finding("artifact-allure", name, 1, 1, 1, f"it cannot be read: {error!r}.")
    for name, record in run.records.items():
        found = told.get(_history_id(record["unit_id"]), [])
        statuses = {result.get("status") for result in found}
        if not statuses:
            if record.get("begun", True):
                yield Finding("artifact-allure", name, 1, 1, 1, "Allure has no result of it.")
        elif not statuses & _ALLURE[record["status"]]:
            message = (
                f"evidence says {record['status']}, Allure says {', '.join(map(str, statuses))}."
            )
            yield Finding("artifact-allure", name, 1, 1, 1, message)


def junit(run: ArtifactRun, folder: Path) -> Iterator[Finding]:
    """Yield units of which a JUnit report tells something else.

    Args:
        run: the run that they should be of.
        folder: where the reports are.
    """
    cases: dict[tuple[str, str], set[str]] = {}
    for path in sorted(folder.glob("*.xml")):
        try:
            root = ET.parse(path).getroot()  # noqa: S314 -- the run's own report
        except (OSError, ET.ParseError) as error:
            yield Finding("artifact-junit", str(path), 1, 1, 1, f"it cannot be read: {error}.")
            continue
        for case in root.iter("testcase"):
            key = (path.stem.removeprefix("TESTS-").rpartition(".")[2], case.get("name", ""))
            cases.setdefault(key, set()).add(_junit_status(case))
    for name, record in run.records.items():
        found = set().union(*(s for key, s in cases.items() if _is_of(record, key)))
        if found and not found & _JUNIT[record["status"]]:
            message = f"evidence says {record['status']}, JUnit says {', '.join(sorted(found))}."
            yield Finding("artifact-junit", name, 1, 1, 1, message)


def _is_of(record: dict[str, Any], key: tuple[str, str]) -> bool:
    feature, case = key
    variant = " ".join(f"{name}={value}" for name, value in record["capabilities"].items())
    is_named = case.startswith(record["scenario"]["name"]) and case.endswith(f"[{variant}]")
    return is_named and Path(record["feature"]["path"]).stem.rpartition(".")[2] == feature


def _junit_status(case: "ET.Element[str]") -> str:
    for tag, status in (("failure", "failed"), ("error", "error"), ("skipped", "skipped")):
        if case.find(tag) is not None:
            return status
    return "passed"


def _history_id(unit_id: str) -> str:
    """Return how Allure's results name a unit (support/reporting/allure.py)."""
    return hashlib.sha256(unit_id.encode()).hexdigest()[:32]
