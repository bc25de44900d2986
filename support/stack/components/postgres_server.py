"""A PostgreSQL server as a value, and what is asked of it: queries, databases."""

from dataclasses import dataclass
from pathlib import Path

from support.foundation import process
from support.foundation.errors import ConfigurationError, StackError
from support.foundation.settings import child_environment
from support.foundation.text import tail
from support.services.secret import Secret

HOST = "127.0.0.1"
MAINTENANCE_DATABASE = "postgres"
KEPT_DATABASES = (MAINTENANCE_DATABASE, "template0", "template1")
LONGEST_NAME_BYTES = 63  # the server cuts off what is longer (NAMEDATALEN)
QUERY_TIME_LIMIT_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A server of ours: where it listens, who may do everything, where it keeps things.

    Attributes:
        port: on 127.0.0.1, its only address.
        password: that of `user`.
        programs: the folder with postgres, initdb and psql.
        home: the folder that holds its data, log of the set-up and nothing else.
        user: its superuser.
        database: the database made for the platform.
        runs_as: the user of this machine whose process it is; None for us.
        folders: what has to be removed with the stack beside the stack's own folder.
    """

    port: int
    password: Secret
    programs: Path
    home: Path
    user: str = "postgres"
    database: str = "opentdf"
    host: str = HOST
    runs_as: str | None = None
    folders: tuple[Path, ...] = ()

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.home / "data"


def query(server: PostgresServer, sql: str, database: str = MAINTENANCE_DATABASE) -> str:
    """Run a statement by password over TCP and return the rows, one a line, columns parted by `|`.

    Raises:
        StackError: the server does not answer, does not let us in, or refuses the statement.
    """
    record = process.run(
        [
            *(server.programs / "psql", "--no-psqlrc", "--no-password", "--tuples-only"),
            *("--no-align", "--quiet", "--set", "ON_ERROR_STOP=1", "--command", sql),
        ],
        environment=child_environment(
            {
                "PGHOST": server.host,
                "PGPORT": str(server.port),
                "PGUSER": server.user,
                "PGPASSWORD": server.password.reveal(),
                "PGDATABASE": database,
                "PGSSLMODE": "disable",
                "PGCONNECT_TIMEOUT": "3",
                "PGPASSFILE": "/dev/null",
            }
        ),
        time_limit_seconds=QUERY_TIME_LIMIT_SECONDS,
    )
    if record.exit_code != 0:
        raise StackError(
            f"PostgreSQL on {server.host}:{server.port}, database {database}: "
            f"{tail(record.stderr, 4) or f'psql ended with exit code {record.exit_code}'}"
            f"{_remedy(record.stderr)}"
        )
    return record.stdout.strip()


def _remedy(said: str) -> str:
    if "Connection refused" in said or "could not connect" in said:
        return " The database is down: `acceptance stack up` starts it again, its log says why."
    if "password authentication failed" in said:
        return " Its data is of another start: `acceptance stack down`, then `up`, makes it anew."
    return ""


def create_database(server: PostgresServer, name: str) -> bool:
    """Create a database unless it is there; return whether it was created.

    Raises:
        ConfigurationError: the name cannot be one.
        StackError: the server refuses.
    """
    _checked(name)
    if _exists(server, name):
        return False
    try:
        query(server, f"CREATE DATABASE {quoted_name(name)}")
    except StackError:
        if _exists(server, name):  # somebody else was faster
            return False
        raise
    return True


def drop_database(server: PostgresServer, name: str) -> None:
    """Remove a database and whoever is connected to it; one that is not there is no mistake.

    Raises:
        ConfigurationError: the name cannot be one, or is that of one the server needs.
        StackError: the server refuses.
    """
    _checked(name)
    if name in KEPT_DATABASES:
        raise ConfigurationError(
            f'The database "{name}" is the server\'s own and is not removed. Expected one that was '
            "made for a stack."
        )
    query(server, f"DROP DATABASE IF EXISTS {quoted_name(name)} WITH (FORCE)")


def admit(server: PostgresServer, name: str, *, admitted: bool) -> None:
    """Let clients use a database, or end their connections and take no others, superusers' either.

    Raises:
        ConfigurationError: the name cannot be one.
        StackError: the server refuses, or there is no such database.
    """
    _checked(name)
    allowed = "true" if admitted else "false"
    query(server, f"ALTER DATABASE {quoted_name(name)} WITH ALLOW_CONNECTIONS {allowed}")
    if not admitted:
        query(
            server,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "  # noqa: S608 -- quoted
            f"WHERE datname = {quoted_text(name)}",
        )


def _exists(server: PostgresServer, name: str) -> bool:
    return query(server, f"SELECT 1 FROM pg_database WHERE datname = {quoted_text(name)}") == "1"  # noqa: S608 -- quoted


def _checked(name: str) -> None:
    if not name or "\0" in name or len(name.encode()) > LONGEST_NAME_BYTES:
        raise ConfigurationError(
            f"{name!r} cannot be the name of a database. Expected 1 to {LONGEST_NAME_BYTES} bytes "
            "of text without NUL."
        )


def quoted_name(name: str) -> str:
    """Return a name as SQL takes it, whatever is in it."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def quoted_text(text: str) -> str:
    """Return text as SQL takes it (`standard_conforming_strings`, the default since 9.1)."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
