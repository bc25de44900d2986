"""The rules about planning: values that exclude each other, and scenarios that nothing can run."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from support.foundation.text import listed
from support.linting.feature import Element, FeatureFile, Scenario
from support.linting.project import Project
from support.model.capability import Answer, Capability
from support.model.inventory import InstalledSdk, Inventory
from support.model.spec import Spec
from support.profiles.catalog import ANY, Catalog
from support.profiles.constraints import Constraint, completion, culprits
from support.profiles.judge import Judge
from support.profiles.variants import NotApplicable, VariantChooser, tagged
from support.specs.finding import Finding, Node, at_node


class PlanRules:
    """Judges scenarios by their capabilities, each set of capabilities once."""

    def __init__(self, project: Project) -> None:
        self._catalog = project.catalog
        inventory = everything(project.catalog)
        self._choosers = [
            VariantChooser(Judge(profile, project.catalog, inventory))
            for profile in project.profiles
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
        wanted = tagged(_spec(tags))
        meant = [
            part
            for dimension, values in wanted.items()
            for value in values
            for part in catalog.meaning(Capability(dimension, value.partition("-v")[0]))
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
        named = [_capabilities(holder) for holder in scenario.holders]
        if not self._choosers or any(self._unknown(tag) for tags in named for tag in tags):
            return
        reasons = {self._obstacle(tags) for tags in named}
        if all(reasons):
            name = scenario.node["name"]
            message = f'no shipped profile can run "{name}": {"; ".join(sorted(reasons))}.'
            yield at_node("scenario-unplannable", path, scenario.node, message)

    def _any_version(self, tag: str) -> str:
        """Return a tag without the version of an SDK: which ones exist is the machine's matter."""
        dimension = self._catalog.dimensions[tag.removeprefix("cap:").partition("=")[0]]
        return tag.partition("-v")[0] if self._catalog.is_sdk(dimension) else tag

    def _unknown(self, tag: str) -> bool:
        capability = Capability(*tag.removeprefix("cap:").split("=", 1))
        return bool(self._catalog.problem_with(capability))

    def _obstructed(self, tags: tuple[str, ...]) -> str:
        """Return why no profile runs a spec with these capabilities, or nothing."""
        reasons: list[str] = []
        spec = _spec(tuple(map(self._any_version, tags)))
        for chooser in self._choosers:
            variants = chooser.variants(spec)
            if isinstance(variants, NotApplicable):
                reasons.append(variants.reason)
                continue
            expected = [chooser.judge.expectation(variant, ()) for variant in variants]
            if any(e.disposition == "run" for e in expected):
                return ""
            profile = chooser.judge.profile.id
            reasons.append(f"profile {profile} skips it: {listed({e.reason for e in expected})}")
        return "; ".join(reasons)


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
    names = (str(tag["name"]).removeprefix("@") for tag in holder.tags)
    return tuple(name for name in names if name.startswith("cap:") and "=" in name)


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
