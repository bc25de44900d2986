"""The capability catalog: every dimension and value that a `@cap:dimension=value` tag may name."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.foundation.documents import load_yaml
from support.foundation.text import did_you_mean, listed
from support.model.capability import Capability

ANY = "any"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension. `source` is the dimension it derives its values from, usually itself."""

    name: str
    title: str
    values: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """All dimensions, and the SDK features that a value needs by the dimension of the SDK."""

    dimensions: Mapping[str, Dimension]
    needs: Mapping[Capability, Mapping[str, tuple[str, ...]]]

    def problem_with(self, capability: Capability) -> str:
        """Return what is wrong with a tagged capability, or an empty string."""
        dimension = self.dimensions.get(capability.dimension)
        if dimension is None:
            return (
                f'"{capability.dimension}" is not a dimension of the capability catalog.'
                f"{did_you_mean(capability.dimension, self.dimensions)} "
                f"Known: {listed(self.dimensions)}."
            )
        known = (ANY, *dimension.values)
        language = capability.value.partition("-v")[0]  # an installed version, such as go-v0.36.0
        if capability.value in known or (self.is_sdk(dimension) and language in known):
            return ""
        return (
            f'"{capability.value}" is not a value of {capability.dimension}.'
            f"{did_you_mean(capability.value, known)} Known: {listed(known)}."
        )

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


def load(path: Path) -> Catalog:
    """Load the catalog.

    Raises:
        ConfigurationError: see `support.foundation.documents.load_yaml`.
    """
    raw = load_yaml(path, "capability-catalog").value["dimensions"]
    dimensions: dict[str, Dimension] = {}
    needs: dict[Capability, dict[str, tuple[str, ...]]] = {}
    for name, entry in raw.items():
        values = tuple(entry["values"])
        for derived in (name, *entry.get("derives", ())):
            dimensions[derived] = Dimension(derived, entry["title"], values, name)
        for value, detail in entry["values"].items():
            if "needs" in detail:
                groups = {key: tuple(group) for key, group in detail["needs"].items()}
                needs[Capability(name, value)] = groups
    return Catalog(dimensions, needs)
