"""Whom services run as, and the folders they can reach."""

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.foundation.errors import EnvironmentUnfitError, StackError
from support.foundation.settings import child_environment
from support.stack.components.unprivileged import (
    private_folder,
    reaches,
    run_as,
    service_home,
    service_user,
    write_for,
)

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs services as others")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may pass; those of pytest are its user's alone."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@root_only
def test_root_runs_a_service_as_the_first_user_that_exists() -> None:
    assert service_user("no-such-user") == "nobody"
    assert service_user("daemon") == "daemon"


@pytest.mark.skipif(os.geteuid() == 0, reason="root runs services as others")
def test_who_is_not_root_runs_services_himself() -> None:
    assert service_user("nobody") is None


@root_only
def test_a_private_folder_on_the_way_is_out_of_reach(open_folder: Path) -> None:
    inner = open_folder / "private" / "inner"
    inner.mkdir(parents=True)
    assert reaches("nobody", inner)

    inner.parent.chmod(0o700)

    assert not reaches("nobody", inner)
    assert reaches(None, inner)
    assert not reaches("nobody", open_folder / "missing")


@root_only
def test_the_owner_passes_by_his_own_right_and_a_group_by_its(open_folder: Path) -> None:
    entry = pwd.getpwnam("nobody")
    os.chown(open_folder, entry.pw_uid, -1)
    open_folder.chmod(0o077)
    assert not reaches("nobody", open_folder)
    open_folder.chmod(0o700)
    assert reaches("nobody", open_folder)

    os.chown(open_folder, 0, entry.pw_gid)
    open_folder.chmod(0o707)
    assert not reaches("nobody", open_folder)
    open_folder.chmod(0o710)
    assert reaches("nobody", open_folder)


@root_only
def test_a_service_whose_stack_is_private_lives_in_the_same_temporary_folder_at_every_start(
    tmp_path: Path,
) -> None:
    home = service_home(tmp_path / "stack", "thing", "nobody")
    try:
        assert tmp_path not in home.parents
        assert reaches("nobody", home)
        assert (home.stat().st_uid, mode(home)) == (0, 0o750)
        assert service_home(tmp_path / "stack", "thing", "nobody") == home
        assert service_home(tmp_path / "stack", "other", "nobody").name != home.name
    finally:
        for left in home.parent.glob(f"opentdf-*-{home.name.rpartition('-')[2]}"):
            shutil.rmtree(left)


def test_a_service_lives_in_its_stack_where_it_can(open_folder: Path) -> None:
    user = service_user()
    assert service_home(open_folder, "thing", user) == open_folder / "thing"
    assert mode(open_folder / "thing") == (0o750 if user else 0o700)


@root_only
def test_a_folder_of_somebody_else_is_not_used(open_folder: Path) -> None:
    (open_folder / "thing").mkdir()
    os.chown(open_folder / "thing", pwd.getpwnam("daemon").pw_uid, -1)

    with pytest.raises(StackError, match=r"thing is not a folder of ours: user 1 owns it"):
        service_home(open_folder, "thing", "nobody")


def test_a_link_in_place_of_a_folder_is_not_followed(open_folder: Path) -> None:
    (open_folder / "elsewhere").mkdir()
    (open_folder / "thing").symlink_to(open_folder / "elsewhere")

    with pytest.raises(StackError, match="not a folder of ours"):
        private_folder(open_folder / "thing", None)


def test_a_folder_that_cannot_be_made_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StackError, match=r"cannot be made: Not a directory. Free space"):
        private_folder(tmp_path / "file" / "thing", None)


def test_a_file_for_a_service_is_its_alone_and_replaces_a_link(open_folder: Path) -> None:
    victim = open_folder / "victim"
    victim.write_text("untouched")
    path = open_folder / "configuration"
    path.symlink_to(victim)
    user = service_user()

    write_for(user, path, "password")

    assert victim.read_text() == "untouched"
    assert path.read_text() == "password"
    assert mode(path) == 0o600
    assert path.lstat().st_uid == (pwd.getpwnam(user).pw_uid if user else os.geteuid())
    assert sorted(entry.name for entry in open_folder.iterdir()) == ["configuration", "victim"]


def test_a_file_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"cannot be written: No such file or directory"):
        write_for(None, tmp_path / "missing" / "file", "")


def test_a_command_runs_as_the_user_and_its_exit_code_is_told(tmp_path: Path) -> None:
    user = service_user()
    code = run_as(
        user,
        ["/bin/sh", "-c", "id -un; exit 7"],
        environment=child_environment(),
        log=tmp_path / "log",
        time_limit_seconds=10,
    )

    assert code == 7
    expected = user or pwd.getpwuid(os.geteuid()).pw_name
    assert (tmp_path / "log").read_text().strip() == expected


def test_a_command_that_does_not_end_is_ended(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnfitError, match=r"Waited 0.2 s for `/bin/sh` to end"):
        run_as(
            service_user(),
            ["/bin/sh", "-c", "echo $$; exec sleep 300"],
            environment=child_environment(),
            log=tmp_path / "log",
            time_limit_seconds=0.2,
        )

    process_id = int((tmp_path / "log").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)
