"""Waivers: failures that a profile accepts for a while, with a reason, an owner and an end."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Waiver:
    """A failure that does not make a run red.

    Attributes:
        test: name, slug or id of scenarios, `*` standing for any text; empty when not given.
        requirement: `BR-nnn`, empty when not given.
        variant: `dimension=value,…`, `*` standing for any text; empty for every variant.
        expires: the last day on which it holds; None when it has no end.
        where: file and line.
    """

    test: str
    requirement: str
    variant: str
    reason: str
    owner: str
    issue: str
    expires: date | None
    where: str

    def holds_on(self, day: date) -> bool:
        """Whether the waiver has not ended before `day`."""
        return self.expires is None or day <= self.expires

    def __str__(self) -> str:
        until = f", until {self.expires}" if self.expires else ""
        owner = f" ({self.owner}{until})" if self.owner else until
        return f"{self.reason}{owner}"
