"""Copies of one scenario in each of which one bit is other, and what came of opening them.

A part of more than a few bits is sampled: the positions follow from the unit's id, so a run can be
repeated. The key service is asked for many copies in one request; an SDK is a process a copy.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from support.determinism.streams import Streams
from support.platform.envelope import Envelope
from support.sdk import bits
from support.sdk.model import Refusal, RefusalReason
from support.world.documents import Document
from support.world.envelopes import Envelopes, answers_of
from support.world.expectations import fail
from support.world.reader import REASONS, SHOWN_CHARACTERS, Opening, Reader
from support.world.words import meaning_of

SDK_COPIES = 3
"""How many copies of a document an SDK is given in one unit; each takes a process."""

ENVELOPE_COPIES = 64
"""How many copies of an envelope the key service is asked about in one unit."""

SHOWN_TRIES = 5


@dataclass(frozen=True, slots=True)
class Try:
    """What became of a copy with one bit other."""

    bit: int
    came_of: Opening | str


@dataclass(slots=True)
class Tampering:
    """Tries copies of one document or envelope."""

    data: Streams
    tries: list[Try] = field(default_factory=list)

    def open_copies(
        self, reader: Reader, document: Document, part: str, copies: int = SDK_COPIES
    ) -> None:
        """Have the reader's SDK open copies of a document in which one bit of a part is other.

        Raises:
            SpecificationError: documents have no such part.
        """
        found = meaning_of(part, bits.PARTS, "a part of documents")(document.data)
        for bit in self._sample(part, found.bits, copies):
            copy = replace(document, data=found.flipped(bit))
            self.tries.append(Try(bit, reader.open(copy)))

    def ask_for_copies(self, envelopes: Envelopes, name: str, part: str, token: str | None) -> None:
        """Ask the key service for copies of an envelope in which one bit of a part is other.

        Raises:
            SpecificationError: envelopes have no such part.
        """
        original = envelopes.by_name[name]
        raw, put = meaning_of(part, ENVELOPE_PARTS, "a part of key envelopes")(original)
        chosen = tuple(self._sample(part, bits.BITS * len(raw), ENVELOPE_COPIES))
        copies = {str(bit): put(bits.flipped(raw, bit)) for bit in chosen}
        answers = answers_of(copies, envelopes.ask(tuple(copies.values()), token))
        self.tries.extend(Try(int(bit), answer) for bit, answer in answers.items())

    def _sample(self, part: str, size: int, wanted: int) -> Iterator[int]:
        """Yield positions: all where they are few, else a sample that has the first and last."""
        if size <= wanted:
            yield from range(size)
            return
        source = self.data.random(f"bits of {part}")
        yield from sorted({0, size - 1, *source.sample(range(1, size - 1), wanted - 2)})


Raw = tuple[bytes, Callable[[bytes], Envelope]]


def _policy(envelope: Envelope) -> Raw:
    raw = base64.b64decode(envelope.policy)
    return raw, lambda new: replace(envelope, policy=base64.b64encode(new).decode())


def _binding(envelope: Envelope) -> Raw:
    raw, encode = bits.decoded(envelope.binding)
    return raw, lambda new: replace(envelope, binding=encode(new))


def _sealed_key(envelope: Envelope) -> Raw:
    return envelope.wrapped_key, lambda new: replace(envelope, wrapped_key=new)


def _key_name(envelope: Envelope) -> Raw:
    raw = envelope.key_id.encode()
    return raw, lambda new: replace(envelope, key_id=new.decode("latin-1"))


ENVELOPE_PARTS: Mapping[str, Callable[[Envelope], Raw]] = {
    "the policy": _policy,
    "the binding": _binding,
    "the sealed key": _sealed_key,
    "the name of the key": _key_name,
}
"""Parts of a key envelope by the words that scenarios use."""


def expect_each_refused(tries: Sequence[Try], reason: str) -> None:
    """Expect an SDK to have refused every copy for one reason, and left nothing behind.

    Raises:
        SpecificationError: the words stand for no reason.
    """
    expected = meaning_of(reason, REASONS, "a reason to refuse access")
    wrong = [
        entry
        for entry in _some(tries)
        if not (
            isinstance(entry.came_of, Refusal)
            and entry.came_of.reason is expected
            and entry.came_of.bytes_left_behind == 0
        )
    ]
    _none_of(wrong, tries, f"refused because {reason}")


def expect_never_other_content(tries: Sequence[Try], document: Document) -> None:
    """Expect each copy to be refused for a reason that is known, or to open as it was.

    There are bits that mean nothing, such as those of a date in the archive.
    """
    wrong = [entry for entry in _some(tries) if not _is_harmless(entry.came_of, document)]
    _none_of(wrong, tries, "refused for a known reason, or opened with its own content")


def expect_each_answer(tries: Sequence[Try], answer: str) -> None:
    """Expect the key service to have answered the same about every copy."""
    wrong = [entry for entry in _some(tries) if entry.came_of != answer]
    _none_of(wrong, tries, f'answered "{answer}"')


def _is_harmless(came_of: Opening | str, document: Document) -> bool:
    if isinstance(came_of, str):
        return False
    if isinstance(came_of, Refusal):
        return came_of.reason is not RefusalReason.UNCLASSIFIED and not came_of.bytes_left_behind
    return came_of.content == document.content


def _some(tries: Sequence[Try]) -> Sequence[Try]:
    if not tries:
        raise ValueError("No copy was tried, so nothing would be proven.")
    return tries


def _none_of(wrong: Sequence[Try], tries: Sequence[Try], expected: str) -> None:
    if wrong:
        told = "; ".join(
            f"bit {entry.bit}: {_told(entry.came_of)}" for entry in wrong[:SHOWN_TRIES]
        )
        fail(f"{len(wrong)} of {len(tries)} copies were not {expected}: {told}")


def _told(came_of: Opening | str) -> str:
    if isinstance(came_of, str):
        return came_of
    if isinstance(came_of, Refusal):
        return f"{came_of.reason.value} ({came_of.detail[:SHOWN_CHARACTERS]})"
    return f"it opened with {len(came_of.content)} bytes"
