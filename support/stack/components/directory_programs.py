"""Finding slapd, its tools, and what it loads; every distribution has them elsewhere."""

import os
from dataclasses import dataclass
from pathlib import Path

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.process import find_program
from support.foundation.text import listed

PROGRAM_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/opt/homebrew/opt/openldap/bin")
SCHEMA_FOLDERS = (
    Path("/etc/ldap/schema"),
    Path("/etc/openldap/schema"),
    Path("/opt/homebrew/etc/openldap/schema"),
)
MODULE_FOLDERS = (Path("/usr/lib/ldap"), Path("/usr/lib64/openldap"), Path("/usr/lib/openldap"))
APPARMOR_PROFILE = Path("/etc/apparmor.d/usr.sbin.slapd")
APPARMOR_SWITCH = Path("/sys/module/apparmor/parameters/enabled")

REMEDY = (
    "Install it with `apt-get install slapd ldap-utils` (Debian, Ubuntu) or `dnf install "
    "openldap-servers openldap-clients` (Fedora); the system's own directory need not run. Or "
    "leave out the option that needs a directory."
)


@dataclass(frozen=True, slots=True)
class DirectoryPrograms:
    """What a directory is run with.

    Attributes:
        schemas: the folder with core.schema and others.
        modules: the folder with the module of the database; None where it is built in.
        confined: whether AppArmor keeps the program to the folders of the system's directory.
    """

    slapd: Path
    ldapsearch: Path
    schemas: Path
    modules: Path | None
    confined: bool


def find_directory(
    path: str,
    program_folders: tuple[str, ...] = PROGRAM_FOLDERS,
    schema_folders: tuple[Path, ...] = SCHEMA_FOLDERS,
) -> DirectoryPrograms:
    """Return the programs of a directory.

    Args:
        path: where to look for programs, as in PATH.
        program_folders: where slapd may be beside that: PATH has it for root only.
        schema_folders: where to look for schemas.

    Raises:
        EnvironmentUnfitError: one of them is missing.
    """
    slapd = find_program("slapd", os.pathsep.join((path, *program_folders)))
    ldapsearch = find_program("ldapsearch", path)
    schemas = next(
        (folder for folder in schema_folders if (folder / "core.schema").is_file()), None
    )
    if slapd is None:
        raise _missing("the program slapd")
    if ldapsearch is None:
        raise _missing("the program ldapsearch")
    if schemas is None:
        raise _missing(f"core.schema in {listed(map(str, schema_folders))}")
    modules = next((f for f in MODULE_FOLDERS if any(f.glob("back_mdb*.so*"))), None)
    return DirectoryPrograms(slapd, ldapsearch, schemas, modules, confined=is_confined())


def is_confined(profile: Path = APPARMOR_PROFILE, switch: Path = APPARMOR_SWITCH) -> bool:
    """Return whether AppArmor is on and has a profile for slapd."""
    try:
        return profile.is_file() and switch.read_text().strip() == "Y"
    except OSError:
        return False


def _missing(what: str) -> EnvironmentUnfitError:
    return EnvironmentUnfitError(f"There is no directory server: {what} was not found. {REMEDY}")
