"""Fewer rows for the same pairs: take a row out, then repair what is missing by tabu search.

One step takes a missing pair, looks at every row that could hold it by changing one or two cells,
and takes the change that leaves the fewest pairs missing (Nurmela, "Upper bounds for covering
arrays by tabu search", 2004). Cells just changed stay for some steps. For every value two integers
say which partners it meets once and not at all, so that the worth of a change is two `and`s.
Effort is counted in steps, never in seconds: every machine finds the same rows.
"""

from collections.abc import Sequence
from math import comb
from random import Random

from support.profiles.pairwise_rules import Model, Row, bits_of

EFFORT = 1_000_000  # rows looked at and cells counted for one model: about a second
PATIENCE = 1_000  # steps that every attempt may take
PERSISTENCE = 6  # times the longest successful attempt that the next one may take
LONGEST_TABU = 3  # steps for which a changed cell stays as it is


def reduce(model: Model, rows: Sequence[Row], seed: int) -> list[Row]:
    """Return a cover with as few rows as the effort allows; the first row stays as it is."""
    bound = lower_bound(model)
    search = _Search(model, rows, Random(seed))  # noqa: S311  # a search, not a secret
    best = list(rows)
    longest = 0
    while len(best) > bound:
        steps = search.without_one_row(PATIENCE + PERSISTENCE * longest)
        if steps is None:
            break
        longest = max(longest, steps)
        best = search.rows()
    return best


