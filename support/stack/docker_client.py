"""The Docker client: finding it with an engine behind it, and running `docker compose`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.foundation import process
from support.foundation.errors import EnvironmentUnfitError, StackError
from support.foundation.process import find_program
from support.foundation.settings import search_path
from support.foundation.text import tail
from support.model.records import CommandRecord
from support.stack.compose_file import COMPOSE_FILE, client_environment, has_compose, placeholders
from support.stack.compose_project import ComposeStack

ENGINE_TIME_LIMIT_SECONDS = 20.0

_REMEDY = (
    "Start one (`sudo systemctl start docker`, or Docker Desktop) and see that `docker version` "
    "names a server; or use the stack `processes`, which needs none."
)


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What the engine says of a service: running, exited, …; healthy, unhealthy, starting or ""."""

    service: str
    state: str
    health: str
    exit_code: int

    @property
    def serves(self) -> bool:
        """Whether it runs and is not known to be ill."""
        return self.state == "running" and self.health in {"", "healthy"}


def find_docker(programs: str | None = None) -> Path:
    """Return the Docker client, once an engine has answered it.

    Args:
        programs: where to look for it, as in PATH.

    Raises:
        StackError: there is no client, it has no `compose`, or no engine answers.
    """
    docker = find_program("docker", search_path() if programs is None else programs)
    if docker is None:
        raise StackError(
            "The stack `compose` needs Docker, and there is no `docker` on PATH. Install Docker "
            "Engine with its compose plugin, or use the stack `processes`, which needs none."
        )
    try:
        record = process.run(
            [docker, "version", "--format", "{{.Server.Version}}"],
            environment=client_environment({}),
            time_limit_seconds=ENGINE_TIME_LIMIT_SECONDS,
        )
    except EnvironmentUnfitError as error:
        raise StackError(f"No Docker engine answers. {error} {_REMEDY}") from error
    if record.exit_code != 0:
        said = tail(record.stderr, 2) or f"exit code {record.exit_code}"
        raise StackError(f"No Docker engine answers `{docker} version`: {said} {_REMEDY}")
    if not has_compose(docker):
        raise StackError(
            f"{docker} has no `docker compose`. Install the compose plugin, version 2 or newer "
            "(package docker-compose-plugin or docker-compose-v2), or use the stack `processes`."
        )
    return docker


def compose(
    stack: ComposeStack, arguments: tuple[str, ...], variables: Mapping[str, str], limit: float
) -> CommandRecord:
    """Run a command of `docker compose` for a project, and return what happened."""
    return process.run(
        [
            *(stack.docker, "compose", "--ansi", "never", "--progress", "plain"),
            *("-p", stack.project, "-f", COMPOSE_FILE),
            *arguments,
        ],
        environment=client_environment(variables),
        time_limit_seconds=limit,
    )


def demand(stack: ComposeStack, arguments: tuple[str, ...], limit: float) -> CommandRecord:
    """Run a command that needs none of the secrets.

    Raises:
        StackError: it failed.
    """
    record = compose(stack, arguments, placeholders(), limit)
    if record.exit_code != 0:
        raise StackError(
            f"`docker compose {arguments[0]}` failed for {stack.project}: "
            f"{tail(record.stderr, 4) or f'exit code {record.exit_code}'} Does `docker version` "
            "name a server?"
        )
    return record


def parse_status(text: str) -> tuple[ServiceState, ...]:
    """Read what `docker compose ps --format json` prints: a list (up to 2.20), or one a line.

    Raises:
        StackError: it is neither.
    """
    try:
        if text.lstrip().startswith("["):
            entries = json.loads(text)
        else:
            entries = [json.loads(line) for line in text.splitlines() if line.strip()]
        states = [
            ServiceState(e["Service"], e["State"], e.get("Health") or "", int(e.get("ExitCode", 0)))
            for e in entries
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StackError(
            f"`docker compose ps --format json` printed {text[:200]!r}, which is not the JSON of "
            "services. Expected one object with Service and State a line; is it version 2 or newer?"
        ) from error
    return tuple(sorted(states, key=lambda state: state.service))
