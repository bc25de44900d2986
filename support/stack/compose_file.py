"""The compose file of ours: which images and variables it wants, and whether it is sound."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from support.foundation import process
from support.foundation.documents import Document, load_yaml
from support.foundation.errors import ConfigurationError
from support.foundation.process import find_program
from support.foundation.settings import build_environment, search_path
from support.foundation.text import did_you_mean, listed, tail

COMPOSE_FILE = Path(__file__).with_name("compose.yaml")
SCHEMA = "compose-file"

IMAGES: Mapping[str, str] = {
    "KEYCLOAK_IMAGE": "quay.io/keycloak/keycloak:26.7.3",
    "PLATFORM_IMAGE": "registry.opentdf.io/platform:v0.25.0",
    "POSTGRES_IMAGE": "postgres:15-alpine",
}
"""The only place that names versions of images."""

KAS_INSTANCES = ("alpha", "beta", "gamma", "delta", "km1", "km2")
LISTENERS = ("keycloak", "postgres", "platform", *(f"kas-{name}" for name in KAS_INSTANCES))
"""What listens on a port, by the name of its service."""

SECRETS = ("KEYCLOAK_PASSWORD", "POSTGRES_PASSWORD")
FOLDER = "CONFIGURATION_FOLDER"
TIME_LIMIT_SECONDS = 30.0

_PASSED = re.compile(r"PATH|HOME|TMPDIR|XDG_(CONFIG_HOME|RUNTIME_DIR)|DOCKER_\w+|SSH_AUTH_SOCK")
_PROXIES = re.compile(r"(https?|no|all)_proxy", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)")


def port_variable(listener: str) -> str:
    """Return the variable of a listener's port, such as `KAS_ALPHA_PORT`."""
    return f"{listener.upper().replace('-', '_')}_PORT"


def placeholders() -> dict[str, str]:
    """Return a harmless value for every variable, for commands that only read the file."""
    ports = {port_variable(name): str(20000 + i) for i, name in enumerate(LISTENERS)}
    return {**IMAGES, **ports, **dict.fromkeys(SECRETS, "unused"), FOLDER: "/nowhere"}


def client_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the Docker client: where its engine is, and the file's variables.

    Variables such as COMPOSE_FILE and COMPOSE_PROFILES stay out: they would change what is run.
    """
    kept = {
        name: value
        for name, value in build_environment().items()
        if _PASSED.fullmatch(name) or _PROXIES.fullmatch(name)
    }
    return {**kept, **variables}


def validate(path: Path = COMPOSE_FILE, programs: str | None = None) -> tuple[str, ...]:
    """Return what is wrong with a compose file; nothing is started, and no engine is needed.

    It is always checked against our schema and for what a schema cannot say, and by
    `docker compose config` where that client is there.

    Args:
        path: the file.
        programs: where to look for `docker`, as in PATH.
    """
    try:
        document = load_yaml(path, SCHEMA)
    except ConfigurationError as error:
        return (str(error),)
    return (*_relations(document), *_said_by_client(path, programs))


def _relations(document: Document) -> Iterator[str]:
    services: Mapping[str, Any] = document.value["services"]
    for name, service in services.items():
        wanted = {f"depends_on.{other}": other for other in service.get("depends_on", {})}
        if "network_mode" in service:
            wanted["network_mode"] = service["network_mode"].removeprefix("service:")
        for key, other in wanted.items():
            if other not in services:
                yield (
                    f"{document.where(('services', name, key.partition('.')[0]))}: "
                    f'services.{name}.{key} names the service "{other}", which there is not.'
                    f"{did_you_mean(other, services)} Services: {listed(services)}."
                )
        for other, condition in service.get("depends_on", {}).items():
            waits = condition["condition"] == "service_healthy"
            if waits and other in services and "healthcheck" not in services[other]:
                yield (
                    f"{document.where(('services', name, 'depends_on', other))}: services.{name} "
                    f'waits until "{other}" is healthy, which has no healthcheck. Give it one.'
                )
    used = set(_VARIABLE.findall(document.path.read_text(encoding="utf-8")))
    for variable in sorted(used - set(placeholders())):
        yield (
            f"{document.path}: nobody sets the variable {variable}."
            f"{did_you_mean(variable, placeholders())} Known: {listed(sorted(placeholders()))}."
        )


def _said_by_client(path: Path, programs: str | None) -> tuple[str, ...]:
    docker = find_program("docker", search_path() if programs is None else programs)
    if docker is None or not has_compose(docker):
        return ()
    record = process.run(
        [docker, "compose", "-p", "validate", "-f", path, "config", "--quiet"],
        environment=client_environment(placeholders()),
        time_limit_seconds=TIME_LIMIT_SECONDS,
    )
    if record.exit_code == 0:
        return ()
    return (f"{path}: `docker compose config` refuses it: {tail(record.stderr, 3)}",)


def has_compose(docker: Path) -> bool:
    """Return whether the client has `docker compose`."""
    record = process.run(
        [docker, "compose", "version"],
        environment=client_environment({}),
        time_limit_seconds=TIME_LIMIT_SECONDS,
    )
    return record.exit_code == 0
