"""The order of the rows of a cover: whoever reads only the first ones sees the most."""

from collections.abc import Sequence

from support.profiles.pairwise_rules import Model, Row


def best_first(model: Model, rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows by most newly covered pairs; the first has most first values.

    Rows that cover nothing new any more are left out.
    """
    bits = {row: sum(model.bit(f, v) for f, v in enumerate(row)) for row in rows}
    left = sorted(rows)
    # A single factor has no pairs: its rows are worth their value.
    uncovered = [partners or 1 << value for value, partners in enumerate(model.partners)]
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


def most_firsts(model: Model) -> Row:
    """Return a legal row of a model with as many first values as a greedy search finds.

    All of them where that is legal; else the factor gives way that breaks most constraints, the
    last of several, until the rest is legal.
    """
    firsts = model.domain
    for factor, mask in enumerate(model.masks):
        values = model.domain & mask
        firsts = model.replace(firsts, factor, values & -values)
    kept = [factor for factor, rules in enumerate(model.rules_of) if rules]
    while not model.has_row(firsts):
        broken = [r for r in model.rules if all(not firsts & model.masks[f] & ~m for f, m in r)]
        chosen = max(kept, key=lambda f: (sum(f in dict(r) for r in broken or model.rules), f))
        firsts = model.replace(firsts, chosen, model.domain & model.masks[chosen])
        kept.remove(chosen)
    return model.first_row(firsts)


def _gain(model: Model, row: Row, bits: int, uncovered: list[int]) -> int:
    return sum(
        (uncovered[offset + value] & bits).bit_count()
        for offset, value in zip(model.offsets, row, strict=True)
    )
