"""A directory (LDAP) as a part of a stack: a real slapd with seven people, for this machine only.

Its data is made anew at every start, so a restart also mends what a test has changed.
"""

import base64
import hashlib
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.embedded.ldif import PEOPLE
from support.foundation import process
from support.foundation.errors import EnvironmentUnfitError, StackError
from support.foundation.files import write_private
from support.foundation.settings import child_environment, search_path
from support.foundation.text import listed, tail
from support.services.secret import Secret
from support.stack.components.component import Component, Launch
from support.stack.components.directory_programs import DirectoryPrograms, find_directory
from support.stack.components.unprivileged import (
    private_folder,
    run_as,
    service_home,
    service_user,
    write_for,
)

SYSTEM_USER = "openldap"
BASE = "dc=opentdf,dc=test"
TIME_LIMIT_SECONDS = 20.0
LOAD_TIME_LIMIT_SECONDS = 30.0
SEARCH_TIME_LIMIT_SECONDS = 4.0  # a stranger on the port may never answer
LOGGED = "256"  # connections, binds and searches; never passwords

_CONFIGURATION = """\
# Written at every start; changes are lost.
{schemas}
{module}
disallow bind_anon
database mdb
suffix "{base}"
rootdn "{bind_dn}"
rootpw {password}
directory "{home}/data"
maxsize 16777216
dbnosync
index uid eq
access to * by * none
"""
_SCHEMAS = ("core", "cosine", "inetorgperson")

