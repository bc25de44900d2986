"""How long units will take, by how long they took before."""

import statistics
from collections.abc import Iterable, Mapping

NEVER_MEASURED_SECONDS = 1.0
"""What a unit is taken to last where nothing was ever measured."""


def usual(seconds: Iterable[float]) -> float:
    """Return what a unit that never ran is taken to last: the median of the others."""
    known = list(seconds)
    return statistics.median(known) if known else NEVER_MEASURED_SECONDS


def by_feature(seconds: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Return the seconds of units by the path of their feature, then by unit id."""
    found: dict[str, dict[str, float]] = {}
    for unit_id, took in seconds.items():
        found.setdefault(feature_of(unit_id), {})[unit_id] = took
    return found


def feature_of(unit_id: str) -> str:
    """Return the path of the feature that a unit's id begins with."""
    path, extension, _ = unit_id.partition(".feature:")
    return path + extension.removesuffix(":")


def told(seconds: float) -> str:
    """Return a duration for people."""
    if seconds < 60:  # noqa: PLR2004 -- a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
