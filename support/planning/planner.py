"""The planner: specs, profile and inventory in, ordered units out. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from support.foundation.errors import SpecificationError
from support.foundation.text import listed
from support.model.capability import Capability
from support.model.inventory import Inventory
from support.model.severity import FailureClass, Severity
from support.model.spec import Spec
from support.model.unit import Expectation, Unit
from support.model.variant import Variant
from support.planning.selection import SLOW, Criteria, LeftOut, Selector, risk_of
from support.profiles.catalog import Catalog
from support.profiles.judge import Judge
from support.profiles.profile import Profile
from support.profiles.variants import NotApplicable, VariantChooser, Variants, tagged
from support.profiles.waivers import waiver_for
from support.specs.requirements import Requirement

PAIRS_TOLD = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """The ordered units of a run, and what they were planned on.

    Attributes:
        left_out: specs that are not selected, each with the reason.
        notes: what people should know of the plan, such as variants that were dropped.
    """

    profile: Profile
    inventory: Inventory
    units: tuple[Unit, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Basis:
    """Everything beside the specs that decides what a plan is.

    Attributes:
        criteria: each has to be met, the profile's own and what the user asks for.
        registry: requirements by id.
        today: decides which waivers have ended.
    """

    profile: Profile
    catalog: Catalog
    inventory: Inventory
    registry: Mapping[str, Requirement] = field(default_factory=dict)
    criteria: tuple[Criteria, ...] = ()
    today: date = field(default_factory=lambda: datetime.now(UTC).date())


def plan(specs: Sequence[Spec], basis: Basis) -> Plan:
    """Plan every selected spec in every variant that the profile asks for.

    Raises:
        SpecificationError: a spec without requirement or capability, or with a capability that the
            catalog does not know.
        ConfigurationError: the criteria cannot be read.
    """
    return Planner(basis).plan(specs)


class Planner:
    """Plans specs on one basis; what one spec is planned as does not depend on the others."""

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._judge = Judge(basis.profile, basis.catalog, basis.inventory)
        self._chooser = VariantChooser(self._judge)
        profile = basis.profile
        own = Criteria.of_profile(profile.selection, profile.id)
        criteria = (own, *basis.criteria)
        self._selectors = [Selector(c, basis.registry) for c in criteria]
        self._slow = any(each.asks_for_slow for each in criteria)
        differ = any(selector.looks_at_units for selector in self._selectors)
        self._of_all = () if differ else self._told(s.merits for s in self._selectors)

    def plan(self, specs: Sequence[Spec]) -> Plan:
        """Plan specs, for example those of one feature file.

        Raises:
            SpecificationError: see `plan`.
        """
        problems = tuple(p for spec in specs for p in _tag_problems(spec, self._basis.catalog))
        if problems:
            raise SpecificationError(tuple(dict.fromkeys(problems)))
        units: list[Unit] = []
        left_out: list[LeftOut] = []
        notes: list[str] = []
        for spec in specs:
            reason = next(filter(None, (s.why_not(spec) for s in self._selectors)), "")
            if not self._slow and SLOW in spec.tags:
                reason = reason or f"profile {self._basis.profile.id} leaves out what is @{SLOW}"
            if reason:
                left_out.append(LeftOut(spec, reason))
                continue
            variants = self._chooser.variants(spec)
            planned = list(self._units(spec, variants))
            if planned and isinstance(variants, Variants):
                notes.extend(_notes(spec, variants))
            elif not planned:
                left_out.append(LeftOut(spec, self._no_unit()))
            units.extend(planned)
        basis = self._basis
        return Plan(basis.profile, basis.inventory, tuple(units), tuple(left_out), tuple(notes))

    def _units(self, spec: Spec, variants: Variants | NotApplicable) -> Iterator[Unit]:
        basis = self._basis
        severity = severity_of(spec, basis.profile, basis.registry)
        for variant, expectation in self._expected(spec, variants):
            told = self._of_all or self._reasons(spec, variant)
            if told:
                waiver = waiver_for(spec, variant, basis.profile.waivers, basis.today)
                yield Unit(spec, variant, expectation, told, severity, waiver)

    def _expected(
        self, spec: Spec, variants: Variants | NotApplicable
    ) -> Iterator[tuple[Variant, Expectation]]:
        if isinstance(variants, NotApplicable):
            yield variants.variant, Expectation("not_applicable", variants.reason)
            return
        wanted = [t.removeprefix("needs:") for t in spec.tags if t.startswith("needs:")]
        features = self._basis.inventory.stack_features
        lacking = tuple(name for name in wanted if name not in features)
        for variant in variants:
            yield variant, self._judge.expectation(variant, lacking)

    def _reasons(self, spec: Spec, variant: Variant) -> tuple[str, ...]:
        """Return the reasons for which a unit is in; nothing when it is not."""
        unit = Unit(spec, variant)
        given: list[tuple[str, ...]] = []
        for selector in self._selectors:
            reasons = selector.why(unit)
            if reasons is None:
                return ()
            given.append(reasons)
        return self._told(given)

    def _told(self, given: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
        told = tuple(dict.fromkeys(reason for reasons in given for reason in reasons))
        return told or (f"profile {self._basis.profile.id} selects all",)

    def _no_unit(self) -> str:
        asking = [s for s in self._selectors if s.criteria.wanted or s.criteria.capabilities]
        return listed(selector.leaves_out_units for selector in asking)


def severity_of(spec: Spec, profile: Profile, registry: Mapping[str, Requirement]) -> Severity:
    """Return how urgent a failure of a spec is: by the class of failure, else by its risk."""
    classes = [FailureClass(registry[r].failure) for r in spec.requirement_ids if r in registry]
    given = [profile.severities[c] for c in classes if c in profile.severities]
    if given:
        return min(given, key=lambda severity: severity.rank)
    return Severity(risk_of(spec, registry))


def _notes(spec: Spec, variants: Variants) -> Iterator[str]:
    at = f"{spec.feature_path}:{spec.line}"
    if variants.dropped:
        kept = len(variants.chosen)
        pairs = [f"{one} with {other}" for one, other in variants.uncovered]
        more = f" and {len(pairs) - PAIRS_TOLD} more" if len(pairs) > PAIRS_TOLD else ""
        yield (
            f"{at}: max_variants keeps {kept} of {kept + variants.dropped} variants; "
            f"uncovered: {listed(pairs[:PAIRS_TOLD])}{more}"
        )
    if variants.unreachable:
        yield (
            f"{at}: no variant has {listed(map(str, variants.unreachable))}: the catalog's "
            "constraints leave nothing in this profile to go with it"
        )


def _tag_problems(spec: Spec, catalog: Catalog) -> Iterator[str]:
    at = f"{spec.feature_path}:{spec.line}"
    if not spec.requirement_ids:
        yield f'{at}: "{spec.name}" names no requirement. Tag it @req:BR-nnn.'
    named = tagged(spec)
    if not named:
        yield f'{at}: "{spec.name}" names no capability. Tag it @cap:dimension=value.'
    for dimension, values in named.items():
        for value in values:
            if problem := catalog.problem_with(Capability(dimension, value)):
                yield f"{at}: tag @cap:{dimension}={value}: {problem}"
