"""The outcome of a planned unit, and what each means for the colour of the run."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """What became of a unit; the words are those of docs/glossary.md."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not_applicable"
    WAIVED = "waived"

    @property
    def is_red(self) -> bool:
        """Whether one unit with this status makes the whole run red."""
        return self in {Status.FAILED, Status.ERROR}

    @property
    def ran(self) -> bool:
        """Whether the unit's steps were run at all."""
        return self in {Status.PASSED, Status.FAILED, Status.WAIVED, Status.ERROR}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A status with its reason: the failing step's message, or why it did not run."""

    status: Status
    reason: str = ""
