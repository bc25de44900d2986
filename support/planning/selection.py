"""Selection: which specs and units of a profile are wanted, each with the reason."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Protocol

from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed
from support.model.spec import Spec
from support.model.unit import Unit
from support.planning.tag_expressions import Matches
from support.planning.tag_expressions import parse as parse_tags
from support.profiles.catalog import Catalog
from support.profiles.profile import SelectionRules
from support.specs.requirements import Requirement
from support.specs.tags import RISKS

SLOW = "slow"
"""The tag of scenarios that are left out unless somebody asks for them."""


class UnitReasons(Protocol):
    """Knows why a unit is wanted, such as an impact analysis or the last failures."""

    @property
    def title(self) -> str:
        """Completes "nothing of …" for what is left out."""
        ...

    def reasons(self, unit: Unit) -> tuple[str, ...]:
        """Return why a unit is wanted; nothing when it is not."""
        ...


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A spec that is not in the plan, and why."""

    spec: Spec
    reason: str


@dataclass(frozen=True, slots=True)
class Criteria:
    """What was asked for; a spec has to meet each criterion that is given.

    Attributes:
        tags: a tag expression.
        requirements: ids, one of which is enough; likewise the others.
        names: regular expressions looked for in the scenario's name, as behave's `--name`.
        capabilities: `dimension=value`, `*` standing for any text, that a unit's variant has.
        wanted: units are in for a reason that one of these gives.
        slow: whether scenarios that are tagged `@slow` are wanted, too.
        origin: who asks, such as `profile smoke`.
    """

    tags: str = ""
    requirements: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    wanted: tuple[UnitReasons, ...] = ()
    slow: bool = False
    origin: str = "the command line"

    @classmethod
    def of_profile(cls, rules: SelectionRules, profile_id: str) -> "Criteria":
        """Return what a profile asks for."""
        return cls(
            tags=rules.tags,
            requirements=rules.requirements,
            risks=rules.risks,
            slow=rules.slow,
            origin=f"profile {profile_id}",
        )

    @property
    def asks_for_slow(self) -> bool:
        """Whether slow scenarios are asked for, be it by naming their tag."""
        return self.slow or f"@{SLOW}" in self.tags


@dataclass(frozen=True, slots=True)
class Selector:
    """Criteria made ready to be asked."""

    criteria: Criteria
    registry: Mapping[str, Requirement]
    _matches: Matches = field(init=False)
    _names: tuple[re.Pattern[str], ...] = field(init=False)

    def __post_init__(self) -> None:
        """Compile what is written as text.

        Raises:
            ConfigurationError: a tag expression, a name or a risk that is none.
        """
        criteria = self.criteria
        object.__setattr__(self, "_matches", parse_tags(criteria.tags, criteria.origin))
        object.__setattr__(self, "_names", tuple(map(self._pattern, criteria.names)))

    def _pattern(self, text: str) -> re.Pattern[str]:
        try:
            return re.compile(text)
        except re.error as error:
            raise ConfigurationError(
                f'{self.criteria.origin}: the name "{text}" is not a regular expression ({error}). '
                "Put a backslash before characters such as ( and *."
            ) from None

    def why_not(self, spec: Spec) -> str:
        """Return why a spec is left out, or an empty string."""
        return next(self._refusals(spec), "")

    def _refusals(self, spec: Spec) -> Iterator[str]:
        criteria, origin = self.criteria, self.criteria.origin
        if criteria.tags and not self._matches(spec.tags):
            yield f"{origin} selects {criteria.tags}"
        if criteria.requirements and not set(criteria.requirements) & set(spec.requirement_ids):
            yield f"{origin} selects {listed(criteria.requirements)}"
        if criteria.risks and risk_of(spec, self.registry) not in criteria.risks:
            risk = risk_of(spec, self.registry)
            yield f"{origin} selects {'/'.join(criteria.risks)} risk, and this one is {risk}"
        if self._names and not any(pattern.search(spec.name) for pattern in self._names):
            yield f"{origin} selects names with {listed(criteria.names)}"

    def why(self, unit: Unit) -> tuple[str, ...] | None:
        """Return the reasons for which a unit of a selected spec is in; None when it is not."""
        criteria = self.criteria
        if not all(_has(unit, pattern) for pattern in criteria.capabilities):
            return None
        if not criteria.wanted:
            return self.merits
        reasons = tuple(r for wanted in criteria.wanted for r in wanted.reasons(unit))
        return reasons or None

    @property
    def looks_at_units(self) -> bool:
        """Whether a unit may be left out although its spec is selected."""
        return bool(self.criteria.capabilities or self.criteria.wanted)

    @property
    def merits(self) -> tuple[str, ...]:
        """The reasons for which whatever meets the criteria is in."""
        return tuple(self._merits())

    def _merits(self) -> Iterator[str]:
        criteria, origin = self.criteria, self.criteria.origin
        parts = (
            criteria.tags,
            listed(criteria.requirements) if criteria.requirements else "",
            f"{'/'.join(criteria.risks)} risk" if criteria.risks else "",
            f"names with {listed(criteria.names)}" if criteria.names else "",
            listed(criteria.capabilities) if criteria.capabilities else "",
        )
        for part in parts:
            if part:
                yield f"{origin} selects {part}"

    @property
    def leaves_out_units(self) -> str:
        """Say why a spec has no unit left, when `why` refused all of them."""
        criteria = self.criteria
        if criteria.wanted:
            return f"nothing of {listed(wanted.title for wanted in criteria.wanted)} reaches it"
        return f"{criteria.origin} selects {listed(criteria.capabilities)}"


def check(criteria: Criteria, catalog: Catalog, registry: Mapping[str, Requirement]) -> None:
    """Refuse criteria that name what is not there: they would select nothing, in silence.

    Raises:
        ConfigurationError: an unknown dimension, requirement or risk.
    """
    for text in criteria.capabilities:
        name, separator, _ = text.partition("=")
        if not separator or name not in catalog.dimensions:
            raise _unknown(criteria, text, "a capability dimension=value", catalog.dimensions)
    for requirement in criteria.requirements:
        if requirement not in registry:
            raise _unknown(criteria, requirement, "a requirement of the registry", registry)
    for risk in criteria.risks:
        if risk not in RISKS:
            raise _unknown(criteria, risk, "a risk", dict.fromkeys(RISKS))


def _unknown(
    criteria: Criteria, seen: str, what: str, known: Mapping[str, object]
) -> ConfigurationError:
    hint = did_you_mean(seen.partition("=")[0], known)
    return ConfigurationError(
        f'{criteria.origin}: "{seen}" is not {what}.{hint} Known: {listed(known)}.'
    )


def risk_of(spec: Spec, registry: Mapping[str, Requirement]) -> str:
    """Return a spec's risk: its nearest `@risk:` tag, else the highest of its requirements."""
    tagged = [tag.removeprefix("risk:") for tag in spec.tags if tag.startswith("risk:")]
    if tagged:
        return tagged[-1]
    risks = {registry[name].risk for name in spec.requirement_ids if name in registry}
    return next((risk for risk in RISKS if risk in risks), "medium")


def _has(unit: Unit, pattern: str) -> bool:
    dimension, _, wanted = pattern.partition("=")
    value = unit.variant.get(dimension)
    if value is None:
        return False
    return fnmatchcase(value, wanted) or fnmatchcase(value.partition("-v")[0], wanted)
