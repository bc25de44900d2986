"""How files of a run stand on the disk, and which of them stay as they are.

Below a run's folder a logical path, such as `BR-001/embedded/…-exchanges.jsonl`, has one of these
stored forms; digests and sizes in evidence are always those of the plain content:

- the plain file, under the path itself: all there is while the run goes on, evidence always;
- a hard link to an object of the store, `path` or `path.zst`: what is large;
- a member of the run's pack, `artifacts.pack`: everything else, once the run has ended.

With a key, the object and the pack are encrypted, and their names end in `.sealed`.
"""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

PACK = "artifacts.pack"
OBJECTS = "objects"
LOCK = ".running"
KEEPING = "keeping.json"
COMPRESSED = ".zst"
ENCRYPTED = ".sealed"
ALLURE = "allure-results"
MESSAGES = "messages.ndjson"
RECORD_ENDING = "-evidence.json"
STORED_ENDINGS = (COMPRESSED + ENCRYPTED, ENCRYPTED, COMPRESSED)
"""What a stored form may add to the name of a file, the longest first."""

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

_DRAFT = ".part"


def packs_of(run_folder: Path) -> tuple[Path, ...]:
    """Return where a run's pack may be, the encrypted one last."""
    return run_folder / PACK, run_folder / (PACK + ENCRYPTED)


def plain_name(name: str) -> str:
    """Return the logical path of a stored file."""
    for ending in STORED_ENDINGS:
        if name.endswith(ending):
            return name.removesuffix(ending)
    return name


def files_below(
    folder: Path, leave_out: Collection[str] = (), prefix: str = ""
) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """Yield the regular files below a folder with their logical paths, in order.

    Names stand for paths here because a run has ten thousand files. Links are not followed.

    Args:
        folder: where to look.
        leave_out: names of folders directly below it that are passed over.
        prefix: what logical paths begin with.
    """
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in leave_out:
                yield from files_below(Path(entry.path), (), f"{prefix}{entry.name}/")
        elif entry.is_file(follow_symlinks=False):
            yield prefix + entry.name, entry


def stays_plain(path: str, *, cold: bool) -> bool:
    """Whether a file is kept as it is.

    Evidence is, always; so is what stands beside the requirements' folders, such as attestations.
    The event log and what reports are rendered from are too, until the run is cold.
    """
    if path.endswith((RECORD_ENDING, _DRAFT)):
        return True
    if path.startswith(ALLURE + "/") or path == MESSAGES:
        return not cold
    return "/" not in path
