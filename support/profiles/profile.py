"""Profiles: three YAML files in `profiles/<id>/` that say what to prove and on which stack."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from support.foundation.documents import Position
from support.foundation.errors import ConfigurationError
from support.foundation.setting_names import OF_PROFILES, settable_by_profiles
from support.foundation.settings import Settings
from support.foundation.text import did_you_mean, listed
from support.model.capability import Capability
from support.model.severity import FailureClass, Severity
from support.model.waiver import Waiver
from support.profiles import conditions, profile_files
from support.profiles.catalog import Catalog
from support.profiles.conditions import Condition
from support.profiles.profile_files import DEFAULT, Merged, Origin

Strategy = Literal["pairwise", "exhaustive", "each"]

COMMAND_TIME_LIMIT_SECONDS = 60.0
DEFAULTS: Mapping[Position, object] = {
    ("config", "stack"): "embedded",
    ("config", "allow_restart"): False,
    ("config", "namespace_prefix"): "acceptance",
    ("config", "selection", "strategy"): "pairwise",
    ("config", "timeouts", "command"): COMMAND_TIME_LIMIT_SECONDS,
    ("config", "retries", "attempts"): 1,
    ("config", "retries", "budget"): 0,
    ("config", "determinism", "seed"): 42,
    ("config", "retention", "local_days"): 7,
    ("config", "retention", "ci_days"): 14,
    ("config", "retention", "cold_after_days"): 2,
}
"""What holds where no profile says anything."""

OWN_STACKS = frozenset({"embedded", "keycloak", "processes", "compose"})
"""The stacks that we start, where scenarios may write unless the profile says otherwise."""

OVERRIDES: Mapping[str, Position] = {
    "strategy": ("config", "selection", "strategy"),
    "max_variants": ("config", "selection", "max_variants"),
    "seed": ("config", "determinism", "seed"),
}
"""Settings that are stronger than a profile, and what each replaces."""

# Names that conditions may use beside the dimensions of the catalog.
MISSING = "missing"  # the languages whose SDK a unit needs and the machine lacks
UNSUPPORTED = "unsupported"  # `<language>:<feature>` that a unit needs and its SDK says it lacks
LACKING = "lacking"  # what `@needs:` tags ask of the stack and it does not have


@dataclass(frozen=True, slots=True)
class ExpectedSkip:
    """A declared reason for which a unit may be skipped."""

    condition: Condition
    reason: str


@dataclass(frozen=True, slots=True)
class Role:
    """A person whom scenarios name: `attributes` are pairs of an attribute and a value."""

    name: str
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SelectionRules:
    """Which scenarios a profile proves, and in how many variants."""

    strategy: Strategy = "pairwise"
    max_variants: int | None = None
    tags: str = ""
    risks: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits in seconds, and how often a unit may be tried; None where there is none."""

    command_seconds: float = COMMAND_TIME_LIMIT_SECONDS
    step_seconds: float | None = None
    unit_seconds: float | None = None
    suite_seconds: float | None = None
    attempts: int = 1
    repeats_per_run: int = 0


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """How long runs of a profile are kept; labelled ones are kept for ever.

    Attributes:
        local_days: of a run on somebody's machine.
        ci_days: of a run of a CI service.
        cold_after_days: after how many days a run is packed as small as can be.
    """

    local_days: int = 7
    ci_days: int = 14
    cold_after_days: int = 2


@dataclass(frozen=True, slots=True)
class Profile:
    """What to prove, on which stack, and what may be skipped or fail.

    Attributes:
        capabilities: allowed values by dimension; the first one holds where nothing is named.
        services: addresses and what else is said of services, by the name of the setting.
        base_time: when the run believes it is; None for the real time.
        severities: how urgent failures of a class are; others are as urgent as the
            requirement's risk.
        allow_restart: whether a run restarts what has died of its stack, and goes on.
        lineage: the profile's id and those that it extends.
        merged: the files as read, with the origin of each value.
    """

    id: str
    capabilities: Mapping[str, tuple[str, ...]]
    stack: str
    allow_writes: bool
    namespace_prefix: str
    limits: Limits
    expected_skips: tuple[ExpectedSkip, ...]
    selection: SelectionRules = SelectionRules()
    roles: tuple[Role, ...] = ()
    services: Mapping[str, object] = field(default_factory=dict)
    seed: int = 42
    base_time: datetime | None = None
    waivers: tuple[Waiver, ...] = ()
    severities: Mapping[FailureClass, Severity] = field(default_factory=dict)
    allow_restart: bool = False
    retention: RetentionRules = RetentionRules()
    lineage: tuple[str, ...] = ()
    merged: Merged = field(default_factory=lambda: Merged((), ()))


