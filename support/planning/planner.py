"""The planner: specs, profile and inventory in, ordered units out. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from support.foundation.errors import SpecificationError
from support.foundation.text import listed
from support.model.capability import Capability
from support.model.inventory import InstalledSdk, Inventory
from support.model.spec import Spec
from support.model.unit import RUN, Expectation, Unit
from support.model.variant import Variant
from support.profiles.catalog import Catalog
from support.profiles.profile import LACKING, MISSING, UNSUPPORTED, Profile
from support.profiles.variants import NotApplicable, source_capability, tagged, variants_of


@dataclass(frozen=True, slots=True)
class Plan:
    """The ordered units of a run and what they were planned on."""

    profile: Profile
    inventory: Inventory
    units: tuple[Unit, ...]


def plan(specs: Sequence[Spec], profile: Profile, catalog: Catalog, inventory: Inventory) -> Plan:
    """Plan every spec in every variant that the profile asks for.

    Raises:
        SpecificationError: a spec without requirement or capability, or with a capability that the
            catalog does not know.
    """
    problems = tuple(problem for spec in specs for problem in _tag_problems(spec, catalog))
    if problems:
        raise SpecificationError(tuple(dict.fromkeys(problems)))
    planner = _Planner(profile, catalog, inventory)
    return Plan(profile, inventory, tuple(u for spec in specs for u in planner.units(spec)))


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


@dataclass(frozen=True, slots=True)
class _Planner:
    profile: Profile
    catalog: Catalog
    inventory: Inventory

    def units(self, spec: Spec) -> Iterator[Unit]:
        variants = variants_of(spec, self.profile, self.catalog, self.inventory)
        if isinstance(variants, NotApplicable):
            yield Unit(spec, variants.variant, Expectation("not_applicable", variants.reason))
            return
        for variant in variants:
            yield Unit(spec, variant, self._expectation(spec, variant))

    def _expectation(self, spec: Spec, variant: Variant) -> Expectation:
        missing, installed = self._sdks(variant)
        unsupported: list[str] = []
        unknown: list[str] = []
        for sdk, feature in self._needed_features(variant, installed):
            answer = sdk.features.get(feature)
            if answer is None or answer.verdict == "unknown":
                why = answer.reason if answer else "it was not probed"
                unknown.append(f"{sdk.id} does not say whether it supports {feature}: {why}")
            elif answer.verdict == "no":
                unsupported.append(f"{sdk.language}:{feature}")
        wanted = [t.removeprefix("needs:") for t in spec.tags if t.startswith("needs:")]
        lacking = [name for name in wanted if name not in self.inventory.stack_features]
        facts = self._facts(variant) | {
            MISSING: missing,
            UNSUPPORTED: unsupported,
            LACKING: lacking,
        }
        for skip in self.profile.expected_skips:
            if skip.condition.holds(facts):
                return Expectation("skip", skip.reason)
        obstacles = [
            *(f"no {language} SDK is installed" for language in missing),
            *unknown,
            *("the {} SDK does not support {}".format(*name.split(":")) for name in unsupported),
            *(f"the stack has no {name}" for name in lacking),
        ]
        if obstacles:
            return Expectation(
                "error",
                f"{listed(obstacles)}, and profile {self.profile.id} declares no expected skip for "
                "that. Install what is missing, or declare the skip in its policies.yaml.",
            )
        return RUN

    def _sdks(self, variant: Variant) -> tuple[list[str], dict[str, InstalledSdk]]:
        missing: list[str] = []
        installed: dict[str, InstalledSdk] = {}
        for dimension in self.catalog.sdk_dimensions:
            value = variant.get(dimension)
            if value is None:
                continue
            sdk = self.inventory.find(value)
            if sdk is None:
                missing.append(value)
            else:
                installed[dimension] = sdk
        return list(dict.fromkeys(missing)), installed

    def _needed_features(
        self, variant: Variant, installed: dict[str, InstalledSdk]
    ) -> Iterator[tuple[InstalledSdk, str]]:
        for capability in variant:
            needs = self.catalog.needs.get(source_capability(capability, self.catalog), {})
            for dimension, features in needs.items():
                if dimension in installed:
                    yield from ((installed[dimension], feature) for feature in features)

    def _facts(self, variant: Variant) -> dict[str, list[str]]:
        facts: dict[str, list[str]] = {}
        for capability in variant:
            sdk = self.inventory.find(capability.value)
            source = source_capability(capability, self.catalog).dimension
            for name in dict.fromkeys((capability.dimension, source)):
                facts.setdefault(name, []).append(capability.value)
                if sdk is not None:
                    facts[name].append(sdk.language)
        return facts
