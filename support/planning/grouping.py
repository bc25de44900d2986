"""Which units run on the same stack, so that each variant of a stack starts once.

A variant starts before the first of its units and ends after the last. Features whose units need
one therefore run together, after those that need none.
"""

from collections.abc import Iterable

from support.model.unit import Unit
from support.stack import options

Options = tuple[str, ...]


def options_of(unit: Unit) -> Options:
    """Return the options of the stack that a unit runs on; none for the stack as it is."""
    return options.of_tags(unit.spec.tags)


def order(units: Iterable[Unit]) -> tuple[int, Options]:
    """Return the place of a feature with these units among the others, as a key to sort by."""
    needed = sorted({options_of(unit) for unit in units})
    last = needed[-1] if needed else ()
    return (len(last), last)
