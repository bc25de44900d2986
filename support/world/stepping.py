"""What steps see of behave: its context and the table of a step, both typed."""

import contextlib
from collections.abc import Callable, Iterable
from typing import Protocol

from support.foundation.errors import SpecificationError
from support.world.world import World


class StepRow(Protocol):
    """A row of a step's table."""

    def __getitem__(self, heading: str) -> str:
        """Return the cell below a heading."""
        ...


class StepContext(Protocol):
    """The part of behave's context that steps use; `table` is the table of the current step."""

    world: World
    table: Iterable[StepRow] | None

    def add_cleanup(self, function: Callable[[], None]) -> None:
        """Call `function` when the scenario ends."""
        ...


def rows_of(
    context: StepContext, *headings: str, optional: tuple[str, ...] = ()
) -> list[dict[str, str]]:
    """Return the rows of the current step's table as mappings of the given headings.

    Args:
        context: of the step.
        headings: that the table must have.
        optional: headings that it may have.

    Raises:
        SpecificationError: the step has no table, or the table lacks a heading.
    """
    try:
        return [
            {heading: row[heading] for heading in headings} | _also(row, optional)
            for row in context.table or ()
        ]
    except KeyError as error:
        problem = f"The step's table needs the headings {', '.join(headings)}; {error} is missing."
        raise SpecificationError((problem,)) from error


def _also(row: StepRow, headings: Iterable[str]) -> dict[str, str]:
    """Return the cells of a row below those headings that its table has."""
    found = {}
    for heading in headings:
        with contextlib.suppress(KeyError):
            found[heading] = row[heading]
    return found
