"""Whether rows are a pairwise cover, found out without the generator.

Shares no code, no data structure and no method with `support.profiles.pairwise`: values are plain
numbers, constraints are read as they are given, and whether a pair is legal is decided by looking
for a row with it: factor by factor, the one with the fewest values left first. A legal row that is
already there proves all of its pairs, so that only what is left is searched for.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Constraint: TypeAlias = Sequence[tuple[int, frozenset[int]]]
Pair: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""Two (factor index, value index); twice the same one where the model has a single factor."""


@dataclass(frozen=True, slots=True)
class CoverReport:
    """What is wrong with rows, and what a complete cover has to contain."""

    illegal_rows: tuple[tuple[int, ...], ...]
    uncovered_pairs: tuple[Pair, ...]
    legal_pairs: frozenset[Pair]

    @property
    def is_complete(self) -> bool:
        """Whether every legal pair is there, and no illegal row."""
        return not self.illegal_rows and not self.uncovered_pairs


def check(
    sizes: Sequence[int], forbidden: Sequence[Constraint], rows: Sequence[Sequence[int]]
) -> CoverReport:
    """Compare rows with every legal pair of a model.

    Args:
        sizes: the number of values of each factor.
        forbidden: combinations (factor index, value indexes) that no row may contain.
        rows: one value index for each factor. Illegal rows cover nothing.
    """
    search = _Search(sizes, forbidden)
    given = [tuple(row) for row in rows]
    legal_rows = [row for row in given if search.is_legal_row(row)]
    covered = {pair for row in legal_rows for pair in _pairs_of(row)}
    legal = search.legal_pairs(covered)
    return CoverReport(
        illegal_rows=tuple(row for row in given if not search.is_legal_row(row)),
        uncovered_pairs=tuple(sorted(legal - covered)),
        legal_pairs=legal,
    )


def uncovered(
    sizes: Sequence[int], forbidden: Sequence[Constraint], rows: Sequence[Sequence[int]]
) -> tuple[Pair, ...]:
    """Return the legal pairs that no row contains, in order: what `max_variants` leaves out."""
    return check(sizes, forbidden, rows).uncovered_pairs


def _pairs_of(row: Sequence[int]) -> Iterable[Pair]:
    values = list(enumerate(row))
    return itertools.combinations(values, 2) if len(row) != 1 else [(values[0], values[0])]


class _Search:
    """Looks for legal rows by plain backtracking."""

    def __init__(self, sizes: Sequence[int], forbidden: Sequence[Constraint]) -> None:
        self._sizes = sizes
        self._forbidden = forbidden
        self._naming: dict[int, list[Constraint]] = {}
        for constraint in forbidden:
            for factor in {f for f, _ in constraint}:
                self._naming.setdefault(factor, []).append(constraint)

    def is_legal_row(self, row: Sequence[int]) -> bool:
        """Tell whether a row has a value of each factor and breaks no constraint."""
        return (
            len(row) == len(self._sizes)
            and all(0 <= value < size for value, size in zip(row, self._sizes, strict=True))
            and not any(
                all(row[factor] in values for factor, values in constraint)
                for constraint in self._forbidden
            )
        )

    def legal_pairs(self, proven: Iterable[Pair]) -> frozenset[Pair]:
        """Return all pairs that some legal row contains, some of which are proven already."""
        if not all(self._forbidden):  # a combination of nothing is in every row
            return frozenset()
        legal = set(proven)
        row = self._row_with({}, dict.fromkeys(range(len(self._sizes)), 0))
        if row is None:
            return frozenset()
        for pair in self._all_pairs():
            if not any(factor in self._naming for factor, _ in pair):
                legal.add(pair)  # no constraint names either: any legal row may have them
            elif pair not in legal:
                found = self._row_with(dict(pair), row)
                if found is not None:
                    legal.update(_pairs_of([found[f] for f in range(len(self._sizes))]))
        return frozenset(legal)

    def _all_pairs(self) -> Iterable[Pair]:
        values = [[(f, v) for v in range(size)] for f, size in enumerate(self._sizes)]
        if len(values) == 1:
            yield from ((value, value) for value in values[0])
        for one, other in itertools.combinations(values, 2):
            yield from itertools.product(one, other)

    def _row_with(
        self, wanted: Mapping[int, int], example: Mapping[int, int]
    ) -> dict[int, int] | None:
        """Return a legal row with the values wanted.

        Only factors that constraints connect with the wanted ones are searched; the others are as
        in the example, a legal row. Without any wanted value all factors are searched.
        """
        if any(self._breaks(dict(wanted), factor) for factor in wanted):
            return None
        connected = self._connected(wanted) if wanted else dict.fromkeys(example)
        found = self._completed(dict(wanted), [f for f in connected if f not in wanted])
        return None if found is None else {**example, **found}

    def _connected(self, wanted: Iterable[int]) -> dict[int, None]:
        reached = dict.fromkeys(wanted)
        queue = list(reached)
        for factor in queue:
            for constraint in self._naming.get(factor, ()):
                for other, _ in constraint:
                    if other not in reached:
                        reached[other] = None
                        queue.append(other)
        return reached

    def _completed(self, chosen: dict[int, int], left: Sequence[int]) -> dict[int, int] | None:
        if not left:
            return chosen
        possible = {
            factor: [
                value
                for value in range(self._sizes[factor])
                if not self._breaks({**chosen, factor: value}, factor)
            ]
            for factor in left
        }
        factor = min(possible, key=lambda f: len(possible[f]))
        others = [f for f in left if f != factor]
        for value in possible[factor]:
            found = self._completed({**chosen, factor: value}, others)
            if found is not None:
                return found
        return None

    def _breaks(self, chosen: Mapping[int, int], factor: int) -> bool:
        """Tell whether values chosen so far contain a combination in which a factor takes part."""
        return any(
            all(f in chosen and chosen[f] in values for f, values in constraint)
            for constraint in self._naming.get(factor, ())
        )
