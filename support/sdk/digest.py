"""What an installed SDK is, as one digest of everything in its folder.

Two machines that hold the same files get the same digest, whenever and wherever those were
installed: names, contents and the right to be executed count; times, owners and the place do not.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from support.foundation.files import write_atomically
from support.foundation.settings import ROOT
from support.sdk.capabilities import fingerprint
from support.sdk.model import Sdk

CACHE = ROOT / "build" / "sdk-digests"
DIGEST_CHARACTERS = 64
_BLOCK_BYTES = 1 << 20
_EXECUTABLE = 0o111

_COMPILED = "__pycache__"
# What our own set-up leaves at the top of a bundled shim: paths of one machine.
_STAMP = ".made-of"
_OF_ONE_MACHINE = frozenset({_STAMP, "interpreter", "library"})


def digest_of(sdk: Sdk, cache: Path = CACHE) -> str:
    """Return the digest of an SDK, read anew only when its folder has changed.

    Whether it has is told by names, sizes, times and modes, without reading a file.
    """
    kept = cache / f"{sdk.id}-{fingerprint(sdk.directory)}"
    known = _read(kept)
    if known:
        return known
    found = folder_digest(sdk.directory)
    try:
        write_atomically(kept, found)
    except OSError:
        return found  # the file only saves time
    return found


def folder_digest(directory: Path) -> str:
    """Return the SHA-256 digest, in hexadecimal, of the files below a folder.

    A symbolic link counts by where it points to.
    """
    digest = hashlib.sha256()
    for path in sorted(_files(directory), key=lambda path: path.relative_to(directory).as_posix()):
        name = path.relative_to(directory).as_posix()
        digest.update(repr((name, *_content(path))).encode())
    return digest.hexdigest()


def _files(directory: Path) -> Iterator[Path]:
    ignored = _OF_ONE_MACHINE if (directory / _STAMP).is_file() else frozenset[str]()
    for path in directory.rglob("*"):
        parts = path.relative_to(directory).parts
        if _COMPILED in parts or (len(parts) == 1 and parts[0] in ignored):
            continue
        if path.is_symlink() or path.is_file():
            yield path


def _content(path: Path) -> tuple[str, str]:
    if path.is_symlink():
        return ("link", str(path.readlink()))
    kind = "program" if path.stat().st_mode & _EXECUTABLE else "file"
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return (kind, digest.hexdigest())


def _read(path: Path) -> str:
    try:
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return ""
    return text if len(text) == DIGEST_CHARACTERS else ""
