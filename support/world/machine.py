"""What a unit is given by its run: its doors to the outside, and what all units share."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.determinism.streams import DEFAULT_SEED
from support.foundation.http import HttpSession
from support.foundation.process import Observer
from support.stack.maintenance import Maintenance
from support.world.documents import Attach
from support.world.people import People

DEFAULT_NAMESPACE_PREFIX = "acceptance"


@dataclass(frozen=True, slots=True)
class Machine:
    """The doors of one unit to the outside, each of which records what passes.

    Attributes:
        workspace: an empty folder for this unit's files; removed afterwards.
        http: session whose exchanges become evidence.
        observe_command: hand this to the process runner, so that commands become evidence.
        attach: `attach(kind, name, media type, data)` adds a file to the evidence.
        audit_logs: where the platform writes audit records, by key access service; empty where the
            run cannot read that.
        logs: returns every log of the stack that the run can read.
        maintenance: what may be done to the platform; None where it is not the scenarios'.
    """

    workspace: Path
    http: HttpSession
    observe_command: Observer
    attach: Attach
    command_time_limit_seconds: float
    audit_logs: Mapping[str, Path] = field(default_factory=dict)
    logs: Callable[[], tuple[Path, ...]] = tuple
    maintenance: Maintenance | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """What all units of a run share.

    Attributes:
        people: those of the profile.
        namespace_prefix: what the names of all namespaces of the run begin with.
        allow_writes: whether scenarios may create policy.
        seed: what all data follows from.
        mark: what the names of this run are told apart by, on a platform that outlives it.
    """

    people: People
    namespace_prefix: str = DEFAULT_NAMESPACE_PREFIX
    allow_writes: bool = True
    seed: int = DEFAULT_SEED
    mark: str = field(default_factory=lambda: secrets.token_hex(8))
