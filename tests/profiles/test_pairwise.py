"""Covers are complete, legal, small, the same everywhere, and their first rows say most."""

import itertools
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.foundation.errors import FrameworkError
from support.profiles.cover_check import check
from support.profiles.pairwise import Forbidden, cover


def forbid(*parts: tuple[int, int]) -> Forbidden:
    return tuple((factor, frozenset({value})) for factor, value in parts)


@st.composite
def models(draw: st.DrawFn) -> tuple[list[int], list[Forbidden]]:
    """Up to five factors of up to four values, and constraints over any number of them."""
    sizes = draw(st.lists(st.integers(1, 4), max_size=5))
    part = st.integers(0, max(len(sizes) - 1, 0)).flatmap(
        lambda f: st.tuples(st.just(f), st.frozensets(st.integers(0, sizes[f] - 1), max_size=3))
    )
    constraints = st.lists(st.lists(part, min_size=1, max_size=4).map(tuple), max_size=8)
    return sizes, draw(constraints) if sizes else []


def legal_rows(sizes: Sequence[int], forbidden: Sequence[Forbidden]) -> list[tuple[int, ...]]:
    return [
        row
        for row in itertools.product(*map(range, sizes))
        if not any(all(row[f] in values for f, values in rule) for rule in forbidden)
    ]


def pairs_of(rows: Sequence[Sequence[int]]) -> set[tuple[tuple[int, int], tuple[int, int]]]:
    """All pairs of rows; of a single value, the value twice."""
    return {
        (values[i], values[j])
        for row in rows
        for values in [list(enumerate(row))]
        for i in range(len(row))
        for j in range(len(row))
        if i < j or len(row) == 1
    }


@given(models())
@settings(max_examples=300, deadline=None)
def test_every_legal_pair_is_covered_and_no_illegal_row_appears(
    model: tuple[list[int], list[Forbidden]],
) -> None:
    sizes, forbidden = model
    rows = cover(sizes, forbidden)
    legal = legal_rows(sizes, forbidden)
    assert set(rows) <= set(legal)
    assert len(set(rows)) == len(rows)
    assert pairs_of(rows) == pairs_of(legal)
    report = check(sizes, forbidden, rows)
    assert report.legal_pairs == pairs_of(legal)
    assert report.is_complete


@given(models(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_constraints_does_not_matter_for_completeness(
    model: tuple[list[int], list[Forbidden]], random: Random
) -> None:
    sizes, forbidden = model
    shuffled = random.sample(forbidden, len(forbidden))
    assert check(sizes, forbidden, cover(sizes, shuffled)).is_complete


@pytest.mark.parametrize(
    ("sizes", "forbidden", "expected"),
    [
        ((), (), {()}),
        ((), ((),), set()),
        ((3,), (), {(0,), (1,), (2,)}),
        ((3,), (forbid((0, 1)),), {(0,), (2,)}),
        ((1, 1, 1), (), {(0, 0, 0)}),
        ((1, 2), (), {(0, 0), (0, 1)}),
        ((2, 0), (), set()),
        ((2, 2), ((),), set()),
        ((2, 2), (forbid((0, 0)), forbid((0, 1))), set()),
        ((2, 2), (forbid((0, 0), (1, 1)), forbid((0, 1)), forbid((1, 0))), set()),
    ],
)
def test_models_at_the_edge(
    sizes: Sequence[int], forbidden: Sequence[Forbidden], expected: set[tuple[int, ...]]
) -> None:
    assert set(cover(sizes, forbidden)) == expected


def test_a_pair_that_constraints_rule_out_together_is_recognised() -> None:
    """Value 0 of factors 0 and 1: each value of factor 2 is forbidden beside one of them."""
    forbidden = (forbid((0, 0), (2, 0)), forbid((1, 0), (2, 1)))
    rows = cover((2, 2, 2), forbidden)
    assert not any(row[0] == row[1] == 0 for row in rows)
    assert check((2, 2, 2), forbidden, rows).is_complete


@pytest.mark.parametrize(
    ("sizes", "forbidden", "message"),
    [
        ((2, -1), (), "Factor 1 has -1 values"),
        ((2, 2), (forbid((2, 0)),), "names factor 2, but the model has 2 factors"),
        ((2, 2), (forbid((1, 5)),), "names value 5 of factor 1, which has 2 values"),
    ],
)
def test_constraints_that_name_what_is_not_there(
    sizes: Sequence[int], forbidden: Sequence[Forbidden], message: str
) -> None:
    with pytest.raises(FrameworkError, match=message):
        cover(sizes, forbidden)
