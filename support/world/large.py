"""Large files of one scenario: they travel from the author to the reader by way of the disk.

Nothing is held in memory here, and blocks are numbered, so that one that is lost, doubled or at
another place is seen. The most memory that each client had is noted by a small program that starts
it (support/foundation/peak.py).
"""

import hashlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.determinism.streams import Streams
from support.foundation.errors import EnvironmentUnfitError
from support.foundation.settings import ROOT
from support.sdk.client import DecryptRequest, EncryptRequest, SdkClient
from support.sdk.model import Refusal
from support.world.expectations import expect_equal, fail
from support.world.memory import Slot
from support.world.reader import SHOWN_CHARACTERS
from support.world.setup import Setup
from support.world.words import meaning_of

MEBIBYTE = 1024 * 1024
BLOCK_BYTES = 64 * 1024
_NUMBER_BYTES = 8
NOTING_PROGRAM = ROOT / "support" / "foundation" / "peak.py"

SIZES: Mapping[str, int] = {
    "a mebibyte": MEBIBYTE,
    "a hundred mebibytes": 100 * MEBIBYTE,
    "a gibibyte": 1024 * MEBIBYTE,
    "more than four gibibytes": 4 * 1024 * MEBIBYTE + 3 * MEBIBYTE + 1,
}
"""Sizes by the words that scenarios use; beyond four gibibytes an archive needs other fields."""

Launcher = tuple[str | Path, ...]
LaunchedClient = Callable[[Setup, Launcher], SdkClient]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What arrived of a file that was sent: its size and digest, before and after."""

    sent: tuple[int, str]
    received: tuple[int, str]


@dataclass(slots=True)
class LargeFiles:
    """Makes a file, and has it protected and opened."""

    workspace: Path
    author: LaunchedClient
    reader: LaunchedClient
    data: Streams
    size: Slot[int] = field(default_factory=lambda: Slot("a file"))
    arrival: Slot[Arrival] = field(default_factory=lambda: Slot("a file that travelled"))

    def travel(self, author: Setup, reader: Setup) -> None:
        """Have the file protected by the author's SDK and opened by the reader's.

        Raises:
            EnvironmentUnfitError: the author's SDK refuses to protect it.
            AssertionError: the reader's SDK refuses to open it.
        """
        plain, sealed = self.workspace / "large.bin", self.workspace / "large.tdf"
        opened = self.workspace / "large.out"
        launcher = (sys.executable, "-I", NOTING_PROGRAM, self._notes)
        sent = write_numbered(plain, self.size.value, self.data)
        try:
            written = self.author(author, launcher).encrypt(EncryptRequest(plain, sealed))
            if isinstance(written, Refusal):
                raise EnvironmentUnfitError(f"The author's SDK refused a file: {written.detail}")
            plain.unlink()  # the disk may be too small for all three
            read = self.reader(reader, launcher).decrypt(DecryptRequest(sealed, opened))
            if isinstance(read, Refusal):
                fail(f"The file: expected it to open, but {read.detail[:SHOWN_CHARACTERS]}")
            self.arrival.put(Arrival(sent, described(opened)))
        finally:
            for path in (plain, sealed, opened):
                path.unlink(missing_ok=True)

    @property
    def peaks(self) -> list[int]:
        """The most memory in bytes that each client had, in their order."""
        return [int(line) for line in self._notes.read_text("utf-8").split()]

    @property
    def _notes(self) -> Path:
        return self.workspace / "peaks"


def size_of(words: str) -> int:
    """Return a size in bytes.

    Raises:
        SpecificationError: no such size.
    """
    return meaning_of(words, SIZES, "a size of files")


def write_numbered(path: Path, size: int, data: Streams) -> tuple[int, str]:
    """Write a file of numbered blocks of predictable bytes; return its size and digest."""
    digest, noise = hashlib.sha256(), data.bytes("large file").at(0, BLOCK_BYTES - _NUMBER_BYTES)
    with path.open("wb") as file:
        for number in range(-(-size // BLOCK_BYTES)):
            block = number.to_bytes(_NUMBER_BYTES, "big") + noise
            block = block[: size - number * BLOCK_BYTES]
            digest.update(block)
            file.write(block)
    return size, digest.hexdigest()


def described(path: Path) -> tuple[int, str]:
    """Return the size and digest of a file."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def expect_whole(arrival: Arrival) -> None:
    """Expect that what arrived is what was sent."""
    expect_equal("Size and digest of the file", arrival.received, arrival.sent)


def expect_within(peaks: list[int], words: str) -> None:
    """Expect that no client had more memory than a size, in a run of both of them."""
    bound = size_of(words)
    told = {
        who: f"{peak_bytes / MEBIBYTE:.0f} MiB"
        for who, peak_bytes in zip(("author's client", "reader's client"), peaks, strict=True)
        if peak_bytes > bound
    }
    expect_equal(f"Clients with more than {words} of memory", told, {})
