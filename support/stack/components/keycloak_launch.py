"""How a Keycloak is started: its folder, its options, and no secret where others can read it."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.foundation.errors import StackError
from support.foundation.settings import child_environment
from support.stack.components.component import Launch
from support.stack.components.keycloak_distribution import Distribution
from support.stack.components.keycloak_server import KeycloakServer

HOST = "127.0.0.1"
H2_OPTIONS = "NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0"

_MAIN = "io.quarkus.bootstrap.runner.QuarkusEntryPoint"
_THREADS = "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory"
# What bin/kc.sh passes, with one difference: one compiler and one collector, for short lives.
_JAVA_OPTIONS = (
    *("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xms128m", "-Xmx512m"),
    *("-XX:MaxMetaspaceSize=256m", "-XX:+ExitOnOutOfMemoryError", "-Xshare:auto"),
    *("-Dfile.encoding=UTF-8", "-Duser.language=en", "-Duser.country=US"),
    *("-Xlog:cds=off", "-Xlog:cds+dynamic=off"),  # an archive that does not fit is not used
    "-Djava.security.egd=file:/dev/urandom",
    *(
        f"--add-opens=java.base/java.{package}=ALL-UNNAMED"
        for package in ("util", "util.concurrent", "security", "lang")
    ),
    "--enable-native-access=ALL-UNNAMED",
    f"-Djava.util.concurrent.ForkJoinPool.common.threadFactory={_THREADS}",
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    "-Dpicocli.disable.closures=true",
    "-Dquarkus-log-max-startup-records=10000",
)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What an earlier start left, so that others are fast.

    Attributes:
        classes: archive of the classes that a start loads (class data sharing).
        database: its tables, without any realm in them.
    """

    classes: Path
    database: Path


def launch(
    server: KeycloakServer,
    distribution: Distribution,
    management_port: int,
    rehearsed: Rehearsed | None = None,
    java_options: tuple[str, ...] = (),
) -> Launch:
    """Prepare a folder for a server and return how to start it.

    Raises:
        StackError: its folder cannot be written.
    """
    home, database = server.folder / "home", server.folder / "database"
    try:
        _link(home, distribution.home)
        if not database.exists():
            _fill(database, rehearsed)
    except OSError as error:
        raise StackError(
            f"{server.folder} cannot be written: {error.strerror or error}. Keycloak keeps its "
            "data there; free space or make it writable."
        ) from error
    shared = (f"-XX:SharedArchiveFile={rehearsed.classes}",) if rehearsed else ()
    return Launch(
        # bin/kc.sh would stand between us and the server: whoever ends it has not ended that.
        arguments=(
            distribution.java.program,
            *_JAVA_OPTIONS,
            *(java_options or shared),
            f"-Dkc.home.dir={home}",
            f"-Djboss.server.config.dir={home / 'conf'}",
            *("-cp", distribution.home / "lib" / "quarkus-run.jar"),
            *(_MAIN, "start", "--optimized"),
        ),
        environment=child_environment(_variables(server, database, management_port)),
        working_directory=server.folder,
    )


def _variables(server: KeycloakServer, database: Path, management_port: int) -> Mapping[str, str]:
    return {
        "KC_HTTP_ENABLED": "true",
        "KC_HTTP_HOST": HOST,
        "KC_HTTP_PORT": str(server.port),
        "KC_HTTP_MANAGEMENT_HOST": HOST,
        "KC_HTTP_MANAGEMENT_PORT": str(management_port),
        "KC_HOSTNAME": server.base_url,
        "KC_CACHE": "local",  # the default looks for other servers, and listens for them
        "KC_DB_URL": f"jdbc:h2:file:{database / 'keycloak'};{H2_OPTIONS}",
        "KC_BOOTSTRAP_ADMIN_USERNAME": server.admin_user,
        "KC_BOOTSTRAP_ADMIN_PASSWORD": server.admin_password.reveal(),
    }


def _link(home: Path, distribution: Path) -> None:
    """Make a home that shares all of a distribution but keeps what a server writes."""
    home.mkdir(parents=True, exist_ok=True)
    home.parent.chmod(0o700)
    for entry in distribution.iterdir():
        link = home / entry.name
        if entry.name == "data" or (link.is_symlink() and link.readlink() == entry):
            continue
        link.unlink(missing_ok=True)
        link.symlink_to(entry)


def _fill(database: Path, rehearsed: Rehearsed | None) -> None:
    """Make the folder of the database, with empty tables in it where they are prepared."""
    draft = database.with_name(".database.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    if rehearsed:
        shutil.copyfile(rehearsed.database, draft / "keycloak.mv.db")
    draft.rename(database)
