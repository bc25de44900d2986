"""What each feature file adds to a plan, as text that is ready to be written.

A file's part of a plan does not depend on the other files, so it can be made alone and kept.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from support.foundation.errors import SpecificationError
from support.model.spec import Spec
from support.model.unit import Disposition, Unit
from support.planning.planner import Basis, Plan, Planner
from support.planning.records import UnitTexts, as_json, left_out_record
from support.profiles.waivers import fitting
from support.specs import checks, reader, tags

DISPOSITIONS: tuple[Disposition, ...] = ("run", "error", "skip", "not_applicable")
BETWEEN = ",\n"

NO_SECONDS: Mapping[str, float] = {}


@dataclass(slots=True)
class Count:
    """What some specs add to a plan.

    Attributes:
        scenarios: specs with a unit.
        units: how many units by disposition.
        seconds: how long its units to run took before, as far as that is known.
        unmeasured: units to run that never ran before.
    """

    scenarios: int = 0
    units: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    unmeasured: int = 0

    @property
    def all_units(self) -> int:
        """How many units, whatever is expected of them."""
        return sum(self.units.values())

    def add(self, other: "Count") -> None:
        """Add what other specs add."""
        self.scenarios += other.scenarios
        self.seconds += other.seconds
        self.unmeasured += other.unmeasured
        for disposition, number in other.units.items():
            self.units[disposition] = self.units.get(disposition, 0) + number

    def add_unit(self, unit: Unit, seconds: float | None) -> None:
        """Add a unit; `seconds` is how long it took before."""
        disposition = unit.expectation.disposition
        self.units[disposition] = self.units.get(disposition, 0) + 1
        if disposition == "run":
            self.seconds += seconds or 0.0
            self.unmeasured += seconds is None


@dataclass(frozen=True, slots=True)
class Fragment:
    """What one feature file adds to a plan.

    Attributes:
        units: UTF-8 JSON of its units, one a line, commas between the lines.
        left_out: likewise of its specs that are left out.
        total: of all its specs.
        requirements: likewise by requirement.
        reasons: every reason for which a unit of a requirement is in, by requirement.
        notes: what people should know of it.
        waivers: by their position in the profile, the waivers that fit a spec of it.
    """

    units: bytes
    left_out: bytes
    total: Count
    requirements: Mapping[str, Count]
    reasons: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()
    waivers: tuple[int, ...] = ()

    @property
    def left_out_specs(self) -> int:
        """How many specs are left out."""
        return self.left_out.count(b"\n") + 1 if self.left_out else 0

    def facts(self) -> str:
        """Return everything but units and what is left out, as JSON."""
        return as_json(
            {
                "total": _as_data(self.total),
                "requirements": {name: _as_data(c) for name, c in self.requirements.items()},
                "reasons": self.reasons,
                "notes": self.notes,
                "waivers": self.waivers,
            }
        )

    @classmethod
    def of(cls, units: bytes, left_out: bytes, facts: str) -> "Fragment":
        """Return the fragment whose parts these are.

        Raises:
            ValueError, KeyError, TypeError: the facts are not what `facts` returned.
        """
        raw: Mapping[str, Any] = json.loads(facts)
        return cls(
            units,
            left_out,
            Count(*raw["total"]),
            {name: Count(*values) for name, values in raw["requirements"].items()},
            {name: tuple(reasons) for name, reasons in raw["reasons"].items()},
            tuple(raw["notes"]),
            tuple(raw["waivers"]),
        )


def records(parts: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the records of parts such as `Fragment.units`."""
    for part in parts:
        if part:
            yield from json.loads(b"[" + part + b"]")


class FragmentMaker:
    """Plans feature files one by one on the same basis."""

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._planner = Planner(basis)
        self._texts = UnitTexts()

    def make(self, path: str, text: str, seconds: Mapping[str, float] = NO_SECONDS) -> Fragment:
        """Plan one feature file.

        Args:
            path: the path that its units carry.
            text: its content.
            seconds: how long units took before, by unit id.

        Raises:
            SpecificationError: the file is wrong.
            ConfigurationError: the profile asks for more variants than can be meant.
        """
        document = reader.parse(path, text)
        specs = tuple(reader.specs_of(document))
        problems = [finding.text for finding in checks.findings_of(document, specs)]
        for spec in specs:
            problems += tags.problems_of(spec, self._basis.registry)
        if problems:
            raise SpecificationError(tuple(dict.fromkeys(problems)))
        return self._fragment(specs, self._planner.plan(specs), seconds)

    def _fragment(
        self, specs: Sequence[Spec], made: Plan, seconds: Mapping[str, float]
    ) -> Fragment:
        counts: dict[str, Count] = {}
        reasons: dict[str, dict[str, None]] = {}
        total = Count()
        for units in _by_spec(made.units):
            own = Count(scenarios=1)
            for unit in units:
                own.add_unit(unit, seconds.get(unit.id) if seconds else None)
            total.add(own)
            told = dict.fromkeys(reason for unit in units for reason in unit.reasons)
            for requirement in units[0].spec.requirement_ids:
                counts.setdefault(requirement, Count()).add(own)
                reasons.setdefault(requirement, {}).update(told)
        left_out = map(as_json, map(left_out_record, made.left_out))
        return Fragment(
            units=BETWEEN.join(self._texts.of(made.units, seconds)).encode(),
            left_out=BETWEEN.join(left_out).encode(),
            total=total,
            requirements=counts,
            reasons={name: tuple(told) for name, told in reasons.items()},
            notes=made.notes,
            waivers=tuple(fitting(self._basis.profile.waivers, specs)),
        )


def _by_spec(units: Sequence[Unit]) -> Iterator[list[Unit]]:
    """Yield the units of each spec, which stand together."""
    group: list[Unit] = []
    for unit in units:
        if group and group[0].spec is not unit.spec:
            yield group
            group = []
        group.append(unit)
    if group:
        yield group


def _as_data(count: Count) -> list[Any]:
    return [count.scenarios, count.units, count.seconds, count.unmeasured]
