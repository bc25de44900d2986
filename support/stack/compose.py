"""The stack `compose`: published images, run by a Docker engine through its own client."""

from collections.abc import Callable

from support.foundation.errors import StackError
from support.foundation.text import listed, tail
from support.stack.compose_file import IMAGES, placeholders
from support.stack.compose_project import ComposeStack
from support.stack.docker_client import (
    ENGINE_TIME_LIMIT_SECONDS,
    ServiceState,
    compose,
    demand,
    parse_status,
)

Progress = Callable[[str], None]

FOUNDATION = ("pod", "postgres", "keycloak")
"""What is up before the identity provider is given its realm; the platform asks for it at once."""

PULL_TIME_LIMIT_SECONDS = 1800.0
UP_TIME_LIMIT_SECONDS = 300
DOWN_TIME_LIMIT_SECONDS = 120.0
LOG_LINES = 25


def _silent(_text: str) -> None:
    return None


def _nothing() -> None:
    return None


def up(
    stack: ComposeStack, *, provision: Callable[[], None] = _nothing, progress: Progress = _silent
) -> None:
    """Start the project and return once every service is healthy; whatever fails ends it again.

    Args:
        stack: configured before.
        provision: fills identity provider and database, which serve by then; the platform does not.
        progress: is told each step.

    Raises:
        StackError: an image cannot be had, or a service does not become healthy; the message has
            the end of its log.
    """
    try:
        progress("pulling images")
        _pull(stack)
        progress("starting the database and the identity provider")
        _start(stack, FOUNDATION)
        progress("filling the identity provider")
        provision()
        progress("starting the platform and its key access services")
        _start(stack, ())
    except BaseException:
        progress("ending what was started")
        compose(stack, _DOWN, placeholders(), DOWN_TIME_LIMIT_SECONDS)
        raise


_DOWN = ("down", "--volumes", "--remove-orphans", "--timeout", "10")


def down(stack: ComposeStack, progress: Progress = _silent) -> None:
    """End the project and remove its containers and volumes; harmless when there is none.

    Raises:
        StackError: the engine refuses.
    """
    progress(f"ending {stack.project}")
    demand(stack, _DOWN, DOWN_TIME_LIMIT_SECONDS)


def status(stack: ComposeStack) -> tuple[ServiceState, ...]:
    """Return the state of every service, by name; none when the project is not up.

    Raises:
        StackError: the engine does not tell.
    """
    record = demand(stack, ("ps", "--all", "--format", "json"), ENGINE_TIME_LIMIT_SECONDS)
    return parse_status(record.stdout)


def logs(stack: ComposeStack, service: str, lines: int = LOG_LINES) -> str:
    """Return the last lines that a service wrote.

    Raises:
        StackError: there is no such service.
    """
    arguments = ("logs", "--no-color", "--no-log-prefix", "--tail", str(lines), service)
    return demand(stack, arguments, ENGINE_TIME_LIMIT_SECONDS).stdout


def _pull(stack: ComposeStack) -> None:
    arguments = ("pull", "--policy", "missing", "--quiet")
    record = compose(stack, arguments, stack.variables(), PULL_TIME_LIMIT_SECONDS)
    if record.exit_code != 0:
        images = listed(sorted({**IMAGES, **stack.images}.values()))
        raise StackError(
            f"The images of {stack.project} cannot be had ({images}): {tail(record.stderr, 4)} "
            "Check the network and `docker login`, or load them (`docker load`)."
        )


def _start(stack: ComposeStack, services: tuple[str, ...]) -> None:
    limit = UP_TIME_LIMIT_SECONDS
    arguments = ("up", "--detach", "--wait", "--wait-timeout", str(limit), *services)
    record = compose(stack, arguments, stack.variables(), limit + 60.0)
    if record.exit_code != 0:
        raise StackError(
            f"The stack {stack.project} did not come up: {tail(record.stderr, 4)}\n"
            f"{_culprits(stack)}"
        )


def _culprits(stack: ComposeStack) -> str:
    """Return the ends of the logs of services that do not serve."""
    try:
        ill = [state for state in status(stack) if not state.serves]
    except StackError as error:
        return str(error)
    parts = []
    for state in ill:
        watched = state.service.removesuffix("-watch")
        said = tail(logs(stack, watched), LOG_LINES) or "(empty)"
        parts.append(
            f"{watched} is {state.health or state.state} (exit code {state.exit_code}). Its log "
            f"ends: {said}"
        )
    return "\n".join(dict.fromkeys(parts)) or "The engine calls every service healthy by now."