_ADVICE = {
    r"bind\(\d+\) failed errno=\d+ \(Address already in use\)": (
        "The port is taken. End whoever listens there, or let the stack choose a free port."
    ),
    r"No space left on device|MDB_MAP_FULL": "The disk is full. Free space where its data stands.",
    r"Permission denied": (
        "slapd may not read its own configuration or data. If a security module such as AppArmor "
        "confines it (`dmesg | grep -i denied`), allow the folder named above, or set TMPDIR."
    ),
    r"(lt_dlopenext|module_load|dlopen).* ?failed|error while loading shared libraries": (
        "slapd lacks a module or library. Install it anew: `apt-get install --reinstall slapd`."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryServer:
    """A directory of ours: where it listens, who may read it, where it keeps things.

    Attributes:
        port: on 127.0.0.1, its only address; without TLS.
        password: that of `bind_dn`, who may do everything; nobody else may read.
        password_file: holds it, for tools that take no password otherwise.
        programs: the server and its tools.
        home: the folder that holds its configuration and data and nothing else.
        people_dn: below this are the people.
        runs_as: the user of this machine whose process it is; None for us.
        folders: what has to be removed with the stack beside the stack's own folder.
    """

    port: int
    password: Secret
    password_file: Path
    programs: DirectoryPrograms
    home: Path
    host: str = "127.0.0.1"
    base_dn: str = BASE
    people_dn: str = f"ou=users,{BASE}"
    bind_dn: str = f"cn=admin,{BASE}"
    runs_as: str | None = None
    folders: tuple[Path, ...] = ()

    @property
    def url(self) -> str:
        """Its address."""
        return f"ldap://{self.host}:{self.port}"

    def connection(self) -> dict[str, Any]:
        """Return `connection` of a provider of type ldap in the platform's configuration.

        The password is in it: the file that it goes into is for the platform only.
        """
        return {
            "host": self.host,
            "port": self.port,
            "use_tls": False,
            "bind_dn": self.bind_dn,
            "bind_password": self.password.reveal(),
        }


def directory_server(folder: Path, port: int) -> DirectoryServer:
    """Return the directory of a stack as it is going to be; nothing is started.

    Args:
        folder: the stack's own; the password, a random one, is kept in it for the next start.
        port: where it is going to listen.

    Raises:
        EnvironmentUnfitError: there is no slapd, or no user to run it as.
        StackError: its folder cannot be made.
    """
    programs = find_directory(search_path())
    user = service_user(SYSTEM_USER)
    home = service_home(folder, "directory", user)
    password_file = folder / "directory.password"
    if not password_file.exists():
        write_private(password_file, secrets.token_urlsafe(24))
    return DirectoryServer(
        port=port,
        password=Secret(password_file.read_text(encoding="utf-8")),
        password_file=password_file,
        programs=programs,
        home=home,
        runs_as=user,
        folders=() if home.parent == folder else (home,),
    )


def directory_component(server: DirectoryServer, name: str = "directory") -> Component:
    """Return the directory as a part of a stack; it has its people from the start."""
    return Component(
        name=name,
        launch=lambda: _launch(server),
        unready=lambda: _unready(server),
        advise=advise,
        time_limit_seconds=TIME_LIMIT_SECONDS,
    )


def people() -> frozenset[str]:
    """Return the names (uid) of the people in the directory's data."""
    return frozenset(re.findall(r"^uid: (.+)$", PEOPLE.read_text(encoding="utf-8"), re.MULTILINE))


def search(server: DirectoryServer, condition: str, *attributes: str) -> str:
    """Return the people for whom a filter (RFC 4515) holds, as LDIF, read by password.

    Raises:
        StackError: the directory does not answer, or refuses.
    """
    record = process.run(
        [
            *(server.programs.ldapsearch, "-x", "-LLL", "-o", "ldif-wrap=no"),
            *("-o", "nettimeout=5", "-H", server.url, "-D", server.bind_dn),
            *("-y", server.password_file, "-b", server.people_dn),
            *(condition, *attributes),
        ],
        environment=child_environment({"LDAPNOINIT": "1"}),
        time_limit_seconds=SEARCH_TIME_LIMIT_SECONDS,
    )
    if record.exit_code != 0:
        said = tail(record.stderr, 3) or f"ldapsearch ended with exit code {record.exit_code}"
        raise StackError(f"The directory at {server.url} refuses {server.bind_dn}: {said}")
    return record.stdout


def advise(log: str) -> str:
    """Return what to do about what the log ends with, or an empty string."""
    return next((remedy for pattern, remedy in _ADVICE.items() if re.search(pattern, log)), "")


def _launch(server: DirectoryServer) -> Launch:
    """Make configuration and data, and return how the server is started on them."""
    configuration = write_for(server.runs_as, server.home / "slapd.conf", _configured(server))
    program = _program(server)
    _load(server, program, configuration)
    return Launch(
        arguments=(program, "-d", LOGGED, "-h", server.url, "-f", configuration),
        environment=child_environment(),
        working_directory=server.home,
        user=server.runs_as,
    )


def _load(server: DirectoryServer, program: Path, configuration: Path) -> None:
    """Make the data anew, by the server's own program for that: it needs no server that runs."""
    data = server.home / "data"
    shutil.rmtree(data, ignore_errors=True)
    private_folder(data, server.runs_as)
    ldif = write_for(server.runs_as, server.home / PEOPLE.name, PEOPLE.read_text(encoding="utf-8"))
    log = server.home / "load.log"
    log.unlink(missing_ok=True)
    try:
        code = run_as(
            server.runs_as,
            [program, "-T", "add", "-q", "-f", configuration, "-l", ldif],
            environment=child_environment(),
            log=log,
            time_limit_seconds=LOAD_TIME_LIMIT_SECONDS,
        )
    except EnvironmentUnfitError as error:
        raise StackError(f"The directory's data cannot be loaded. {error}") from error
    if code != 0:
        said = log.read_text(errors="replace")
        raise StackError(
            f"The directory's data cannot be loaded into {data} (slapadd, exit code {code}): "
            f"{tail(said, 5)} {advise(said)}"
        )


def _configured(server: DirectoryServer) -> str:
    programs = server.programs
    schemas = [f'include "{programs.schemas / name}.schema"' for name in _SCHEMAS]
    module = f'modulepath "{programs.modules}"\nmoduleload back_mdb' if programs.modules else ""
    return _CONFIGURATION.format(
        schemas="\n".join(schemas),
        module=module,
        home=server.home,
        base=server.base_dn,
        bind_dn=server.bind_dn,
        password=_hashed(server.password),
    )


def _hashed(password: Secret) -> str:
    """Return a salted hash as slapd takes it (RFC 2307; stronger schemes are modules of its own).

    The password is random and long, so the weakness of SHA-1 for short ones does not matter.
    """
    salt = secrets.token_bytes(16)
    digest = hashlib.sha1(password.reveal().encode() + salt, usedforsecurity=False).digest()
    return "{SSHA}" + base64.b64encode(digest + salt).decode()


def _program(server: DirectoryServer) -> Path:
    """Return the program to start: a copy where AppArmor keeps the installed one to its folders.

    The profile is for the system's directory in /var/lib/ldap, and goes by the program's path.
    """
    if not server.programs.confined:
        return server.programs.slapd
    copied = server.home / "slapd"
    shutil.copyfile(server.programs.slapd, copied)
    copied.chmod(0o755)
    return copied


def _unready(server: DirectoryServer) -> str:
    try:
        found = search(server, "(objectClass=inetOrgPerson)", "uid")
    except EnvironmentUnfitError as error:
        return str(error)
    missing = people() - set(re.findall(r"^uid: (.+)$", found, re.MULTILINE))
    return f"the directory does not know {listed(sorted(missing))}" if missing else ""
