import base64
import json
import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.sdk import bits, container
from tests.sdk.sealing import sealed

KEY = bytes(range(32))
DATA = container.write(sealed((b"first", b"second"), KEY))
OLD = container.write(sealed((b"first", b"second"), KEY, old=True))


def one_bit_apart(before: bytes, after: bytes) -> bool:
    return len(before) == len(after) and (
        sum((b ^ a).bit_count() for b, a in zip(before, after, strict=True)) == 1
    )


@given(
    name=st.sampled_from(sorted(bits.PARTS)),
    where=st.floats(0, 1, exclude_max=True),
    data=st.sampled_from([DATA, OLD]),
)
@settings(max_examples=100, deadline=None)
def test_each_copy_is_another_and_each_differs(name: str, where: float, data: bytes) -> None:
    part = bits.part_of(data, name)
    bit = int(where * part.bits)

    copy, neighbour = part.flipped(bit), part.flipped((bit + 1) % part.bits)

    assert copy != data
    assert copy != neighbour


@pytest.mark.parametrize("name", ["the payload", "the manifest"])
def test_what_stands_as_bytes_is_flipped_as_bytes(name: str) -> None:
    part = bits.part_of(DATA, name)
    copy = part.flipped(part.bits - 1)

    with zipfile.ZipFile(BytesIO(DATA)) as before, zipfile.ZipFile(BytesIO(copy)) as after:
        changed = {
            entry: one_bit_apart(before.read(entry), after.read(entry))
            for entry in before.namelist()
            if before.read(entry) != after.read(entry)
        }

    expected = container.PAYLOAD_ENTRY if name == "the payload" else container.MANIFEST_ENTRY
    assert changed == {expected: True}


@pytest.mark.parametrize("data", [DATA, OLD])
@pytest.mark.parametrize(("name", "size"), [("a segment's hash", 128), ("the root signature", 256)])
def test_digests_have_the_bits_that_they_mean(name: str, size: int, data: bytes) -> None:
    assert bits.part_of(data, name).bits == size


def test_an_address_stays_text_that_everybody_can_read() -> None:
    part = bits.part_of(DATA, "the key service's address")
    url = "http://kas.example"

    found = {
        json.loads(container.read(part.flipped(bit)).manifest_text)["encryptionInformation"][
            "keyAccess"
        ][0]["url"]
        for bit in range(part.bits)
    }

    assert part.bits == 7 * len(url)
    assert len(found) == part.bits
    assert url not in found
    assert all(text.isascii() for text in found)


def test_hexadecimal_digests_stay_hexadecimal_and_other_text_is_bytes() -> None:
    raw, encode = bits.decoded("MDAw" + "MDAw" * 20 + "MA==")
    assert raw == bytes(32)
    assert bits.decoded(encode(bits.flipped(raw, 9)))[0] == bits.flipped(raw, 9)
    assert bits.decoded("eno=")[0] == b"zz"
    text = "x" * 32
    assert bits.decoded(base64.b64encode(text.encode()).decode())[0] == text.encode()
