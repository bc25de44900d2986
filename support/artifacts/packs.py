"""Many small files in one compressed file, each of which can be read alone.

A pack is a row of Zstandard frames (RFC 8878) of at most `FRAME_BYTES` of plain content each, so
`zstd -dc` shows all of it; an index and a footer follow in skippable frames, which it passes over.
Files stand one after another regardless of frames: short ones share a frame, which is why logs of
many units take a tenth of their size, and long ones span many. Equal short files stand once.
"""

import bisect
import hashlib
import io
import json
import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import zstandard

from support.foundation.errors import ConfigurationError

FRAME_BYTES = 256 * 1024
LARGEST_WHOLE = 1024 * 1024
"""Files up to this size are read at once, so that an equal one is seen before it is written."""

LARGEST_INDEX_BYTES = 512 * 1024 * 1024
HOT_LEVEL = 3
COLD_LEVEL = 9  # higher ones take ten times as long for a few hundredths less

_SKIPPABLE = struct.Struct("<II")  # magic number and size, RFC 8878 section 3.1.2
_SKIPPABLE_MAGIC = 0x184D2A5E
_FOOTER = struct.Struct("<Q8s")
_FOOTER_MARK = b"ACCPACK1"
_TAIL_BYTES = _SKIPPABLE.size + _FOOTER.size


class Output(Protocol):
    """What takes bytes in order."""

    def write(self, data: bytes, /) -> int:
        """Take all of some bytes."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a pack: where its plain content begins, and how long it is."""

    path: str
    offset: int
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Source:
    """A file that goes into a pack under a path; `open` gives its plain content."""

    path: str
    file: Path | None
    pack: "Pack | None" = None

    def open(self) -> BinaryIO:
        """Open the plain content."""
        if self.pack is not None:
            return self.pack.open(self.path)
        assert self.file is not None  # noqa: S101 -- one of both is always there
        return self.file.open("rb")


class PackWriter:
    """Writes a pack into an open file; memory does not grow with what is written."""

    def __init__(self, file: Output, level: int = HOT_LEVEL) -> None:
        self._file = file
        self._compressor = zstandard.ZstdCompressor(level=level, write_checksum=True)
        self._buffer = bytearray()
        self._written = 0
        self._plain = 0
        self._frames: list[tuple[int, int]] = []
        self._members: dict[str, Member] = {}
        self._by_digest: dict[str, Member] = {}

    @property
    def members(self) -> Mapping[str, Member]:
        """What was added so far, by its path."""
        return self._members

    def add(self, path: str, content: BinaryIO) -> Member:
        """Add a file under a path that is not in the pack yet."""
        piece = content.read(LARGEST_WHOLE + 1)
        if len(piece) <= LARGEST_WHOLE:
            return self._add_whole(path, piece)
        digest, begin, size = hashlib.sha256(), self._position, 0
        while piece:
            digest.update(piece)
            size += len(piece)
            self._append(piece)
            piece = content.read(LARGEST_WHOLE)
        return self._note(Member(path, begin, size, digest.hexdigest()))

    def finish(self) -> None:
        """Write what is left, the index and the footer; the file stays open."""
        self._flush_frames(everything=True)
        index = {
            "version": 1,
            "frames": self._frames,
            "plain_bytes": self._plain,
            "members": [[m.path, m.offset, m.size, m.digest] for m in self._members.values()],
        }
        # With a checksum, as a damaged index could otherwise tell of other names and places.
        compressor = zstandard.ZstdCompressor(level=HOT_LEVEL, write_checksum=True)
        packed = compressor.compress(json.dumps(index).encode())
        at = self._written
        self._write(_SKIPPABLE.pack(_SKIPPABLE_MAGIC, len(packed)) + packed)
        self._write(
            _SKIPPABLE.pack(_SKIPPABLE_MAGIC, _FOOTER.size) + _FOOTER.pack(at, _FOOTER_MARK)
        )

    @property
    def _position(self) -> int:
        return self._plain + len(self._buffer)

    def _add_whole(self, path: str, data: bytes) -> Member:
        digest = hashlib.sha256(data).hexdigest()
        known = self._by_digest.get(digest)
        if known is not None:
            return self._note(Member(path, known.offset, known.size, digest))
        begin = self._position
        self._append(data)
        return self._note(Member(path, begin, len(data), digest))

    def _note(self, member: Member) -> Member:
        self._members[member.path] = member
        self._by_digest.setdefault(member.digest, member)
        return member

    def _append(self, data: bytes) -> None:
        self._buffer += data
        self._flush_frames(everything=False)

    def _flush_frames(self, *, everything: bool) -> None:
        while len(self._buffer) >= FRAME_BYTES or (everything and self._buffer):
            piece = bytes(self._buffer[:FRAME_BYTES])
            del self._buffer[:FRAME_BYTES]
            self._frames.append((self._written, self._plain))
            self._write(self._compressor.compress(piece))
            self._plain += len(piece)

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._written += len(data)


@dataclass(frozen=True, slots=True)
class Index:
    """What a pack holds, and where.

    Attributes:
        members: by their path.
        frames: where each frame begins in the pack, and in the plain content.
        plain_bytes: the size of all plain content.
    """

    members: Mapping[str, Member]
    frames: tuple[tuple[int, int], ...]
    plain_bytes: int