available = profile_files.available
require = profile_files.require


def load(
    folder: Path, profile_id: str, catalog: Catalog, settings: Settings | None = None
) -> Profile:
    """Load `<folder>/<profile_id>/{capabilities,config,policies}.yaml` and what it extends.

    Args:
        folder: holds one folder per profile.
        profile_id: which one.
        catalog: what its capabilities and conditions may name.
        settings: what the environment and `--define` override, see `OVERRIDES`.

    Raises:
        ConfigurationError: no such profile, or a file that breaks its schema or the catalog.
    """
    merged = profile_files.read(folder, profile_id)
    if settings is not None:
        _override(merged, settings)
    _fill(merged)
    config = merged.value["config"]
    determinism = config["determinism"]
    base_time = determinism.get("base_time")
    return Profile(
        id=profile_id,
        capabilities=_capabilities(merged, catalog),
        stack=config["stack"],
        allow_writes=config["allow_writes"],
        namespace_prefix=config["namespace_prefix"],
        limits=_limits(config),
        expected_skips=_expected_skips(merged, catalog),
        selection=_selection(config["selection"]),
        roles=_roles(config.get("roles", {})),
        services=_services(merged),
        seed=determinism["seed"],
        base_time=_instant(merged, base_time) if base_time else None,
        waivers=_waivers(merged, catalog),
        severities={
            FailureClass(name): Severity(value)
            for name, value in merged.value.get("policies", {}).get("severities", {}).items()
        },
        allow_restart=config["allow_restart"],
        retention=RetentionRules(**config["retention"]),
        lineage=merged.lineage,
        merged=merged,
    )


def _services(merged: Merged) -> Mapping[str, object]:
    """Return what is said of services.

    Raises:
        ConfigurationError: a name is no setting of a service, or one of a secret.
    """
    services: Mapping[str, object] = merged.value["config"].get("services", {})
    for name in services:
        if not settable_by_profiles(name):
            raise ConfigurationError(
                f'{merged.where(("config", "services", name))}: "{name}" cannot be set by a '
                f"profile.{did_you_mean(name, OF_PROFILES)} Expected <service>_<property> of "
                "docs/services.md; secrets never stand in profiles."
            )
    return services


def condition_names(catalog: Catalog) -> dict[str, Collection[str] | None]:
    """Return the names that conditions may use, each with the values that it can have."""
    languages = catalog.dimensions["sdk"].values if "sdk" in catalog.dimensions else ()
    names: dict[str, Collection[str] | None] = {
        d.name: None if catalog.is_sdk(d) else (*d.values, *catalog.aliases_of(d.name))
        for d in catalog.dimensions.values()
    }
    names[MISSING] = languages
    names[UNSUPPORTED] = [f"{sdk}:{name}" for sdk in languages for name in catalog.sdk_features]
    names[LACKING] = None
    return names


def _override(merged: Merged, settings: Settings) -> None:
    """Put what environment and `--define` say over what the files say.

    Raises:
        ConfigurationError: a value that the profile could not have.
    """
    for name, position in OVERRIDES.items():
        setting = settings.get(name)
        if setting is None:
            continue
        value: object = setting.value
        if name != "strategy":
            if not setting.value.isdigit() or (name == "max_variants" and int(setting.value) < 1):
                raise ConfigurationError(
                    f'{setting.origin} is "{setting.value}", but a whole number was expected.'
                )
            value = int(setting.value)
        elif setting.value not in {"pairwise", "exhaustive", "each"}:
            known = ("pairwise", "exhaustive", "each")
            raise ConfigurationError(
                f'{setting.origin} is "{setting.value}", but one of {listed(known)} was expected.'
                f"{did_you_mean(setting.value, known)}"
            )
        kind, _, place = setting.origin.partition(" ")
        _put(merged, position, value, Origin(kind, place))


