"""Profiles: three YAML files in `profiles/<id>/` that say what to prove and on which stack."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.foundation.documents import Document, load_yaml
from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed
from support.model.capability import Capability
from support.profiles import conditions
from support.profiles.catalog import Catalog
from support.profiles.conditions import Condition

COMMAND_TIME_LIMIT_SECONDS = 60.0

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
class Profile:
    """What to prove, on which stack, and what may be skipped.

    Attributes:
        capabilities: allowed values by dimension; the first one holds where nothing is named.
        command_time_limit_seconds: how long one SDK command may take.
    """

    id: str
    capabilities: Mapping[str, tuple[str, ...]]
    stack: str
    allow_writes: bool
    namespace_prefix: str
    command_time_limit_seconds: float
    expected_skips: tuple[ExpectedSkip, ...]


def available(folder: Path) -> tuple[str, ...]:
    """Return the ids of the profiles in a folder, sorted."""
    return tuple(sorted(path.parent.name for path in folder.glob("*/capabilities.yaml")))


def load(folder: Path, profile_id: str, catalog: Catalog) -> Profile:
    """Load `<folder>/<profile_id>/{capabilities,config,policies}.yaml`.

    Raises:
        ConfigurationError: no such profile, or a file that breaks its schema or the catalog.
    """
    known = available(folder)
    if profile_id not in known:
        raise ConfigurationError(
            f'There is no profile "{profile_id}".{did_you_mean(profile_id, known)} '
            f"Known profiles: {listed(known)}. Choose one with --define profile=…"
        )
    capabilities = load_yaml(folder / profile_id / "capabilities.yaml", "profile-capabilities")
    config = load_yaml(folder / profile_id / "config.yaml", "profile-config").value["config"]
    policies = load_yaml(folder / profile_id / "policies.yaml", "profile-policies")
    return Profile(
        id=profile_id,
        capabilities=_capabilities(capabilities, catalog),
        stack=config["stack"],
        allow_writes=config.get("allow_writes", config["stack"] == "embedded"),
        namespace_prefix=config.get("namespace_prefix", "acceptance"),
        command_time_limit_seconds=_command_time_limit(config),
        expected_skips=_expected_skips(policies, catalog),
    )


def condition_names(catalog: Catalog) -> dict[str, Collection[str] | None]:
    """Return the names that conditions may use, each with the values that it can have."""
    languages = catalog.dimensions["sdk"].values if "sdk" in catalog.dimensions else ()
    names: dict[str, Collection[str] | None] = {
        dimension.name: None if catalog.is_sdk(dimension) else dimension.values
        for dimension in catalog.dimensions.values()
    }
    names[MISSING] = languages
    names[UNSUPPORTED] = [f"{sdk}:{name}" for sdk in languages for name in catalog.sdk_features]
    names[LACKING] = None
    return names


def _capabilities(document: Document, catalog: Catalog) -> dict[str, tuple[str, ...]]:
    result: dict[str, tuple[str, ...]] = {}
    for dimension, values in document.value["capabilities"].items():
        for index, value in enumerate(values):
            problem = catalog.problem_with(Capability(dimension, value))
            if problem:
                place = document.where(("capabilities", dimension, index))
                raise ConfigurationError(f"{place}: {problem}")
        result[dimension] = tuple(values)
    return result


def _command_time_limit(config: Mapping[str, Any]) -> float:
    return float(config.get("timeouts", {}).get("command", COMMAND_TIME_LIMIT_SECONDS))


def _expected_skips(document: Document, catalog: Catalog) -> tuple[ExpectedSkip, ...]:
    names = condition_names(catalog)
    return tuple(
        ExpectedSkip(
            conditions.parse(
                skip["condition"], names, document.where(("policies", "expected_skips", index))
            ),
            skip["reason"],
        )
        for index, skip in enumerate(document.value["policies"].get("expected_skips", ()))
    )
