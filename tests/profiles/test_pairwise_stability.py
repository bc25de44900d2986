"""A model that grows keeps most of its rows; how far is written in the generator's docstring."""

from collections.abc import Sequence
from statistics import fmean

import pytest

from support.profiles.pairwise import cover

MODELS = [
    (6, 6, 3, 2),
    (3, 3, 2, 2, 2),
    (6, 5, 7, 2, 2, 3),
    (4, 4, 4, 2, 2, 2),
    (4, 4, 3, 3, 3),
    (5, 4, 4, 3, 3, 2, 2),
    (8, 8, 4, 4, 3, 3, 2, 2, 2),
    (3, 3, 3, 2, 2, 2, 2),
    (7, 6, 5, 4, 3, 2),
    (6, 6, 5, 3, 4, 2, 2),
    (3, 3, 2, 7),
    (9, 6, 4, 4, 4, 2, 2),
]


def kept_with_another_value(sizes: Sequence[int], factor: int) -> float:
    """The share of a model's rows that are rows of the model with one more value, too."""
    rows = cover(sizes)
    larger = set(cover([size + (f == factor) for f, size in enumerate(sizes)]))
    return sum(row in larger for row in rows) / len(rows)


def kept_with_another_factor(sizes: Sequence[int], values: int) -> float:
    """The share of a model's rows that have a continuation in the model with one more factor."""
    rows = cover(sizes)
    larger = {row[:-1] for row in cover([*sizes, values])}
    return sum(row in larger for row in rows) / len(rows)


def test_a_factor_added_keeps_nine_rows_in_ten() -> None:
    assert fmean(kept_with_another_factor(m, values) for m in MODELS for values in (2, 3)) >= 0.9


@pytest.mark.parametrize("sizes", [(6, 6, 3, 2), (6, 5, 7, 2, 2, 3), (8, 8, 4, 4, 3, 3, 2, 2, 2)])
def test_a_factor_that_fits_in_keeps_every_row(sizes: Sequence[int]) -> None:
    assert kept_with_another_factor(sizes, 2) == 1.0
    assert len(cover([*sizes, 2])) == len(cover(sizes))


def test_a_value_added_to_the_last_factor_keeps_two_rows_in_three() -> None:
    assert fmean(kept_with_another_value(m, len(m) - 1) for m in MODELS) >= 0.66


def test_a_value_added_to_any_factor_keeps_two_rows_in_five() -> None:
    assert fmean(kept_with_another_value(m, f) for m in MODELS for f in range(len(m))) >= 0.4


def test_a_value_added_to_one_of_two_large_factors_keeps_nearly_every_row() -> None:
    assert kept_with_another_value((6, 6, 3, 2), 0) >= 0.95
    assert kept_with_another_value((6, 6, 3, 2), 1) >= 0.95
