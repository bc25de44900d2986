"""From the `@cap:` tags of a spec to its variants, by what the profile allows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from support.foundation.text import listed
from support.model.capability import Capability
from support.model.inventory import Inventory
from support.model.spec import Spec
from support.model.variant import Variant
from support.profiles.catalog import ANY, Catalog
from support.profiles.constraints import Exclusion, completion, culprits, violated
from support.profiles.judge import Judge
from support.profiles.profile import Profile
from support.profiles.strategies import Chosen, choose

Tagged = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The profile lacks a value that the spec pins."""

    variant: Variant
    reason: str


@dataclass(frozen=True, slots=True)
class Variants:
    """The variants of a spec.

    Attributes:
        dropped: how many `max_variants` took away.
        uncovered: pairs of values that are in no variant because of that.
        unreachable: values that the catalog's constraints leave out in this profile.
    """

    chosen: tuple[Variant, ...]
    dropped: int = 0
    uncovered: tuple[tuple[Capability, Capability], ...] = ()
    unreachable: tuple[Capability, ...] = ()

    def __iter__(self) -> Iterator[Variant]:
        return iter(self.chosen)


def tagged(spec: Spec) -> dict[str, tuple[str, ...]]:
    """Return the values tagged for each dimension, dimensions in order of first appearance.

    A tag nearer to the scenario replaces `any` given further out, so that a scenario may pin what
    its feature varies; several pinned values of one dimension are a set.
    """
    return _gathered(
        Capability(*tag.removeprefix("cap:").split("=", 1))
        for tag in spec.tags
        if tag.startswith("cap:") and "=" in tag
    )


def variants_of(
    spec: Spec, profile: Profile, catalog: Catalog, inventory: Inventory
) -> Variants | NotApplicable:
    """Return the variants of one spec; see `VariantChooser`."""
    return VariantChooser(Judge(profile, catalog, inventory)).variants(spec)


