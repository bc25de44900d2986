"""Which requirements rest on which part of an outside product, and what a change there touches."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from support.foundation.documents import Document, load_yaml
from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed
from support.model.unit import Unit
from support.planning.impact import Impact, of_units
from support.planning.inputs import SDK_DIMENSIONS

ALL = "all"
SCHEMA = "product-map"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a product.

    Attributes:
        requirements: ids; None for all.
        sdk: the language of the SDK that units must run to be touched; empty for any unit.
    """

    paths: tuple[str, ...]
    modules: tuple[str, ...]
    requirements: frozenset[str] | None
    sdk: str
    reason: str

    def fits(self, name: str) -> bool:
        """Tell whether a changed path, or the name of a changed module, belongs to this part."""
        return any(_pattern(glob).fullmatch(name) for glob in self.paths) or any(
            name == module or name.startswith((f"{module}/", f"{module}."))
            for module in self.modules
        )

    def touches(self, unit: Unit) -> bool:
        """Tell whether a change of this part may touch a unit."""
        wanted = self.requirements
        if wanted is not None and wanted.isdisjoint(unit.spec.requirement_ids):
            return False
        values = [unit.variant.get(dimension) for dimension in SDK_DIMENSIONS]
        return not self.sdk or any(
            value is None or value == self.sdk or value.startswith(f"{self.sdk}-")
            for value in values  # a dimension that is not named may be served by any SDK
        )


@dataclass(frozen=True, slots=True)
class Product:
    """An outside product and its parts."""

    name: str
    title: str
    parts: tuple[Part, ...]


def load(path: Path, known_requirements: Collection[str]) -> Mapping[str, Product]:
    """Load a product map; products by their name.

    Raises:
        ConfigurationError: see `support.foundation.documents.load_yaml`; also a requirement that
            the registry does not have.
    """
    document = load_yaml(path, SCHEMA)
    return {
        name: Product(
            name,
            entry["title"],
            tuple(
                _part(document, (name, index), known_requirements)
                for index in range(len(entry["parts"]))
            ),
        )
        for name, entry in document.value["products"].items()
    }


def impact_of_product(
    name: str,
    changed: Iterable[str],
    product_map: Mapping[str, Product],
    units: Sequence[Unit],
) -> Impact:
    """Return which units a change of an outside product touches.

    Args:
        name: the product.
        changed: paths that changed in its repository, or names of modules.
        product_map: see `load`.
        units: the planned units.

    Raises:
        ConfigurationError: the map has no such product.
    """
    product = product_map.get(name)
    if product is None:
        raise ConfigurationError(
            f'There is no product "{name}" in the product map.{did_you_mean(name, product_map)} '
            f"Known: {listed(product_map)}."
        )
    everything: list[str] = []
    unrelated: dict[str, str] = {}
    reasons: dict[str, list[str]] = {}
    for path in changed:
        parts = [part for part in product.parts if part.fits(path)]
        if not parts:
            everything.append(f"{name}: {path} changed, and no part of the product map names it")
        touched = dict(_touched(parts, units))
        if parts and not touched:
            unrelated[f"{name}: {path}"] = listed(dict.fromkeys(part.reason for part in parts))
        for unit_id, reason in touched.items():
            reasons.setdefault(unit_id, []).append(f"{name}: {path} changed: {reason}")
    title = f"the changes of {product.title}"
    return of_units(title, units, reasons, tuple(everything), unrelated)


def _touched(parts: Sequence[Part], units: Sequence[Unit]) -> Iterator[tuple[str, str]]:
    """Yield each unit that a part touches, with the reason of the first such part."""
    for unit in units:
        reason = next((part.reason for part in parts if part.touches(unit)), None)
        if reason is not None:
            yield unit.id, reason


def _part(document: Document, place: tuple[str, int], known: Collection[str]) -> Part:
    name, index = place
    raw: Mapping[str, Any] = document.value["products"][name]["parts"][index]
    wanted = raw["requirements"]
    for position, requirement in enumerate(() if wanted == ALL else wanted):
        if requirement not in known:
            where = document.where(("products", name, "parts", index, "requirements", position))
            raise ConfigurationError(
                f"{where}: {requirement} is not in the requirement registry."
                f"{did_you_mean(requirement, known)} Correct the id, or register it."
            )
    return Part(
        paths=tuple(raw.get("paths", ())),
        modules=tuple(raw.get("modules", ())),
        requirements=None if wanted == ALL else frozenset(wanted),
        sdk=raw.get("sdk", ""),
        reason=raw["reason"],
    )


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    """Return a glob as a pattern: `**` crosses folders, `*` and `?` do not."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    found = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    return re.compile("".join(parts.get(part, re.escape(part)) for part in found))
