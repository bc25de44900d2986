"""Advice about a profile: what loads without complaint and still is not what somebody meant."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Literal

from support.foundation.documents import Position
from support.foundation.errors import ConfigurationError
from support.foundation.text import listed
from support.model.capability import Answer, Capability
from support.model.inventory import InstalledSdk, Inventory
from support.model.spec import Spec
from support.model.variant import Variant
from support.planning.planner import Basis, Plan, Planner
from support.profiles.catalog import Catalog
from support.profiles.conditions import Condition, Facts
from support.profiles.constraints import completion, culprits
from support.profiles.judge import Judge
from support.profiles.profile import LACKING, MISSING, UNSUPPORTED, Profile, SelectionRules
from support.profiles.variants import VariantChooser, Variants
from support.profiles.waivers import fits_spec

REASONS_TOLD = 3
_VERSION = re.compile(r"[a-z]+-v[\w.-]+")
OWN = "profile"  # the kind of origin of what a profile says itself


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to look at; an error makes `acceptance profile check` red.

    Attributes:
        where: file and line.
    """

    severity: Literal["error", "warning"]
    where: str
    message: str


def ideal_inventory(
    catalog: Catalog, profile: Profile, stack_features: tuple[str, ...] = ()
) -> Inventory:
    """Return a machine that has every SDK that is listed, each of which can do everything."""
    features = dict.fromkeys(catalog.sdk_features, Answer("yes"))
    languages = catalog.dimensions["sdk"].values if "sdk" in catalog.dimensions else ()
    listed_values = (
        profile.capabilities.get(name, ()) for name in ("sdk", *catalog.sdk_dimensions)
    )
    versions = {value for values in listed_values for value in values} - set(languages)
    ids = (*(f"{language}-v0" for language in languages), *sorted(versions))
    return Inventory(
        tuple(
            InstalledSdk(name, _language(name), name.partition("-")[2], "imagined", features)
            for name in ids
        ),
        stack_features,
    )


def advice(basis: Basis, specs: Sequence[Spec], *, shipped: bool) -> tuple[Advice, ...]:
    """Return what is to be said of a profile, errors first.

    Args:
        basis: the profile and what belongs to it. Of its inventory, only what the stack serves
            matters, so that the advice is the same whatever SDKs a machine has.
        specs: the shipped ones.
        shipped: whether the profile is one of ours, whose waivers have to be complete.

    Raises:
        ConfigurationError: the profile's tag expression cannot be read, or it asks for more
            combinations than are planned.
        SpecificationError: a spec is tagged wrongly.
    """
    ideal = ideal_inventory(basis.catalog, basis.profile, basis.inventory.stack_features)
    made = Planner(replace(basis, inventory=ideal)).plan(specs)
    found = (
        *_nothing_to_run(made),
        *_impossible_units(made),
        *_waivers(basis.profile, specs, basis.today, shipped=shipped),
        *_unreachable_values(basis.profile, basis.catalog),
        *_unused_roles(made),
        *_silent_skips(basis, made),
        *(Advice("warning", *_placed(note)) for note in made.notes),
    )
    return tuple(sorted(found, key=lambda entry: entry.severity))


def _placed(note: str) -> tuple[str, str]:
    where, _, message = note.partition(": ")
    return where, message


def _needs(spec: Spec) -> Iterator[str]:
    return (tag.removeprefix("needs:") for tag in spec.tags if tag.startswith("needs:"))


def _is_own(profile: Profile, position: Position) -> bool:
    """Whether a value is the profile's own; what its base is told need not be told again."""
    origin = profile.merged.origins.get(position)
    return origin is not None and origin.kind == OWN


def _nothing_to_run(made: Plan) -> Iterator[Advice]:
    if any(unit.expectation.disposition == "run" for unit in made.units):
        return
    reasons = Counter(
        (
            *(left.reason for left in made.left_out),
            *(unit.expectation.reason for unit in made.units),
        )
    )
    told = [f"{reason} ({count}x)" for reason, count in reasons.most_common(REASONS_TOLD)]
    where = made.profile.merged.where(("config", "selection"))
    yield Advice(
        "error",
        where,
        "the profile runs nothing, even where every SDK is installed and can do everything. "
        f"Most often: {listed(told)}. Select more, or list more values.",
    )


def _impossible_units(made: Plan) -> Iterator[Advice]:
    """Yield, once for each reason, that units cannot run although nobody declared a skip."""
    expected = [u.expectation for u in made.units if u.expectation.disposition == "error"]
    where = made.profile.merged.where(("capabilities",))
    for reason, count in Counter(entry.reason for entry in expected).most_common():
        yield Advice("error", where, f"{count} units cannot run, wherever that is: {reason}")


def _waivers(
    profile: Profile, specs: Sequence[Spec], today: date, *, shipped: bool
) -> Iterator[Advice]:
    strict: Literal["error", "warning"] = "error" if shipped else "warning"
    for waiver in profile.waivers:
        missing = [
            name
            for name, value in (
                ("owner", waiver.owner),
                ("issue", waiver.issue),
                ("end date (expires)", waiver.expires),
            )
            if not value
        ]
        if missing:
            message = f"the waiver has no {listed(missing)}. Say who ends it, and until when."
            yield Advice(strict, waiver.where, message)
        if not waiver.holds_on(today):
            message = f"the waiver ended on {waiver.expires}. Mend what it excused, or decide anew."
            yield Advice(strict, waiver.where, message)
        if not any(fits_spec(waiver, spec) for spec in specs):
            wanted = waiver.test or waiver.requirement
            message = f'the waiver fits no scenario: none is called "{wanted}". Correct or drop it.'
            yield Advice("warning", waiver.where, message)


