"""Secrets in files: whose they may be, with real files, and the mounts that orchestrators make."""

import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation import process
from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT, Settings, child_environment
from support.services.secret_files import LARGEST_BYTES, FileSecrets, Mount, mount_of, objection

NAME = "admin_client_secret"
IN_MEMORY = Mount(Path("/run/secrets"), "tmpfs", read_only=True)


def secrets(folder: Path, **environment: str) -> FileSecrets:
    return FileSecrets(Settings({"secrets_folder": str(folder)}, environment))


def write(path: Path, data: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"hidden value", "hidden value"),
        (b"hidden\n", "hidden"),
        (b"hidden\r\n", "hidden"),
        (b" hidden \n\n", " hidden \n"),
        ("gehéim".encode(), "gehéim"),
    ],
)
def test_a_file_holds_the_secret_and_perhaps_a_line_end(
    tmp_path: Path, data: bytes, value: str
) -> None:
    path = write(tmp_path / NAME, data)

    found = secrets(tmp_path).get(NAME)

    assert found is not None
    assert found.reveal() == value
    assert found.origin == f"file {path}"


def test_a_named_file_is_stronger_than_the_folder(tmp_path: Path) -> None:
    write(tmp_path / NAME, b"of the folder")
    named = write(tmp_path / "other", b"of the name")
    provider = secrets(tmp_path, ACCEPTANCE_ADMIN_CLIENT_SECRET_FILE=str(named))

    found = provider.get(NAME)

    assert found is not None
    assert (found.reveal(), found.origin) == ("of the name", f"file {named}")


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    assert secrets(tmp_path).get(NAME) is None
    assert FileSecrets(Settings({}, {})).get(NAME) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o666, 0o644, 0o444, 0o440, 0o610])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    write(tmp_path / NAME, b"hidden-in-the-file", mode)

    with pytest.raises(ConfigurationError, match=rf"mode {mode:04o}.*chmod 600") as caught:
        secrets(tmp_path).get(NAME)

    assert "hidden-in-the-file" not in str(caught.value)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_its_owner_alone_is_taken(tmp_path: Path, mode: int) -> None:
    write(tmp_path / NAME, b"hidden", mode)

    assert secrets(tmp_path).get(NAME) is not None


def test_links_are_followed_and_the_file_itself_is_judged(tmp_path: Path) -> None:
    (tmp_path / "..data").mkdir()
    target = write(tmp_path / "..data" / NAME, b"hidden")
    (tmp_path / NAME).symlink_to(f"..data/{NAME}")

    assert secrets(tmp_path).get(NAME) is not None
    target.chmod(0o644)
    with pytest.raises(ConfigurationError, match="mode 0644"):
        secrets(tmp_path).get(NAME)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"hidden\xff", "not UTF-8"),
        (b"hidden" + b"x" * LARGEST_BYTES, "more than"),
    ],
)
def test_a_file_that_holds_no_secret_is_told(tmp_path: Path, data: bytes, told: str) -> None:
    write(tmp_path / NAME, data)

    with pytest.raises(ConfigurationError, match=told) as caught:
        secrets(tmp_path).get(NAME)

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None  # an error of Python's would carry the secret
    assert "hidden" not in str(caught.value)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(ConfigurationError, match="no regular file"):
        secrets(tmp_path).get(NAME)
    os.mkfifo(tmp_path / "pipe")
    named = secrets(tmp_path, ACCEPTANCE_ADMIN_CLIENT_SECRET_FILE=str(tmp_path / "pipe"))
    with pytest.raises(ConfigurationError, match="no regular file"):
        named.get(NAME)


def test_a_file_or_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    named = secrets(tmp_path, ACCEPTANCE_ADMIN_CLIENT_SECRET_FILE=str(tmp_path / "none"))
    with pytest.raises(ConfigurationError, match=r"none cannot be read: No such file.*SECRET_FILE"):
        named.get(NAME)
    (tmp_path / NAME).symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        secrets(tmp_path).get(NAME)
    with pytest.raises(ConfigurationError, match="which is no folder"):
        secrets(tmp_path / "none").get(NAME)


def status(mode: int, owner: int = 0) -> os.stat_result:
    return os.stat_result((stat.S_IFREG | mode, 1, 1, 1, owner, 0, 6, 0, 0, 0))


