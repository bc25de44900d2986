"""Secrets in files: one that a setting names, or one of a folder of mounted secrets.

A file is taken only if nobody but its owner can read it, or if it is one of a mount that an
orchestrator made for this container (`MOUNT_RULE`).
"""

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.foundation.errors import ConfigurationError
from support.foundation.settings import Setting, Settings
from support.services.secret import Secret

LARGEST_BYTES = 64 * 1024
MOUNTS = Path("/proc/self/mountinfo")

MOUNT_RULE = (
    "Only a file that an orchestrator mounted may be readable by others: owned by root, writable "
    "by nobody else, on a mount in memory (tmpfs or ramfs) that is read-only, as those of "
    "Kubernetes and Docker are."
)
_OTHERS_READ = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})


@dataclass(frozen=True, slots=True)
class Mount:
    """A file system, as proc(5) lists it.

    Attributes:
        point: where it is mounted.
        kind: of the file system, such as `tmpfs`.
        read_only: whether this mount is.
    """

    point: Path
    kind: str
    read_only: bool

    @property
    def of_an_orchestrator(self) -> bool:
        """Whether it is of the kind that container orchestrators make for secrets.

        Memory alone does not tell: /tmp and /dev/shm are in memory on many machines, and everybody
        there can read them. Nobody can use a read-only one but whoever mounted it with its content.
        """
        return self.read_only and self.kind in _IN_MEMORY


class FileSecrets:
    """Secrets in files: `<name>_file` names one, `secrets_folder` holds one per secret."""

    def __init__(self, settings: Settings, mounts: Path = MOUNTS) -> None:
        self._settings = settings
        self._mounts = mounts

    def get(self, name: str, *, fresh: bool = False) -> Secret | None:  # noqa: ARG002 -- always is
        """Return the secret that a file holds now, without the line end after it.

        Raises:
            ConfigurationError: the file is missing, empty, or could be read by others.
        """
        named = self._settings.get(f"{name}_file")
        if named is not None:
            return Secret(self._read(Path(named.value), named), f"file {named.value}")
        folder = self._settings.get("secrets_folder")
        if folder is None:
            return None
        if not Path(folder.value).is_dir():
            raise ConfigurationError(
                f'{folder.origin} is "{folder.value}", which is no folder. Expected one with a '
                "file per secret, named as its setting. Mount it, or leave the setting out."
            )
        path = Path(folder.value) / name
        if not os.path.lexists(path):
            return None
        return Secret(self._read(path, folder), f"file {path}")

    def keep_alive(self) -> None:
        """Do nothing: nobody has to allow us to read files."""

    def _read(self, path: Path, setting: Setting) -> str:
        try:
            # Never waits for a pipe's writer; what is opened here is what is judged and read.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise ConfigurationError(
                f"The secret file {path} cannot be read: {error.strerror}. It comes from "
                f"{setting.origin}. Put the secret there, or correct the setting."
            ) from error
        wrong = objection(os.fstat(descriptor), mount_of(path, self._mounts))
        if wrong:
            os.close(descriptor)
            raise ConfigurationError(f"The secret file {path} ({setting.origin}) {wrong}")
        with os.fdopen(descriptor, "rb") as file:
            return _text(path, setting, file.read(LARGEST_BYTES + 1))


def objection(status: os.stat_result, mount: Mount | None) -> str:
    """Return why a file may not be used as a secret, or an empty string."""
    if not stat.S_ISREG(status.st_mode):
        return "is no regular file. Expected a file that holds the secret."
    mode = stat.S_IMODE(status.st_mode)
    if not mode & _OTHERS_READ:
        return ""
    from_outside = status.st_uid == 0 and not mode & _OTHERS_WRITE
    if from_outside and mount is not None and mount.of_an_orchestrator:
        return ""
    return (
        f"has mode {mode:04o} and belongs to user {status.st_uid}: others on this machine can read "
        f"or change it. Make it private with `chmod 600`. {MOUNT_RULE}"
    )


def mount_of(path: Path, mounts: Path = MOUNTS) -> Mount | None:
    """Return the mount that a file really is on, links followed; None where nobody knows."""
    try:
        text = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None  # not Linux, or no proc: nothing is known, so nothing is excused
    real = path.resolve()
    holding = [mount for mount in _mounts(text) if real.is_relative_to(mount.point)]
    # The last of the longest: mounts cover one another, and later ones lie above earlier ones.
    return max(reversed(holding), key=lambda mount: len(mount.point.parts), default=None)


def _mounts(text: str) -> Iterator[Mount]:
    """Yield the mounts of /proc/self/mountinfo (proc(5)): the root's own options, then the kind."""
    for line in text.splitlines():
        before, separator, after = line.partition(" - ")
        fields, kind = before.split(" "), after.split(" ")[0]
        if separator and len(fields) >= 6:  # noqa: PLR2004 -- proc(5): id … point, options
            point = fields[4].encode("utf-8", "surrogateescape")
            yield Mount(Path(_unescaped(point)), kind, "ro" in fields[5].split(","))


def _unescaped(point: bytes) -> str:
    """Return a mount point without proc's octal escapes of blank, tab, line end and backslash."""
    for octal in (b"040", b"011", b"012"):
        point = point.replace(b"\\" + octal, bytes([int(octal, 8)]))
    return point.replace(b"\\134", b"\\").decode("utf-8", "surrogateescape")


def _text(path: Path, setting: Setting, data: bytes) -> str:
    secret = (_decoded(data) or "").removesuffix("\n").removesuffix("\r")
    if secret and len(data) <= LARGEST_BYTES:
        return secret
    wrong = "is empty. Put the secret into it."
    if len(data) > LARGEST_BYTES:
        wrong = f"has more than {LARGEST_BYTES} bytes. Is it the right file?"
    elif _decoded(data) is None:
        wrong = "is not UTF-8 text. Save it as UTF-8."
    raise ConfigurationError(f"The secret file {path} ({setting.origin}) {wrong}")


def _decoded(data: bytes) -> str | None:
    """Return the text, or None: the error of Python would carry the secret on."""
    with contextlib.suppress(UnicodeDecodeError):
        return data.decode("utf-8")
    return None
