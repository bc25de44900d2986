"""The one place that reads the environment; the names are those of setting_names.

A value knows where it came from. Order, strongest first: `--define name=value`, environment
variable, profile, default.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from support.foundation.errors import ConfigurationError, FrameworkError
from support.foundation.setting_names import (
    EXTENSION,
    KNOWN,
    PREFIX,
    ROOT,
    SettingName,
    alternatives,
    find,
    holds_password,
)

__all__ = [
    "KNOWN",
    "PREFIX",
    "ROOT",
    "Setting",
    "SettingName",
    "Settings",
    "build_environment",
    "cache_folder",
    "child_environment",
    "continuous_integration_commit",
    "from_environment",
    "in_continuous_integration",
    "search_path",
]


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it came from; a secret one is not shown."""

    value: str
    origin: str
    secret: bool = field(default=False, kw_only=True)

    def __repr__(self) -> str:
        shown = "…" if self.secret else repr(self.value)
        return f"Setting({shown}, {self.origin!r})"


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
        for name, value in defines.items():
            _check_define(name, value)
        for variable in environment:
            name = variable.removeprefix(PREFIX).lower()
            if variable.startswith(PREFIX) and find(name) is None:
                raise ConfigurationError(
                    f"Unknown environment variable {variable}."
                    f"{alternatives(variable, variables=True)} Unset it, or use one of these."
                )
        self._defines = defines
        self._environment = environment
        self._profile: Mapping[str, Setting] = {}

    def get(self, name: str) -> Setting | None:
        """Return the value of a known setting with its origin, or None when nothing sets it."""
        found = self.strongest((name,))
        default = _known(name).default
        if found is None and default is not None:
            return Setting(default, "default")
        return found

    def strongest(self, names: Sequence[str]) -> Setting | None:
        """Return the value of the strongest origin that sets any of the names, defaults left out.

        Args:
            names: known names of the same thing; within one origin the first one wins.
        """
        for origin in (self._defined, self._from_environment, self._profile.get):
            for name in names:
                found = origin(name)
                if found is not None:
                    return found
        return None

    def _defined(self, name: str) -> Setting | None:
        value = self._defines.get(name)
        return None if value is None else Setting(value, f"--define {name}")

    def _from_environment(self, name: str) -> Setting | None:
        known = _known(name)
        for variable in filter(None, (known.variable, known.plain_variable)):
            value = self._environment.get(variable)
            if value:
                return Setting(value, f"environment {variable}", secret=known.secret)
        return None

    def of_extensions(self) -> Iterator[tuple[str, str]]:
        """Yield the names that are set of services of extensions, each with its origin."""
        for name in self._defines:
            if name.startswith(EXTENSION):
                yield name, f"--define {name}"
        for variable, value in self._environment.items():
            if variable.startswith(PREFIX + EXTENSION.upper()) and value:
                yield variable.removeprefix(PREFIX).lower(), f"environment {variable}"
        for name, setting in self._profile.items():
            if name.startswith(EXTENSION):
                yield name, setting.origin

    def with_profile(self, values: Mapping[str, object], profile_id: str) -> "Settings":
        """Return the same settings, with a profile's values where nothing stronger is set."""
        known = Settings(self._defines, self._environment)
        known._profile = {
            name: Setting(_text(value), f"profile {profile_id}") for name, value in values.items()
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
            known = _known(name)
            how = "" if known.secret else f" or --define {name}=…"
            raise ConfigurationError(
                f"{known.variable} is not set. It is needed {why} ({known.meaning}). Set it{how}."
            )
        return setting.value

    def secrets(self) -> Iterator[str]:
        """Yield every secret that the environment sets, passwords in addresses included."""
        for variable, value in self._environment.items():
            known = find(variable.removeprefix(PREFIX).lower())
            if variable.startswith(PREFIX) and known is not None and known.secret:
                yield value
            elif variable.startswith(PREFIX) and holds_password(value):
                yield urlsplit(value).password or ""

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


def _check_define(name: str, value: str) -> None:
    """Refuse a name that is not known, and a secret, which others could read there.

    Raises:
        ConfigurationError: it is one of these.
    """
    known = find(name)
    if known is None:
        raise ConfigurationError(f"Unknown setting --define {name}={value}.{alternatives(name)}")
    if known.secret or holds_password(value):
        raise ConfigurationError(
            f"--define {name}=… would put a secret on the command line, where others can "
            f"read it. Set the environment variable {known.variable} instead."
        )


def _known(name: str) -> SettingName:
    known = find(name)
    if known is None:
        raise FrameworkError(f'There is no setting "{name}"; support/foundation/setting_names.py.')
    return known


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


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


def in_continuous_integration() -> bool:
    """Whether a CI service says that it runs us, by `CI`, which all of them set."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def continuous_integration_commit() -> str | None:
    """Return the commit that a CI service says it runs for, or None."""
    return os.environ.get("GITHUB_SHA") or None
