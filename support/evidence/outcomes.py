"""What became of every unit of a run, or is planned to: one side of a comparison of two stacks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.evidence.reading import records_in
from support.foundation.errors import ConfigurationError
from support.foundation.text import listed
from support.model.outcome import Status
from support.model.unit import Disposition, Unit
from support.profiles.catalog import Catalog
from support.profiles.conditions import Facts

NEEDS = "needs"
"""What conditions call that which `@needs:` tags ask for."""

_PLANNED: Mapping[Disposition, Status] = {
    "run": Status.PASSED,  # what a plan hopes for
    "skip": Status.SKIPPED,
    "not_applicable": Status.NOT_APPLICABLE,
    "error": Status.ERROR,
}


@dataclass(frozen=True, slots=True)
class UnitOutcome:
    """A unit on one side.

    Attributes:
        facts: what conditions may look at: its values by dimension, and what it needs.
        reason: why it did not pass.
    """

    unit_id: str
    requirements: tuple[str, ...]
    facts: Facts
    status: Status
    reason: str = ""


Outcomes = Mapping[str, UnitOutcome]
"""Outcomes by the unit's id."""


Records = Mapping[str, Mapping[str, Any]]
"""What evidence says of each unit's last attempt, by the unit's id."""


def of_run(folder: Path, catalog: Catalog) -> Outcomes:
    """Read the evidence of one run.

    Args:
        folder: the run's folder, `artifacts/<run>`.
        catalog: knows which dimension each value derives from.

    Raises:
        ConfigurationError: see `last_attempts`.
    """
    return of_records(last_attempts(folder), catalog)


def of_records(records: Records, catalog: Catalog) -> Outcomes:
    """Return the outcomes that evidence tells."""
    return {unit_id: _recorded(record, catalog) for unit_id, record in records.items()}


def last_attempts(folder: Path) -> Records:
    """Read the evidence of one run; of a unit that was tried again, the last attempt counts.

    Args:
        folder: the run's folder, `artifacts/<run>`.

    Raises:
        ConfigurationError: there is no evidence, it is of several runs, of a platform with faults,
            or breaks its schema.
    """
    records: dict[str, dict[str, Any]] = {}
    runs: set[str] = set()
    for path, record in records_in(folder):
        runs.add(record["run_id"])
        if record["stack"]["faults"]:
            raise ConfigurationError(
                f"{path}: the run had the faults {listed(record['stack']['faults'])} switched on, "
                "so it proves nothing of the platform. Compare a run without faults."
            )
        known = records.get(record["unit_id"])
        if known is None or known["attempt"] < record["attempt"]:
            records[record["unit_id"]] = record
    if len(runs) != 1:
        raise ConfigurationError(
            f"{folder}: there is evidence of {len(runs)} runs ({listed(sorted(runs))}), but that "
            "of exactly one was expected. Name the folder of one run: artifacts/<run>."
        )
    return records


def _recorded(record: Mapping[str, Any], catalog: Catalog) -> UnitOutcome:
    return UnitOutcome(
        record["unit_id"],
        tuple(record["req_ids"]),
        facts_of(record["capabilities"], record["tags"], catalog),
        Status(record["status"]),
        record["reason"],
    )


def of_plan(units: Iterable[Unit], catalog: Catalog) -> Outcomes:
    """Return the outcomes that a plan expects: what is to run counts as passed."""
    return {
        unit.id: UnitOutcome(
            unit.id,
            unit.spec.requirement_ids,
            facts_of({c.dimension: c.value for c in unit.variant}, unit.spec.tags, catalog),
            _PLANNED[unit.expectation.disposition],
            unit.expectation.reason,
        )
        for unit in units
    }


def facts_of(capabilities: Mapping[str, str], tags: Iterable[str], catalog: Catalog) -> Facts:
    """Return what conditions may look at.

    Args:
        capabilities: value by dimension; it counts for the dimension it derives from, too, and
            an installed SDK (`go-v0.36.0`) for its language.
        tags: those of the scenario.
        catalog: knows the dimensions.
    """
    facts: dict[str, list[str]] = {NEEDS: []}
    for name, value in capabilities.items():
        dimension = catalog.dimensions.get(name)
        values = [value]
        if dimension is not None and catalog.is_sdk(dimension):
            values.append(value.partition("-v")[0])
        for each in {name, dimension.source if dimension else name}:
            facts.setdefault(each, []).extend(values)
    facts[NEEDS] += [tag.removeprefix("needs:") for tag in tags if tag.startswith("needs:")]
    return facts
