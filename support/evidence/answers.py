"""Comparing what units were answered on two stacks, where they ended alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from support.evidence.observations import Observations
from support.evidence.parity import Pair
from support.evidence.parity_page import AnswerRow


@dataclass(frozen=True, slots=True)
class Difference:
    """One facet of one unit that is not the same on both sides.

    Attributes:
        left: what was seen on one side and not on the other.
        right: the reverse.
    """

    pair: Pair
    facet: str
    left: tuple[str, ...]
    right: tuple[str, ...]

    def accepted_by(self, row: AnswerRow) -> bool:
        """Whether a row says that these answers may differ."""
        of_requirement = set(row.requirements) & set(self.pair.unit.requirements)
        same_facet = row.facet == self.facet
        return bool(of_requirement) and same_facet and row.units.holds(self.pair.unit.facts)

    def __str__(self) -> str:
        return (
            f"{self.pair.unit.unit_id}, {self.facet}: {_shown(self.left)} on the left, "
            f"{_shown(self.right)} on the right"
        )


@dataclass(frozen=True, slots=True)
class AnswerVerdict:
    """What the page says of a comparison of answers.

    Attributes:
        compared: how many units ran on both sides.
        listed: differences that a row accepts.
        unlisted: differences that none does.
        stale: rows that accept nothing although units that they are about were compared.
    """

    compared: int
    listed: tuple[Difference, ...]
    unlisted: tuple[Difference, ...]
    stale: tuple[AnswerRow, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What is to be mended, one line each; nothing where page and stacks agree."""
        return (
            *(f"{item}. No row of docs/parity.md accepts that: mend it." for item in self.unlisted),
            *(f"{row}: no answer differs so. Mend the row, or remove it." for row in self.stale),
        )


def judge(
    pairs: Sequence[Pair],
    left: Mapping[str, Observations],
    right: Mapping[str, Observations],
    rows: Sequence[AnswerRow],
) -> AnswerVerdict:
    """Compare the answers of units that ran on both sides, and hold them against what is accepted.

    Args:
        pairs: all units of both sides.
        left: observations of one side by the unit's id.
        right: those of the other.
        rows: those of the page that are about these two sides.
    """
    ran = [
        pair
        for pair in pairs
        if not pair.differs and pair.unit.unit_id in left and pair.unit.unit_id in right
    ]
    found = [
        difference
        for pair in ran
        for difference in _differences(pair, left[pair.unit.unit_id], right[pair.unit.unit_id])
    ]
    accepted = {id(item) for item in found if any(map(item.accepted_by, rows))}
    return AnswerVerdict(
        compared=len(ran),
        listed=tuple(item for item in found if id(item) in accepted),
        unlisted=tuple(item for item in found if id(item) not in accepted),
        stale=tuple(
            row
            for row in rows
            if any(_is_about(row, pair) for pair in ran)
            and not any(item.accepted_by(row) for item in found)
        ),
    )


def _is_about(row: AnswerRow, pair: Pair) -> bool:
    return bool(set(row.requirements) & set(pair.unit.requirements)) and row.units.holds(
        pair.unit.facts
    )


def _differences(pair: Pair, left: Observations, right: Observations) -> list[Difference]:
    found = []
    for facet in left.differing(right):
        ours, theirs = left.facets[facet], right.facets[facet]
        only_left = tuple(item for item in ours if item not in theirs)
        only_right = tuple(item for item in theirs if item not in ours)
        if only_left or only_right:
            found.append(Difference(pair, facet, only_left, only_right))
        else:
            found.append(Difference(pair, facet, ours, theirs))  # the order alone
    return found


def _shown(items: tuple[str, ...]) -> str:
    return "; ".join(items) or "nothing more"
