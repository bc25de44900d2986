"""Covers are complete, legal, small, the same everywhere, and their first rows say most."""

import itertools
import sys
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.foundation import process
from support.foundation.errors import FrameworkError
from support.foundation.settings import ROOT, build_environment
from support.profiles.cover_check import check, uncovered
from support.profiles.pairwise import Forbidden, cover
from support.profiles.pairwise_order import best_first
from support.profiles.pairwise_reduce import lower_bound
from support.profiles.pairwise_rules import Model


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
@settings(max_examples=150, deadline=None)
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
@settings(max_examples=40, deadline=None)
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


PUBLISHED = {  # the smaller of allpairspy 2.5.1 and covertable 3.2.0
    (3,) * 4: 9,
    (3,) * 13: 17,
    (4,) * 15 + (3,) * 17 + (2,) * 29: 36,
    (4,) + (3,) * 39 + (2,) * 35: 27,
    (2,) * 100: 15,
    (10,) * 20: 197,
}
WANTED = dict(zip(PUBLISHED, (9, 15, 32, 23, 11, 195), strict=True))


def random_constraints(sizes: Sequence[int], count: int, seed: int) -> list[Forbidden]:
    """Pairs, and now and then a combination of three values."""
    random = Random(seed)  # noqa: S311  # a model, not a secret
    result = []
    for number in range(count):
        factors = sorted(random.sample(range(len(sizes)), 3 if number % 5 == 0 else 2))
        result.append(forbid(*((f, random.randrange(sizes[f])) for f in factors)))
    return result


@pytest.mark.parametrize("sizes", PUBLISHED)
def test_covers_are_as_small_as_any_published_generator_makes_them(sizes: Sequence[int]) -> None:
    rows = cover(sizes)
    assert len(rows) <= PUBLISHED[tuple(sizes)]
    assert len(rows) <= WANTED[tuple(sizes)]
    assert check(sizes, (), rows).is_complete


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("sizes", PUBLISHED)
def test_covers_are_small_with_any_seed(sizes: Sequence[int], seed: int) -> None:
    rows = cover(sizes, seed=seed)
    assert len(rows) <= WANTED[tuple(sizes)]
    assert check(sizes, (), rows).is_complete


@pytest.mark.parametrize("sizes", [size for size in PUBLISHED if len(size) in (13, 75, 100)])
def test_fifty_constraints_lose_no_legal_pair(sizes: Sequence[int]) -> None:
    forbidden = random_constraints(sizes, 50, seed=1)
    assert check(sizes, forbidden, cover(sizes, forbidden)).is_complete


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("sizes", PUBLISHED)
def test_fifty_constraints_lose_no_legal_pair_in_any_model(sizes: Sequence[int], seed: int) -> None:
    forbidden = random_constraints(sizes, 8 if len(sizes) == 4 else 50, seed)
    assert check(sizes, forbidden, cover(sizes, forbidden)).is_complete


@given(models())
@settings(max_examples=40, deadline=None)
def test_no_cover_has_fewer_rows_than_the_lower_bound(
    model: tuple[list[int], list[Forbidden]],
) -> None:
    sizes, forbidden = model
    rows = cover(sizes, forbidden)
    if len(rows) > 1:
        assert lower_bound(Model(sizes, forbidden)) <= len(rows)


@pytest.mark.parametrize(
    ("sizes", "least"), [((2, 2), 4), ((2, 2, 2), 4), ((2,) * 4, 5), ((2,) * 10, 6), ((2,) * 11, 7)]
)
def test_the_lower_bound_of_binary_models_is_the_known_minimum(
    sizes: Sequence[int], least: int
) -> None:
    assert lower_bound(Model(sizes, ())) == least
    assert len(cover(sizes)) == least


def test_rows_are_those_written_down_here() -> None:
    """On any machine and with any version of Python: a change here reshuffles users' plans."""
    assert cover((3, 2, 2, 2), [forbid((0, 0), (1, 0))]) == (
        (0, 1, 0, 0),
        (1, 0, 1, 0),
        (2, 0, 0, 1),
        (0, 1, 1, 1),
        (1, 1, 0, 1),
        (2, 1, 1, 0),
    )


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_rows_do_not_depend_on_the_process(hash_seed: str) -> None:
    sizes = (4, 3, 3, 2, 2, 3)
    forbidden = random_constraints(sizes, 6, seed=3)
    program = f"from support.profiles.pairwise import cover; print(cover({sizes!r}, {forbidden!r}))"
    record = process.run(
        [sys.executable, "-c", program],
        environment={**build_environment(), "PYTHONHASHSEED": hash_seed},
        time_limit_seconds=60.0,
        working_directory=ROOT,
    )
    assert record.stdout.strip() == repr(cover(sizes, forbidden))


def test_the_first_row_has_all_first_values() -> None:
    assert cover((4, 4, 3, 3, 3))[0] == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("forbidden", "expected"),
    [
        ([forbid((1, 0))], (0, 1, 0, 0)),
        ([forbid((0, 0), (1, 0))], (0, 1, 0, 0)),
        ([forbid((0, 0), (f, 0)) for f in (1, 2, 3)], (1, 0, 0, 0)),
        ([forbid((0, 0), (1, 0)), forbid((0, 0), (1, 1)), forbid((0, 0), (1, 2))], (1, 0, 0, 0)),
    ],
)
def test_the_first_row_has_as_many_first_values_as_constraints_allow(
    forbidden: Sequence[Forbidden], expected: tuple[int, ...]
) -> None:
    assert cover((3, 3, 3, 3), forbidden)[0] == expected


def test_later_rows_come_by_the_pairs_that_they_add() -> None:
    sizes = (5, 4, 4, 3, 2)
    rows = cover(sizes)
    left = [len(uncovered(sizes, (), rows[:count])) for count in range(1, len(rows) + 1)]
    gains = [before - after for before, after in itertools.pairwise(left)]
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] > 0
    assert left[-1] == 0


def test_rows_that_add_no_pair_are_left_out() -> None:
    rows = [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 1)]
    assert best_first(Model((2, 2, 2), ()), rows[::-1]) == tuple(rows[:4])
