"""Starting a Keycloak once for the sake of all later starts.

It leaves two things: an archive of the classes that a start with our realms loads, which spares
the later ones to parse and verify them, and a database with tables but no realm, which spares
them the migrations. Both are for one distribution and one Java. A machine on which the rehearsal
fails starts Keycloak without them.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from support.foundation import living
from support.foundation.errors import EnvironmentUnfitError, StackError
from support.foundation.files import locked
from support.foundation.process import BackgroundProcess, run, start
from support.foundation.progress import Progress, reporting, silent
from support.foundation.settings import child_environment
from support.foundation.text import tail
from support.foundation.waiting import wait_until
from support.stack import ports
from support.stack.components.keycloak_distribution import Distribution
from support.stack.components.keycloak_launch import H2_OPTIONS, Rehearsed, launch
from support.stack.components.keycloak_readiness import unready
from support.stack.components.keycloak_server import keycloak_server

START_TIME_LIMIT_SECONDS = 180.0
END_TIME_LIMIT_SECONDS = 120.0  # 11 to 17 s here: the archive is written at the end
QUERY_TIME_LIMIT_SECONDS = 60.0
REVISION = 1  # counts changes of what is rehearsed

_CLASSES, _DATABASE = "classes.jsa", "keycloak.mv.db"
_KEPT = ("DATABASECHANGELOG", "DATABASECHANGELOGLOCK", "MIGRATION_MODEL")
_TABLES = f"""
SELECT 'TABLE ' || TABLE_NAME FROM INFORMATION_SCHEMA.TABLES
WHERE TABLE_SCHEMA = 'PUBLIC' AND TABLE_NAME NOT IN {_KEPT}
"""  # noqa: S608 -- our own names


def ensure(distribution: Distribution, progress: Progress = silent) -> Rehearsed | None:
    """Return what a rehearsal left, after making one if there was none; None where it fails."""
    key = hashlib.sha256(f"{distribution.java}\n{REVISION}".encode()).hexdigest()[:12]
    place = distribution.home.parent / f"rehearsed-{key}"
    found = Rehearsed(place / _CLASSES, place / _DATABASE)
    if place.is_dir():
        return found
    try:
        with locked(place.with_suffix(".lock")):
            if not place.is_dir():
                _make(distribution, place, progress)
    except (EnvironmentUnfitError, OSError) as error:
        progress(f"Keycloak will start more slowly, for the rehearsal of a start failed: {error}")
        return None
    return found


def _make(distribution: Distribution, place: Path, progress: Progress) -> None:
    with (
        reporting("Rehearsing a start of Keycloak (about half a minute, once)", progress),
        tempfile.TemporaryDirectory(dir=place.parent, prefix=".rehearsal-") as name,
    ):
        folder, left = Path(name) / "server", Path(name) / "left"
        left.mkdir()
        folder.mkdir()
        database = _rehearse(distribution, folder, left / _CLASSES)
        _empty(distribution, database)
        shutil.move(database, left / _DATABASE)
        left.rename(place)


def _rehearse(distribution: Distribution, folder: Path, classes: Path) -> Path:
    """Start a server, fill it, end it; return its database."""
    from support.stack.components import realm  # noqa: PLC0415 -- half a second to load

    port = ports.free()
    server = keycloak_server(folder, port)
    options = (f"-XX:ArchiveClassesAtExit={classes}",)
    made = launch(server, distribution, ports.free((port,)), java_options=options)
    child = start(
        "keycloak", made.arguments, environment=made.environment, log=folder / "keycloak.log"
    )
    try:
        _wait_until_up(child, lambda: not unready(server))
        realm.provision(server)
        identity = living.identity_of(child.process_id)
        living.end([identity], grace_seconds=END_TIME_LIMIT_SECONDS)
    finally:
        child.stop()
    if not classes.is_file():
        raise StackError(f"No {classes.name} was written. The log ends: {child.last_output()}")
    return folder / "database" / _DATABASE


def _wait_until_up(child: BackgroundProcess, serves: Callable[[], bool]) -> None:
    def up() -> bool:
        if child.exit_code is not None:
            raise StackError(f"It stopped with {child.exit_code}: {child.last_output()}")
        return serves()

    wait_until(
        up,
        what="Keycloak to serve",
        time_limit_seconds=START_TIME_LIMIT_SECONDS,
        interval_seconds=0.1,
        diagnose=child.last_output,
    )


def _empty(distribution: Distribution, database: Path) -> None:
    """Remove all rows but those that say which migrations were made."""
    lines = _query(distribution, database, _TABLES).splitlines()
    tables = [line.split()[1] for line in lines if line.startswith("TABLE ")]
    if not tables:
        raise StackError(
            f"The database has no tables. Its client said: {tail(chr(10).join(lines))}"
        )
    statements = "".join(f"TRUNCATE TABLE {table};" for table in tables)
    _query(distribution, database, f"SET REFERENTIAL_INTEGRITY FALSE;{statements}")


def _query(distribution: Distribution, database: Path, statements: str) -> str:
    """Run SQL with the client of H2, which knows neither user nor password: others cannot get in.

    The file is ours, in a folder that only its owner enters.
    """
    (jar,) = (distribution.home / "lib" / "lib" / "main").glob("com.h2database.h2-*.jar")
    name = str(database).removesuffix(".mv.db")
    record = run(
        [
            *(distribution.java.program, "-cp", jar, "org.h2.tools.Shell"),
            *("-url", f"jdbc:h2:file:{name};{H2_OPTIONS}", "-user", "", "-password", ""),
            *("-sql", statements),
        ],
        environment=child_environment(),
        time_limit_seconds=QUERY_TIME_LIMIT_SECONDS,
    )
    if record.exit_code != 0 or "Error:" in record.stdout + record.stderr:
        raise StackError(f"The tables could not be emptied: {tail(record.stdout + record.stderr)}")
    return record.stdout
