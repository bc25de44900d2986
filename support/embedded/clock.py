"""Time as one value, so that a test or the control interface can move it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class Clock:
    """The wall clock plus an offset; every module of the embedded platform asks this object."""

    offset: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC) + self.offset

    def timestamp(self) -> float:
        """Return the present moment as seconds since the epoch."""
        return self.now().timestamp()

    def advance(self, seconds: float) -> None:
        """Move the clock; a negative value moves it back."""
        self.offset += timedelta(seconds=seconds)
