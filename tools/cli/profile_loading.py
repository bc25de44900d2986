"""Loading what the `acceptance profile` commands speak of: shipped profiles, or folders of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.foundation import settings as foundation_settings
from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT
from support.model.inventory import Inventory
from support.planning import forecast, preparation
from support.planning.planner import Plan, plan
from support.planning.preparation import PROFILES, Configuration

FEATURES = ROOT / "features"


@dataclass(frozen=True, slots=True)
class Target:
    """A profile that was named: by its id, or by the path of its folder."""

    folder: Path
    profile_id: str

    @property
    def is_shipped(self) -> bool:
        """Whether it stands among our own profiles."""
        return self.folder == PROFILES


def target(name: str) -> Target:
    """Return the profile that somebody means: a path has a slash in it, an id has none.

    Raises:
        ConfigurationError: the path is no folder.
    """
    if "/" not in name and name not in {".", ".."}:
        return Target(foundation_settings.from_environment().profiles, name)
    path = Path(name).resolve()
    if not path.is_dir():
        raise ConfigurationError(
            f"{name}: there is no such folder. Name a profile's id, or the folder that holds its "
            "capabilities.yaml, config.yaml and policies.yaml."
        )
    return Target(path.parent, path.name)


def defined(entries: Sequence[str]) -> dict[str, str]:
    """Return `name=value` entries of `--define` as a mapping.

    Raises:
        ConfigurationError: an entry is of another form, or names the profile a second time.
    """
    defines: dict[str, str] = {}
    for entry in entries:
        name, separator, value = entry.partition("=")
        if not separator:
            raise ConfigurationError(f'--define {entry}: "name=value" was expected.')
        if name in {"profile", "profiles", "plan"}:
            raise ConfigurationError(
                f"--define {entry}: the command names the profile itself. Leave that out."
            )
        defines[name] = value
    return defines


def configure(meant: Target, defines: Mapping[str, str]) -> Configuration:
    """Load a profile with everything that planning needs.

    Raises:
        ConfigurationError: see `support.planning.preparation.configure`.
    """
    where = {"profiles": str(meant.folder), "profile": meant.profile_id}
    return preparation.configure({**defines, **where})


def planned(configuration: Configuration, inventory: Inventory | None = None) -> Plan:
    """Return what the profile plans with the shipped features on this machine.

    Raises:
        SpecificationError: a feature file is wrong.
    """
    specs = forecast.read_specs(FEATURES)
    here = inventory or forecast.inventory_here(
        configuration.settings, configuration.profile, configuration.catalog
    )
    return plan(specs, preparation.basis_of(configuration, here))
