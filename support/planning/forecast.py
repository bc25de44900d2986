"""What a profile would plan on this machine, without running anything."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.foundation.settings import Settings
from support.model.inventory import Inventory
from support.model.spec import Spec
from support.model.unit import Unit
from support.planning.planner import Plan
from support.planning.preparation import gather, spec_path
from support.profiles.catalog import Catalog
from support.profiles.profile import Profile
from support.sdk import discovery
from support.specs import reader
from support.specs.reader import Node
from support.stack import manager


def read_documents(folder: Path) -> tuple[Node, ...]:
    """Read every feature file below a folder.

    Raises:
        SpecificationError: a feature file cannot be read, or is not Gherkin.
    """
    return tuple(
        reader.parse(spec_path(path), reader.read_text(path))
        for path in sorted(folder.rglob("*.feature"))
    )


def read_specs(folder: Path) -> tuple[Spec, ...]:
    """Read every spec below a folder.

    Raises:
        SpecificationError: a feature file cannot be read, or is not Gherkin.
    """
    return tuple(spec for document in read_documents(folder) for spec in reader.specs_of(document))


def inventory_here(settings: Settings, profile: Profile, catalog: Catalog) -> Inventory:
    """See which SDKs are installed, what they can do, and what the profile's stack serves."""
    people = tuple(role.name for role in profile.roles)
    features = manager.features(profile.stack, settings, people)
    return gather(discovery.discover(settings.sdk_roots), catalog, features)


@dataclass(frozen=True, slots=True)
class Forecast:
    """A plan in numbers.

    Attributes:
        units: how many are to be run, skipped and so on.
    """

    specs: int
    left_out: int
    units: Mapping[str, int]

    @classmethod
    def of(cls, plan: Plan) -> "Forecast":
        """Count what a plan holds."""
        units = Counter(unit.expectation.disposition for unit in plan.units)
        specs = {unit.spec.id for unit in plan.units}
        return cls(len(specs), len(plan.left_out), dict(sorted(units.items())))

    def __str__(self) -> str:
        counts = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in self.units.items())
        total = sum(self.units.values())
        scenarios = f"{self.specs} scenarios selected, {self.left_out} left out"
        return f"{scenarios}; {total} units{': ' if counts else ''}{counts}"


@dataclass(frozen=True, slots=True)
class Shift:
    """How one plan differs from another: ids of units, and what is expected of them otherwise."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[tuple[str, str, str], ...]


def shift(left: Plan, right: Plan) -> Shift:
    """Return what the right plan has and the left one has not, and the other way round."""
    first, second = _by_id(left.units), _by_id(right.units)
    return Shift(
        added=tuple(name for name in second if name not in first),
        removed=tuple(name for name in first if name not in second),
        changed=tuple(
            (name, first[name], second[name])
            for name in first
            if name in second and first[name] != second[name]
        ),
    )


def _by_id(units: tuple[Unit, ...]) -> dict[str, str]:
    return {unit.id: unit.expectation.disposition for unit in units}
