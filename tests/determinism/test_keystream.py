"""Predictable bytes: the vector of RFC 8439, and reading from any place on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.determinism.keystream import MOST_BYTES, PredictableBytes

# RFC 8439, section 2.3.2: key 00..1f, nonce 000000090000004a00000000, block count 1.
RFC_SEED = bytes(range(32))
RFC_NONCE = bytes.fromhex("000000090000004a00000000")
RFC_BLOCK = bytes.fromhex(
    "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
    "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
)


def test_the_block_of_the_rfc() -> None:
    assert PredictableBytes(RFC_SEED, RFC_NONCE).at(64, 64) == RFC_BLOCK


def test_the_zero_key_of_appendix_a_1() -> None:
    assert PredictableBytes(bytes(32)).at(0, 8).hex() == "76b8e0ada0f13d90"


@given(st.binary(min_size=32, max_size=32), st.integers(0, 700), st.integers(0, 300))
def test_a_part_is_what_the_whole_has_there(seed: bytes, place: int, size: int) -> None:
    whole = PredictableBytes(seed).at(0, 1000)

    assert PredictableBytes(seed).at(place, size) == whole[place : place + size]


def test_it_reaches_to_its_end_and_not_beyond() -> None:
    stream = PredictableBytes(bytes(32))

    assert len(stream.at(MOST_BYTES - 3, 3)) == 3
    for place, size in ((MOST_BYTES, 1), (-1, 1), (0, -1)):
        with pytest.raises(ValueError, match="go from 0 to"):
            stream.at(place, size)


@pytest.mark.parametrize(("seed", "nonce"), [(31, 12), (32, 11)])
def test_a_seed_has_its_size(seed: int, nonce: int) -> None:
    with pytest.raises(ValueError, match=f"not {seed} and {nonce}"):
        PredictableBytes(bytes(seed), bytes(nonce))
