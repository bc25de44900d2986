"""From a wish to a plan file: what `acceptance discover` does."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from support.foundation.errors import SpecificationError
from support.foundation.files import write_atomically
from support.foundation.settings import ROOT, Settings
from support.foundation.text import listed
from support.history.history import History
from support.model.inventory import Inventory
from support.model.unit import Unit
from support.planning import (
    estimates,
    feature_files,
    inventory_file,
    plan_file,
    preparation,
    selection,
    touched,
)
from support.planning.feature_files import FeatureFile
from support.planning.fragment_store import FragmentStore
from support.planning.fragments import Count, Fragment, records
from support.planning.impact import Target
from support.planning.planner import Basis, Planner
from support.planning.preparation import Configuration, Say
from support.planning.selection import Criteria
from support.planning.touched import Asked, Wanted
from support.sdk import discovery as sdks
from support.specs import reader

CACHE = "discovery"
"""The folder in `build` that keeps what was planned."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to know.

    Attributes:
        defines: settings, the profile among them.
        paths: feature files, and folders with some.
        criteria: what scenarios and variants have to be.
        asked: changes and failures that units are wanted for.
        inventory: file that stands for what is installed here.
        write_inventory: file that gets what is installed here.
        use_cache: whether what was planned before may be used again.
    """

    defines: Mapping[str, str]
    paths: tuple[Path, ...]
    criteria: Criteria = field(default_factory=Criteria)
    asked: Asked = field(default_factory=Asked)
    inventory: Path | None = None
    write_inventory: Path | None = None
    use_cache: bool = True


@dataclass(frozen=True, slots=True)
class Discovery:
    """A plan, not yet written.

    Attributes:
        head: what the plan file begins with.
        fragments: what each feature file adds, in order.
        notes: what people should know of the plan.
        touched: the requirements that a change touches, each with the reasons.
        wish: completes "nothing of …" where changes or failures were asked for; else empty.
        usual_seconds: what a unit that never ran is taken to last.
        made: how many feature files were planned anew; the others were known.
        total: of all scenarios.
        requirements: likewise by requirement, by its id.
    """

    configuration: Configuration
    head: Mapping[str, Any]
    fragments: tuple[Fragment, ...]
    notes: tuple[str, ...]
    touched: Mapping[str, tuple[str, ...]]
    wish: str
    usual_seconds: float
    made: int
    total: Count
    requirements: Mapping[str, Count]

    def seconds(self, count: Count) -> float:
        """Return how long units will take, one after another."""
        return count.seconds + count.unmeasured * self.usual_seconds

    def unit_seconds(self) -> list[float]:
        """Return how long each unit will take, in the plan's order; 0 for what will not run."""
        return [
            record.get("estimate_seconds", self.usual_seconds)
            if record["disposition"] == "run"
            else 0.0
            for record in records(fragment.units for fragment in self.fragments)
        ]

    def left_out(self) -> Iterator[dict[str, Any]]:
        """Yield the record of each scenario that is left out."""
        return records(fragment.left_out for fragment in self.fragments)


