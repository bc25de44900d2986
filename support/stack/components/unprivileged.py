"""Running services as somebody who is not root, in folders that he can reach.

PostgreSQL refuses to run as root, and a directory has no need to. Whoever is not root runs services
as himself, in the folder that he named.
"""

import hashlib
import os
import pwd
import stat
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from support.foundation import living, process
from support.foundation.errors import EnvironmentUnfitError, StackError
from support.foundation.text import listed
from support.foundation.waiting import wait_until

FALLBACK_USER = "nobody"


def service_user(*preferred: str) -> str | None:
    """Return whom a service runs as: the first user that exists, or None where we are not root.

    Raises:
        EnvironmentUnfitError: we are root, and there is none of these users.
    """
    if os.geteuid() != 0:
        return None
    names = (*preferred, FALLBACK_USER)
    for name in names:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise EnvironmentUnfitError(
        f"Services do not run as root, but there is none of the users {listed(names)} to run them "
        "as. Add one (`useradd --system nobody`), or run as a user who is not root."
    )


def reaches(user: str | None, path: Path) -> bool:
    """Return whether a user may pass every folder on the way to `path`, itself included."""
    if user is None:
        return os.access(path, os.X_OK)
    entry = pwd.getpwnam(user)
    path = path.resolve()
    try:
        return all(_may_pass(folder.stat(), entry) for folder in (path, *path.parents))
    except OSError:
        return False


def service_home(folder: Path, name: str, user: str | None) -> Path:
    """Make and return the folder of a service: below `folder`, or elsewhere if he cannot get there.

    Nobody passes a private folder (such as the home of root) but its owner, so the service of
    another user gets a folder below the temporary one, the same at every start.

    Args:
        folder: where the stack keeps what is its own.
        name: of the service.
        user: whom it runs as; None for us.

    Raises:
        StackError: a folder of that name belongs to somebody else, or none can be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if reaches(user, folder):
        return private_folder(folder / name, user, passing=True)
    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):  # noqa: S108 -- private
        if reaches(user, Path(parent)):
            return private_folder(Path(parent, f"opentdf-{name}-{digest}"), user, passing=True)
    raise StackError(
        f'The user "{user}", whom {name} runs as, can reach neither {folder} nor a temporary '
        "folder. Set TMPDIR to a folder that everybody may pass, or run as a user who is not root."
    )


def private_folder(path: Path, user: str | None, *, passing: bool = False) -> Path:
    """Make a folder for a user alone, or where he may only read and pass, one for us and him.

    Raises:
        StackError: what is there is no folder, or somebody else's, or cannot be made.
    """
    owner = os.geteuid() if user is None or passing else pwd.getpwnam(user).pw_uid
    group = -1 if user is None else pwd.getpwnam(user).pw_gid
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner}:
            raise StackError(
                f"{path} is not a folder of ours: user {found.st_uid} owns it. Remove it, or set "
                "TMPDIR to another folder."
            )
        os.chown(path, owner, group, follow_symlinks=False)
        path.chmod(0o750 if passing and user is not None else 0o700)
    except OSError as error:
        raise StackError(
            f"{path}: the folder of a service cannot be made: {error.strerror}. Free space or make "
            f"{path.parent} writable."
        ) from error
    return path


def write_for(user: str | None, path: Path, text: str) -> Path:
    """Write a file that only `user` may read (and root), whole or not at all.

    A link that stands there is replaced, never followed.

    Raises:
        StackError: it cannot be written.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            if user is not None:
                entry = pwd.getpwnam(user)
                os.fchown(file.fileno(), entry.pw_uid, entry.pw_gid)
            file.write(text)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StackError(
            f"{path}: the configuration of a service cannot be written: {error.strerror}. Free "
            f"space, or make {path.parent} writable."
        ) from error
    return path


def run_as(
    user: str | None,
    arguments: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    log: Path,
    time_limit_seconds: float,
) -> int:
    """Run a command as a user to its end, its output going to `log`, and return its exit code.

    Raises:
        EnvironmentUnfitError: it cannot be started, or does not end in time.
    """
    identity = process.start_detached(
        arguments, environment=environment, log=log, working_directory=Path("/"), user=user
    )

    def ended() -> tuple[int] | None:
        code = process.exit_code(identity)
        return None if code is None else (code,)

    try:
        (code,) = wait_until(
            ended,
            what=f"`{arguments[0]}` to end",
            time_limit_seconds=time_limit_seconds,
            interval_seconds=0.005,
            diagnose=lambda: f"It wrote to {log}.",
        )
    finally:
        living.end([identity])
    return code


def _may_pass(found: os.stat_result, entry: pwd.struct_passwd) -> bool:
    if found.st_uid == entry.pw_uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == entry.pw_gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
