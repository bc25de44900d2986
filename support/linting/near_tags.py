"""What a wrong tag was meant to be."""

import difflib
import re
from collections.abc import Iterable

from support.profiles.catalog import ANY, Catalog
from support.specs.tags import FLAGS, RISKS

_LIKE_ANOTHER = 0.8
_SEPARATORS = re.compile(r"[^a-z0-9.]+")


class NearTags:
    """The tags that exist, to tell slips from names of somebody's own."""

    def __init__(self, requirements: Iterable[str], catalog: Catalog) -> None:
        capabilities = (
            f"cap:{dimension.name}={value}"
            for dimension in catalog.dimensions.values()
            for value in (ANY, *dimension.values, *catalog.aliases_of(dimension.name))
        )
        risks = (f"risk:{risk}" for risk in RISKS)
        known = (*FLAGS, *risks, *(f"req:{name}" for name in requirements), *capabilities)
        self.known = frozenset(known)
        self._plain: dict[str, list[str]] = {}
        for tag in known:
            self._plain.setdefault(_plain(tag), []).append(tag)
        self._meant: dict[str, str] = {}

    def certain(self, tag: str) -> str:
        """Return the one known tag that differs in case and separators only, or nothing."""
        found = self._plain.get(_plain(tag), [])
        return found[0] if len(found) == 1 and found[0] != tag else ""

    def nearest(self, tag: str) -> str:
        """Return the known tag that a tag is most like, or nothing if it is like none."""
        if tag not in self._meant:
            match = [] if tag in self.known else self._close(tag)
            self._meant[tag] = match[0] if match else ""
        return self._meant[tag]

    def _close(self, tag: str) -> list[str]:
        found = difflib.get_close_matches(_plain(tag), self._plain, n=1, cutoff=_LIKE_ANOTHER)
        return self._plain[found[0]] if found else []


def _plain(tag: str) -> str:
    return _SEPARATORS.sub("-", tag.lower()).strip("-")
