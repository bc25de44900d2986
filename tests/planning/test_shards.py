import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.errors import ConfigurationError
from support.planning.shards import Shard, numbers, parse

durations = st.lists(st.floats(0, 1000, allow_nan=False), max_size=60)


@given(durations, st.integers(1, 12))
def test_every_unit_is_in_one_shard_and_shards_are_balanced(
    seconds: list[float], count: int
) -> None:
    found = numbers(seconds, count)

    used = max(1, min(count, len(seconds)))
    assert len(found) == len(seconds)
    assert set(found) <= set(range(1, used + 1))
    if seconds:
        busy = [
            sum(s for s, n in zip(seconds, found, strict=True) if n == number)
            for number in range(1, used + 1)
        ]
        assert max(busy) - min(busy) <= max(seconds) + 1e-6
        assert set(found) == set(range(1, used + 1))


def test_a_shard_is_a_number_of_a_count() -> None:
    assert parse("3/8", "x") == Shard(3, 8)


@pytest.mark.parametrize("text", ["", "3", "0/8", "9/8", "3/0", "-1/8", "a/b", "3/8/2", "٣/8"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"NUMBER/COUNT was expected, such as 3/8"):
        parse(text, "--define shard")
