"""Our own reader: it agrees with what was sealed, and with nothing else."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.sdk import bits, container, proof
from support.sdk.container import Container
from tests.sdk.sealing import sealed

KEY = bytes(range(32))
PARTS = (b"first", b"", b"the last")
FORMS = [(False, "GMAC"), (True, "GMAC"), (False, "HS256"), (True, "HS256")]


@pytest.mark.parametrize(("old", "algorithm"), FORMS)
def test_a_sound_document_is_proven(algorithm: str, *, old: bool) -> None:
    document = sealed(PARTS, KEY, old=old, algorithm=algorithm)

    assert proof.prove(document, [KEY]) == proof.Proof(b"".join(PARTS))


@pytest.mark.parametrize(("old", "algorithm"), FORMS)
def test_another_key_proves_nothing(algorithm: str, *, old: bool) -> None:
    found = proof.prove(sealed(PARTS, KEY, old=old, algorithm=algorithm), [bytes(32)])

    assert found.content == b""
    assert {text.partition(" (")[0] for text in found.wrong} >= {
        proof.BINDING,
        proof.CIPHERTEXT,
        proof.ROOT_SIGNATURE,
    }


@given(
    part=st.sampled_from(
        ["the payload", "a segment's hash", "a segment's size", "the root signature", "the policy"]
    ),
    where=st.floats(0, 1, exclude_max=True),
    form=st.sampled_from(FORMS),
)
@settings(max_examples=60, deadline=None)
def test_no_flipped_bit_goes_unseen(part: str, where: float, form: tuple[bool, str]) -> None:
    data = container.write(sealed(PARTS, KEY, old=form[0], algorithm=form[1]))
    found = bits.part_of(data, part)

    copy = container.read(found.flipped(int(where * found.bits)))

    assert proof.prove(copy, [KEY]).wrong


def test_a_share_of_each_split_makes_the_key() -> None:
    access = [{"sid": "a"}, {"sid": "b"}, {"sid": "a"}]
    one, other = bytes(range(32)), bytes(reversed(range(32)))

    assert proof.combined(access, [one, other, one]) == bytes(
        a ^ b for a, b in zip(one, other, strict=True)
    )
    assert proof.combined([{}], [one]) == one


def test_bytes_that_no_segment_declares_are_seen() -> None:
    document = sealed(PARTS, KEY)

    longer = Container(document.manifest_text, document.payload + b"!")
    cut = Container(document.manifest_text, document.payload[:-1])

    assert [text.partition(" (")[0] for text in proof.prove(longer, [KEY]).wrong] == [proof.SIZE]
    assert proof.SIZE in {text.partition(" (")[0] for text in proof.prove(cut, [KEY]).wrong}


def test_a_declared_size_of_content_that_is_wrong_is_seen() -> None:
    document = sealed(PARTS, KEY)
    manifest = document.manifest
    manifest["encryptionInformation"]["integrityInformation"]["segments"][0]["segmentSize"] = 4

    found = proof.prove(Container(json.dumps(manifest), document.payload), [KEY])

    assert found.wrong == (f"{proof.SIZE} (segment 0)",)


@pytest.mark.parametrize("text", ["***", "Zm9v"])
def test_a_signature_that_is_none_is_wrong(text: str) -> None:
    document = sealed(PARTS, KEY)
    manifest = document.manifest
    manifest["encryptionInformation"]["integrityInformation"]["rootSignature"]["sig"] = text

    found = proof.prove(Container(json.dumps(manifest), document.payload), [KEY])

    assert found.wrong == (proof.ROOT_SIGNATURE,)


def test_a_nonce_that_is_used_twice_is_seen() -> None:
    segment = sealed((b"same",), KEY)
    twice = segment.manifest
    integrity = twice["encryptionInformation"]["integrityInformation"]
    integrity["segments"] *= 2

    found = proof.prove(Container(json.dumps(twice), segment.payload * 2), [KEY])

    assert found.wrong[0] == proof.NONCE
