"""Which units try a fault: those of its requirement, the cheapest first."""

from collections.abc import Iterable, Sequence

from support.model.unit import Unit
from support.model.variant import Variant
from support.planning.inputs import SDK_DIMENSIONS
from support.stack import options

SLOW = "slow"


def candidates(units: Iterable[Unit], requirement: str, quick_sdk: str) -> tuple[Unit, ...]:
    """Return the units that can catch a fault of a requirement, in the order to try them.

    A scenario that varies over SDKs is tried once, with as few other SDKs as it allows: faults of
    the platform show with any of them, and the faulty shim breaks all of them alike. A waived unit
    catches nothing, for its failure is accepted.

    Args:
        units: what is planned.
        requirement: the fault's.
        quick_sdk: id of the SDK that stands for all.
    """
    chosen: dict[tuple[str, Variant], Unit] = {}
    for unit in units:
        runs = unit.expectation.disposition == "run" and unit.waiver is None
        if not runs or requirement not in unit.spec.requirement_ids:
            continue
        key = (unit.spec.id, _without_sdks(unit.variant))
        best = chosen.get(key)
        if best is None or _others(unit, quick_sdk) < _others(best, quick_sdk):
            chosen[key] = unit
    return tuple(sorted(chosen.values(), key=_cost))


def _without_sdks(variant: Variant) -> Variant:
    return Variant(tuple(c for c in variant if c.dimension not in SDK_DIMENSIONS))


def _sdks(unit: Unit) -> Sequence[str]:
    return [c.value for c in unit.variant if c.dimension in SDK_DIMENSIONS]


def _others(unit: Unit, quick_sdk: str) -> int:
    return sum(value != quick_sdk for value in _sdks(unit))


def _cost(unit: Unit) -> tuple[bool, int, int]:
    """Rank units: a slow one last, one without SDK before one with, one without options first."""
    return (SLOW in unit.spec.tags, len(_sdks(unit)), len(options.of_tags(unit.spec.tags)))
