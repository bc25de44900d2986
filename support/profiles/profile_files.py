"""The three files of a profile, merged over those of the profiles that it extends.

Of each value it is known where it came from. A profile's own value replaces its base's, key by key;
waivers and expected skips are added to the base's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.foundation.documents import Document, Position, load_yaml
from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed

FILES = ("capabilities", "config", "policies")
_ADDED_UP = {("policies", "waivers"), ("policies", "expected_skips")}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from.

    Attributes:
        kind: `default`, `profile`, `base profile <id>`, `environment` or `--define`.
        place: file and line, or the name of the setting; empty for a default.
    """

    kind: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.kind} ({self.place})" if self.place else self.kind


DEFAULT = Origin("default")


@dataclass(frozen=True, slots=True)
class Merged:
    """A profile's values, `{"capabilities": …, "config": …, "policies": …}`, with their origins.

    Attributes:
        lineage: the profile's id, then its base's, and so on.
        files: every file that was read.
    """

    lineage: tuple[str, ...]
    files: tuple[Path, ...]
    value: dict[str, Any] = field(default_factory=dict)
    origins: dict[Position, Origin] = field(default_factory=dict)

    def where(self, position: Position) -> str:
        """Return file and line of the nearest known value at or above a position."""
        while position and position not in self.origins:
            position = position[:-1]
        origin = self.origins.get(position)
        return origin.place if origin and origin.place else f"profile {self.lineage[0]}"


def available(folder: Path) -> tuple[str, ...]:
    """Return the ids of the profiles in a folder, sorted."""
    names = {path.parent.name for file in FILES for path in folder.glob(f"*/{file}.yaml")}
    return tuple(sorted(names))


def require(folder: Path, profile_id: str, asked_by: str = "") -> None:
    """Make sure that a profile stands in a folder.

    Args:
        folder: holds one folder per profile.
        profile_id: which one.
        asked_by: file and line of the value that names it, if one does.

    Raises:
        ConfigurationError: there is no such profile.
    """
    known = available(folder)
    if profile_id not in known:
        prefix = f"{asked_by}: " if asked_by else ""
        raise ConfigurationError(
            f'{prefix}There is no profile "{profile_id}".{did_you_mean(profile_id, known)} '
            f"Known profiles: {listed(known)}. Choose one with --define profile=…"
        )


def read(folder: Path, profile_id: str) -> Merged:
    """Read a profile and the profiles that it extends.

    Raises:
        ConfigurationError: no such profile, a file that is missing or breaks its schema, or
            profiles that extend each other in a circle.
    """
    layers = _layers(folder, profile_id)
    merged = Merged(
        tuple(name for name, _ in layers),
        tuple(document.path for _, documents in layers for document in documents),
    )
    for name, documents in reversed(layers):
        kind = "profile" if name == profile_id else f"base profile {name}"
        for document in documents:
            _merge(merged, document, kind)
    return merged


def _layers(folder: Path, profile_id: str) -> list[tuple[str, list[Document]]]:
    layers: list[tuple[str, list[Document]]] = []
    wanted: str | None = profile_id
    asked_by = ""
    while wanted is not None:
        seen = [name for name, _ in layers]
        if wanted in seen:
            circle = " extends ".join([*seen[seen.index(wanted) :], wanted])
            raise ConfigurationError(
                f"{asked_by}: profiles extend each other in a circle: {circle}. Remove one of "
                "these `extends`."
            )
        require(folder, wanted, asked_by)
        documents = _documents(folder / wanted)
        layers.append((wanted, documents))
        config = next((d for d in documents if d.path.stem == "config"), None)
        wanted = config.value["config"].get("extends") if config else None
        asked_by = config.where(("config", "extends")) if config else ""
    return layers


def _documents(folder: Path) -> list[Document]:
    """Read a profile's files; one that extends another may leave out all but config.yaml."""
    config = load_yaml(folder / "config.yaml", "profile-config")
    extends = "extends" in config.value["config"]
    documents = [config]
    for name in FILES:
        path = folder / f"{name}.yaml"
        if name != "config" and (path.exists() or not extends):
            documents.append(load_yaml(path, f"profile-{name}"))
    return documents


def _merge(merged: Merged, document: Document, kind: str) -> None:
    def put(target: dict[str, Any], source: Mapping[str, Any], position: Position) -> None:
        for key, value in source.items():
            at = (*position, key)
            if isinstance(value, dict):
                put(target.setdefault(key, {}), value, at)
                merged.origins[at] = Origin(kind, document.where(at))
            elif at in _ADDED_UP:
                existing = target.setdefault(key, [])
                for index, item in enumerate(value):
                    place = document.where((*at, index))
                    merged.origins[*at, len(existing)] = Origin(kind, place)
                    existing.append(item)
            else:
                replaced = target.get(key)
                for index in range(len(replaced) if isinstance(replaced, list) else 0):
                    del merged.origins[*at, index]  # a base's list may be longer
                target[key] = value
                merged.origins[at] = Origin(kind, document.where(at))
                for index in range(len(value) if isinstance(value, list) else 0):
                    merged.origins[*at, index] = Origin(kind, document.where((*at, index)))

    put(merged.value, document.value, ())
