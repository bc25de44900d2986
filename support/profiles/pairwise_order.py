"""The order of the rows of a cover: whoever reads only the first ones sees the most."""

from collections.abc import Sequence

from support.profiles.pairwise_rules import Model, Row


def best_first(model: Model, rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows by most newly covered pairs; the first has most first values.

    Rows that cover nothing new any more are left out.
    """
    bits = {row: sum(model.bit(f, v) for f, v in enumerate(row)) for row in rows}
    left = sorted(rows)
    uncovered = [model.domain] * sum(model.sizes)
    ordered: list[Row] = []
    while left:
        if ordered:
            gain, best = max(
                ((_gain(model, row, bits[row], uncovered), row) for row in left),
                key=lambda pair: pair[0],
            )
            if not gain:
                break
        else:
            best = min(left, key=lambda row: (sum(map(bool, row)), row))
        left.remove(best)
        ordered.append(best)
        for factor, value in enumerate(best):
            uncovered[model.offsets[factor] + value] &= ~bits[best]
    return tuple(ordered)


def _gain(model: Model, row: Row, bits: int, uncovered: list[int]) -> int:
    return sum(
        (uncovered[offset + value] & bits).bit_count()
        for offset, value in zip(model.offsets, row, strict=True)
    )
