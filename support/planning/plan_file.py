"""`plan.json`: what `acceptance discover` writes and `behave --define plan=…` runs.

Schema: `schemas/plan.schema.json`. Nothing in it depends on when or where it was written, so that
equal inputs give equal files.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.foundation.documents import Document, check
from support.foundation.errors import ConfigurationError
from support.foundation.files import write_atomically
from support.foundation.text import listed
from support.model.inventory import Inventory
from support.model.unit import Unit
from support.planning import inventory_file
from support.planning.planner import Plan
from support.planning.selection import LeftOut
from support.profiles.profile import Profile

VERSION = 1
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a plan was made of, beside the inventory: a plan holds only while these do.

    Attributes:
        features: digest of each feature file by its path.
    """

    profile_id: str
    profile: str
    catalog: str
    features: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan that was written before, as far as a run needs it.

    Attributes:
        units: disposition and reasons by the unit's id, in the plan's order.
    """

    path: Path
    stamp: Stamp
    inventory: Inventory
    units: Mapping[str, tuple[str, tuple[str, ...]]]

    @property
    def title(self) -> str:
        """Completes "nothing of …"."""
        return f"the plan {self.path}"

    def reasons(self, unit: Unit) -> tuple[str, ...]:
        """Return why the plan has a unit; nothing when it does not."""
        return self.units[unit.id][1] if unit.id in self.units else ()


def digest(data: bytes) -> str:
    """Return `sha256:<hex>`."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def profile_digest(profile: Profile) -> str:
    """Return the digest of a profile's effective values; comments and layout do not count."""
    return digest(json.dumps(profile.merged.value, sort_keys=True).encode())


def stamp(profile: Profile, catalog: Path, sources: Mapping[str, str]) -> Stamp:
    """Return the stamp of what a plan is made of now."""
    return Stamp(
        profile.id,
        profile_digest(profile),
        digest(catalog.read_bytes()),
        {path: digest(text.encode()) for path, text in sources.items()},
    )


def unit_record(unit: Unit) -> dict[str, Any]:
    """Return a unit as the plan file has it."""
    spec = unit.spec
    record: dict[str, Any] = {
        "id": unit.id,
        "feature": spec.feature_path,
        "line": spec.line,
        "name": unit.title,
        "requirements": list(spec.requirement_ids),
        "capabilities": {c.dimension: c.value for c in unit.variant},
        "tags": list(dict.fromkeys(spec.tags)),
        "disposition": unit.expectation.disposition,
        "severity": unit.severity.value,
        "reasons": list(unit.reasons),
    }
    if unit.expectation.reason:
        record["why_not_run"] = unit.expectation.reason
    if unit.waiver is not None:
        record["waiver"] = str(unit.waiver)
    return record


def left_out_record(left: LeftOut) -> dict[str, Any]:
    """Return a spec that is left out as the plan file has it."""
    spec = left.spec
    return {
        "id": spec.id,
        "feature": spec.feature_path,
        "line": spec.line,
        "name": spec.name,
        "reason": left.reason,
    }


def head_record(made_of: Stamp, inventory: Inventory) -> dict[str, Any]:
    """Return everything of a plan file but its units."""
    return {
        "version": VERSION,
        "profile": {"id": made_of.profile_id, "digest": made_of.profile},
        "catalog": made_of.catalog,
        "features": dict(sorted(made_of.features.items())),
        "inventory": inventory_file.as_data(inventory),
    }


def as_data(plan: Plan, made_of: Stamp, *, with_left_out: bool = False) -> dict[str, Any]:
    """Return a whole plan as plain values."""
    data = head_record(made_of, plan.inventory)
    data["notes"] = list(plan.notes)
    data["units"] = [unit_record(unit) for unit in plan.units]
    if with_left_out:
        data["left_out"] = [left_out_record(left) for left in plan.left_out]
    return data


def write(path: Path, data: Mapping[str, Any]) -> None:
    """Write a plan file.

    Raises:
        FrameworkError: the data breaks the schema.
    """
    check(Document(path, data, {}), "plan")
    write_atomically(path, json.dumps(data, indent=1, ensure_ascii=False) + "\n")


def read(path: Path) -> PlanFile:
    """Read a plan file.

    Raises:
        ConfigurationError: no such file, not JSON, or against the schema.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path}: there is no such plan. Write one: acceptance discover --output {path}"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path}: not a plan that can be read: {error}.") from error
    check(Document(path, data, {}), "plan")
    profile = data["profile"]
    return PlanFile(
        path,
        Stamp(profile["id"], profile["digest"], data["catalog"], data["features"]),
        inventory_file.from_data(data["inventory"]),
        {raw["id"]: (raw["disposition"], tuple(raw["reasons"])) for raw in data["units"]},
    )


def stale(planned: PlanFile, now: Stamp, here: Inventory) -> tuple[str, ...]:
    """Return why a plan no longer holds, one line each; nothing when it does."""
    then = planned.stamp
    found = list(inventory_file.differences(planned.inventory, here))
    if then.profile != now.profile:
        found.append(f"the profile {now.profile_id} has changed since")
    if then.catalog != now.catalog:
        found.append("the capability catalog has changed since")
    changed = [
        path
        for path, digest_now in now.features.items()
        if path in then.features and then.features[path] != digest_now
    ]
    found += [f"{path} has changed since" for path in changed]
    return tuple(found)


def unkept(planned: PlanFile, units: Iterable[Unit], files: Sequence[str]) -> tuple[str, ...]:
    """Return what the plan lists for some feature files and is not planned any more."""
    now = {unit.id: unit.expectation.disposition for unit in units}
    return tuple(
        f"{unit_id} is {now.get(unit_id, 'not there')} now, and {disposition} in the plan"
        for unit_id, (disposition, _) in planned.units.items()
        if unit_id.partition(".feature:")[0] + ".feature" in files
        and now.get(unit_id) != disposition
    )


def told(path: Path, problems: Sequence[str]) -> str:
    """Return the one message for a plan that does not hold."""
    more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
    return (
        f"{path}: the plan does not hold here: {listed(problems[:SHOWN])}{more}. Run it where it "
        "was made for, or plan again: acceptance discover."
    )
