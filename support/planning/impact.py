"""From changed files to units: what has to run again, and why.

It errs on the side of running. A file that cannot be related to units selects all of them, and the
reason says so; a file that selects none is listed with why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from support.foundation.git import Changes
from support.model.inventory import Inventory
from support.model.unit import Unit
from support.planning import impact_files, impact_sdks, impact_steps
from support.planning.inputs import SDK_DIMENSIONS
from support.planning.project import Project


@dataclass(frozen=True, slots=True)
class Target:
    """The plan whose units a change may touch.

    Attributes:
        units: in the order of the plan.
        profile_id: id of the profile.
        bases: ids of the profiles that it extends, all of them.
        stack: name of the stack, such as `embedded` or `remote`.
        inventory: what is installed.
        default_sdk: id of the SDK that serves a dimension which a unit does not name; "" for none.
        last_sdk_digests: digests of the SDKs in each unit's last run, by unit id and SDK id.
    """

    units: tuple[Unit, ...]
    profile_id: str
    bases: tuple[str, ...] = ()
    stack: str = "embedded"
    inventory: Inventory = field(default_factory=Inventory)
    default_sdk: str = ""
    sdk_dimensions: tuple[str, ...] = SDK_DIMENSIONS
    last_sdk_digests: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Impact:
    """Which units a change touches.

    Attributes:
        title: what was compared, for people.
        everything: why all units are selected; empty when they are not.
        selected: the reasons of each selected unit, by unit id, in the order of the plan.
        touched: the reasons of each requirement that is touched, by its id.
        unrelated: why each changed file that selects nothing does so, by its path.
    """

    title: str
    everything: tuple[str, ...]
    selected: Mapping[str, tuple[str, ...]]
    touched: Mapping[str, tuple[str, ...]]
    unrelated: Mapping[str, str] = field(default_factory=dict)

    def reasons(self, unit: Unit | str) -> tuple[str, ...]:
        """Return why a unit is selected; empty when it is not."""
        return self.selected.get(unit if isinstance(unit, str) else unit.id, ())

    def requirements(self) -> Mapping[str, tuple[str, ...]]:
        """Return the requirements that are touched, sorted by id, each with the reasons."""
        return self.touched

    def merged(self, other: "Impact") -> "Impact":
        """Return the impact of both changes together."""
        return Impact(
            title=f"{self.title}; {other.title}",
            everything=_joined(self.everything, other.everything),
            selected=_united(self.selected, other.selected),
            touched=dict(sorted(_united(self.touched, other.touched).items())),
            unrelated={**self.unrelated, **other.unrelated},
        )

    def as_data(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {
            "title": self.title,
            "everything": list(self.everything),
            "units": {name: list(reasons) for name, reasons in self.selected.items()},
            "requirements": {name: list(reasons) for name, reasons in self.touched.items()},
            "unrelated": dict(self.unrelated),
        }


def impact(changes: Changes, project: Project, target: Target) -> Impact:
    """Return which units a change touches; pure, and no code of the project is imported."""
    findings = impact_files.findings(changes, project, target.profile_id, target.bases)
    impact_steps.follow(findings, project, target.units, target.stack)
    found = impact_sdks.by_unit(findings, target)
    title = f"the changes since {changes.reference} ({changes.commit[:12]})"
    return of_units(title, target.units, found, tuple(findings.everything), findings.unrelated)


def of_units(
    title: str,
    units: Iterable[Unit],
    reasons: Mapping[str, Iterable[str]],
    everything: tuple[str, ...] = (),
    unrelated: Mapping[str, str] | None = None,
) -> Impact:
    """Return an impact from the reasons of single units, and those that hold for all."""
    selected: dict[str, tuple[str, ...]] = {}
    touched: dict[str, tuple[str, ...]] = {}
    for unit in units:
        own = _joined(everything, reasons.get(unit.id, ()))
        if own:
            selected[unit.id] = own
            for requirement in unit.spec.requirement_ids:
                touched[requirement] = _joined(touched.get(requirement, ()), own)
    return Impact(title, everything, selected, dict(sorted(touched.items())), unrelated or {})


def _joined(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _united(
    first: Mapping[str, tuple[str, ...]], second: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    names = dict.fromkeys((*first, *second))
    return {name: _joined(first.get(name, ()), second.get(name, ())) for name in names}
