"""What an SDK or a stack can do: yes, no, or unknown with the reason; never a guess."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to "can it?"; `reason` says how it is known, or why it is not."""

    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Capability:
    """One value of one dimension, as a `@cap:dimension=value` tag names it."""

    dimension: str
    value: str

    def __str__(self) -> str:
        return f"{self.dimension}={self.value}"
