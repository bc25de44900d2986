"""A cover that grows factor by factor, so that a model with one factor more keeps its rows.

Each new factor is a new column: its values are first written where they meet most (in-parameter
order, Lei and Tai, 1998), then moved while pairs are missing; only what still has no place gets a
row of its own. Columns that are there already never change, and no choice depends on chance.
"""

from dataclasses import dataclass

from support.profiles.pairwise_order import most_firsts
from support.profiles.pairwise_rules import Model, Row, bits_of

MOVES = 10  # that a column may take in any case
MOVES_PER_PAIR = 2  # and for each pair that it misses
REST = 3  # moves for which a value just moved stays where it is


@dataclass(slots=True)
class _Draft:
    """A row in the making: the bits decided, and what is still possible for every factor."""

    decided: int
    domain: int


def extend(model: Model) -> list[Row]:
    """Return a complete cover of a model that has a legal row; first the row of most firsts."""
    firsts = sum(model.bit(factor, value) for factor, value in enumerate(most_firsts(model)))
    drafts = [_Draft(firsts, firsts)]
    done = 0
    for factor, mask in enumerate(model.masks):
        if not done:
            drafts += [
                _Draft(bit, model.replace(model.domain, factor, bit))
                for bit in bits_of(model.domain & mask & ~firsts)
            ]
        else:
            column = _Column(model, drafts, factor, done)
            column.fill()
            column.repair()
            column.append()
        done |= mask
    return list(dict.fromkeys(model.first_row(draft.domain) for draft in drafts))


class _Column:
    """The values of one factor in all rows, and which values of earlier factors they meet."""

    def __init__(self, model: Model, drafts: list[_Draft], factor: int, done: int) -> None:
        self._model = model
        self._drafts = drafts
        self._factor = factor
        self._mask = model.masks[factor]
        values = list(bits_of(model.domain & self._mask))
        self._needed = {bit: model.partners[bit.bit_length() - 1] & done for bit in values}
        self._missing = dict(self._needed)
        self._once = dict.fromkeys(values, 0)
        for bit in values:
            self._tally(bit)

    def fill(self) -> None:
        """Write values where the factor has none yet, each where it meets most at a time."""
        for bit in self._needed:
            while (missing := self._missing[bit]) and (draft := self._emptiest(bit, missing)):
                self._write(draft, bit)

    def repair(self) -> None:
        """Move values from row to row as long as that may bring missing pairs."""
        fewest = self._count_missing()
        best = [draft.decided & self._mask for draft in self._drafts]
        resting = [0] * len(self._drafts)
        for move in range(MOVES + MOVES_PER_PAIR * fewest):
            wanted = next((bit for bit, missing in self._missing.items() if missing), 0)
            if not wanted:
                return
            position = self._least_loss(wanted, [until > move for until in resting])
            if position < 0:
                break
            self._write(self._drafts[position], wanted)
            resting[position] = move + REST
            if self._count_missing() < fewest:
                fewest = self._count_missing()
                best = [draft.decided & self._mask for draft in self._drafts]
        for draft, bit in zip(self._drafts, best, strict=True):
            if bit and not draft.decided & bit:
                self._write(draft, bit)

    def append(self) -> None:
        """Give a place to each pair still missing: cells not decided yet, or a new row."""
        model = self._model
        for bit in self._needed:
            while missing := self._missing[bit]:
                partner = missing & -missing
                other = next(f for f, mask in enumerate(model.masks) if mask & partner)
                wanted = {other: partner, self._factor: bit}
                draft = next((d for d in self._drafts if self._fits(d, wanted)), None)
                if draft is None:
                    draft = _Draft(0, model.domain)
                    self._drafts.append(draft)
                for factor, value in wanted.items():
                    draft.decided |= value
                    draft.domain = model.replace(draft.domain, factor, value)
                self._tally(bit)

    def _emptiest(self, bit: int, missing: int) -> _Draft | None:
        """Return the row without a value of the factor in which a value meets most."""
        gains = [
            (-gain, position)
            for position, draft in enumerate(self._drafts)
            if not draft.decided & self._mask and (gain := (draft.decided & missing).bit_count())
        ]
        for _, position in sorted(gains):
            if self._model.allows(self._drafts[position].domain, self._factor, bit):
                return self._drafts[position]
        return None

    def _least_loss(self, bit: int, resting: list[bool]) -> int:
        """Return the row in which a value brings its first missing pair at least loss, or -1.

        The last of several; the first row, that of most firsts, never changes.
        """
        missing = self._missing[bit]
        partner = missing & -missing
        least, best = 1 << 30, -1
        for position in range(1, len(self._drafts)):
            draft = self._drafts[position]
            if resting[position] or not draft.decided & partner:
                continue
            old = draft.decided & self._mask
            loss = (self._once[old] & draft.decided).bit_count() if old else 0
            loss -= (missing & draft.decided).bit_count()
            if loss <= least and self._model.allows(draft.domain, self._factor, bit):
                least, best = loss, position
        return best

    def _write(self, draft: _Draft, bit: int) -> None:
        old = draft.decided & self._mask
        draft.decided = draft.decided & ~self._mask | bit
        draft.domain = self._model.replace(draft.domain, self._factor, bit)
        self._tally(bit)
        if old:
            self._tally(old)

    def _tally(self, bit: int) -> None:
        """Count what a value meets in all rows, as far as it needs to."""
        met = several = 0
        for draft in self._drafts:
            if draft.decided & bit:
                several |= met & draft.decided
                met |= draft.decided
        self._once[bit] = self._needed[bit] & met & ~several
        self._missing[bit] = self._needed[bit] & ~met

    def _count_missing(self) -> int:
        return sum(missing.bit_count() for missing in self._missing.values())

    def _fits(self, draft: _Draft, wanted: dict[int, int]) -> bool:
        domain = draft.domain
        for factor, bit in wanted.items():
            decided = draft.decided & self._model.masks[factor]
            if decided not in (0, bit) or not self._model.allows(domain, factor, bit):
                return False
            domain = self._model.replace(domain, factor, bit)
        return True
