"""Large files by their content: each stands once, however many runs have it.

`objects/sha256/ab/cdef…[.zst][.sealed]` beside the run folders; a run has a hard link to it under
the file's own path. So nobody has to count references: the file system does, an object with one
name left belongs to no run any more, and `rm -rf RUN` can neither break another run nor leave the
store wrong. The name is the digest of the plain content, and the key's id where it is encrypted.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import zstandard

from support.artifacts.encryption import EncryptingWriter, Key
from support.artifacts.packs import HOT_LEVEL
from support.artifacts.stored import (
    COMPRESSED,
    ENCRYPTED,
    OBJECTS,
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    files_below,
)

LARGE_BYTES = 1024 * 1024
"""From this size on a file is an object of its own instead of a member of the run's pack."""

_PIECE = 1024 * 1024
_SAMPLE_PIECES = 4
_PAYS_BELOW = 0.9


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a file: its name in the run, and the bytes that it newly takes."""

    path: Path
    new_bytes: int


class ObjectStore:
    """The objects beside the run folders.

    Args:
        artifacts: the folder that holds the run folders.
    """

    def __init__(self, artifacts: Path) -> None:
        self._root = artifacts / OBJECTS / "sha256"

    def keep(self, file: Path, key: Key | None) -> Stored:
        """Turn a plain file into a link to an object with its content.

        At any moment the content stands under one name or the other, whole.

        Raises:
            OSError: the file system has no hard links, or no room; the file is as it was.
        """
        compressed = pays(file)
        ending = (COMPRESSED if compressed else "") + (ENCRYPTED if key else "")
        found = self._object(digest_of(file), ending, key)
        new = 0
        if not found.exists():
            new = self._make(file, found, compressed=compressed, key=key)
        link = file.with_name(file.name + ending)
        draft = file.with_name(f"{file.name}.{os.getpid()}.part")
        draft.unlink(missing_ok=True)
        os.link(found, draft)
        draft.replace(link)
        if link != file:
            file.unlink()
        return Stored(link, new)

    def unused(self) -> Iterator[Path]:
        """Yield the objects that no run has a link to, and drafts that somebody left behind."""
        for _, entry in files_below(self._root):
            if entry.stat(follow_symlinks=False).st_nlink == 1:
                yield Path(entry.path)

    def _object(self, digest: str, ending: str, key: Key | None) -> Path:
        mark = f".{key.id}" if key else ""
        return self._root / digest[:2] / f"{digest[2:]}{mark}{ending}"

    def _make(self, file: Path, target: Path, *, compressed: bool, key: Key | None) -> int:
        target.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        draft = target.with_name(f"{target.name}.{os.getpid()}.part")
        draft.unlink(missing_ok=True)
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
            with os.fdopen(handle, "wb") as output:
                _copy(file, output, compressed=compressed, key=key)
                output.flush()
                os.fsync(output.fileno())
            size = draft.stat().st_size
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        return size


def _copy(file: Path, output: IO[bytes], *, compressed: bool, key: Key | None) -> None:
    writer = EncryptingWriter(output, key) if key else None
    target = writer or output
    with file.open("rb") as content:
        if compressed:
            compressor = zstandard.ZstdCompressor(level=HOT_LEVEL, write_checksum=True)
            for piece in compressor.read_to_iter(content, size=file.stat().st_size):
                target.write(piece)
        else:
            while piece := content.read(_PIECE):
                target.write(piece)
    if writer:
        writer.finish()


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file's content."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def pays(file: Path) -> bool:
    """Whether compression makes a file clearly smaller, told by a few pieces of it."""
    size = file.stat().st_size
    compressor = zstandard.ZstdCompressor(level=1)
    plain = packed = 0
    with file.open("rb") as content:
        for number in range(_SAMPLE_PIECES):
            content.seek(number * size // _SAMPLE_PIECES)
            piece = content.read(_PIECE // 16)
            plain += len(piece)
            packed += len(compressor.compress(piece))
    return packed < plain * _PAYS_BELOW
