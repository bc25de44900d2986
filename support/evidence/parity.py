"""Comparing another stack with the embedded platform, and its differences with those accepted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from support.evidence.outcomes import Outcomes, UnitOutcome, facts_of
from support.evidence.parity_page import ABSENT, Row, word
from support.foundation.text import listed
from support.model.capability import Capability
from support.model.outcome import Status
from support.profiles.catalog import Catalog
from support.profiles.profile import Profile

_SKIPPED = word(Status.SKIPPED)


@dataclass(frozen=True, slots=True)
class Pair:
    """One unit on both sides.

    Attributes:
        unit: the unit, as the side tells that has it.
        embedded: what it is on the embedded platform.
        there: what it is on the other stack.
        reason: what is told where it is not passed, on the other stack first.
    """

    unit: UnitOutcome
    embedded: str
    there: str
    reason: str = ""

    @property
    def differs(self) -> bool:
        """Whether the two sides end differently."""
        return self.embedded != self.there

    def fits(self, row: Row) -> bool:
        """Whether a row is about this unit, however it ends."""
        of_requirement = set(row.requirements) & set(self.unit.requirements)
        return bool(of_requirement) and row.units.holds(self.unit.facts)

    def accepted_by(self, row: Row) -> bool:
        """Whether a row says that this unit ends in these two ways."""
        return (row.embedded, row.there) == (self.embedded, self.there) and self.fits(row)

    def __str__(self) -> str:
        why = f" ({self.reason})" if self.reason else ""
        return (
            f"{self.unit.unit_id}: {self.embedded} on the embedded platform, {self.there} there"
            f"{why}"
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the page says of a comparison.

    Attributes:
        listed: differences that a row accepts.
        unlisted: differences that none does.
        stale: rows that accept nothing.
    """

    listed: tuple[Pair, ...]
    unlisted: tuple[Pair, ...]
    stale: tuple[Row, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What is to be mended, one line each; nothing where page and stacks agree."""
        return (
            *(f"{pair}. No row of docs/parity.md accepts that: mend it." for pair in self.unlisted),
            *(f"{row}: no unit differs so. Mend the row, or remove it." for row in self.stale),
        )


def compare(embedded: Outcomes, there: Outcomes) -> tuple[Pair, ...]:
    """Return every unit that one side has, in the order of ids."""
    pairs = []
    for unit_id in sorted({*embedded, *there}):
        left, right = embedded.get(unit_id), there.get(unit_id)
        unit = right or left
        if unit is not None:
            reason = next((one.reason for one in (right, left) if one and one.reason), "")
            pairs.append(Pair(unit, _said(left), _said(right), reason))
    return tuple(pairs)


def _said(outcome: UnitOutcome | None) -> str:
    return word(outcome.status) if outcome else ABSENT


def judge(pairs: Sequence[Pair], rows: Sequence[Row], profile_id: str) -> Verdict:
    """Hold what differs against what is accepted.

    A row about units that nobody ran, such as those of an SDK that is not installed, is not stale:
    nothing is known of it.

    Args:
        pairs: all units of both sides.
        rows: those of the page.
        profile_id: the profile of the other stack; rows that do not name it do not count.
    """
    own = [row for row in rows if profile_id in row.profiles]
    differing = [pair for pair in pairs if pair.differs]
    accepted = {id(pair) for pair in differing if any(map(pair.accepted_by, own))}
    stale = (row for row in own if not any(pair.accepted_by(row) for pair in differing))
    not_run = [pair for pair in pairs if pair.embedded == pair.there == _SKIPPED]
    return Verdict(
        tuple(pair for pair in differing if id(pair) in accepted),
        tuple(pair for pair in differing if id(pair) not in accepted),
        tuple(row for row in stale if not any(pair.fits(row) for pair in not_run)),
    )


def unlisted_values(
    base: Profile, other: Profile, rows: Sequence[Row], catalog: Catalog
) -> tuple[str, ...]:
    """Return the values that a profile leaves out and no row accounts for, one line each.

    Units alone do not tell: a value that no scenario varies yet would be missed.

    Args:
        base: the profile that is compared with.
        other: a profile that extends it.
        rows: those of the page.
        catalog: knows the dimensions.
    """
    return tuple(
        f"profiles/{other.id}/capabilities.yaml leaves out {capability}, which the profile "
        f"{base.id} has, and no row of docs/parity.md says why."
        for capability in _left_out(base, other)
        if not any(_accounts_for(row, other.id, capability, catalog) for row in rows)
    )


def unseen_skips(base: Profile, other: Profile, pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Return the skips that a profile declares beyond another's and no unit shows, one line each.

    Each unit that such a skip takes away is a difference, which a row has to accept; one that takes
    none away would have none.

    Args:
        base: the profile that is compared with.
        other: a profile that extends it.
        pairs: all units of both sides.
    """
    inherited = {(skip.condition.text, skip.reason) for skip in base.expected_skips}
    seen = {pair.reason for pair in pairs if pair.differs and pair.there == _SKIPPED}
    return tuple(
        f"profiles/{other.id}/policies.yaml declares a skip that no unit shows beside those of the "
        f'profile {base.id}: "{skip.condition.text}". Remove it, or mend its condition.'
        for skip in other.expected_skips
        if (skip.condition.text, skip.reason) not in inherited and skip.reason not in seen
    )


def _left_out(base: Profile, other: Profile) -> Iterator[Capability]:
    for dimension, values in base.capabilities.items():
        kept = other.capabilities.get(dimension, ())
        yield from (Capability(dimension, value) for value in values if value not in kept)


def _accounts_for(row: Row, profile_id: str, capability: Capability, catalog: Catalog) -> bool:
    """Whether a row says of a value, whatever it goes together with, that it is not there."""
    return (
        profile_id in row.profiles
        and row.there in {ABSENT, word(Status.NOT_APPLICABLE)}
        and capability.dimension in row.units.names
        and row.units.holds(facts_of({capability.dimension: capability.value}, (), catalog))
    )


def table(pairs: Sequence[Pair], profile_id: str) -> str:
    """Return, as Markdown, how the units of each requirement ended on both sides."""
    lines = [f"| requirement | embedded | {profile_id} | differ |", "| --- | --- | --- | --- |"]
    requirements = sorted({name for pair in pairs for name in pair.unit.requirements})
    for name in (*requirements, "all"):
        own = [pair for pair in pairs if name in {"all", *pair.unit.requirements}]
        differ = sum(pair.differs for pair in own)
        sides = (_counted(p.embedded for p in own), _counted(p.there for p in own))
        lines.append(f"| {name} | {sides[0]} | {sides[1]} | {differ or ''} |".replace("  ", " "))
    return "\n".join(lines) + "\n"


def _counted(words: Iterator[str]) -> str:
    found = Counter(one for one in words if one != ABSENT)
    return listed(f"{found[name]} {name}" for name in map(word, Status) if name in found)
