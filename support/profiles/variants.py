"""From the `@cap:` tags of a spec to its variants, by what the profile allows."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from support.foundation.text import listed
from support.model.capability import Capability
from support.model.inventory import Inventory
from support.model.spec import Spec
from support.model.variant import Variant
from support.profiles.catalog import ANY, Catalog
from support.profiles.profile import Profile


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The profile lacks a value that the spec pins."""

    variant: Variant
    reason: str


def tagged(spec: Spec) -> dict[str, tuple[str, ...]]:
    """Return the values tagged for each dimension, dimensions in order of first appearance.

    A tag nearer to the scenario replaces `any` given further out, so that a scenario may pin what
    its feature varies; several pinned values of one dimension are a set.
    """
    result: dict[str, tuple[str, ...]] = {}
    for tag in spec.tags:
        if tag.startswith("cap:"):
            dimension, _, value = tag.removeprefix("cap:").partition("=")
            before = tuple(v for v in result.get(dimension, ()) if ANY not in (v, value))
            result[dimension] = (*before, value)
    return result


def variants_of(
    spec: Spec, profile: Profile, catalog: Catalog, inventory: Inventory
) -> tuple[Variant, ...] | NotApplicable:
    """Return every combination of the values that the spec names and the profile allows.

    An SDK language stands for each of its installed versions. One that is not installed appears
    once per dimension, beside the first value of the others: enough to show what is missing, where
    every combination would bury what ran.
    """
    choices: dict[str, tuple[str, ...]] = {}
    missing: dict[str, tuple[str, ...]] = {}
    named = tagged(spec)
    for dimension, wanted in named.items():
        allowed = _allowed(dimension, profile, catalog)
        if wanted == (ANY,):
            values = allowed
        else:
            values = tuple(v for v in wanted if v in allowed or _language(v) in allowed)
        if not values:
            pinned = Variant.of({d: "+".join(v) for d, v in named.items()})
            return NotApplicable(
                pinned,
                f"profile {profile.id} has no {dimension}={'+'.join(wanted)} "
                f"(it has {listed(allowed)})",
            )
        if dimension in catalog.sdk_dimensions:
            missing[dimension] = tuple(v for v in values if not _versions(v, inventory))
            values = tuple(sdk for v in values for sdk in _versions(v, inventory))
        choices[dimension] = values
    complete = itertools.product(*choices.values())
    present = [dict(zip(choices, combination, strict=True)) for combination in complete]
    return tuple(map(Variant.of, (*present, *_incomplete(choices, missing))))


def source_capability(capability: Capability, catalog: Catalog) -> Capability:
    """Return the capability as the catalog lists it: under the dimension it derives from."""
    dimension = catalog.dimensions.get(capability.dimension)
    return Capability(dimension.source, capability.value) if dimension else capability


def _allowed(dimension: str, profile: Profile, catalog: Catalog) -> tuple[str, ...]:
    if dimension in profile.capabilities:
        return profile.capabilities[dimension]
    known = catalog.dimensions.get(dimension)
    return profile.capabilities.get(known.source, ()) if known else ()


def _language(value: str) -> str:
    return value.partition("-v")[0]


def _versions(value: str, inventory: Inventory) -> tuple[str, ...]:
    """Return the installed SDKs that a value stands for: a language, or one version of it."""
    if inventory.find(value) is not None:
        return (value,)
    return tuple(sdk.id for sdk in inventory.versions_of(value))


def _incomplete(
    choices: Mapping[str, tuple[str, ...]], missing: Mapping[str, tuple[str, ...]]
) -> Iterator[dict[str, str]]:
    """Yield one assignment for each SDK that is missing in each role."""
    first = {
        dimension: (values or missing.get(dimension, ()))[0]
        for dimension, values in choices.items()
    }
    yielded: list[dict[str, str]] = []
    for dimension, values in missing.items():
        for value in values:
            assignment = {**first, dimension: value}
            if assignment not in yielded:
                yielded.append(assignment)
                yield assignment
