"""Data that follows from one seed, and depends on neither order, worker nor attempt.

Every purpose in every unit has a stream of its own, so that one more value drawn for one purpose
changes no other.
"""

import random
import sys
import uuid
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b

from support.determinism.keystream import SEED_BYTES, PredictableBytes

DEFAULT_SEED = 42
_NUMBER_BYTES = 8


def derived(seed: int, *parts: str, size: int = SEED_BYTES) -> bytes:
    """Return bytes that follow from a seed and some texts, by keyed BLAKE2 (RFC 7693).

    Each text goes in with its length, so that no two lists of texts are taken for each other.
    """
    key = blake2b(str(seed).encode(), digest_size=SEED_BYTES).digest()
    digest = blake2b(key=key, digest_size=size)
    for part in parts:
        text = part.encode("utf-8", "surrogatepass")
        digest.update(len(text).to_bytes(_NUMBER_BYTES, "big") + text)
    return digest.digest()


@dataclass(slots=True)
class Streams:
    """The data of one unit.

    Attributes:
        seed: the master seed of the run.
        unit_id: whose data it is; attempts at a unit have the same.
    """

    seed: int
    unit_id: str
    _drawn: Counter[str] = field(default_factory=Counter)

    def number(self, purpose: str) -> int:
        """Return a number of 64 bits."""
        return int.from_bytes(derived(self.seed, self.unit_id, purpose, size=_NUMBER_BYTES))

    def random(self, purpose: str) -> random.Random:
        """Return a source of numbers for one purpose, at its beginning."""
        return random.Random(self.number(purpose))  # noqa: S311 -- repeatable, nothing secret

    def bytes(self, purpose: str) -> PredictableBytes:
        """Return predictable bytes for one purpose; never for keys."""
        return PredictableBytes(derived(self.seed, self.unit_id, purpose))

    def next(self, purpose: str) -> str:
        """Return a purpose of its own for the next thing of a kind: `note 1`, then `note 2`."""
        self._drawn[purpose] += 1
        return f"{purpose} {self._drawn[purpose]}"

    def seed_this_process(self) -> None:
        """Let whatever draws from the process's own sources draw the same for this unit again.

        Those are `random`, which builders of data draw from, and numpy where it is in use.
        """
        random.seed(self.number("this process"))
        numpy = sys.modules.get("numpy")
        if numpy is not None:
            numpy.random.seed(self.number("numpy") % (1 << 32))


@dataclass(slots=True)
class FreshNames:
    """Names that nobody has used on a platform.

    Where the platform began with the run, and so knows nobody, they follow from the seed: the same
    run again gives the same names. On a platform that outlives runs they also follow from the
    run's id and the attempt, for what an earlier run was named is taken there for ever.

    Attributes:
        mark: what tells apart those who name things on one platform; empty where nobody else does.
    """

    seed: int
    unit_id: str
    mark: str = ""
    attempt: int = 1
    _given: Counter[str] = field(default_factory=Counter)

    @property
    def unit_mark(self) -> str:
        """Return what tells in a name which unit gave it, whichever run that was."""
        return blake2b(self.unit_id.encode(), digest_size=4).hexdigest()

    def token(self, purpose: str, size: int = 4) -> str:
        """Return `size` bytes as hexadecimal digits, other ones on every call."""
        return self._next(purpose, size).hex()

    def identifier(self, purpose: str) -> str:
        """Return an id in the form of a random UUID (RFC 9562, version 4)."""
        return str(uuid.UUID(bytes=self._next(purpose, 16), version=4))

    def _next(self, purpose: str, size: int) -> bytes:
        self._given[purpose] += 1
        place = f"{self.attempt} {self._given[purpose]}"
        return derived(self.seed, "name", self.mark, self.unit_id, purpose, place, size=size)
