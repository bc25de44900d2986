"""The list of faults: which promise each of them breaks, and where (`features/faults.yaml`)."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from support.foundation.documents import load_yaml
from support.foundation.errors import ConfigurationError


class Place(StrEnum):
    """What breaks the promise."""

    PLATFORM = "platform"
    SHIM = "shim"


@dataclass(frozen=True, slots=True)
class BrokenPromise:
    """One fault, as the list states it.

    Attributes:
        name: what it is switched on by.
        requirement: the one whose scenarios must notice it.
        breaks: one line that says what breaks.
        place: what breaks it.
    """

    name: str
    requirement: str
    breaks: str
    place: Place


def load(path: Path) -> tuple[BrokenPromise, ...]:
    """Load the list, by requirement.

    Raises:
        ConfigurationError: see `support.foundation.documents.load_yaml`; also a name given twice.
    """
    document = load_yaml(path, "faults")
    found: list[BrokenPromise] = []
    lines: dict[str, str] = {}
    for place in Place:
        for requirement, faults in document.value[place].items():
            for name, breaks in faults.items():
                where = document.where((place, requirement, name))
                if name in lines:
                    raise ConfigurationError(
                        f'{where}: the fault "{name}" is listed twice (first at {lines[name]}). '
                        "Give one of them another name."
                    )
                lines[name] = where
                found.append(BrokenPromise(name, requirement, breaks, place))
    return tuple(sorted(found, key=lambda fault: fault.requirement))
