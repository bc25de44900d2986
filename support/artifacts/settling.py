"""Bringing the files of an ended run into their stored forms.

Units only ever append to plain files, so that they wait for nothing and a run that is killed keeps
all it had. Once the run has ended, its files are packed in one go, which costs a fraction of a
millisecond for each unit. A plain file goes only when the pack with its content is on the disk and
was read back; killed at any moment in between, the next time finishes what was begun.
"""

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from support.artifacts.encryption import EncryptingWriter, Key, Keys
from support.artifacts.objects import LARGE_BYTES, ObjectStore
from support.artifacts.packs import COLD_LEVEL, HOT_LEVEL, Member, Pack, Source, write_pack
from support.artifacts.reading import open_pack, opened
from support.artifacts.stored import (
    ALLURE,
    COMPRESSED,
    ENCRYPTED,
    PACK,
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    files_below,
    packs_of,
    stays_plain,
)


@dataclass(frozen=True, slots=True)
class Settled:
    """What settling a run did.

    Attributes:
        files: how many files were brought into another form.
        plain_bytes: their size as it was.
        stored_bytes: what they take now; equal ones are counted once.
    """

    files: int
    plain_bytes: int
    stored_bytes: int


def settle(run_folder: Path, keys: Keys | None = None, *, cold: bool = False) -> Settled:
    """Pack the files of a run that has ended; harmless when it is packed already.

    Args:
        run_folder: `artifacts/{run_id}`.
        keys: where there is one to encrypt with, the stored forms are encrypted.
        cold: take in the event log and the results for reports as well, as small as can be.

    Raises:
        OSError: a file cannot be read or written; what was plain still is.
        ConfigurationError: a pack of before is damaged, or its key is not here.
    """
    taken = dict(_taken(run_folder, cold=cold))
    plain_bytes = sum(status.st_size for status in taken.values())
    stored_bytes = 0
    small = {}
    store = ObjectStore(run_folder.parent)
    for name, status in taken.items():
        if status.st_size >= LARGE_BYTES:
            with contextlib.suppress(OSError):  # without hard links it goes into the pack
                key = keys.current if keys else None
                stored_bytes += store.keep(run_folder / name, key).new_bytes
                continue
        small[name] = status
    if small or (cold and _has_pack(run_folder)):
        stored_bytes += _repack(run_folder, small, keys, COLD_LEVEL if cold else HOT_LEVEL)
    _make_private(run_folder)
    return Settled(len(taken), plain_bytes, stored_bytes)


def is_settled(run_folder: Path) -> bool:
    """Whether a run has no file left that belongs into another form."""
    return next(_taken(run_folder, cold=False), None) is None


def _taken(run_folder: Path, *, cold: bool) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the files that belong into another form, with what is known of them."""
    for name, entry in files_below(run_folder, () if cold else (ALLURE,)):
        if stays_plain(name, cold=cold) or name.endswith((ENCRYPTED, COMPRESSED)):
            continue
        status = entry.stat(follow_symlinks=False)
        if status.st_nlink == 1:  # otherwise it is an object already
            yield name, status


def _has_pack(run_folder: Path) -> bool:
    return any(path.is_file() for path in packs_of(run_folder))


def _repack(
    run_folder: Path, files: Mapping[str, os.stat_result], keys: Keys | None, level: int
) -> int:
    """Write one pack with what the packs so far hold and some files; then let those go."""
    key = keys.current if keys else None
    former = [path for path in packs_of(run_folder) if path.is_file()]
    with contextlib.ExitStack() as opened:
        packs = [opened.enter_context(contextlib.closing(open_pack(p, keys))) for p in former]
        sources = [Source(name, run_folder / name) for name in files]
        sources += [Source(path, None, pack) for pack in packs for path in _in_order(pack)]
        target = run_folder / (PACK + (ENCRYPTED if key else ""))
        draft = target.with_name(f"{target.name}.{os.getpid()}.part")
        try:
            members = _written(draft, sources, key, level)
            _require_readable(draft, keys if key else None, members)
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    _sync_folder(run_folder)
    for path in former:
        if path != target:
            path.unlink()
    for name, before in files.items():
        file = run_folder / name
        now = file.stat()
        if (now.st_size, now.st_mtime_ns) == (before.st_size, before.st_mtime_ns):
            file.unlink()  # whoever wrote on meanwhile keeps the plain file
    return target.stat().st_size


def _written(
    draft: Path, sources: list[Source], key: Key | None, level: int
) -> Mapping[str, Member]:
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as file:
        writer = EncryptingWriter(file, key) if key else None
        members = {m.path: m for m in write_pack(writer or file, sources, level)}
        if writer:
            writer.finish()
        file.flush()
        os.fsync(file.fileno())
    return members


def _require_readable(draft: Path, keys: Keys | None, members: Mapping[str, Member]) -> None:
    """Read everything back before what it was made of goes."""
    ending = ENCRYPTED if keys else ""
    with contextlib.closing(_open_draft(draft, ending, keys)) as pack:
        if pack.members != members:
            raise OSError(f"{draft} reads back with other members than were written")
        pack.check()


def _open_draft(draft: Path, ending: str, keys: Keys | None) -> Pack:
    return Pack(opened(draft, ending, keys), str(draft))


def _in_order(pack: Pack) -> Iterator[str]:
    for member in sorted(pack.members.values(), key=lambda each: each.offset):
        yield member.path


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_private(folder: Path) -> None:
    """Take every right from others, on what stands in the run now."""
    folder.chmod(PRIVATE_FOLDER)
    for root, folders, names in os.walk(folder):
        if ALLURE in folders and Path(root) == folder:
            folders.remove(ALLURE)  # nobody else gets into the run's folder anyway
        for path in (Path(root, name) for name in names):
            if stat.S_IMODE(path.lstat().st_mode) & ~PRIVATE_FILE and not path.is_symlink():
                path.chmod(PRIVATE_FILE)
        for name in folders:
            Path(root, name).chmod(PRIVATE_FOLDER)
