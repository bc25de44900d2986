"""Trying copies with one bit other: what is sampled, and that each expectation can fail."""

import pytest

from support.determinism.streams import Streams
from support.foundation.errors import SpecificationError
from support.sdk.bits import flipped
from support.sdk.model import Refusal, RefusalReason, Sdk
from support.world import tampering
from support.world.documents import Document, Wishes
from support.world.reader import Opened
from support.world.tampering import Tampering, Try
from support.world.world import World

REASON = "the payload was altered"
INTEGRITY = Refusal(RefusalReason.INTEGRITY, "altered")
DOCUMENT = Document(b"text", b"")


def test_an_sdk_is_given_a_sample_of_copies(world: World, sdk: Sdk) -> None:
    world.documents.make(b"text", world.author, Wishes())
    (sdk.directory / "decrypt.error").write_text("cipher: message authentication failed")

    world.tampering.open_copies(world.reader, world.documents.current, "the payload")

    tries = world.tampering.tries
    assert [tries[0].bit, tries[-1].bit] == [0, 8 * 32 - 1]
    assert len(tries) == tampering.SDK_COPIES
    tampering.expect_each_refused(tries, REASON)
    tampering.expect_never_other_content(tries, world.documents.current)


def test_the_sample_depends_on_the_unit_alone() -> None:
    def sample(seed: str, size: int, wanted: int = 5) -> list[int]:
        return list(Tampering(Streams(42, seed))._sample("the payload", size, wanted))

    assert sample("a", 1000) == sample("a", 1000)
    assert sample("a", 1000) != sample("b", 1000)
    assert sample("a", 4) == [0, 1, 2, 3]


def test_a_part_that_nothing_has_names_the_known(world: World) -> None:
    world.documents.make(b"text", world.author, Wishes())
    world.envelopes.make("a", "nothing")

    with pytest.raises(SpecificationError, match="the root signature"):
        world.tampering.open_copies(world.reader, world.documents.current, "the cover")
    with pytest.raises(SpecificationError, match="the name of the key"):
        world.tampering.ask_for_copies(world.envelopes, "a", "the cover", None)


@pytest.mark.parametrize("part", sorted(tampering.ENVELOPE_PARTS))
def test_the_key_service_refuses_each_flipped_bit(world: World, part: str) -> None:
    world.envelopes.make("a", "nothing")

    world.tampering.ask_for_copies(world.envelopes, "a", part, world.reader_token)

    assert 0 < len(world.tampering.tries) <= tampering.ENVELOPE_COPIES
    tampering.expect_each_answer(world.tampering.tries, "invalid")


def test_an_envelope_put_together_anew_is_the_same(world: World) -> None:
    world.envelopes.make("a", "nothing")
    envelope = world.envelopes.by_name["a"]

    for part in tampering.ENVELOPE_PARTS.values():
        raw, put = part(envelope)
        assert put(raw) == envelope
        assert put(flipped(raw, 0)) != envelope


@pytest.mark.parametrize(
    "came_of",
    [
        Opened(b"text"),
        Refusal(RefusalReason.UNREACHABLE, "away"),
        Refusal(RefusalReason.INTEGRITY, "altered", bytes_left_behind=1),
    ],
)
def test_one_copy_that_is_not_refused_as_expected_fails(came_of: Opened | Refusal) -> None:
    tries = [Try(1, INTEGRITY), Try(7, came_of)]

    with pytest.raises(AssertionError, match=r"1 of 2 copies were not refused because.*bit 7: "):
        tampering.expect_each_refused(tries, REASON)


@pytest.mark.parametrize(
    "came_of",
    [
        Opened(b"other"),
        Refusal(RefusalReason.UNCLASSIFIED, "hm"),
        Refusal(RefusalReason.INTEGRITY, "altered", bytes_left_behind=1),
        "invalid",
    ],
)
def test_one_copy_with_other_content_fails(came_of: Opened | Refusal | str) -> None:
    tampering.expect_never_other_content([Try(1, Opened(b"text")), Try(2, INTEGRITY)], DOCUMENT)
    with pytest.raises(AssertionError, match="1 of 1 copies were not refused for a known reason"):
        tampering.expect_never_other_content([Try(7, came_of)], DOCUMENT)


def test_one_other_answer_fails_and_none_proves_nothing() -> None:
    with pytest.raises(AssertionError, match='1 of 2 copies were not answered "invalid": bit 2: f'):
        tampering.expect_each_answer([Try(1, "invalid"), Try(2, "forbidden")], "invalid")
    with pytest.raises(ValueError, match="No copy was tried"):
        tampering.expect_each_answer([], "invalid")
    with pytest.raises(ValueError, match="No copy was tried"):
        tampering.expect_each_refused([], REASON)
    with pytest.raises(ValueError, match="No copy was tried"):
        tampering.expect_never_other_content([], DOCUMENT)