class Pack:
    """Reads a pack; each opened file has its own position, the underlying file is shared.

    Args:
        file: the pack, open for reading and seekable.
        name: what to call it in messages.
        index: what `read_index` returned for it, where somebody has that already.

    Raises:
        ConfigurationError: it is no pack, or it is damaged.
    """

    def __init__(self, file: BinaryIO, name: str, index: Index | None = None) -> None:
        self._file = file
        self._name = name
        self.index = index or read_index(file, name)
        self._decompressor = zstandard.ZstdDecompressor()
        self._last: tuple[int, bytes] = (-1, b"")

    @property
    def members(self) -> Mapping[str, Member]:
        """What it holds, by path."""
        return self.index.members

    def open(self, path: str, *, alone: bool = False) -> BinaryIO:
        """Open a member's plain content.

        Args:
            path: of the member.
            alone: close the pack with it.

        Raises:
            FileNotFoundError: there is no such member.
        """
        member = self.members.get(path)
        if member is None:
            raise FileNotFoundError(f"{self._name} holds no {path}")
        return io.BufferedReader(_MemberFile(self, member, closes_pack=alone), FRAME_BYTES)

    def close(self) -> None:
        """Close the file below."""
        self._file.close()

    def check(self) -> None:
        """Read everything once.

        Raises:
            ConfigurationError: a member is not what the index says.
        """
        for member in sorted(self.members.values(), key=lambda each: each.offset):
            digest = hashlib.sha256()
            with self.open(member.path) as content:
                while piece := content.read(LARGEST_WHOLE):
                    digest.update(piece)
            if digest.hexdigest() != member.digest:
                raise self._damaged(f"{member.path} has another digest than its index says")

    def frame_at(self, position: int) -> tuple[int, bytes]:
        """Return where the frame that holds a plain position begins, and its plain content."""
        frames = self.index.frames
        number = bisect.bisect_right(frames, position, key=lambda frame: frame[1]) - 1
        if number < 0:
            raise self._damaged("it has no content")
        at, begin = frames[number]
        if self._last[0] != number:
            following = frames[number + 1][1] if number + 1 < len(frames) else None
            end = self.index.plain_bytes if following is None else following
            self._last = (number, self._decompressed(at, end - begin))
        return begin, self._last[1]

    def _decompressed(self, at: int, size: int) -> bytes:
        if not 0 < size <= FRAME_BYTES:
            raise self._damaged(f"a frame claims {size} bytes")
        self._file.seek(at)
        # Even what cannot be compressed grows by a few bytes only.
        data = self._file.read(FRAME_BYTES + 4096)
        try:
            if zstandard.frame_content_size(data) != size:  # nothing is unpacked on its word alone
                raise self._damaged("a frame has another size than the index says")
            plain = self._decompressor.decompress(data, max_output_size=size)
        except zstandard.ZstdError as error:
            raise self._damaged(str(error)) from error
        if len(plain) != size:
            raise self._damaged(f"a frame has {len(plain)} bytes instead of {size}")
        return plain

    def _damaged(self, why: str) -> ConfigurationError:
        return _damaged(self._name, why)


def read_index(file: BinaryIO, name: str) -> Index:
    """Read what a pack holds.

    Raises:
        ConfigurationError: it is no pack, or it is damaged.
    """
    end = file.seek(0, os.SEEK_END)
    if end < _TAIL_BYTES:
        raise _damaged(name, f"it has {end} bytes")
    file.seek(end - _FOOTER.size)
    at, mark = _FOOTER.unpack(file.read(_FOOTER.size))
    size = end - _TAIL_BYTES - _SKIPPABLE.size - at
    if mark != _FOOTER_MARK or not 0 <= size <= LARGEST_INDEX_BYTES:
        raise _damaged(name, "it has no footer")
    file.seek(at + _SKIPPABLE.size)
    packed = file.read(size)
    try:
        if zstandard.frame_content_size(packed) > LARGEST_INDEX_BYTES:
            raise _damaged(name, "its index claims to be larger than any")
        data = json.loads(zstandard.ZstdDecompressor().decompress(packed))
        members = (Member(str(m[0]), int(m[1]), int(m[2]), str(m[3])) for m in data["members"])
        return Index(
            members={member.path: member for member in members},
            frames=tuple((int(begin), int(plain)) for begin, plain in data["frames"]),
            plain_bytes=int(data["plain_bytes"]),
        )
    except (
        zstandard.ZstdError,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        RecursionError,
    ) as error:
        raise _damaged(name, f"its index cannot be read ({error})") from error


def _damaged(name: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name} is damaged or no pack of artifacts: {why}. Expected one that `acceptance` wrote. "
        "Fetch it again from the artifact store, or leave the run out."
    )


class _MemberFile(io.RawIOBase):
    """One member as a file; reads across frames."""

    def __init__(self, pack: Pack, member: Member, *, closes_pack: bool) -> None:
        super().__init__()
        self._pack = pack
        self._closes_pack = closes_pack
        self._member = member
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._member.size}
        self._position = max(0, base[whence] + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        if self._closes_pack:
            self._pack.close()
        super().close()

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # typeshed names the buffer's protocol
        left = self._member.size - self._position
        if left <= 0 or not view:
            return 0
        position = self._member.offset + self._position
        begin, frame = self._pack.frame_at(position)
        piece = frame[position - begin : position - begin + min(left, len(view))]
        view[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)


def write_pack(draft: Output, sources: Iterable[Source], level: int) -> Iterator[Member]:
    """Write a pack from its sources, in order; yield each member once it is in."""
    writer = PackWriter(draft, level)
    for source in sources:
        if source.path not in writer.members:
            with source.open() as content:
                yield writer.add(source.path, content)
    writer.finish()


def is_safe(path: str) -> bool:
    """Whether a member's path stays below the folder that it is unpacked into."""
    parts = path.split("/")
    return bool(path) and "\0" not in path and not {"", ".", ".."} & set(parts)