def _fill(merged: Merged) -> None:
    for position, value in DEFAULTS.items():
        if position not in merged.origins:
            _put(merged, position, value, DEFAULT)
    config = merged.value["config"]
    if "allow_writes" not in config:
        position = ("config", "allow_writes")
        _put(merged, position, config["stack"] in OWN_STACKS, Origin("default", "by its stack"))


def _put(merged: Merged, position: Position, value: object, origin: Origin) -> None:
    target: dict[str, Any] = merged.value
    for key in position[:-1]:
        target = target.setdefault(str(key), {})
    target[str(position[-1])] = value
    merged.origins[position] = origin


def _capabilities(merged: Merged, catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Return the allowed values by dimension; an alias allows all that it stands for."""
    result: dict[str, dict[str, None]] = {}
    for dimension, values in merged.value.get("capabilities", {}).items():
        for index, value in enumerate(values):
            capability = Capability(dimension, value)
            place = merged.where(("capabilities", dimension, index))
            if value == "any":
                raise ConfigurationError(
                    f'{place}: "any" stands in tags; a profile lists the values that it means.'
                )
            if problem := catalog.problem_with(capability):
                raise ConfigurationError(f"{place}: {problem}")
            for part in catalog.meaning(capability):
                result.setdefault(part.dimension, {})[part.value] = None
    return {dimension: tuple(values) for dimension, values in result.items()}


def _limits(config: Mapping[str, Any]) -> Limits:
    timeouts, retries = config["timeouts"], config["retries"]
    return Limits(
        command_seconds=float(timeouts["command"]),
        step_seconds=timeouts.get("step"),
        unit_seconds=timeouts.get("test"),
        suite_seconds=timeouts.get("suite"),
        attempts=retries["attempts"],
        repeats_per_run=retries["budget"],
    )


def _selection(raw: Mapping[str, Any]) -> SelectionRules:
    return SelectionRules(
        strategy=raw["strategy"],
        max_variants=raw.get("max_variants"),
        tags=raw.get("tags", ""),
        risks=tuple(raw.get("risk", ())),
        requirements=tuple(raw.get("requirements", ())),
        slow=raw.get("slow", False),
    )


def _roles(raw: Mapping[str, Any]) -> tuple[Role, ...]:
    return tuple(
        Role(name, tuple(_pair(attribute) for attribute in role["attributes"]))
        for name, role in raw.items()
    )


def _pair(attribute: str) -> tuple[str, str]:
    name, _, value = attribute.partition(":")
    return name, value


_Date = TypeVar("_Date", date, datetime)


def _instant(merged: Merged, text: str) -> datetime:
    return _parsed(datetime, text, merged.where(("config", "determinism", "base_time")))


def _parsed(kind: type[_Date], text: str, where: str) -> _Date:
    try:
        return kind.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f'{where}: "{text}" is not a date of the calendar ({error}).'
        ) from None


def _expected_skips(merged: Merged, catalog: Catalog) -> tuple[ExpectedSkip, ...]:
    names = condition_names(catalog)
    aliases = {capability: alias.meaning for capability, alias in catalog.aliases.items()}
    return tuple(
        ExpectedSkip(
            conditions.parse(
                skip["condition"],
                names,
                merged.where(("policies", "expected_skips", index)),
                aliases,
            ),
            skip["reason"],
        )
        for index, skip in enumerate(merged.value.get("policies", {}).get("expected_skips", ()))
    )


def _waivers(merged: Merged, catalog: Catalog) -> tuple[Waiver, ...]:
    found = []
    for index, raw in enumerate(merged.value.get("policies", {}).get("waivers", ())):
        where = merged.where(("policies", "waivers", index))
        for term in filter(None, raw.get("variant", "").split(",")):
            dimension = term.partition("=")[0]
            if dimension not in catalog.dimensions:
                hint = did_you_mean(dimension, catalog.dimensions)
                raise ConfigurationError(
                    f'{where}: "{dimension}" is not a dimension of the capability catalog.{hint} '
                    f"Known: {listed(catalog.dimensions)}."
                )
        expires = raw.get("expires")
        found.append(
            Waiver(
                test=raw.get("test", ""),
                requirement=raw.get("requirement", ""),
                variant=raw.get("variant", ""),
                reason=raw["reason"],
                owner=raw.get("owner", ""),
                issue=raw.get("issue", ""),
                expires=_parsed(date, expires, where) if expires else None,
                where=where,
            )
        )
    return tuple(found)
