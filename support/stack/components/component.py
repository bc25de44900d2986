"""What a part of a stack is, as plain values: what it needs, what is started, when it serves."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TIME_LIMIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """The process that a component is.

    Attributes:
        arguments: program and arguments; never a secret, for others can read them.
        environment: the whole environment, secrets included.
        working_directory: where it runs; the current directory by default.
        user: the unprivileged user it runs as; None for the user who calls.
        stop_signal: asks it to end; PostgreSQL, for one, waits for its clients on SIGTERM.
    """

    arguments: tuple[str | Path, ...]
    environment: Mapping[str, str] = field(repr=False)
    working_directory: Path | None = None
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM


def _nothing() -> None:
    return None


def no_advice(_log: str) -> str:
    """Know no remedy."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One process of a stack.

    Attributes:
        name: as people know it, such as `keycloak` or `kas-alpha`; its log is `<name>.log`.
        launch: writes its configuration and returns what to start; called once what it needs
            serves, and again at a restart.
        unready: returns what it still lacks, or an empty string once it really serves.
        ports: where it will listen on loopback; whoever has one of them is named before it starts.
        needs: names of the components that have to serve before it starts.
        provision: fills it with data once it serves; what needs it waits for that, too.
        advise: given the end of its log, returns the remedy where the cause is known, else an
            empty string.
        time_limit_seconds: how long it may take until it serves.
    """

    name: str
    launch: Callable[[], Launch]
    unready: Callable[[], str]
    ports: tuple[int, ...] = ()
    needs: tuple[str, ...] = ()
    provision: Callable[[], None] = _nothing
    advise: Callable[[str], str] = no_advice
    time_limit_seconds: float = TIME_LIMIT_SECONDS
