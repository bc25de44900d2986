"""Rows of values in which every legal pair of values meets."""

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
        seed: decides between covers of one size, where the generator has a choice.

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
