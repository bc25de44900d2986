"""`plan.json`: what `acceptance discover` writes and `behave --define plan=…` runs.

Schema: `schemas/plan.schema.json`. Nothing in it depends on when or where it was written, so that
equal inputs give equal files.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from support.foundation.documents import Document, check, load_json
from support.foundation.errors import ConfigurationError, FrameworkError
from support.foundation.text import listed
from support.model.inventory import Inventory
from support.model.unit import Unit
from support.planning import estimates, inventory_file, shards
from support.planning.fragments import BETWEEN, Fragment, records
from support.planning.records import as_json
from support.planning.shards import Shard
from support.profiles.profile import Profile

VERSION = 1
SHOWN = 10
SAMPLED = 100
LEFT_OUT = "left_out"


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
        seconds: how long each unit took before, where that is known, by its id.
        shards: the number of shards that the plan was made for, and the shard of each unit.
    """

    path: Path
    stamp: Stamp
    inventory: Inventory
    units: Mapping[str, tuple[str, tuple[str, ...]]]
    seconds: Mapping[str, float] = field(default_factory=dict)
    shards: tuple[int, Sequence[int]] = (1, ())

    @property
    def title(self) -> str:
        """Completes "nothing of …"."""
        return f"the plan {self.path}"

    def reasons(self, unit: Unit) -> tuple[str, ...]:
        """Return why the plan has a unit; nothing when it does not."""
        return self.units[unit.id][1] if unit.id in self.units else ()

    def part(self, shard: Shard) -> "PlanFile":
        """Return the part of the plan that one shard runs.

        The plan's own shards are used where it was made for as many; else they are made now, the
        same on every machine, for the plan alone decides.
        """
        count, numbers = self.shards
        if count != shard.count:
            usual = estimates.usual(self.seconds.values())
            seconds = [self.seconds.get(name, usual) for name in self.units]
            numbers = shards.numbers(seconds, shard.count)
        units = {
            name: unit
            for (name, unit), number in zip(self.units.items(), numbers, strict=True)
            if number == shard.number
        }
        return replace(self, units=units)


def digest(data: bytes) -> str:
    """Return `sha256:<hex>`."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def profile_digest(profile: Profile) -> str:
    """Return the digest of a profile's effective values; comments and layout do not count."""
    return digest(json.dumps(profile.merged.value, sort_keys=True).encode())


def stamp(profile: Profile, catalog: Path, sources: Mapping[str, str]) -> Stamp:
    """Return the stamp of what a plan is made of now; `sources` are the texts of the features."""
    digests = {path: digest(text.encode()) for path, text in sources.items()}
    return stamp_of(profile, catalog, digests)


def stamp_of(profile: Profile, catalog: Path, features: Mapping[str, str]) -> Stamp:
    """Return the stamp of what a plan is made of now; `features` are digests by path."""
    return Stamp(profile.id, profile_digest(profile), digest(catalog.read_bytes()), features)


def head_record(made_of: Stamp, inventory: Inventory) -> dict[str, Any]:
    """Return everything of a plan file but its units."""
    return {
        "version": VERSION,
        "profile": {"id": made_of.profile_id, "digest": made_of.profile},
        "catalog": made_of.catalog,
        "features": dict(sorted(made_of.features.items())),
        "inventory": inventory_file.as_data(inventory),
    }


def content(
    head: Mapping[str, Any], fragments: Sequence[Fragment], tail: Mapping[str, Any]
) -> Iterator[bytes]:
    """Yield a plan file, UTF-8, piece by piece.

    Args:
        head: see `head_record`.
        fragments: what each feature file adds, in order.
        tail: what else there is; `left_out` only has to be there for it to be filled in.
    """
    yield _members(head).encode()
    yield from _listed("units", (fragment.units for fragment in fragments))
    for name, value in tail.items():
        yield b",\n"
        if name == LEFT_OUT:
            yield from _listed(name, (fragment.left_out for fragment in fragments))
        else:
            yield _member(name, value).encode()
    yield b"\n}\n"


def _members(head: Mapping[str, Any]) -> str:
    return "{\n" + "".join(f"{_member(name, value)},\n" for name, value in head.items())


def _member(name: str, value: object) -> str:
    """Return a name with its value; what is in a list or mapping stands on lines of its own."""
    if isinstance(value, Mapping):
        inner = [f" {_member(key, each)}" for key, each in value.items()]
    elif isinstance(value, list) and any(isinstance(each, str | Mapping) for each in value):
        inner = [f"  {as_json(each)}" for each in value]
    else:
        return f" {as_json(name)}: {as_json(value)}"
    begin, end = "{}" if isinstance(value, Mapping) else "[]"
    lines = ",\n".join(inner)
    return f" {as_json(name)}: {begin}\n{lines}\n {end}" if inner else f' "{name}": {begin}{end}'


def _listed(name: str, parts: Iterable[bytes]) -> Iterator[bytes]:
    between = f' "{name}": [\n'.encode()
    for part in filter(None, parts):
        yield between
        yield part
        between = BETWEEN.encode()
    yield b"\n ]" if between == BETWEEN.encode() else between[:-1] + b"]"


def check_sample(
    path: Path, head: Mapping[str, Any], fragments: Sequence[Fragment], tail: Mapping[str, Any]
) -> None:
    """Check a plan that is about to be written: all of head and tail, and some of its records.

    Raises:
        FrameworkError: it breaks the schema.
    """
    step = max(1, len(fragments) // SAMPLED)
    data = {**head, **tail, "units": list(records(_first(f.units) for f in fragments[::step]))}
    if LEFT_OUT in tail:
        data[LEFT_OUT] = list(records(_first(f.left_out) for f in fragments[::step]))
    try:
        check(Document(path, data, {}), "plan")
    except ConfigurationError as error:
        raise FrameworkError(f"The plan breaks its schema: {error} Please report it.") from error


def _first(part: bytes) -> bytes:
    return part.partition(BETWEEN.encode())[0]


def read(path: Path) -> PlanFile:
    """Read a plan file.

    Raises:
        ConfigurationError: no such file, not JSON, or against the schema.
    """
    data = load_json(path, "plan", "acceptance discover --output").value
    profile, units, split = data["profile"], data["units"], data.get("shards")
    if split and len(split["numbers"]) != len(units):
        raise ConfigurationError(
            f"{path}: it names the shard of {len(split['numbers'])} units, and lists {len(units)}. "
            "Plan again: acceptance discover --matrix."
        )
    return PlanFile(
        path,
        Stamp(profile["id"], profile["digest"], data["catalog"], data["features"]),
        inventory_file.from_data(data["inventory"]),
        {raw["id"]: (raw["disposition"], tuple(raw["reasons"])) for raw in units},
        {raw["id"]: raw["estimate_seconds"] for raw in units if "estimate_seconds" in raw},
        (split["count"], split["numbers"]) if split else (1, [1] * len(units)),
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
