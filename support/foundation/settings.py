"""The one place that reads the environment, and the table of every name that may be set there.

A value knows where it came from. Order, strongest first: `--define name=value`, environment
variable, profile, default.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed

PREFIX = "ACCEPTANCE_"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class SettingName:
    """A setting: its `--define` name, what it means, its default; secrets cannot be defined."""

    name: str
    meaning: str
    default: str | None = None
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it came from."""

    value: str
    origin: str


_ROLES = ("admin", "standard", "unprivileged", "expired", "foreign_audience", "foreign_issuer")

KNOWN: tuple[SettingName, ...] = (
    SettingName("profile", "which profile of profiles/ to run", "embedded"),
    SettingName("plan", "plan.json of `acceptance discover`: run exactly what it lists"),
    SettingName("shard", "the part of the plan to run, such as 3/8"),
    SettingName("strategy", "pairwise, exhaustive or each, instead of the profile's"),
    SettingName("max_variants", "most variants of one scenario, instead of the profile's"),
    SettingName("seed", "seed of whatever is chosen at random, instead of the profile's"),
    SettingName("history", "database of earlier runs; by default history.sqlite in build"),
    SettingName("profiles", "folder with one folder per profile", str(ROOT / "profiles")),
    SettingName("artifacts", "folder that receives one folder per run", str(ROOT / "artifacts")),
    SettingName("build", "folder for what can be made again", str(ROOT / "build")),
    SettingName("run_id", "name of the run's folder, instead of one made from the time"),
    SettingName(
        "sdk_roots",
        "folders with <language>/dist/<version>/cli.sh, separated by ':', first wins",
        str(ROOT / "build" / "sdk"),
    ),
    SettingName("stack_descriptor", "file that describes a stack that is already up"),
    SettingName("fault", "faults to switch on in the embedded platform, separated by ','"),
    SettingName("platform_url", "address of the platform that the profile `remote` adopts"),
    SettingName("kas_url", "address of its key access service", None),
    SettingName("token_endpoint", "token endpoint of its identity provider"),
    *(SettingName(f"{role}_client_id", f"client of the role {role}") for role in _ROLES),
    *(
        SettingName(f"{role}_client_secret", f"secret of the role {role}", secret=True)
        for role in _ROLES
    ),
    SettingName(
        "people",
        "people of the profile whom the identity provider of the profile `remote` knows with "
        "their attributes, separated by ','",
    ),
    SettingName("people_client_id", "client that such people sign in with by password"),
    SettingName("people_client_secret", "secret of that client, unless it is public", secret=True),
    SettingName("people_password", "password of every such person", secret=True),
)
_BY_NAME = {known.name: known for known in KNOWN}

_PASSED_TO_CHILDREN = (
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "JAVA_HOME",
    "COVERAGE_PROCESS_START",
    "COVERAGE_PROCESS_CONFIG",
)


class Settings:
    """The settings of one run: what was defined on the command line, then the environment."""

    def __init__(self, defines: Mapping[str, str], environment: Mapping[str, str]) -> None:
        for name in defines:
            known = _BY_NAME.get(name)
            if known is None:
                public = [entry.name for entry in KNOWN if not entry.secret]
                raise ConfigurationError(
                    f"Unknown setting --define {name}={defines[name]}.{did_you_mean(name, public)} "
                    f"Known names: {listed(public)}."
                )
            if known.secret:
                raise ConfigurationError(
                    f"--define {name}=… would put a secret on the command line, where others can "
                    f"read it. Set the environment variable {known.variable} instead."
                )
        for variable in environment:
            name = variable.removeprefix(PREFIX).lower()
            if variable.startswith(PREFIX) and name not in _BY_NAME:
                variables = [entry.variable for entry in KNOWN]
                raise ConfigurationError(
                    f"Unknown environment variable {variable}.{did_you_mean(variable, variables)} "
                    f"Unset it, or use one of: {listed(variables)}."
                )
        self._defines = defines
        self._environment = environment
        self._profile: Mapping[str, Setting] = {}

    def get(self, name: str) -> Setting | None:
        """Return the value of a known setting with its origin, or None when nothing sets it."""
        known = _BY_NAME[name]
        if name in self._defines:
            return Setting(self._defines[name], f"--define {name}")
        if self._environment.get(known.variable):
            return Setting(self._environment[known.variable], f"environment {known.variable}")
        if name in self._profile:
            return self._profile[name]
        if known.default is not None:
            return Setting(known.default, "default")
        return None

    def with_profile(self, values: Mapping[str, str], profile_id: str) -> "Settings":
        """Return the same settings, with a profile's values where nothing stronger is set."""
        known = Settings(self._defines, self._environment)
        known._profile = {
            name: Setting(value, f"profile {profile_id}") for name, value in values.items()
        }
        return known

    def value(self, name: str) -> str | None:
        """Return the value of a known setting, or None when nothing sets it."""
        setting = self.get(name)
        return setting.value if setting else None

    def require(self, name: str, why: str) -> str:
        """Return the value of a setting that must be there.

        Raises:
            ConfigurationError: nothing sets it; `why` completes "… is needed".
        """
        setting = self.get(name)
        if setting is None:
            known = _BY_NAME[name]
            how = "" if known.secret else f" or --define {name}=…"
            raise ConfigurationError(
                f"{known.variable} is not set. It is needed {why} ({known.meaning}). Set it{how}."
            )
        return setting.value

    @property
    def artifacts(self) -> Path:
        """The folder that receives run folders."""
        return Path(self.require("artifacts", "to keep evidence")).resolve()

    @property
    def build(self) -> Path:
        """The folder for what can be made again: reports, stack logs, the last run's summary."""
        return Path(self.require("build", "to keep what can be made again")).resolve()

    @property
    def profiles(self) -> Path:
        """The folder with one folder per profile."""
        return Path(self.require("profiles", "to find profiles")).resolve()

    @property
    def history(self) -> Path:
        """The database of earlier runs."""
        path = self.value("history")
        return Path(path).resolve() if path else self.build / "history.sqlite"

    @property
    def sdk_roots(self) -> tuple[Path, ...]:
        """The folders searched for SDKs, in order."""
        roots = self.require("sdk_roots", "to find SDKs")
        return tuple(Path(root).resolve() for root in roots.split(os.pathsep) if root)


def from_environment(defines: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process.

    Raises:
        ConfigurationError: an unknown name is defined or set.
    """
    return Settings(defines or {}, os.environ)


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a small, reproducible environment for a child process, plus `extra`.

    Time zone, locale and hash seed are fixed so that children behave alike on every machine.
    """
    kept = {name: os.environ[name] for name in _PASSED_TO_CHILDREN if name in os.environ}
    fixed = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}
    return {**kept, **fixed, **(extra or {})}


def build_environment() -> dict[str, str]:
    """Return the whole environment, for package managers that read proxies and caches from it."""
    return dict(os.environ)


def cache_folder() -> Path:
    """Return the folder for what is expensive to make and shared by all checkouts.

    `$XDG_CACHE_HOME/opentdf-acceptance`, by default below `~/.cache` (XDG Base Directory).
    """
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "opentdf-acceptance"


def search_path() -> str:
    """Return the PATH that programs are looked up on."""
    return os.environ.get("PATH", os.defpath)


def continuous_integration_commit() -> str | None:
    """Return the commit that a CI service says it runs for, or None."""
    return os.environ.get("GITHUB_SHA") or None
