"""The archive of a Keycloak distribution: whether it is whole, and unpacking it."""

import errno
import hashlib
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from support.foundation.errors import EnvironmentUnfitError

VERSION = "26.7.3"
SHA256 = "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f"

_MISSING = "there is no such file"


def broken(archive: Path, sha256: str = SHA256) -> str:
    """Return why an archive is not the one that is expected, or an empty string."""
    try:
        with archive.open("rb") as file:
            seen = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except FileNotFoundError:
        return _MISSING
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    if seen == sha256:
        return ""
    return f"its SHA-256 is {seen} ({size:,} bytes), expected {sha256}"


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack an archive with one folder at its top into `folder`, and return that one.

    Executable files stay executable. `folder` is made, and removed again if anything fails.

    Raises:
        EnvironmentUnfitError: the archive is damaged, would write elsewhere or has another form;
            or the disk is full.
    """
    try:
        folder.mkdir(parents=True)
        with zipfile.ZipFile(archive) as content:
            top = _top(archive, content)
            for entry in content.infolist():
                _extract(content, entry, folder)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, zipfile.BadZipFile | zlib.error | EOFError):
            raise EnvironmentUnfitError(
                f"{archive} is damaged ({error}). Remove it and fetch it again."
            ) from error
        if isinstance(error, OSError):
            raise unwritable(folder, error) from error
        raise
    return folder / top


def unwritable(folder: Path, error: OSError) -> EnvironmentUnfitError:
    """Return the error of a folder that cannot be written, the full disk told by its name."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return EnvironmentUnfitError(
            f"The disk is full: Keycloak needs about 0.5 GB in {folder.parent}. Free space there, "
            "or name a folder on another disk by XDG_CACHE_HOME. Nothing was left behind."
        )
    return EnvironmentUnfitError(
        f"{folder} cannot be written: {error.strerror or error}. Make its parent writable, or name "
        "another folder by XDG_CACHE_HOME."
    )


def _top(archive: Path, content: zipfile.ZipFile) -> str:
    """Return the one folder at the top, once no entry leads out of it."""
    tops: set[str] = set()
    for entry in content.infolist():
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or _is_link(entry):
            raise EnvironmentUnfitError(
                f"{archive} has an entry {entry.filename!r}, which could write outside of the "
                "folder it is unpacked to. It is no Keycloak distribution: fetch it again."
            )
        tops.update(path.parts[:1])
    if len(tops) != 1:
        raise EnvironmentUnfitError(
            f"{archive} has {len(tops)} entries at its top, expected the one folder of a Keycloak "
            "distribution. Is it another archive?"
        )
    return tops.pop()


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(entry.external_attr >> 16)


def _extract(content: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    path = folder / entry.filename
    if entry.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with content.open(entry) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    if (entry.external_attr >> 16) & stat.S_IXUSR:
        path.chmod(0o755)