@pytest.mark.parametrize("mode", [0o444, 0o440, 0o644, 0o640])
def test_what_an_orchestrator_mounted_may_be_readable(mode: int) -> None:
    assert objection(status(mode), IN_MEMORY) == ""


@pytest.mark.parametrize(
    ("mode", "owner", "mount"),
    [
        (0o444, 1000, IN_MEMORY),  # its owner could change it
        (0o464, 0, IN_MEMORY),
        (0o446, 0, IN_MEMORY),
        (0o444, 0, Mount(Path("/run/secrets"), "ext4", read_only=True)),
        (0o444, 0, Mount(Path("/dev/shm"), "tmpfs", read_only=False)),  # noqa: S108 -- a sample
        (0o444, 0, None),
    ],
)
def test_anything_else_that_others_may_read_is_refused(
    mode: int, owner: int, mount: Mount | None
) -> None:
    assert f"mode {mode:04o} and belongs to user {owner}" in objection(status(mode, owner), mount)


@given(mode=st.integers(0, 0o777), owner=st.integers(0, 2), read_only=st.booleans())
def test_nothing_readable_passes_outside_such_a_mount(
    mode: int, owner: int, *, read_only: bool
) -> None:
    mount = Mount(Path("/x"), "tmpfs", read_only=read_only)
    allowed = objection(status(mode, owner), mount) == ""

    private = not mode & 0o077
    mounted = read_only and owner == 0 and not mode & 0o022
    assert allowed is (private or mounted)


def mounts(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "mountinfo"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_the_mount_nearest_to_the_file_counts_and_the_last_of_those(tmp_path: Path) -> None:
    here = tmp_path / "a b"
    here.mkdir()
    point = str(here).replace(" ", "\\040")
    file = mounts(
        tmp_path,
        "22 1 0:1 / / rw,relatime shared:1 - ext4 /dev/x rw",
        f"23 22 0:2 / {point} rw - ext4 /dev/y rw",
        f"24 23 0:3 / {point} ro,nosuid master:1 - tmpfs tmpfs rw,size=1k",
        "25 22 0:4 / /elsewhere ro - tmpfs tmpfs rw",
        "nonsense",
    )

    assert mount_of(here / "x", file) == Mount(here, "tmpfs", read_only=True)
    assert mount_of(Path("/nowhere"), file) == Mount(Path("/"), "ext4", read_only=False)
    assert mount_of(Path("/nowhere"), tmp_path / "none") is None


def test_a_real_file_on_such_a_mount_is_taken_if_root_owns_it(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, b"hidden", 0o444)
    file = mounts(tmp_path, f"24 23 0:3 / {tmp_path} ro - tmpfs tmpfs rw")
    provider = FileSecrets(Settings({"secrets_folder": str(tmp_path)}, {}), mounts=file)

    if path.stat().st_uid == 0:
        assert provider.get(NAME) is not None
    else:
        with pytest.raises(ConfigurationError, match="mode 0444"):
            provider.get(NAME)


SCRIPT = """
mount -t tmpfs secrets "$1" && printf hidden > "$1/admin_client_secret" \
  && chmod 444 "$1/admin_client_secret" || exit 77
"$2" -c "$3" "$1"; echo "writable $?"
mount -o remount,ro "$1" || exit 77
"$2" -c "$3" "$1"; echo "read-only $?"
"""
READ = """
import sys
from support.foundation.settings import Settings
from support.services.secret_files import FileSecrets
FileSecrets(Settings({"secrets_folder": sys.argv[1]}, {})).get("admin_client_secret")
"""


def test_a_real_mount_in_memory_counts_only_while_it_is_read_only(tmp_path: Path) -> None:
    record = process.run(
        ["unshare", "-m", "sh", "-c", SCRIPT, "sh", tmp_path, sys.executable, READ],
        environment=child_environment({"PYTHONPATH": str(ROOT)}),
        time_limit_seconds=30,
    )
    if record.exit_code in {1, 77}:  # not allowed to mount: what is proved above has to do
        pytest.skip(f"no mount can be made here: {record.stderr[-200:]}")

    assert record.stdout.splitlines() == ["writable 1", "read-only 0"], record.stderr
