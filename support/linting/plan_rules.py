"""The rules about planning: values that exclude each other, and scenarios that nothing can run."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from support.foundation.errors import ConfigurationError
from support.foundation.text import listed
from support.linting.feature import Element, FeatureFile, Scenario
from support.linting.project import Project
from support.model.capability import Answer, Capability
from support.model.inventory import InstalledSdk, Inventory
from support.model.spec import Spec
from support.planning.selection import Criteria, Selector
from support.profiles.catalog import ANY, Catalog
from support.profiles.constraints import Constraint, completion, culprits
from support.profiles.judge import Judge
from support.profiles.profile import Profile
from support.profiles.variants import NotApplicable, VariantChooser, tagged
from support.specs.finding import Finding, Node, at_node


class _Candidate(NamedTuple):
    """A profile that may run a scenario: what it selects, and in which variants."""

    chooser: VariantChooser
    selector: Selector


class PlanRules:
    """Judges scenarios by their capabilities, each set of capabilities once."""

    def __init__(self, project: Project) -> None:
        self._catalog = project.catalog
        inventory = everything(project.catalog)
        self._candidates = [
            _Candidate(VariantChooser(Judge(profile, project.catalog, inventory)), selector)
            for profile in project.profiles
            if (selector := selector_of(profile, project)) is not None
        ]
        self._contradiction = lru_cache(maxsize=None)(self._contradicting)
        self._obstacle = lru_cache(maxsize=None)(self._obstructed)

    def check(self, file: FeatureFile) -> Iterator[Finding]:
        """Yield the findings about the scenarios of a feature."""
        for scenario in file.scenarios:
            found = list(self._contradictions(file.path, scenario))
            yield from found or self._unplannable(file.path, scenario)

    def _contradictions(self, path: str, scenario: Scenario) -> Iterator[Finding]:
        for holder in scenario.holders:
            titles, dimensions = self._contradiction(_capabilities(holder))
            if titles:
                tag = _last(holder, dimensions) or scenario.node
                told = f"its values do not go together: {titles}. Change one of them"
                name = scenario.node["name"]
                yield at_node("tag-contradiction", path, tag, f'"{name}": {told}.')

    def _contradicting(self, tags: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """Return the titles of constraints that capabilities break, and their dimensions."""
        catalog = self._catalog
        wanted = tagged(_spec(tuple(map(self._any_version, tags))))
        meant = [
            part
            for dimension, values in wanted.items()
            for value in values
            for part in catalog.meaning(Capability(dimension, value))
            if part.value != ANY
        ]
        domains: dict[str, Sequence[str]] = dict(catalog.domains)
        for part in meant:
            if part.dimension not in domains or part.value not in domains[part.dimension]:
                return "", ()  # told as an unknown capability
        for dimension in {part.dimension for part in meant}:
            domains[dimension] = tuple(p.value for p in meant if p.dimension == dimension)
        guilty = _culprits(domains, catalog)
        dimensions = tuple(d for c in guilty for e in c.exclusions for d in e)
        return listed(f'"{c.title}" ({c.reason})' for c in guilty) if guilty else "", dimensions

    def _unplannable(self, path: str, scenario: Scenario) -> Iterator[Finding]:
        holders = scenario.holders
        named = [tag for holder in holders for tag in _capabilities(holder)]
        if not self._candidates or not named or any(map(self._unknown, named)):
            return  # nothing to judge by, or told already
        reasons = {self._obstacle(tuple(map(_name, holder.tags))) for holder in holders}
        if all(reasons):
            name = scenario.node["name"]
            message = f'no shipped profile can run "{name}": {"; ".join(sorted(reasons))}.'
            yield at_node("scenario-unplannable", path, scenario.node, message)

    def _obstructed(self, tags: tuple[str, ...]) -> str:
        """Return why no profile runs a spec with these tags, or nothing."""
        spec = _spec(tuple(map(self._any_version, tags)))
        reasons: list[str] = []
        for chooser, selector in self._candidates:
            if reason := selector.why_not(spec) or _why_not(chooser, spec):
                reasons.append(reason)
            else:
                return ""
        return "; ".join(reasons)

    def _any_version(self, tag: str) -> str:
        """Return a tag without the version of an SDK: which ones exist is the machine's matter."""
        dimension = self._catalog.dimensions.get(tag.removeprefix("cap:").partition("=")[0])
        versioned = dimension is not None and self._catalog.is_sdk(dimension)
        return tag.partition("-v")[0] if versioned else tag

    def _unknown(self, tag: str) -> bool:
        capability = Capability(*tag.removeprefix("cap:").split("=", 1))
        return bool(self._catalog.problem_with(capability))


def selector_of(profile: Profile, project: Project) -> Selector | None:
    """Return what a profile selects, or None when that cannot be read."""
    try:
        return Selector(Criteria.of_profile(profile.selection, profile.id), project.requirements)
    except ConfigurationError:
        return None


def _why_not(chooser: VariantChooser, spec: Spec) -> str:
    """Return why a profile runs no variant of a spec, or nothing."""
    variants = chooser.variants(spec)
    if isinstance(variants, NotApplicable):
        return variants.reason
    reasons: dict[str, None] = {}
    for variant in variants:
        expected = chooser.judge.expectation(variant, ())
        if expected.disposition == "run":
            return ""
        reasons[expected.reason] = None
    return f"profile {chooser.judge.profile.id} skips it: {listed(reasons)}"


def everything(catalog: Catalog) -> Inventory:
    """Return a machine on which every SDK of a catalog is installed and can do everything."""
    languages = catalog.dimensions["sdk"].values if "sdk" in catalog.dimensions else ()
    features = dict.fromkeys(catalog.sdk_features, Answer("yes", "for the sake of the question"))
    return Inventory(
        tuple(
            InstalledSdk(f"{language}-v0", language, "v0", "", features) for language in languages
        )
    )


def _culprits(domains: dict[str, Sequence[str]], catalog: Catalog) -> tuple[Constraint, ...]:
    """Return the constraints that leave nothing of the domains; none when something is left."""
    exclusions = catalog.exclusions
    if completion({}, domains, exclusions) is not None:
        return ()
    return culprits({}, domains, catalog.constraints)


def _capabilities(holder: Element) -> tuple[str, ...]:
    names = map(_name, holder.tags)
    return tuple(name for name in names if name.startswith("cap:") and "=" in name)


def _name(tag: Node) -> str:
    return str(tag["name"]).removeprefix("@")


def _last(holder: Element, dimensions: Sequence[str]) -> Node | None:
    """Return the innermost tag that names one of the dimensions."""
    for tag in reversed(holder.tags):
        dimension = str(tag["name"]).removeprefix("@cap:").partition("=")[0]
        if dimension in dimensions:
            return tag
    return None


def _spec(tags: tuple[str, ...]) -> Spec:
    return Spec(
        id="", feature_path="", feature_name="", rule_name="", name="", line=1, tags=tags, steps=()
    )
