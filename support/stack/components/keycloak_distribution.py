"""The Keycloak distribution: found or fetched, unpacked once, and built for fast starts.

What others gave us is never changed: a copy in our cache is built and runs. Building once spares
every start the augmentation that `kc.sh start-dev` does.
"""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.foundation.errors import ConfigurationError, EnvironmentUnfitError
from support.foundation.files import locked
from support.foundation.process import find_program, run
from support.foundation.progress import Progress, reporting, silent
from support.foundation.settings import (
    Settings,
    build_environment,
    cache_folder,
    child_environment,
    search_path,
)
from support.foundation.text import tail
from support.stack.components.java import Java, find_java
from support.stack.components.keycloak_archive import SHA256, VERSION, broken, unpack, unwritable

COORDINATES = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
FILE_NAME = f"keycloak-quarkus-dist-{VERSION}.zip"
FETCH_TIME_LIMIT_SECONDS = 900.0
BUILD_TIME_LIMIT_SECONDS = 600.0
OLDEST = 26

BUILD_OPTIONS = {
    "KC_DB": "dev-file",
    "KC_FEATURES": "dpop,token-exchange",
    "KC_HTTP_RELATIVE_PATH": "/auth",
    "KC_HEALTH_ENABLED": "true",
    "KC_CACHE": "local",
}
"""What a server is built with; it cannot be changed at a start."""

_STAMP = ".built"
_RUNNER = Path("lib", "quarkus-run.jar")
_VERSION_LINE = re.compile(r"Version (\d+(?:\.\d+)*)")
_REMEDIES = (
    "Put Maven's `mvn` on the PATH (Debian: `apt-get install maven`) so that it can be fetched; or "
    f"name an archive {FILE_NAME} by ACCEPTANCE_KEYCLOAK_ZIP (from "
    f"https://www.keycloak.org/downloads, or `mvn dependency:copy -Dartifact={COORDINATES} "
    "-DoutputDirectory=.`); or name an unpacked distribution by ACCEPTANCE_KEYCLOAK_HOME."
)


@dataclass(frozen=True, slots=True)
class Distribution:
    """A Keycloak that is unpacked and built.

    Attributes:
        home: its folder, in our cache; servers only read it.
        java: what runs it.
    """

    home: Path
    version: str
    java: Java


def version_of(settings: Settings) -> str:
    """Return the version of Keycloak that `ensure` will give; nothing is fetched for it.

    Raises:
        ConfigurationError: `keycloak_home` is no folder of a Keycloak that we can run.
    """
    home = settings.value("keycloak_home")
    return _version_in(Path(home)) if home else VERSION


def ensure(settings: Settings, progress: Progress = silent) -> Distribution:
    """Return a distribution that can be started, from the first of these that is set or there.

    `keycloak_home`, `keycloak_zip`, our cache; else it is fetched with Maven.

    Args:
        settings: may name a distribution or an archive.
        progress: gets a line before and during whatever takes long.

    Raises:
        ConfigurationError: what the settings name is none, or another one.
        EnvironmentUnfitError: it cannot be fetched, unpacked or built; or Java does not fit.
    """
    java = find_java()
    _require_whole(settings)
    version, made_of = version_of(settings), _made_of(settings)
    home = cache_folder() / "keycloak" / f"{version}-{made_of}" / "server"
    if not (home / _STAMP).is_file():
        _make(home, settings, java, progress)
    return Distribution(home, version, java)


def _make(home: Path, settings: Settings, java: Java, progress: Progress) -> None:
    """Make the server aside and move it to its place; who comes second waits and finds it there."""
    place = home.parent
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(place, error) from error
    with locked(place / "lock"):
        if (home / _STAMP).is_file():
            return
        workshop = place / ".new"  # only who holds the lock is here: what is left was broken off
        shutil.rmtree(workshop, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)
        try:
            made = _source(workshop, settings, progress)
            _build(made, java, progress)
            (made / _STAMP).touch()
            made.rename(home)
        except OSError as error:
            raise unwritable(workshop, error) from error
        finally:
            shutil.rmtree(workshop, ignore_errors=True)


def _require_whole(settings: Settings) -> None:
    """Refuse an archive that is named but broken, also where a built server is in the cache."""
    archive = settings.get("keycloak_zip")
    if archive is None or settings.value("keycloak_home"):
        return
    if problem := broken(Path(archive.value), SHA256):
        raise ConfigurationError(
            f"ACCEPTANCE_KEYCLOAK_ZIP is {archive.value}: {problem}. Name a whole {FILE_NAME}; "
            "another version can be named by ACCEPTANCE_KEYCLOAK_HOME, unpacked."
        )


def _source(workshop: Path, settings: Settings, progress: Progress) -> Path:
    home, archive = settings.value("keycloak_home"), settings.value("keycloak_zip")
    if home:
        with reporting(f"Copying Keycloak from {home}", progress):
            return Path(shutil.copytree(home, workshop / "copy", ignore=_data_of(Path(home))))
    if archive:
        return _unpacked(Path(archive), workshop, progress)
    with _fetched(workshop, progress) as fetched:
        return _unpacked(fetched, workshop, progress)


