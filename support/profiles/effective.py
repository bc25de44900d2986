"""The effective values of a profile, each with its origin: what `acceptance profile show` tells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from support.foundation.documents import Position, validator
from support.foundation.settings import ROOT, Settings
from support.profiles.profile import Profile
from support.profiles.profile_files import DEFAULT, Origin

NOT_SAID: Mapping[Position, str] = {
    ("config", "description"): "none",
    ("config", "roles"): "nobody",
    ("config", "selection", "max_variants"): "no limit",
    ("config", "selection", "tags"): "all",
    ("config", "selection", "slow"): "no",
    ("config", "selection", "risk"): "all",
    ("config", "selection", "requirements"): "all",
    ("config", "timeouts", "step"): "no limit",
    ("config", "timeouts", "test"): "no limit",
    ("config", "timeouts", "suite"): "no limit",
    ("config", "services", "platform_url"): "of the stack",
    ("config", "services", "kas_url"): "of the stack",
    ("config", "services", "token_endpoint"): "of the stack",
    ("config", "determinism", "base_time"): "the real time",
    ("policies", "waivers"): "none",
    ("policies", "expected_skips"): "none",
}
"""What holds where neither a profile nor a default of ours has a value."""

BY_RISK = "as urgent as the requirement's risk"
_OF_THE_FILE = ("config", "extends")  # said by the lineage
_SERVICES = ("config", "services")


@dataclass(frozen=True, slots=True)
class EffectiveValue:
    """One value.

    Attributes:
        name: where it stands, such as `config.selection.strategy`.
        value: as the files have it; None where nothing is said.
        meaning: what that comes to where nothing is said; empty where there is a value.
    """

    name: str
    value: object
    origin: Origin
    meaning: str = ""

    @property
    def text(self) -> str:
        """The value as people read it."""
        return self.meaning or _text(self.value)

    @property
    def place(self) -> str:
        """The origin with its file named from the project's root."""
        return str(Origin(self.origin.kind, shown(self.origin.place)))


def shown(place: str) -> str:
    """Return a place with its file named from the project's root, where it is below it."""
    return place.removeprefix(f"{ROOT}/")


def effective_values(
    profile: Profile, settings: Settings | None = None
) -> tuple[EffectiveValue, ...]:
    """Return every value of a profile, in the order of the schemas.

    Args:
        profile: as loaded; it knows what environment and `--define` have replaced of its own.
        settings: addresses of services that are stronger than the profile's.
    """
    merged = profile.merged
    values: list[EffectiveValue] = []
    for dimension, listed_values in merged.value.get("capabilities", {}).items():
        at = ("capabilities", dimension)
        values.append(EffectiveValue(_name(at), listed_values, merged.origins[at]))
    for position in _positions_of(profile):
        if position[:2] == _SERVICES and settings is not None:
            values.append(_service(position, profile, settings))
        else:
            values.extend(_found(position, profile))
    return tuple(values)


def positions() -> Iterator[Position]:
    """Yield where values may stand in config.yaml and policies.yaml, by their schemas."""
    for file in ("config", "policies"):
        schema = cast("Mapping[str, Any]", validator(f"profile-{file}").schema)
        for position in _leaves(schema["properties"][file], (file,)):
            if position != _OF_THE_FILE:
                yield position


def _positions_of(profile: Profile) -> Iterator[Position]:
    """Yield where values may stand, and where else this profile says something of services."""
    fixed = [position for position in positions() if position[:2] == _SERVICES]
    further = [p for name in profile.services if (p := (*_SERVICES, name)) not in fixed]
    for position in positions():
        yield position
        if position == fixed[-1]:
            yield from further


def _leaves(schema: Mapping[str, Any], position: Position) -> Iterator[Position]:
    properties = schema.get("properties")
    if properties is None:
        yield position
        return
    for name, part in properties.items():
        yield from _leaves(part, (*position, name))


def _found(position: Position, profile: Profile) -> Iterator[EffectiveValue]:
    """Yield the value at a position; each entry by itself where entries have names or add up."""
    merged = profile.merged
    value = _at(merged.value, position)
    entries: dict[str | int, object] = {}
    if isinstance(value, Mapping):
        entries = dict(value)
    elif isinstance(value, list) and position not in merged.origins:
        entries = dict(enumerate(value))
    if entries:
        for key, entry in entries.items():
            at = (*position, key)
            yield EffectiveValue(_name(at), entry, merged.origins[at])
    elif position not in merged.origins:
        meaning = BY_RISK if position[1] == "severities" else NOT_SAID[position]
        yield EffectiveValue(_name(position), None, DEFAULT, meaning)
    else:
        yield EffectiveValue(_name(position), value, merged.origins[position])


def _at(value: object, position: Position) -> object:
    for key in position:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _service(position: Position, profile: Profile, settings: Settings) -> EffectiveValue:
    setting = settings.get(str(position[-1]))
    kind, _, place = setting.origin.partition(" ") if setting else ("profile", "", "")
    if setting is None or kind == "profile":  # whose file and line are known here
        return next(_found(position, profile))
    return EffectiveValue(_name(position), setting.value, Origin(kind, place))


def _name(position: Sequence[str | int]) -> str:
    return ".".join(map(str, position))


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_text(entry)}" for key, entry in value.items())
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that two profiles do not share; None where one of them has no such value."""

    name: str
    left: EffectiveValue | None
    right: EffectiveValue | None


def differences(
    left: Sequence[EffectiveValue], right: Sequence[EffectiveValue]
) -> tuple[Difference, ...]:
    """Return the values that differ, in the order of the left profile."""
    first = {value.name: value for value in left}
    second = {value.name: value for value in right}
    return tuple(
        Difference(name, first.get(name), second.get(name))
        for name in dict.fromkeys((*first, *second))
        if _essence(first.get(name)) != _essence(second.get(name))
    )


def _essence(value: EffectiveValue | None) -> object:
    return None if value is None else (value.value, value.meaning)
