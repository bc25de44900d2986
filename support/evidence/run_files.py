"""The files by which a run's evidence can be made whole: what was planned, and for which run.

They are written before the first unit begins, and never changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.evidence.facts import Context, Facts, digest, of_run, of_unit, pretty
from support.evidence.record import timestamp
from support.foundation.documents import load_json
from support.foundation.files import write_atomically
from support.model.events import RunStarted

PLAN = "plan.json"
RUN = "run.json"
WRITER = "behave, which leaves"


@dataclass(frozen=True, slots=True)
class RunFiles:
    """What the files of a run say.

    Attributes:
        facts: the part that all its evidence shares.
        units: the part of each unit's evidence that is known before it runs, by the unit's id.
    """

    started_at: str
    facts: Facts
    units: Mapping[str, Facts]


def write(folder: Path, run: RunStarted, context: Context) -> RunFiles:
    """Write the files of a run that begins.

    Raises:
        OSError: they cannot be written.
    """
    units: dict[str, Facts] = {unit.id: of_unit(unit, run, context) for unit in run.units}
    plan = plan_text(units.values())
    facts = of_run(run, context, digest(plan.encode()))
    files = RunFiles(timestamp(run.at), facts, units)
    write_atomically(folder / PLAN, plan)
    content = {"schema_version": 1, "started_at": files.started_at, "facts": facts}
    write_atomically(folder / RUN, pretty(content))
    return files


def plan_text(units: Iterable[Facts]) -> str:
    """Return plan.json; nothing in it depends on when or where it was written."""
    return pretty({"schema_version": 1, "units": list(units)})


def read(folder: Path) -> RunFiles:
    """Read the files of a run.

    Raises:
        ConfigurationError: one is missing, unreadable, not JSON, or against its schema.
    """
    run: dict[str, Any] = load_json(folder / RUN, "evidence-run", WRITER).value
    plan: dict[str, Any] = load_json(folder / PLAN, "evidence-plan", WRITER).value
    return RunFiles(
        run["started_at"], run["facts"], {unit["unit_id"]: unit for unit in plan["units"]}
    )
