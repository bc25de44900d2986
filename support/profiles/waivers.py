"""Which waiver accepts the failure of a unit."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase

from support.foundation.text import slug
from support.model.spec import Spec
from support.model.variant import Variant
from support.model.waiver import Waiver


def waiver_for(
    spec: Spec, variant: Variant, waivers: Sequence[Waiver], today: date
) -> Waiver | None:
    """Return the first waiver that fits a unit and has not ended, or None."""
    return next(
        (
            waiver
            for waiver in waivers
            if waiver.holds_on(today) and fits_spec(waiver, spec) and _fits(waiver, variant)
        ),
        None,
    )


def fitting(waivers: Sequence[Waiver], specs: Iterable[Spec]) -> Iterator[int]:
    """Yield, by their position, the waivers that fit one of the specs in some variant."""
    if waivers:
        kept = tuple(specs)
        for index, waiver in enumerate(waivers):
            if any(fits_spec(waiver, spec) for spec in kept):
                yield index


def fits_spec(waiver: Waiver, spec: Spec) -> bool:
    """Whether a waiver is for a spec in some variant."""
    if waiver.requirement and waiver.requirement not in spec.requirement_ids:
        return False
    if not waiver.test:
        return True
    names = (spec.name, slug(spec.name), spec.id, spec.id.partition(":")[2])
    return any(fnmatchcase(name, waiver.test) for name in names)


def _fits(waiver: Waiver, variant: Variant) -> bool:
    for term in filter(None, waiver.variant.split(",")):
        dimension, _, wanted = term.partition("=")
        value = variant.get(dimension)
        if value is None:
            return False
        if not (fnmatchcase(value, wanted) or fnmatchcase(value.partition("-v")[0], wanted)):
            return False
    return True
