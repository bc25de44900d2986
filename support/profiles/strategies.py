"""The strategies by which a profile turns the values of a spec's dimensions into variants.

`exhaustive`: every combination. `pairwise`: every pair of values at least once. `each`: every value
at least once. What cannot run on this machine stands in rows of its own, so that no value is
proved by nobody because its only row was skipped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import prod

from support.foundation.errors import ConfigurationError
from support.model.capability import Capability
from support.profiles.constraints import Exclusion
from support.profiles.cover_check import uncovered
from support.profiles.pairwise import Forbidden, cover
from support.profiles.profile import Profile

MOST_COMBINATIONS = 100_000
_PAIR = 2

Row = tuple[int, ...]
Choices = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows of values, one per dimension of the choices.

    Attributes:
        dropped: how many rows `max_variants` took away.
        uncovered: pairs of values that are in no row because of that.
    """

    rows: tuple[tuple[str, ...], ...]
    dropped: int = 0
    uncovered: tuple[tuple[Capability, Capability], ...] = ()


def choose(
    choices: Choices,
    impossible: Sequence[Exclusion],
    not_runnable: Sequence[Exclusion],
    profile: Profile,
) -> Chosen:
    """Choose rows by the profile's strategy.

    Args:
        choices: the values of each dimension.
        impossible: what the catalog's constraints exclude; in no row.
        not_runnable: what cannot run here; rows that have it prove nothing, and only show it.
        profile: its strategy, `max_variants` and seed.

    Raises:
        ConfigurationError: exhaustive, and there are too many combinations.
    """
    if not choices or not all(choices.values()):
        return Chosen(((),) if not choices else ())
    sizes = [len(values) for values in choices.values()]
    never = _forbidden(choices, impossible)
    blocked = (*never, *_forbidden(choices, not_runnable))
    rows = _rows(choices, never, blocked, profile)
    limit = profile.selection.max_variants
    kept = rows[:limit]
    left = () if len(kept) == len(rows) else uncovered(sizes, never, kept)
    names, values = list(choices), [list(v) for v in choices.values()]
    return Chosen(
        rows=tuple(tuple(values[f][i] for f, i in enumerate(row)) for row in kept),
        dropped=len(rows) - len(kept),
        uncovered=tuple(
            (
                Capability(names[first], values[first][one]),
                Capability(names[second], values[second][other]),
            )
            for (first, one), (second, other) in left
        ),
    )


def _rows(
    choices: Choices,
    never: Sequence[Forbidden],
    blocked: Sequence[Forbidden],
    profile: Profile,
) -> tuple[Row, ...]:
    sizes = [len(values) for values in choices.values()]
    strategy, limit = profile.selection.strategy, profile.selection.max_variants
    varying = sum(size > 1 for size in sizes)
    if strategy == "exhaustive" or (strategy == "pairwise" and varying <= _PAIR):
        rows = _all(sizes, never, profile)
        if limit is None or len(rows) <= limit:
            return rows
        first = _covering(sizes, never, blocked, _PAIR, profile.seed)
        return (*first, *(row for row in rows if row not in set(first)))
    return _covering(sizes, never, blocked, _PAIR if strategy == "pairwise" else 1, profile.seed)


def _covering(
    sizes: Sequence[int],
    never: Sequence[Forbidden],
    blocked: Sequence[Forbidden],
    strength: int,
    seed: int,
) -> tuple[Row, ...]:
    """Return rows that can run and cover all that can, then those that show what cannot."""
    runnable = cover(sizes, blocked, seed=seed)
    if strength < _PAIR:
        runnable = _smallest(runnable, strength)
    return (*runnable, *_smallest(cover(sizes, never, seed=seed), strength, already=runnable))


def _all(sizes: Sequence[int], never: Sequence[Forbidden], profile: Profile) -> tuple[Row, ...]:
    """Return every legal combination.

    Raises:
        ConfigurationError: there are too many to be meant.
    """
    if prod(sizes) > MOST_COMBINATIONS:
        raise ConfigurationError(
            f"Profile {profile.id} asks for every combination, and one scenario has {prod(sizes)}. "
            f"At most {MOST_COMBINATIONS} are planned: choose the strategy pairwise, or fewer "
            "values."
        )
    rows = product(*map(range, sizes))
    return tuple(row for row in rows if not any(_has(row, forbidden) for forbidden in never))


def _smallest(rows: Sequence[Row], strength: int, already: Sequence[Row] = ()) -> tuple[Row, ...]:
    """Return the rows, in order, that cover something which `already` and earlier ones do not."""
    covered = {group for row in already for group in _groups(row, strength)}
    needed: list[Row] = []
    for row in rows:
        new = _groups(row, strength) - covered
        if new:
            needed.append(row)
            covered |= new
    return tuple(needed)


def _groups(row: Row, strength: int) -> set[tuple[tuple[int, int], ...]]:
    return set(combinations(enumerate(row), min(strength, len(row))))


def _has(row: Row, forbidden: Forbidden) -> bool:
    return all(row[factor] in values for factor, values in forbidden)


def _forbidden(choices: Choices, exclusions: Sequence[Exclusion]) -> tuple[Forbidden, ...]:
    """Return exclusions by index: of the dimension among the choices, of its values."""
    index = {
        name: (at, {value: i for i, value in enumerate(values)})
        for at, (name, values) in enumerate(choices.items())
    }
    found: list[Forbidden] = []
    for exclusion in exclusions:
        if not all(name in index for name in exclusion):
            continue
        terms = [
            (index[name][0], frozenset(index[name][1][v] for v in values if v in index[name][1]))
            for name, values in exclusion.items()
        ]
        if all(values for _, values in terms):
            found.append(tuple(sorted(terms, key=lambda term: term[0])))
    return tuple(found)
