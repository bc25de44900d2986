"""The verifier of covers notices every kind of wrong cover; it has to, since others rely on it."""

from collections.abc import Sequence

import pytest

from support.profiles.cover_check import check, uncovered
from support.profiles.pairwise import Forbidden, cover

SQUARE = ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0))
NOT_BOTH_ZERO: Forbidden = ((0, frozenset({0})), (1, frozenset({0})))


def test_a_cover_is_complete() -> None:
    report = check((2, 2, 2), (), SQUARE)
    assert report.is_complete
    assert len(report.legal_pairs) == 12


@pytest.mark.parametrize("removed", range(4))
def test_a_row_removed_leaves_its_pairs_uncovered(removed: int) -> None:
    row = SQUARE[removed]
    report = check((2, 2, 2), (), [other for other in SQUARE if other != row])
    assert not report.is_complete
    assert report.illegal_rows == ()
    assert report.uncovered_pairs == tuple(
        ((i, row[i]), (j, row[j])) for i, j in ((0, 1), (0, 2), (1, 2))
    )
    assert report.uncovered_pairs == uncovered((2, 2, 2), (), [r for r in SQUARE if r != row])


@pytest.mark.parametrize("sizes", [(6, 5, 4, 3, 2), (4, 4, 4), (2,) * 12])
def test_every_row_of_a_minimal_looking_cover_is_missed(sizes: Sequence[int]) -> None:
    rows = cover(sizes)
    for position in range(len(rows)):
        assert uncovered(sizes, (), rows[:position] + rows[position + 1 :])


def test_an_illegal_row_is_named_and_covers_nothing() -> None:
    report = check((2, 2, 2), [NOT_BOTH_ZERO], SQUARE)
    assert report.illegal_rows == ((0, 0, 0),)
    assert report.uncovered_pairs == (((0, 0), (2, 0)), ((1, 0), (2, 0)))
    assert ((0, 0), (1, 0)) not in report.legal_pairs
    assert not report.is_complete


@pytest.mark.parametrize("row", [(0, 0), (0, 0, 0, 0), (0, 0, 2), (0, 0, -1)])
def test_a_row_of_another_shape_is_illegal(row: tuple[int, ...]) -> None:
    report = check((2, 2, 2), (), [*SQUARE, row])
    assert report.illegal_rows == (row,)
    assert report.uncovered_pairs == ()
    assert not report.is_complete


def test_pairs_that_constraints_rule_out_together_are_not_wanted() -> None:
    """Whatever value the third factor takes, it is forbidden beside one of the two zeros."""
    forbidden: list[Forbidden] = [
        ((0, frozenset({0})), (2, frozenset({0}))),
        ((1, frozenset({0})), (2, frozenset({1}))),
    ]
    legal = check((2, 2, 2), forbidden, ()).legal_pairs
    assert ((0, 0), (1, 0)) not in legal
    assert ((0, 0), (1, 1)) in legal


def test_pairs_of_factors_that_nothing_connects_are_wanted() -> None:
    report = check((2, 2, 2, 2), [NOT_BOTH_ZERO], ())
    assert len(report.legal_pairs) == 23
    assert report.uncovered_pairs == tuple(sorted(report.legal_pairs))


@pytest.mark.parametrize(
    ("sizes", "forbidden"),
    [
        ((2, 0), ()),
        ((2, 2), [()]),
        ((1, 2), [((0, frozenset({0})),)]),
        ((2, 2), [((0, frozenset({0})),), ((0, frozenset({1})),)]),
        ((), [()]),
        ((), ()),
    ],
)
def test_without_a_legal_row_no_pair_is_wanted(
    sizes: Sequence[int], forbidden: Sequence[Forbidden]
) -> None:
    report = check(sizes, forbidden, ())
    assert report.is_complete
    assert not report.legal_pairs


def test_every_value_of_a_single_factor_is_wanted() -> None:
    assert uncovered((3,), (), [(0,)]) == (((0, 1), (0, 1)), ((0, 2), (0, 2)))
    assert uncovered((3,), [((0, frozenset({1})),)], [(0,)]) == (((0, 2), (0, 2)),)
