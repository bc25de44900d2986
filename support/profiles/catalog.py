"""The capability catalog: every dimension and value that a `@cap:dimension=value` tag may name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from support.foundation.documents import Document, Position, load_yaml
from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed
from support.model.capability import Capability
from support.profiles.constraints import (
    Constraint,
    Exclusion,
    Values,
    completion,
    culprits,
    exclusions_of,
)

ANY = "any"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension.

    Attributes:
        values: in the order of the catalog.
        source: the dimension it derives its values from, usually itself.
        default: the value that holds where neither scenario nor profile names one.
        titles: what people call each value.
    """

    name: str
    title: str
    values: tuple[str, ...]
    source: str
    default: str
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name for values of one or several dimensions, such as `ztdf-ecwrap`."""

    title: str
    meaning: tuple[Capability, ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """All dimensions, what goes together, and the SDK features that values need.

    Attributes:
        needs: SDK features by the dimension of the SDK, for each value that needs some.
        aliases: what each alias stands for.
    """

    dimensions: Mapping[str, Dimension]
    needs: Mapping[Capability, Mapping[str, tuple[str, ...]]]
    constraints: tuple[Constraint, ...] = ()
    aliases: Mapping[Capability, Alias] = field(default_factory=dict)

    def problem_with(self, capability: Capability) -> str:
        """Return what is wrong with a tagged capability, or an empty string."""
        dimension = self.dimensions.get(capability.dimension)
        if dimension is None:
            return (
                f'"{capability.dimension}" is not a dimension of the capability catalog.'
                f"{did_you_mean(capability.dimension, self.dimensions)} "
                f"Known: {listed(self.dimensions)}."
            )
        known = (ANY, *dimension.values, *self.aliases_of(dimension.name))
        language = capability.value.partition("-v")[0]  # an installed version, such as go-v0.36.0
        if capability.value in known or (self.is_sdk(dimension) and language in known):
            return ""
        return (
            f'"{capability.value}" is not a value of {capability.dimension}.'
            f"{did_you_mean(capability.value, known)} Known: {listed(known)}."
        )

    def meaning(self, capability: Capability) -> tuple[Capability, ...]:
        """Return what a capability stands for: itself, or what its alias means."""
        alias = self.aliases.get(capability)
        return alias.meaning if alias else (capability,)

    def aliases_of(self, dimension: str) -> tuple[str, ...]:
        """Return the aliases that stand among the values of a dimension."""
        return tuple(c.value for c in self.aliases if c.dimension == dimension)

    def is_sdk(self, dimension: Dimension) -> bool:
        """Whether the values of a dimension are SDKs."""
        return dimension.source == "sdk"

    @property
    def sdk_dimensions(self) -> tuple[str, ...]:
        """The dimensions whose values are SDKs, without `sdk` itself."""
        return tuple(d.name for d in self.dimensions.values() if self.is_sdk(d) and d.name != "sdk")

    @property
    def sdk_features(self) -> tuple[str, ...]:
        """Every SDK feature that some value needs: what has to be probed."""
        names = {n for needs in self.needs.values() for group in needs.values() for n in group}
        return tuple(sorted(names))

    @property
    def exclusions(self) -> tuple[Exclusion, ...]:
        """What all constraints exclude."""
        return tuple(e for constraint in self.constraints for e in constraint.exclusions)

    @property
    def domains(self) -> dict[str, tuple[str, ...]]:
        """All values of each dimension, the default first."""
        return {
            d.name: (d.default, *(v for v in d.values if v != d.default))
            for d in self.dimensions.values()
        }


def load(path: Path) -> Catalog:
    """Load the catalog.

    Raises:
        ConfigurationError: see `support.foundation.documents.load_yaml`; also a default, an alias
            or a constraint that names what is not there, and constraints under which a value could
            be in no variant at all.
    """
    document = load_yaml(path, "capability-catalog")
    raw = document.value["dimensions"]
    dimensions: dict[str, Dimension] = {}
    needs: dict[Capability, dict[str, tuple[str, ...]]] = {}
    for name, entry in raw.items():
        dimensions |= {d.name: d for d in _dimensions(document, name, entry)}
        for value, detail in entry["values"].items():
            if "needs" in detail:
                groups = {key: tuple(group) for key, group in detail["needs"].items()}
                needs[Capability(name, value)] = groups
    plain = Catalog(dimensions, needs)
    aliases: dict[Capability, Alias] = {}
    for name, entry in raw.items():
        for alias, detail in entry.get("aliases", {}).items():
            place = ("dimensions", name, "aliases", alias)
            aliases[Capability(name, alias)] = _alias(document, plain, place, detail)
    constraints = tuple(
        _constraint(document, plain, index, entry)
        for index, entry in enumerate(document.value.get("constraints", ()))
    )
    catalog = Catalog(dimensions, needs, constraints, aliases)
    _check_reachable(document, catalog)
    return catalog


def _dimensions(document: Document, name: str, entry: Mapping[str, Any]) -> list[Dimension]:
    """Return a dimension and those that derive from it."""
    values = tuple(entry["values"])
    default = entry.get("default", values[0])
    if default not in values:
        raise ConfigurationError(
            f'{document.where(("dimensions", name, "default"))}: the default "{default}" is not a '
            f"value of {name}.{did_you_mean(default, values)} Known: {listed(values)}."
        )
    titles = {value: detail["title"] for value, detail in entry["values"].items()}
    return [
        Dimension(derived, entry["title"], values, name, default, titles)
        for derived in (name, *entry.get("derives", ()))
    ]


def _alias(
    document: Document, catalog: Catalog, place: Position, detail: Mapping[str, Any]
) -> Alias:
    name, alias = str(place[1]), str(place[3])
    if alias in catalog.dimensions[name].values:
        raise ConfigurationError(
            f'{document.where(place)}: the alias "{alias}" is a value of {name} too. Rename one.'
        )
    meaning = tuple(Capability(d, v) for d, v in detail["means"].items())
    for capability in meaning:
        if problem := catalog.problem_with(capability):
            raise ConfigurationError(f"{document.where(place)}: the alias {alias}: {problem}")
    return Alias(detail["title"], meaning)


def _constraint(
    document: Document, catalog: Catalog, index: int, entry: Mapping[str, Any]
) -> Constraint:
    where = document.where(("constraints", index))

    def values(part: str) -> Values:
        return {
            dimension: frozenset(wanted if isinstance(wanted, list) else [wanted])
            for dimension, wanted in entry.get(part, {}).items()
        }

    parts = {part: values(part) for part in ("when", "require", "forbid")}
    for part, named in parts.items():
        for dimension, wanted in named.items():
            for value in sorted(wanted):
                if problem := catalog.problem_with(Capability(dimension, value)):
                    place = document.where(("constraints", index, part, dimension))
                    raise ConfigurationError(f'{place}: constraint "{entry["title"]}": {problem}')
    exclusions = exclusions_of(parts["when"], parts["require"], parts["forbid"], catalog.domains)
    derived = tuple(e for exclusion in exclusions for e in _derived(exclusion, catalog))
    return Constraint(entry["title"], entry["reason"], where, derived)


def _derived(exclusion: Exclusion, catalog: Catalog) -> Sequence[Exclusion]:
    """Return an exclusion for each dimension that derives from one it names, else itself."""
    choices = [
        [d.name for d in catalog.dimensions.values() if d.source == name and d.name != name]
        or [name]
        for name in exclusion
    ]
    return [dict(zip(names, exclusion.values(), strict=True)) for names in product(*choices)]


def _check_reachable(document: Document, catalog: Catalog) -> None:
    """Refuse constraints that leave a value without any variant.

    Raises:
        ConfigurationError: names the value, and the constraints that contradict each other.
    """
    exclusions, domains = catalog.exclusions, catalog.domains
    for dimension in {name: None for exclusion in exclusions for name in exclusion}:
        for value in domains[dimension]:
            fixed = {dimension: value}
            if completion(fixed, domains, exclusions) is None:
                guilty = culprits(fixed, domains, catalog.constraints)
                told = "; ".join(f'{c.where}: "{c.title}"' for c in guilty)
                raise ConfigurationError(
                    f"{document.path}: no variant can have {dimension}={value}: these constraints "
                    f"leave nothing to go with it: {told}. Mend one of them, or remove the value."
                )
