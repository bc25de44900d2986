"""A stack that is up, and the watch on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.services.locator import Services
from support.stack.maintenance import Maintenance


def _nothing_wrong() -> str:
    return ""


def _nothing_to_stop() -> None:
    return None


@dataclass(frozen=True, slots=True)
class RunningStack:
    """A stack that is up.

    Attributes:
        services: where its services are.
        how: one phrase for the run's header, such as `started for this run`.
        problem: returns why it no longer serves, or an empty string while it does.
        stop: ends what this run started; does nothing to a stack that was there before.
        restart: starts again what is gone, and returns the stack as it is then; None where that
            is not ours to do.
        variant: brings up a variant of it with other options, which ends on its own `stop`; None
            where there are no variants.
        audit_logs: files that audit records go to, where the run can read them, by the name of
            the key access service that writes there; `default` is the platform itself.
        logs: every log of the stack that the run can read, those included.
        options: the named options that it has.
        maintenance: what scenarios may do to it; None where it is not theirs.
        fresh: whether it began with this run, so that nothing has a name there yet.
        versions: version of each of its processes that tells one, by the process's name.
    """

    services: Services
    how: str
    problem: Callable[[], str] = _nothing_wrong
    stop: Callable[[], None] = _nothing_to_stop
    restart: "Callable[[], RunningStack] | None" = None
    variant: "Callable[[tuple[str, ...]], RunningStack] | None" = None
    audit_logs: Mapping[str, Path] = field(default_factory=dict)
    logs: Callable[[], tuple[Path, ...]] = tuple
    options: tuple[str, ...] = ()
    maintenance: Maintenance | None = None
    fresh: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)