def lower_bound(model: Model) -> int:
    """Return a number of rows below which no cover exists.

    Two factors need a row for each of their legal pairs. Factors with two values or more need as
    many rows as binary ones: at most C(n - 1, n // 2 - 1) of them fit into n rows (Kleitman and
    Spencer, Katona, 1973), unless constraints spare them pairs.
    """
    domain, masks = model.domain, model.masks
    products = [
        sum((model.partners[bit.bit_length() - 1] & other).bit_count() for bit in bits_of(one))
        for position, one in enumerate(domain & mask for mask in masks)
        for other in masks[:position]
    ]
    widest = max((domain & mask).bit_count() for mask in masks)
    free = sum(size > 1 for size in model.sizes) if not model.rules else 0
    rows = 1
    while free > 1 and comb(rows - 1, rows // 2 - 1 if rows > 1 else 0) < free:
        rows += 1
    return max(widest, rows, *products)


class _Search:
    """A table of rows with the pairs that it misses."""

    def __init__(self, model: Model, rows: Sequence[Row], random: Random) -> None:
        values = sum(model.sizes)
        self._model = model
        self._random = random
        self._effort = 0
        self._factor_of = [f for f, size in enumerate(model.sizes) for _ in range(size)]
        self._rules_with = [
            [
                tuple(m for _, m in rule)
                for rule in model.rules_of[factor]
                if dict(rule)[factor] >> v & 1
            ]
            for v, factor in enumerate(self._factor_of)
        ]
        self._rows: list[list[int]] = []
        self._bits: list[int] = []
        self._count = [[0] * values for _ in range(values)]
        self._once = [0] * values
        self._none = list(model.partners)
        self._missing: list[tuple[int, int]] = []
        self._place: dict[tuple[int, int], int] = {}
        for value, partners in enumerate(model.partners):
            for bit in bits_of(partners >> value << value):
                self._note_missing((value, bit.bit_length() - 1))
        for row in rows:
            ids = [offset + value for offset, value in zip(model.offsets, row, strict=True)]
            self._rows.append(ids)
            self._bits.append(sum(1 << value for value in ids))
            for position, value in enumerate(ids):
                self._meet(value, ids[:position])

    def rows(self) -> list[Row]:
        """Return the rows as value indexes."""
        offsets = self._model.offsets
        return [tuple(v - o for v, o in zip(row, offsets, strict=True)) for row in self._rows]

    def without_one_row(self, patience: int) -> int | None:
        """Remove a row and repair the others; return the steps taken, or None for no success."""
        self._drop()
        held = [[0] * len(self._model.sizes) for _ in self._rows]
        for step in range(1, patience + 1):
            if not self._missing:
                return step
            if self._effort > EFFORT:
                break
            pair = self._missing[int(self._random.random() * len(self._missing))]
            choice = self._best_rows(pair, held, step)
            if choice:
                row = choice[int(self._random.random() * len(choice))]
                until = step + 1 + int(self._random.random() * LONGEST_TABU)
                for factor in self._put(row, pair):
                    held[row][factor] = until
        return None if self._missing else patience

    def _best_rows(self, pair: tuple[int, int], held: list[list[int]], step: int) -> list[int]:
        """Return the rows that miss least once they hold a pair."""
        one, other = pair
        first, second = self._factor_of[one], self._factor_of[other]
        once, none_one, none_other = self._once, self._none[one], self._none[other]
        outside = ~(self._model.masks[first] | self._model.masks[second])
        ruled = self._rules_with[one] or self._rules_with[other]
        self._effort += len(self._rows) + len(self._model.sizes)
        least = 1 << 30
        best: list[int] = []
        for position in range(1, len(self._rows)):
            row = self._rows[position]
            old_one, old_other = row[first], row[second]
            bits = self._bits[position] & outside
            loss = once[old_one] >> old_other & 1
            if old_one != one:
                if held[position][first] > step:
                    continue
                loss += (once[old_one] & bits).bit_count() - (none_one & bits).bit_count()
            if old_other != other:
                if held[position][second] > step:
                    continue
                loss += (once[old_other] & bits).bit_count() - (none_other & bits).bit_count()
            if loss > least or (ruled and not self._is_legal(position, pair)):
                continue
            if loss < least:
                least, best = loss, []
            best.append(position)
        return best

    def _is_legal(self, position: int, pair: tuple[int, int]) -> bool:
        """Tell whether a row may hold a pair; only rules that name one of its values can break."""
        masks = self._model.masks
        bits = self._bits[position] | 1 << pair[0] | 1 << pair[1]
        for value in pair:
            bits &= ~masks[self._factor_of[value]] | 1 << value
        return not any(
            all(bits & mask for mask in rule) for value in pair for rule in self._rules_with[value]
        )

    def _drop(self) -> None:
        """Take out the row that is the only one for the fewest pairs, the last of several."""
        position = min(
            range(1, len(self._rows)),
            key=lambda p: (
                sum((self._once[v] & self._bits[p]).bit_count() for v in self._rows[p]),
                -p,
            ),
        )
        row = self._rows.pop(position)
        del self._bits[position]
        for position, value in enumerate(row):
            self._part(value, row[:position])

    def _put(self, position: int, pair: tuple[int, int]) -> list[int]:
        """Make a row hold a pair; return the factors changed.

        Both old values go before a new one comes: half of a change may be an illegal row.
        """
        row = self._rows[position]
        factors = [self._factor_of[value] for value in pair]
        changes = [(f, v) for f, v in zip(factors, pair, strict=True) if row[f] != v]
        kept = list(row)
        for factor, _ in changes:
            kept.remove(row[factor])
            self._part(row[factor], kept)
        for factor, value in changes:
            self._meet(value, kept)
            kept.append(value)
            self._bits[position] ^= 1 << row[factor] | 1 << value
            row[factor] = value
        return [factor for factor, _ in changes]

    def _meet(self, value: int, others: Sequence[int]) -> None:
        """Count a value's meeting with others of its row."""
        counts, once, none, bit = self._count[value], self._once, self._none, 1 << value
        for other in others:
            count = counts[other] + 1
            counts[other] = self._count[other][value] = count
            if count == 1:
                once[value] |= 1 << other
                once[other] |= bit
                none[value] &= ~(1 << other)
                none[other] &= ~bit
                self._note_found((value, other) if value < other else (other, value))
            elif once[value] >> other & 1:
                once[value] &= ~(1 << other)
                once[other] &= ~bit

    def _part(self, value: int, others: Sequence[int]) -> None:
        """Count that a value meets others of its row no more."""
        counts, once, none, bit = self._count[value], self._once, self._none, 1 << value
        for other in others:
            count = counts[other] - 1
            counts[other] = self._count[other][value] = count
            if count == 1:
                once[value] |= 1 << other
                once[other] |= bit
            elif count == 0:
                once[value] &= ~(1 << other)
                once[other] &= ~bit
                none[value] |= 1 << other
                none[other] |= bit
                self._note_missing((value, other) if value < other else (other, value))

    def _note_missing(self, pair: tuple[int, int]) -> None:
        self._place[pair] = len(self._missing)
        self._missing.append(pair)

    def _note_found(self, pair: tuple[int, int]) -> None:
        place = self._place.pop(pair)
        last = self._missing.pop()
        if last != pair:
            self._missing[place] = last
            self._place[last] = place
