"""What is proved of each requirement, by ours and by peers, and what is not: gaps are shown."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from support.model.spec import Spec
from support.model.unit import Unit
from support.specs.peers import Peer, PeerCase
from support.specs.requirements import Requirement


@dataclass(frozen=True, slots=True)
class Coverage:
    """One requirement and what proves it.

    Attributes:
        scenarios: names of our scenarios by the feature file they stand in; outlines count once.
        examples: scenarios and example rows, each of which a product owner wrote down.
        units: how many units a profile plans, by what is expected of them; empty if none was asked.
        peers: the cases of peers that are about it.
    """

    requirement: Requirement
    scenarios: Mapping[str, tuple[str, ...]]
    examples: int
    units: Mapping[str, int]
    peers: tuple[PeerCase, ...]

    @property
    def count(self) -> int:
        """How many scenarios there are."""
        return sum(map(len, self.scenarios.values()))

    @property
    def gap(self) -> str:
        """What is missing, in words; empty if nothing is."""
        if not self.scenarios:
            return "no scenario of ours"
        if self.units and not self.units.get("run"):
            return "no unit can run here"
        missing = sum(not case.proved_by for case in self.peers)
        return f"{missing} of peers not proved by ours" if missing else ""


def of_requirements(
    registry: Iterable[Requirement],
    specs: Sequence[Spec],
    peers: Sequence[Peer],
    units: Sequence[Unit] = (),
) -> tuple[Coverage, ...]:
    """Return the coverage of every requirement, in the registry's order.

    Args:
        registry: the requirements.
        specs: all scenarios and example rows.
        peers: what peers prove.
        units: those that a profile plans, if one was asked.
    """
    return tuple(
        _coverage(
            requirement,
            [spec for spec in specs if requirement.id in spec.requirement_ids],
            [case for peer in peers for case in peer.cases if case.requirement == requirement.id],
            [unit for unit in units if requirement.id in unit.spec.requirement_ids],
        )
        for requirement in registry
    )


def _coverage(
    requirement: Requirement,
    specs: Sequence[Spec],
    cases: Sequence[PeerCase],
    units: Sequence[Unit],
) -> Coverage:
    scenarios: dict[str, dict[str, None]] = {}
    for spec in specs:
        scenarios.setdefault(spec.feature_path, {})[_scenario(spec)] = None
    return Coverage(
        requirement,
        {path: tuple(names) for path, names in scenarios.items()},
        len(specs),
        dict(Counter(unit.expectation.disposition for unit in units)),
        tuple(cases),
    )


def _scenario(spec: Spec) -> str:
    """Return the part of a spec's id that all rows of an outline share."""
    return spec.id.removeprefix(f"{spec.feature_path}:").partition(":")[0]
