"""PostgreSQL as a part of a stack: a server of our own, for this machine only, gone with the stack.

It gives up what tests do not need (survival of a power cut) and nothing else: passwords are asked
for (SCRAM-SHA-256), and nobody but its user reads its files.
"""

import os
import re
import secrets
import shutil
import signal
from pathlib import Path

import psutil

from support.foundation.errors import StackError
from support.foundation.files import write_private
from support.foundation.settings import Setting, child_environment
from support.foundation.text import tail
from support.foundation.waiting import wait_until
from support.services.secret import Secret
from support.stack.components.component import Component, Launch
from support.stack.components.postgres_programs import find_postgres
from support.stack.components.postgres_server import (
    HOST,
    PostgresServer,
    create_database,
    query,
)
from support.stack.components.unprivileged import (
    private_folder,
    run_as,
    service_home,
    service_user,
    write_for,
)

SYSTEM_USER = "postgres"
TIME_LIMIT_SECONDS = 30.0
INITDB_TIME_LIMIT_SECONDS = 60.0
LAST_PROCESSES_TIME_LIMIT_SECONDS = 10.0

_CONFIGURATION = """\
# Written at every start; changes are lost.
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = '32MB'
# Nothing has to survive a power cut; what was committed survives a kill.
fsync = off
full_page_writes = off
logging_collector = off
log_destination = 'stderr'
log_line_prefix = '%m [%p] %d '
log_timezone = 'UTC'
timezone = 'UTC'
lc_messages = 'C'
"""
_ACCESS = f"host all all {HOST}/32 scram-sha-256\n"

_ADVICE = {
    r"could not bind IPv4 address .*: Address already in use": (
        "The port is taken. End whoever listens there, or let the stack choose a free port."
    ),
    r"could not (create|resize|open|map) (anonymous )?shared memory": (
        "The machine has too little shared memory for it. Enlarge /dev/shm (containers: "
        "`--shm-size=256m`), or end what uses it."
    ),
    r"No space left on device|Check free disk space": (
        "The disk is full. Free space where its data stands."
    ),
    r"database files are incompatible with server": (
        "Its data was made by another version of PostgreSQL. Remove the stack with `acceptance "
        "stack down` and start it again, or name the programs of that version by "
        "ACCEPTANCE_POSTGRES_BIN."
    ),
    r"has wrong ownership|has invalid permissions|could not access .*: Permission": (
        "Its data belongs to another user, or others may read it. Was the stack started by "
        "somebody else? Remove it with `acceptance stack down` as that user."
    ),
    r'lock file "postmaster.pid" already exists|shared memory block .* still in use': (
        "Another PostgreSQL runs on the same data. End it with `acceptance stack down`."
    ),
    r'invalid value for parameter "lc_|invalid locale|not recognized by setlocale': (
        "The locale that its data was made for is not on this machine. Remove the stack with "
        "`acceptance stack down` and start it again."
    ),
    r'"root" execution of the PostgreSQL server is not permitted|cannot be run as root': (
        "PostgreSQL refuses to run as root. Run as a user who is not root, or add the user "
        "postgres."
    ),
    r"error while loading shared libraries": (
        "Its programs lack a library. Install PostgreSQL anew, or name other programs by "
        "ACCEPTANCE_POSTGRES_BIN."
    ),
}


def postgres_server(
    folder: Path,
    port: int,
    *,
    programs: Setting | None = None,
    password: Secret | None = None,
    database: str = "opentdf",
) -> PostgresServer:
    """Return the server of a stack as it is going to be; nothing is started.

    Args:
        folder: the stack's own; the password is kept in it for the next start, if not given.
        port: where it is going to listen.
        programs: the setting `postgres_bin`.
        password: that of the superuser; a random one by default.
        database: the database to make for the platform.

    Raises:
        ConfigurationError: the setting names no programs.
        EnvironmentUnfitError: there is no PostgreSQL, or no user to run it as.
        StackError: its folder cannot be made.
    """
    user = service_user(SYSTEM_USER)
    found = find_postgres(programs, user)
    home = service_home(folder, "postgres", user)
    return PostgresServer(
        port=port,
        password=password or _kept_password(folder / "postgres.password"),
        programs=found,
        home=home,
        database=database,
        runs_as=user,
        folders=() if home.parent == folder else (home,),
    )