def _data_of(home: Path) -> Callable[[str, list[str]], list[str]]:
    """Leave out the data of a server that ran there: it is not ours."""
    return lambda folder, names: [n for n in names if n == "data" and Path(folder) == home]


def _unpacked(archive: Path, workshop: Path, progress: Progress) -> Path:
    with reporting(f"Unpacking Keycloak {VERSION}", progress):
        return unpack(archive, workshop / "unpacked")


@contextmanager
def _fetched(workshop: Path, progress: Progress) -> Iterator[Path]:
    """Fetch the archive with Maven, once more if it comes broken, and remove it afterwards."""
    maven = find_program("mvn", search_path())
    if maven is None:
        raise EnvironmentUnfitError(f"There is no Keycloak {VERSION} here. {_REMEDIES}")
    target = workshop / "fetched"
    archive, problem = target / FILE_NAME, ""
    for attempt in range(2):
        shutil.rmtree(target, ignore_errors=True)
        # Maven gives again what it has kept, so a second try is with a repository of its own.
        kept = (f"-Dmaven.repo.local={workshop / 'repository'}",) if attempt else ()
        with reporting(f"Fetching Keycloak {VERSION} with Maven (176 MB)", progress):
            _run_maven((str(maven), *kept), target)
        problem = broken(archive, SHA256)
        if not problem:
            break
        progress(f"The archive came broken: {problem}")
    else:
        raise EnvironmentUnfitError(
            f"Maven fetched {COORDINATES} twice, but {FILE_NAME} is not what it should be: "
            f"{problem}. Does a mirror or proxy change it? {_REMEDIES}"
        )
    yield archive


def _run_maven(command: tuple[str, ...], target: Path) -> None:
    arguments = (
        *command,
        *("--batch-mode", "-q", "-C", "dependency:copy"),
        *(f"-Dartifact={COORDINATES}", f"-DoutputDirectory={target}"),
    )
    try:
        record = run(
            arguments,
            environment=build_environment(),
            time_limit_seconds=FETCH_TIME_LIMIT_SECONDS,
        )
    except EnvironmentUnfitError as error:
        raise EnvironmentUnfitError(f"{error} {_REMEDIES}") from error
    if record.exit_code != 0:
        raise EnvironmentUnfitError(
            f"`{' '.join(arguments)}` ended with exit code {record.exit_code}: "
            f"{tail(record.stdout + record.stderr) or '(no output)'}\nCan Maven reach its "
            f"repository (proxy, mirror in ~/.m2/settings.xml)? Otherwise: {_REMEDIES}"
        )


def _build(home: Path, java: Java, progress: Progress) -> None:
    environment = child_environment({**BUILD_OPTIONS, "JAVA": str(java.program)})
    with reporting("Building Keycloak for fast starts (about half a minute, once)", progress):
        record = run(
            [home / "bin" / "kc.sh", "build"],
            environment=environment,
            time_limit_seconds=BUILD_TIME_LIMIT_SECONDS,
        )
    if record.exit_code != 0:
        output = tail(record.stdout + record.stderr)
        full = "No space left on device" in output
        raise EnvironmentUnfitError(
            f"`kc.sh build` ended with exit code {record.exit_code}: {output or '(no output)'}\n"
            + (
                "The disk is full. Free space, or name a folder elsewhere by XDG_CACHE_HOME."
                if full
                else f"Is this a Keycloak {OLDEST}? {_REMEDIES}"
            )
        )


def _made_of(settings: Settings) -> str:
    """Return a short digest of all that a built server depends on."""
    parts = [f"{name}={value}" for name, value in sorted(BUILD_OPTIONS.items())]
    home = settings.value("keycloak_home")
    if home:
        runner = (Path(home) / _RUNNER).stat()
        parts += [str(Path(home).resolve()), str(runner.st_mtime_ns), str(runner.st_size)]
    else:
        parts.append(SHA256)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _version_in(home: Path) -> str:
    try:
        text = (home / "version.txt").read_text("utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"ACCEPTANCE_KEYCLOAK_HOME is {home}, which is no unpacked Keycloak: it has no "
            f"version.txt ({error.strerror}). {_REMEDIES}"
        ) from error
    found = _VERSION_LINE.search(text)
    if found is None or not (home / _RUNNER).is_file():
        raise ConfigurationError(
            f"ACCEPTANCE_KEYCLOAK_HOME is {home}, which is no unpacked Keycloak: version.txt says "
            f"{text[:80]!r}, and {_RUNNER} has to be there. {_REMEDIES}"
        )
    if int(found[1].split(".")[0]) < OLDEST:
        raise ConfigurationError(
            f"ACCEPTANCE_KEYCLOAK_HOME is {home}, a Keycloak {found[1]}; expected {OLDEST} or "
            f"newer. {_REMEDIES}"
        )
    return found[1]
