"""What was done to the system under test: commands run and HTTP exchanges made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """One finished child process. `exit_code` is negative for the signal that ended it."""

    arguments: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str
    started_at: datetime
    duration_seconds: float
    timed_out: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """One HTTP request and its response; `status` is 0 and `error` is set when none came."""

    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: str
    status: int
    response_headers: Mapping[str, str]
    response_body: str
    started_at: datetime
    duration_seconds: float
    error: str = ""


Record = CommandRecord | ExchangeRecord