def postgres_component(server: PostgresServer, name: str = "postgres") -> Component:
    """Return the server as a part of a stack; once provisioned it has the platform's database."""
    return Component(
        name=name,
        launch=lambda: _launch(server),
        unready=lambda: _unready(server),
        provision=lambda: _provision(server),
        advise=advise,
        time_limit_seconds=TIME_LIMIT_SECONDS,
    )


def advise(log: str) -> str:
    """Return what to do about what the log ends with, or an empty string."""
    return next((remedy for pattern, remedy in _ADVICE.items() if re.search(pattern, log)), "")


def _launch(server: PostgresServer) -> Launch:
    """Make the data unless it is there, and return how the server is started on it."""
    try:
        if server.data.is_dir():
            _make_startable(server)
        else:
            _initialize(server)
    except OSError as error:
        raise StackError(
            f"{server.data}: the data of PostgreSQL cannot be used: {error.strerror}. Remove the "
            "stack with `acceptance stack down` and start it again."
        ) from error
    configuration = _CONFIGURATION.format(host=server.host, port=server.port)
    write_for(server.runs_as, server.data / "postgresql.conf", configuration)
    write_for(server.runs_as, server.data / "pg_hba.conf", _ACCESS)
    return Launch(
        arguments=(server.programs / "postgres", "-D", server.data),
        environment=child_environment(),
        working_directory=server.home,
        user=server.runs_as,
        stop_signal=signal.SIGINT,  # SIGTERM would wait until every client has gone
    )


def _initialize(server: PostgresServer) -> None:
    """Make the data folder aside and put it in place when it is whole."""
    for left in server.home.glob("data.*"):
        shutil.rmtree(left)
    part = private_folder(server.home / f"data.{os.getpid()}", server.runs_as)
    log = server.home / "initdb.log"
    password = write_for(server.runs_as, server.home / "password", server.password.reveal())
    try:
        code = run_as(
            server.runs_as,
            [
                *(server.programs / "initdb", "--pgdata", part, "--username", server.user),
                *("--pwfile", password, "--auth", "scram-sha-256", "--no-sync"),
                *("--encoding", "UTF8", "--locale", "C"),
            ],
            environment=child_environment(),
            log=log,
            time_limit_seconds=INITDB_TIME_LIMIT_SECONDS,
        )
    finally:
        password.unlink()
    if code != 0:
        said = log.read_text(errors="replace")
        raise StackError(
            f"PostgreSQL's initdb failed with exit code {code} for {server.data}: {tail(said, 6)} "
            f"{advise(said)}"
        )
    part.rename(server.data)


def _make_startable(server: PostgresServer) -> None:
    """Take away the lock of a server that was killed, once none of its processes is left.

    The server itself would trust the lock if another process has the id in it by now.

    Raises:
        StackError: it is no data folder, or a server still runs on it.
    """
    if not (server.data / "PG_VERSION").is_file():
        raise StackError(
            f"{server.data} holds no data of PostgreSQL: it lacks PG_VERSION. Remove it, and start "
            "the stack again."
        )
    lock = server.data / "postmaster.pid"
    if not lock.exists():
        return
    wait_until(
        lambda: not _processes_on(server.data),
        what=f"the last PostgreSQL on {server.data} to end",
        time_limit_seconds=LAST_PROCESSES_TIME_LIMIT_SECONDS,
        diagnose=lambda: (
            f"Processes {', '.join(map(str, _processes_on(server.data)))} still use it. End them "
            "with `acceptance stack down`."
        ),
    )
    lock.unlink(missing_ok=True)


def _processes_on(data: Path) -> tuple[int, ...]:
    """Return who works in a data folder: all processes of a server do."""
    found = []
    for entry in psutil.process_iter():
        try:
            if Path(entry.cwd()) == data.resolve():
                found.append(entry.pid)
        except (psutil.Error, OSError):  # ended meanwhile, or somebody else's
            continue
    return tuple(found)


def _unready(server: PostgresServer) -> str:
    try:
        data = query(server, "SHOW data_directory")
    except StackError as error:
        return str(error)
    if Path(data) != server.data:
        return (
            f"another PostgreSQL answers on port {server.port}, with its data in {data}. End it, "
            "or let the stack choose a free port"
        )
    return ""


def _provision(server: PostgresServer) -> None:
    create_database(server, server.database)


def _kept_password(path: Path) -> Secret:
    try:
        return Secret(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        password = secrets.token_urlsafe(24)
        write_private(path, password)
        return Secret(password)
