"""Opening the plain content of a run's files, whichever stored form they have."""

import functools
import hashlib
import io
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePath, PurePosixPath
from typing import BinaryIO, cast

import zstandard

from support.artifacts.encryption import Keys, open_encrypted
from support.artifacts.packs import LARGEST_WHOLE, Index, Pack, is_safe, read_index
from support.artifacts.stored import (
    COMPRESSED,
    ENCRYPTED,
    KEEPING,
    LOCK,
    PACK,
    STORED_ENDINGS,
    files_below,
    packs_of,
    plain_name,
)
from support.foundation.errors import ConfigurationError

_BLOCK_BYTES = 1 << 20


def open_artifact(run_folder: Path, path: str | PurePath, keys: Keys | None = None) -> BinaryIO:
    """Open the plain content of a file of a run.

    Args:
        run_folder: `artifacts/{run_id}`.
        path: as evidence names it, relative to the run folder.
        keys: what encrypted files are opened with.

    Raises:
        FileNotFoundError: the run has no such file in any form.
        ConfigurationError: the path leads out of the run or over a symbolic link, the stored form
            is damaged, or the key of an encrypted one is missing or wrong.
    """
    name = path if isinstance(path, str) else path.as_posix()
    if not is_safe(name) or _over_a_link(run_folder, name):
        raise ConfigurationError(
            f"{name!r} leads out of {run_folder}, or over a symbolic link. Files of a run are "
            "named from its folder on, and stand in it."
        )
    for ending in ("", *reversed(STORED_ENDINGS)):
        stored = run_folder / (name + ending)
        if stored.is_file():
            return opened(stored, ending, keys)
    for stored in packs_of(run_folder):
        if stored.is_file():
            pack = open_pack(stored, keys)
            if name in pack.members:
                return pack.open(name, alone=True)
            pack.close()
    raise FileNotFoundError(f"{run_folder} holds no {name}, neither plain nor stored")


def measured(content: BinaryIO) -> tuple[int, str]:
    """Return the size of a content in bytes, and its SHA-256 digest in hexadecimal."""
    size, digest = 0, hashlib.sha256()
    while block := content.read(_BLOCK_BYTES):
        size += len(block)
        digest.update(block)
    return size, digest.hexdigest()


def opened(stored: Path, ending: str, keys: Keys | None) -> BinaryIO:
    """Open a stored file by what its name ends in."""
    file: BinaryIO = stored.open("rb")
    if ending.endswith(ENCRYPTED):
        try:
            file = open_encrypted(file, str(stored), keys)
        except ConfigurationError:
            file.close()
            raise
    if ending.startswith(COMPRESSED):
        reader = zstandard.ZstdDecompressor().stream_reader(
            file, read_across_frames=True, closefd=True
        )
        file = io.BufferedReader(cast("io.RawIOBase", reader), LARGEST_WHOLE)
    return file


def open_pack(stored: Path, keys: Keys | None) -> Pack:
    """Open a pack, encrypted or not.

    Raises:
        ConfigurationError: it is damaged, or its key is missing or wrong.
    """
    ending = ENCRYPTED if stored.name.endswith(ENCRYPTED) else ""
    status = stored.stat()
    index = _index(stored, (status.st_ino, status.st_size, status.st_mtime_ns), keys)
    return Pack(opened(stored, ending, keys), str(stored), index)


@functools.lru_cache(maxsize=8)
def _index(stored: Path, state: tuple[int, int, int], keys: Keys | None) -> Index:
    """Read the index of a pack in some state: whoever reads a run opens thousands of its files."""
    del state
    ending = ENCRYPTED if stored.name.endswith(ENCRYPTED) else ""
    with opened(stored, ending, keys) as file:
        return read_index(file, str(stored))


def paths_of(run_folder: Path, keys: Keys | None = None) -> tuple[str, ...]:
    """Return the logical path of every file of a run, sorted.

    Raises:
        ConfigurationError: see `open_artifact`.
    """
    own = {LOCK, KEEPING, PACK, PACK + ENCRYPTED}
    found = {plain_name(name) for name, _ in files_below(run_folder) if name not in own}
    for stored in packs_of(run_folder):
        if stored.is_file():
            with closing(open_pack(stored, keys)) as pack:
                found.update(pack.members)
    return tuple(sorted(found))


def restore(run_folder: Path, target: Path, keys: Keys | None = None) -> int:
    """Write every file of a run plain into a folder; return how many there are.

    Raises:
        ConfigurationError: see `open_artifact`; or the folder exists already.
    """
    try:
        target.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        raise ConfigurationError(
            f"{target} exists already, and nothing is overwritten. Name a folder that does not."
        ) from None
    paths = [path for path in paths_of(run_folder, keys) if is_safe(path)]
    for path, content in _contents(run_folder, paths, keys):
        plain = target / path
        plain.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(plain, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file, content:
            shutil.copyfileobj(content, file, 1024 * 1024)
    return len(paths)


def _contents(
    run_folder: Path, paths: list[str], keys: Keys | None
) -> Iterator[tuple[str, BinaryIO]]:
    """Open each of many paths in order, packs once: they would be read anew for each."""
    packs = [open_pack(stored, keys) for stored in packs_of(run_folder) if stored.is_file()]
    try:
        for path in paths:
            pack = next((each for each in packs if path in each.members), None)
            plain = run_folder / path
            if pack is None or plain.is_file():
                yield path, open_artifact(run_folder, PurePosixPath(path), keys)
            else:
                yield path, pack.open(path)
    finally:
        for pack in packs:
            pack.close()


def _over_a_link(run_folder: Path, name: str) -> bool:
    path = run_folder
    for part in PurePosixPath(name).parts:
        path /= part
        if path.is_symlink():
            return True
    return False