def discover(request: Request, say: Say, root: Path = ROOT) -> Discovery:
    """Plan, and tell what is known on the way.

    Args:
        request: what is wanted.
        say: gets label and text of each line of the header, as soon as it is known.
        root: the project's folder.

    Raises:
        ConfigurationError: settings, profile, criteria or paths are wrong.
        SpecificationError: a feature file is wrong.
        EnvironmentUnfitError: Git or the history cannot tell what was asked of them.
    """
    touched.check(request.asked)
    configuration = preparation.configure(request.defines)
    selection.check(request.criteria, configuration.catalog, configuration.registry)
    preparation.announce(configuration, say)
    inventory = _inventory(request, configuration)
    say("SDKs", listed(f"{sdk.id} ({sdk.origin})" for sdk in inventory.sdks))
    with _without_collector():
        files = feature_files.read(feature_files.collect(request.paths), root)
        basis = preparation.basis_of(configuration, inventory, (request.criteria,))
        wanted = _wanted(request.asked, basis, configuration.settings, files, root)
        if wanted is not None:
            criteria = replace(request.criteria, wanted=(wanted,))
            basis = replace(basis, criteria=(criteria,))
        seconds = History(configuration.settings.history).durations(configuration.profile.id)
        store = FragmentStore(
            basis,
            (preparation.CATALOG.read_bytes(), preparation.REQUIREMENTS.read_bytes()),
            seconds,
            wanted.selected if wanted else None,
            configuration.settings.build / CACHE if request.use_cache else None,
        )
        made = store.fragments(files)
        stamp = plan_file.stamp_of(
            configuration.profile, preparation.CATALOG, {file.path: file.digest for file in files}
        )
        total, requirements = _counted(made.fragments)
        return Discovery(
            configuration,
            plan_file.head_record(stamp, inventory),
            made.fragments,
            _notes(configuration, made.fragments, wanted),
            wanted.touched if wanted else {},
            wanted.title if wanted else "",
            estimates.usual(seconds.values()),
            made.new,
            total,
            requirements,
        )


def _inventory(request: Request, configuration: Configuration) -> Inventory:
    if request.inventory is not None:
        return inventory_file.read(request.inventory)
    settings, profile = configuration.settings, configuration.profile
    found = sdks.discover(settings.sdk_roots)
    features = preparation.stack_features(profile, settings)
    inventory = preparation.gather(found, configuration.catalog, features)
    if request.write_inventory is not None:
        write_atomically(request.write_inventory, inventory_file.text(inventory))
    return inventory


def _wanted(
    asked: Asked, basis: Basis, settings: Settings, files: Sequence[FeatureFile], root: Path
) -> Wanted | None:
    """Return the units that are wanted because of changes or failures; None for all."""
    profile = basis.profile
    wishes: list[Wanted] = []
    if asked.last_failed:
        wishes.append(touched.last_failed(settings.history, profile.id))
    if asked.changed_since:
        ordered = preparation.in_profile_order(basis.inventory.sdks, profile)
        target = Target(
            units=tuple(_units(basis, files)),
            profile_id=profile.id,
            bases=profile.lineage,
            stack=profile.stack,
            inventory=basis.inventory,
            default_sdk=ordered[0].id if ordered else "",
            last_sdk_digests=touched.last_sdk_digests(settings.history, profile.id),
        )
        wishes.append(touched.changed(asked, root, tuple(basis.registry), target))
    return touched.united(wishes) if wishes else None


def _units(basis: Basis, files: Sequence[FeatureFile]) -> Iterator[Unit]:
    """Yield the units of all files; what is wrong with a file is told when it is planned."""
    planner = Planner(basis)
    for file in files:
        with suppress(SpecificationError):
            specs = tuple(reader.specs_of(reader.parse(file.path, file.text)))
            yield from planner.plan(specs).units


def _counted(fragments: Sequence[Fragment]) -> tuple[Count, dict[str, Count]]:
    total = Count()
    requirements: dict[str, Count] = {}
    for fragment in fragments:
        total.add(fragment.total)
        for name, count in fragment.requirements.items():
            requirements.setdefault(name, Count()).add(count)
    return total, dict(sorted(requirements.items()))


def _notes(
    configuration: Configuration, fragments: Sequence[Fragment], wanted: Wanted | None
) -> tuple[str, ...]:
    fitting = {index for fragment in fragments for index in fragment.waivers}
    return (
        *(note for fragment in fragments for note in fragment.notes),
        *preparation.waiver_notes(configuration, fitting),
        *(wanted.notes if wanted else ()),
    )


@contextmanager
def _without_collector() -> Iterator[None]:
    """Spare the garbage collector tens of thousands of values, none of which is in a circle."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
