"""What became of the faults of a proof: who caught which (`schemas/proof.schema.json`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.foundation.documents import load_json

COMMAND = "acceptance prove --json"


@dataclass(frozen=True, slots=True)
class Catch:
    """What became of one fault.

    Attributes:
        caught_by: ids of the units that failed; empty when none did.
        reason: why nothing caught it, as far as it is known.
    """

    name: str
    requirement: str
    caught_by: tuple[str, ...] = ()
    reason: str = ""


def as_json(catches: Iterable[Catch]) -> dict[str, Any]:
    """Return the proof as it is written."""
    return {"faults": [_entry(catch) for catch in catches]}


def _entry(catch: Catch) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": catch.name,
        "requirement": catch.requirement,
        "caught_by": list(catch.caught_by),
    }
    return entry | ({"reason": catch.reason} if catch.reason else {})


def load(path: Path) -> tuple[Catch, ...]:
    """Read a proof that was written before.

    Raises:
        ConfigurationError: the file is missing, or no proof.
    """
    return tuple(
        Catch(
            entry["name"],
            entry["requirement"],
            tuple(entry["caught_by"]),
            entry.get("reason", ""),
        )
        for entry in load_json(path, "proof", COMMAND).value["faults"]
    )
