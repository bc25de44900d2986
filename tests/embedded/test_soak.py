"""What only many repetitions show: small in CI, at full size in `make soak`."""

import pytest

from benchmarks import rewrap


@pytest.mark.parametrize(
    "count", [pytest.param(300, id="small"), pytest.param(10_000, marks=pytest.mark.soak)]
)
def test_memory_stays_flat_over_many_rewraps(count: int) -> None:
    measured = rewrap.run(count)

    assert measured.count == count
    assert measured.memory_after_kib - measured.memory_before_kib < rewrap.GROWTH_LIMIT_KIB