def _unreachable_values(profile: Profile, catalog: Catalog) -> Iterator[Advice]:
    domains = {
        name: profile.capabilities.get(name)
        or profile.capabilities.get(dimension.source)
        or (dimension.default, *dimension.values)
        for name, dimension in catalog.dimensions.items()
    }
    for name, values in profile.capabilities.items():
        for value in values:
            fixed = {name: value.partition("-v")[0]}
            if completion(fixed, domains, catalog.exclusions) is None:
                guilty = culprits(fixed, domains, catalog.constraints)
                titles = listed(f'"{constraint.title}"' for constraint in guilty)
                where = profile.merged.where(("capabilities", name))
                yield Advice(
                    "warning",
                    where,
                    f"no variant can have {name}={value}: nothing else in the profile goes with it "
                    f"({titles}). Add such a value, or leave this one out.",
                )


def _unused_roles(made: Plan) -> Iterator[Advice]:
    texts = [
        step.text.lower()
        for unit in made.units
        if unit.expectation.disposition == "run"
        for step in unit.spec.steps
    ]
    words = {word.strip("\"',.") for text in texts for word in text.split()}
    for role in made.profile.roles:
        at = ("config", "roles", role.name)
        if role.name.lower() not in words and _is_own(made.profile, at):
            where = made.profile.merged.where(at)
            yield Advice(
                "warning",
                where,
                f'no scenario of the profile speaks of "{role.name}". Name the role in one, or '
                "leave it out.",
            )


def _silent_skips(basis: Basis, made: Plan) -> Iterator[Advice]:
    """Yield the expected skips whose condition no unit fulfils on any machine."""
    specs = [*dict.fromkeys(unit.spec for unit in made.units)]
    situations = list(_situations(basis, specs))
    merged = basis.profile.merged
    for index, skip in enumerate(basis.profile.expected_skips):
        if not _is_own(basis.profile, ("policies", "expected_skips", index)):
            continue
        if not any(_fires(skip.condition, variant, extra) for variant, extra in situations):
            yield Advice(
                "warning",
                merged.where(("policies", "expected_skips", index)),
                f'no unit can be skipped by "{skip.condition.text}": no scenario of the profile '
                "meets it, whatever is installed. Correct the condition, or drop it.",
            )


_Situation = tuple[Facts, tuple[tuple[str, tuple[str, ...]], ...]]


def _situations(basis: Basis, specs: Sequence[Spec]) -> Iterator[_Situation]:
    """Yield what conditions may see: each variant's values, and what could be amiss with it."""
    catalog = basis.catalog
    everything = replace(
        basis.profile, expected_skips=(), selection=SelectionRules(strategy="exhaustive")
    )
    judge = Judge(everything, catalog, ideal_inventory(catalog, basis.profile))
    chooser = VariantChooser(judge)
    versions = _versions_named(basis.profile)
    seen: set[tuple[Variant, tuple[str, ...]]] = set()
    for spec in specs:
        variants = _variants(chooser, spec)
        needs = tuple(_needs(spec))
        for variant in variants:
            if (variant, needs) not in seen:
                seen.add((variant, needs))
                facts = _facts(variant, catalog, versions)
                amiss = (
                    (MISSING, tuple(map(_language, facts.get("sdk", ())))),
                    (UNSUPPORTED, tuple(_needed(variant, catalog))),
                    (LACKING, needs),
                )
                yield facts, amiss


def _variants(chooser: VariantChooser, spec: Spec) -> Sequence[Variant]:
    try:
        variants = chooser.variants(spec)
    except ConfigurationError:  # too many to look at each: what the profile plans has to do
        return ()
    return variants.chosen if isinstance(variants, Variants) else ()


def _versions_named(profile: Profile) -> set[str]:
    """Return the installed versions that conditions speak of, which nobody else lists."""
    return {v for skip in profile.expected_skips for v in _VERSION.findall(skip.condition.text)}


def _facts(variant: Variant, catalog: Catalog, versions: set[str]) -> dict[str, list[str]]:
    facts: dict[str, list[str]] = {}
    for capability in variant:
        dimension = catalog.dimensions[capability.dimension]
        values = [capability.value]
        if catalog.is_sdk(dimension):
            language = _language(capability.value)
            values += [language, *(v for v in versions if _language(v) == language)]
        for name in dict.fromkeys((dimension.name, dimension.source)):
            facts.setdefault(name, []).extend(values)
    return facts


def _language(sdk: str) -> str:
    return sdk.partition("-v")[0]


def _needed(variant: Variant, catalog: Catalog) -> Iterator[str]:
    for capability in variant:
        source = catalog.dimensions[capability.dimension].source
        needs = catalog.needs.get(Capability(source, capability.value), {})
        for dimension, features in needs.items():
            sdk = variant.get(dimension)
            if sdk is not None:
                yield from (f"{_language(sdk)}:{feature}" for feature in features)


def _fires(
    condition: Condition, facts: Facts, amiss: Sequence[tuple[str, tuple[str, ...]]]
) -> bool:
    """Whether a condition holds when nothing, one thing or everything of each kind is amiss."""
    looked_at = [(name, values) for name, values in amiss if name in condition.names]
    options = [[(), *((value,) for value in values), values] for _, values in looked_at]
    names = [name for name, _ in looked_at]
    return any(
        condition.holds({**facts, **dict(zip(names, chosen, strict=True))})
        for chosen in product(*options)
    )
