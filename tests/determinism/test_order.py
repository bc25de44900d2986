"""The order of units: what may be asked for, and that it depends on names alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.determinism.order import Order, parse
from support.foundation.errors import ConfigurationError
from support.foundation.settings import Setting


def asked(text: str) -> Order:
    return parse(Setting(text, "--define order"))


@pytest.mark.parametrize("text", ["stable", "random:0", "random:42"])
def test_an_order_is_written_as_it_is_asked_for(text: str) -> None:
    assert str(asked(text)) == text


def test_chance_without_a_seed_tells_the_seed_that_it_chose() -> None:
    order = asked("random")

    assert order.seed is not None
    assert asked(str(order)) == order


@given(st.text().filter(lambda text: text not in {"stable", "random"}))
def test_anything_else_is_refused_and_shown(text: str) -> None:
    seed = text.removeprefix("random:")
    if text.startswith("random:") and seed.isascii() and seed.isdigit():
        assert asked(text).seed == int(seed)
    else:
        with pytest.raises(ConfigurationError, match=r"no order of units\. Expected stable"):
            asked(text)


@given(st.sets(st.text(max_size=5), min_size=3, max_size=8), st.integers(0, 99))
def test_one_unit_less_leaves_the_others_in_their_order(names: set[str], seed: int) -> None:
    order = Order(seed)
    whole = sorted(names, key=order.key)

    assert sorted(names - {whole[1]}, key=order.key) == [whole[0], *whole[2:]]


def test_the_stable_order_leaves_everything_where_it_is() -> None:
    assert sorted("cab", key=Order().key) == list("cab")
