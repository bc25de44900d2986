"""Rows of values in which every legal pair of values meets.

A model is compiled (`pairwise_rules`), a cover grows factor by factor (`pairwise_extend`), rows are
saved by tabu search (`pairwise_reduce`) and put in order (`pairwise_order`). Nobody has to trust
it: `cover_check` decides by other means whether rows are a cover. Why not a library, and how small
and quick covers are: docs/decisions/0006-pairwise.md and benchmarks/README.md.

How far covers are stable, measured as the share of rows that a larger model still has, on twelve
models of 4 to 9 factors (tests/profiles/test_pairwise_stability.py):

- A factor added at the end keeps 93 % of the rows, each with a value for it: all of them where the
  new factor fits into the rows that are there.
- A value added at the end of the last factor keeps 71 %, of any factor 47 %: most where the two
  largest factors alone decide how many rows there are (67 to 97 % of 6 6 3 2), few where every
  column is as tight as the others (11 to 33 % of 3 3 3 2 2 2 2). A minimal cover of 3^13, 2^100
  or 10^20 with one value more is another one: 5 to 10 %.
- A factor or value anywhere else than at the end renumbers what follows, so nothing is promised.
"""

from collections.abc import Sequence
from functools import lru_cache

from support.profiles.pairwise_extend import extend
from support.profiles.pairwise_order import best_first
from support.profiles.pairwise_reduce import reduce
from support.profiles.pairwise_rules import Forbidden, Model, Row

__all__ = ["Forbidden", "Row", "cover"]


def cover(
    sizes: Sequence[int], forbidden: Sequence[Forbidden] = (), *, seed: int = 42
) -> tuple[Row, ...]:
    """Return rows, one value index for each factor, in which every legal pair meets.

    A pair is legal when some full row that breaks no constraint contains it. A model with a single
    factor has each of its legal values in a row, a model without factors one empty row, and a model
    whose constraints leave no legal row none. Same inputs, same rows in same order, on any machine.

    Args:
        sizes: the number of values of each factor.
        forbidden: combinations that no row may contain.
        seed: for the search that saves rows; another seed may find another cover.

    Raises:
        FrameworkError: a constraint names a factor or value that the model does not have.
    """
    return _cover(tuple(sizes), tuple(map(tuple, forbidden)), seed)


@lru_cache(maxsize=256)
def _cover(
    sizes: tuple[int, ...],
    forbidden: tuple[Forbidden, ...],
    seed: int,
) -> tuple[Row, ...]:
    model = Model(sizes, forbidden)
    if not sizes:
        return () if model.rules else ((),)
    if not model.domain:
        return ()
    return best_first(model, reduce(model, extend(model), seed))
