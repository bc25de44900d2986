"""The Java that runs Keycloak: found, and new enough."""

import re
from dataclasses import dataclass
from pathlib import Path

from support.foundation.errors import CommandTimeoutError, EnvironmentUnfitError
from support.foundation.process import find_program, run
from support.foundation.settings import build_environment, child_environment, search_path
from support.foundation.text import tail

OLDEST = 17
TIME_LIMIT_SECONDS = 60.0

_VERSION = re.compile(r'version "(?:1\.)?(\d+)[^"]*"')
_REMEDY = (
    f"Install Java {OLDEST} or newer (Debian: `apt-get install openjdk-{OLDEST}-jre-headless`; "
    "others: https://adoptium.net), and put `java` on the PATH or name its folder by JAVA_HOME."
)


@dataclass(frozen=True, slots=True)
class Java:
    """A Java that is new enough; `told` is all that it says about its version."""

    program: Path
    version: int
    told: str


def find_java() -> Java:
    """Return the Java of JAVA_HOME, else the one on the PATH.

    Raises:
        EnvironmentUnfitError: there is none, it does not run, or it is too old.
    """
    program, origin = _program()
    try:
        record = run(
            [program, "-version"],
            environment=child_environment(),
            time_limit_seconds=TIME_LIMIT_SECONDS,
        )
    except CommandTimeoutError as error:
        raise EnvironmentUnfitError(f"{error} Keycloak needs Java. {_REMEDY}") from error
    except EnvironmentUnfitError as error:
        raise EnvironmentUnfitError(f"{error} It is {origin}. {_REMEDY}") from error
    told = (record.stderr + record.stdout).strip()
    found = _VERSION.search(told)
    if record.exit_code != 0 or found is None:
        raise EnvironmentUnfitError(
            f"`{program} -version` ({origin}) ended with exit code {record.exit_code} and said "
            f"{tail(told) or 'nothing'}. Expected the version of a Java. {_REMEDY}"
        )
    version = int(found[1])
    if version < OLDEST:
        raise EnvironmentUnfitError(
            f"{program} ({origin}) is Java {version} ({found[0]}), but Keycloak needs {OLDEST} or "
            f"newer. {_REMEDY}"
        )
    return Java(program, version, told)


def _program() -> tuple[Path, str]:
    home = build_environment().get("JAVA_HOME")
    if home:
        return Path(home) / "bin" / "java", "of JAVA_HOME"
    found = find_program("java", search_path())
    if found is None:
        raise EnvironmentUnfitError(f"Keycloak needs Java, but there is no `java`. {_REMEDY}")
    return found, "on the PATH"
