"""A variant: one assignment of values to the dimensions that vary or are pinned."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from support.model.capability import Capability


@dataclass(frozen=True, slots=True)
class Variant:
    """An assignment of one value to each dimension a scenario names, in a stable order."""

    capabilities: tuple[Capability, ...] = ()

    @classmethod
    def of(cls, assignment: Mapping[str, str]) -> "Variant":
        """Build a variant from `{dimension: value}`, keeping the mapping's order."""
        return cls(tuple(Capability(name, value) for name, value in assignment.items()))

    @property
    def id(self) -> str:
        """The text that names this variant in unit ids and paths; `default` when nothing varies."""
        return ",".join(map(str, self.capabilities)) or "default"

    def get(self, dimension: str) -> str | None:
        """Return the value assigned to `dimension`, or None when the variant does not name it."""
        return next((c.value for c in self.capabilities if c.dimension == dimension), None)

    def __iter__(self) -> Iterator[Capability]:
        return iter(self.capabilities)