@dataclass(frozen=True, slots=True)
class VariantChooser:
    """Chooses variants by the profile's strategy, and remembers them by what a spec names.

    An SDK language stands for each of its installed versions. One that is not installed appears
    once per dimension, beside the first value of the others: enough to show what is missing, where
    every combination would bury what ran.
    """

    judge: Judge
    _known: dict[tuple[tuple[str, tuple[str, ...]], ...], Variants | NotApplicable] = field(
        default_factory=dict
    )

    def variants(self, spec: Spec) -> Variants | NotApplicable:
        """Return the variants of a spec."""
        catalog = self.judge.catalog
        raw = tagged(spec)
        key = tuple(raw.items())
        if key not in self._known:
            named = _gathered(
                part
                for dimension, values in raw.items()
                for value in values
                for part in catalog.meaning(Capability(dimension, value))
            )
            self._known[key] = self._chosen(named)
        return self._known[key]

    def _chosen(self, named: Tagged) -> Variants | NotApplicable:
        choices: dict[str, tuple[str, ...]] = {}
        missing: dict[str, tuple[str, ...]] = {}
        for dimension, wanted in named.items():
            allowed = _allowed(dimension, self.judge.profile, self.judge.catalog)
            if wanted == (ANY,):
                values = allowed
            else:
                values = tuple(v for v in wanted if v in allowed or _language(v) in allowed)
            if not values:
                return self._not_applicable(
                    named, f"has no {dimension}={'+'.join(wanted)} (it has {listed(allowed)})"
                )
            if dimension in self.judge.catalog.sdk_dimensions:
                missing[dimension] = tuple(v for v in values if not self._versions(v))
                values = tuple(sdk for v in values for sdk in self._versions(v))
            choices[dimension] = values
        return self._combined(named, choices, missing)

    def _combined(
        self, named: Tagged, choices: dict[str, tuple[str, ...]], missing: Tagged
    ) -> Variants | NotApplicable:
        excluded = self._impossible(choices)
        found = choose(
            choices, excluded, tuple(self.judge.not_runnable(choices)), self.judge.profile
        )
        incomplete = tuple(_incomplete(choices, missing, excluded))
        if not found.rows and not incomplete:
            guilty = self._guilty(choices)
            return self._not_applicable(named, f"has no values that go together: {guilty}")
        rows = (*found.rows, *incomplete)
        chosen = tuple(Variant.of(dict(zip(choices, row, strict=True))) for row in rows)
        return Variants(chosen, found.dropped, found.uncovered, _unreachable(choices, found))

    def _not_applicable(self, named: Tagged, why: str) -> NotApplicable:
        pinned = Variant.of({d: "+".join(v) for d, v in named.items()})
        return NotApplicable(pinned, f"profile {self.judge.profile.id} {why}")

    def _versions(self, value: str) -> tuple[str, ...]:
        """Return the installed SDKs that a value stands for: a language, or one version of it."""
        inventory = self.judge.inventory
        if inventory.find(value) is not None:
            return (value,)
        return tuple(sdk.id for sdk in inventory.versions_of(value))

    def _impossible(self, choices: Mapping[str, Sequence[str]]) -> tuple[Exclusion, ...]:
        """Return what the catalog's constraints exclude among the values of a spec.

        A dimension that the spec does not name takes the first value of the profile that goes
        with the others; what no such value goes with is excluded.
        """
        found: list[Exclusion] = []
        open_ones: list[Exclusion] = []
        for exclusion in self.judge.catalog.exclusions:
            if all(dimension in choices for dimension in exclusion):
                found.append(_by_version(exclusion, choices))
            else:
                open_ones.append(exclusion)
        involved = [d for d in choices if any(d in exclusion for exclusion in open_ones)]
        if not involved:
            return tuple(found)
        domains = self._unnamed(choices)
        for values in product(*(choices[dimension] for dimension in involved)):
            fixed = dict(zip(involved, map(_language, values), strict=True))
            if completion(fixed, domains, open_ones) is None:
                found.append({d: frozenset({v}) for d, v in zip(involved, values, strict=True)})
        return tuple(found)

    def _unnamed(self, choices: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        catalog, profile = self.judge.catalog, self.judge.profile
        return {
            dimension: tuple(map(_language, _allowed(dimension, profile, catalog))) or values
            for dimension, values in catalog.domains.items()
            if dimension not in choices
        }

    def _guilty(self, choices: Mapping[str, Sequence[str]]) -> str:
        """Return the titles of constraints that leave no variant."""
        domains = self._unnamed(choices) | {
            dimension: tuple(map(_language, values)) for dimension, values in choices.items()
        }
        return listed(f'"{c.title}"' for c in culprits({}, domains, self.judge.catalog.constraints))


def _gathered(capabilities: Iterator[Capability]) -> dict[str, tuple[str, ...]]:
    result: dict[str, tuple[str, ...]] = {}
    for capability in capabilities:
        value = capability.value
        seen = result.get(capability.dimension, ())
        before = tuple(v for v in seen if ANY not in (v, value) and v != value)
        result[capability.dimension] = (*before, value)
    return result


def _allowed(dimension: str, profile: Profile, catalog: Catalog) -> tuple[str, ...]:
    if dimension in profile.capabilities:
        return profile.capabilities[dimension]
    known = catalog.dimensions.get(dimension)
    return profile.capabilities.get(known.source, ()) if known else ()


def _language(value: str) -> str:
    return value.partition("-v")[0]


def _by_version(exclusion: Exclusion, choices: Mapping[str, Sequence[str]]) -> Exclusion:
    """Return an exclusion of languages as one of the installed versions of them."""
    return {
        dimension: frozenset(
            value for value in choices[dimension] if {value, _language(value)} & values
        )
        for dimension, values in exclusion.items()
    }


def _unreachable(choices: Mapping[str, Sequence[str]], found: Chosen) -> tuple[Capability, ...]:
    """Return values that are in no row, though nothing was dropped: constraints left them out."""
    if found.dropped:
        return ()
    return tuple(
        Capability(dimension, value)
        for index, (dimension, values) in enumerate(choices.items())
        for value in values
        if all(row[index] != value for row in found.rows)
    )


def _incomplete(
    choices: Mapping[str, tuple[str, ...]],
    missing: Mapping[str, tuple[str, ...]],
    excluded: Sequence[Exclusion],
) -> Iterator[tuple[str, ...]]:
    """Yield one row for each SDK that is missing in each role."""
    domains = {d: values or missing.get(d, ())[:1] for d, values in choices.items()}
    yielded: list[tuple[str, ...]] = []
    for dimension, values in missing.items():
        for value in values:
            fixed = {**domains, dimension: (value,)}
            rows = product(*fixed.values())
            row = next((r for r in rows if _legal(r, fixed, excluded)), None)
            if row is not None and row not in yielded:
                yielded.append(row)
                yield row


def _legal(row: tuple[str, ...], choices: Tagged, excluded: Sequence[Exclusion]) -> bool:
    assignment = dict(zip(choices, row, strict=True))
    return not any(violated(exclusion, assignment) for exclusion in excluded)
