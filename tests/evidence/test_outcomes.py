"""One side of a comparison: the evidence of a run, or a plan."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.evidence import outcomes
from support.foundation.errors import ConfigurationError
from support.model.outcome import Status
from support.model.unit import Disposition, Expectation
from support.profiles.catalog import Catalog
from tests.conftest import MakeUnit
from tests.evidence.runs import record, write


def test_evidence_tells_what_became_of_each_unit(tmp_path: Path, catalog: Catalog) -> None:
    write(tmp_path, record("one", status="skipped", reason="no such SDK"), record("two"))

    found = outcomes.of_run(tmp_path, catalog)

    assert {unit.unit_id: (unit.status, unit.reason) for unit in found.values()} == {
        "one": (Status.SKIPPED, "no such SDK"),
        "two": (Status.PASSED, ""),
    }
    assert found["one"].requirements == ("BR-001",)


def test_the_last_attempt_counts(tmp_path: Path, catalog: Catalog) -> None:
    write(
        tmp_path,
        record("one", attempt=2, status="passed"),
        record("one", attempt=3, status="failed"),
        record("one", attempt=1, status="error"),
    )

    assert outcomes.of_run(tmp_path, catalog)["one"].status is Status.FAILED


def test_values_count_for_their_dimension_and_sdks_for_their_language(catalog: Catalog) -> None:
    capabilities = {"encrypt_sdk": "go-v0.36.0", "decrypt_sdk": "python", "format": "ztdf"}

    facts = outcomes.facts_of(capabilities, ("needs:people", "req:BR-001", "needs:x"), catalog)

    assert {name: set(values) for name, values in facts.items()} == {
        "encrypt_sdk": {"go-v0.36.0", "go"},
        "decrypt_sdk": {"python"},
        "sdk": {"go-v0.36.0", "go", "python"},
        "format": {"ztdf"},
        "needs": {"people", "x"},
    }


@pytest.mark.parametrize(
    ("records", "told"),
    [
        ([], "there is evidence of 0 runs"),
        ([record("one"), record("two", run_id="other")], "of 2 runs (other, run)"),
        ([record("one", faults=["ignore-hierarchy"])], "the faults ignore-hierarchy"),
        ([record("one", status="green")], "green"),
    ],
)
def test_what_proves_nothing_is_refused(
    tmp_path: Path, catalog: Catalog, records: list[dict[str, Any]], told: str
) -> None:
    write(tmp_path, *records)

    with pytest.raises(ConfigurationError) as caught:
        outcomes.of_run(tmp_path, catalog)

    assert told in str(caught.value)


def test_evidence_that_is_cut_off_is_named(tmp_path: Path, catalog: Catalog) -> None:
    write(tmp_path, record("one"))
    (path,) = tmp_path.rglob("*-evidence.json")
    path.write_text(json.dumps(record("one"))[:40])

    with pytest.raises(ConfigurationError, match=path.name):
        outcomes.of_run(tmp_path, catalog)


@pytest.mark.parametrize(
    ("disposition", "status"),
    [
        ("run", Status.PASSED),
        ("skip", Status.SKIPPED),
        ("not_applicable", Status.NOT_APPLICABLE),
        ("error", Status.ERROR),
    ],
)
def test_a_plan_expects_an_outcome_of_each_unit(
    make_unit: MakeUnit, catalog: Catalog, disposition: Disposition, status: Status
) -> None:
    unit = make_unit(expectation=Expectation(disposition, "because"))

    found = outcomes.of_plan([unit], catalog)

    assert found[unit.id].status is status
    assert found[unit.id].reason == "because"
    assert "go" in found[unit.id].facts["sdk"]
