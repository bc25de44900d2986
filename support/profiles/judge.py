"""What a profile expects of a variant on a machine: run, a declared skip, or an error."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from support.foundation.text import listed
from support.model.capability import Capability
from support.model.inventory import InstalledSdk, Inventory
from support.model.unit import RUN, Expectation
from support.model.variant import Variant
from support.profiles.catalog import Catalog
from support.profiles.conditions import Condition, Facts
from support.profiles.constraints import Exclusion
from support.profiles.profile import LACKING, MISSING, UNSUPPORTED, Profile

Choices = Mapping[str, Sequence[str]]
"""The values that each dimension of a spec may take."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Knows the profile, the catalog and the machine."""

    profile: Profile
    catalog: Catalog
    inventory: Inventory
    _known: dict[tuple[Variant, tuple[str, ...]], Expectation] = field(default_factory=dict)

    def expectation(self, variant: Variant, lacking: tuple[str, ...]) -> Expectation:
        """Return what is expected of a variant; `lacking` is what the stack should have, too."""
        key = (variant, lacking)
        if key not in self._known:
            self._known[key] = self._judged(variant, lacking)
        return self._known[key]

    def not_runnable(self, choices: Choices) -> Iterator[Exclusion]:
        """Yield every combination of values that no unit could run with on this machine.

        Coverage must not rely on such a combination: the other values of its row would be
        proved by nobody.
        """
        for dimension, values in choices.items():
            for value in values:
                sdk = self.inventory.find(value)
                if dimension in self.catalog.sdk_dimensions and sdk is not None:
                    yield from self._beyond(dimension, sdk, choices)
        for skip in self.profile.expected_skips:
            yield from self._skipped(skip.condition, choices)

    def _beyond(self, dimension: str, sdk: InstalledSdk, choices: Choices) -> Iterator[Exclusion]:
        """Yield the values that an SDK does not support, each beside the SDK."""
        for other, values in choices.items():
            for value in values:
                needs = self.catalog.needs.get(self._source(Capability(other, value)), {})
                for feature in needs.get(dimension, ()):
                    answer = sdk.features.get(feature)
                    if answer is None or answer.verdict != "yes":
                        yield {other: frozenset({value}), dimension: frozenset({sdk.id})}

    def _skipped(self, condition: Condition, choices: Choices) -> Iterator[Exclusion]:
        """Yield what a declared skip takes away though nothing is missing or unsupported."""
        looked_at = [
            name
            for name in choices
            if {name, self._source(Capability(name, "")).dimension} & condition.names
        ]
        for values in product(*(choices[name] for name in looked_at)):
            assignment = dict(zip(looked_at, values, strict=True))
            if condition.holds(self._facts(Variant.of(assignment))):
                yield {name: frozenset({value}) for name, value in assignment.items()}

    def _judged(self, variant: Variant, lacking: tuple[str, ...]) -> Expectation:
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
        facts = {
            **self._facts(variant),
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
        if not obstacles:
            return RUN
        return Expectation(
            "error",
            f"{listed(obstacles)}, and profile {self.profile.id} declares no expected skip for "
            "that. Install what is missing, or declare the skip in its policies.yaml.",
        )

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
            needs = self.catalog.needs.get(self._source(capability), {})
            for dimension, features in needs.items():
                if dimension in installed:
                    yield from ((installed[dimension], feature) for feature in features)

    def _facts(self, variant: Variant) -> Facts:
        facts: dict[str, list[str]] = {}
        for capability in variant:
            sdk = self.inventory.find(capability.value)
            for name in dict.fromkeys((capability.dimension, self._source(capability).dimension)):
                facts.setdefault(name, []).append(capability.value)
                if sdk is not None:
                    facts[name].append(sdk.language)
        return facts

    def _source(self, capability: Capability) -> Capability:
        """Return the capability as the catalog lists it: under the dimension it derives from."""
        dimension = self.catalog.dimensions.get(capability.dimension)
        return Capability(dimension.source, capability.value) if dimension else capability
