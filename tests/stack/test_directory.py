"""The directory as a part of a stack: a real slapd, as a real child process."""

import os
import signal
import socket
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.foundation import living, process
from support.foundation.errors import EnvironmentUnfitError, StackError
from support.foundation.settings import child_environment, search_path
from support.foundation.waiting import wait_until
from support.stack import ports
from support.stack.components.directory import (
    DirectoryServer,
    advise,
    directory_component,
    directory_server,
    people,
    search,
)
from support.stack.components.directory_programs import find_directory, is_confined
from support.stack.instance import Instance
from tests.stack.started import family, listening, new_instance, shown, started, users

Script = Callable[[str, str], Path]
Stack = tuple[DirectoryServer, Instance]

EVERYBODY = "(objectClass=*)"


def _absence() -> str:
    try:
        find_directory(search_path())
    except EnvironmentUnfitError as error:
        return str(error)
    return ""


real_server = pytest.mark.skipif(bool(_absence()), reason=_absence() or "it is there")


def _new(folder: Path) -> Stack:
    server = directory_server(folder, ports.free())
    return server, new_instance(folder, server.folders)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A directory of this test's own, not started."""
    server, instance = _new(tmp_path / "stack")
    yield server, instance
    instance.remove()


def remove(server: DirectoryServer, person: str) -> None:
    """Remove a person, as a test could."""
    record = process.run(
        [
            *(server.programs.ldapsearch.with_name("ldapdelete"), "-x", "-H", server.url),
            *("-D", server.bind_dn, "-y", server.password_file),
            f"uid={person},{server.people_dn}",
        ],
        environment=child_environment(),
        time_limit_seconds=10,
    )
    assert record.exit_code == 0, record.stderr


def test_the_seven_people_are_in_the_data() -> None:
    assert people() == {"alice", "bob", "charlie", "diana", "eve", "grace", "henry"}


@real_server
def test_every_person_has_a_department_and_an_address(stack: Stack) -> None:
    server, instance = stack
    departments = {
        "engineering": ["alice", "diana"],
        "marketing": ["bob"],
        "security": ["charlie"],
        "operations": ["eve"],
        "hr": ["grace"],
        "finance": ["henry"],
    }
    with started(instance, directory_component(server)) as identity:
        assert listening(identity) == {("127.0.0.1", server.port)}
        for department, names in departments.items():
            found = search(server, f"(departmentNumber={department})", "mail")
            assert [line for line in found.splitlines() if line.startswith("mail")] == [
                f"mail: {name}@opentdf.test" for name in names
            ]


@real_server
def test_only_the_password_opens_it(stack: Stack, tmp_path: Path) -> None:
    server, instance = stack
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong")
    wrong.chmod(0o600)
    with started(instance, directory_component(server)):
        with pytest.raises(StackError, match="Invalid credentials"):
            search(replace(server, password_file=wrong), EVERYBODY)
        with pytest.raises(StackError, match=r"Inappropriate authentication|Invalid credentials"):
            search(replace(server, bind_dn=""), EVERYBODY)
        anonymous = process.run(
            [server.programs.ldapsearch, "-x", "-H", server.url, "-b", server.base_dn],
            environment=child_environment({"LDAPNOINIT": "1"}),
            time_limit_seconds=10,
        )
        assert anonymous.exit_code != 0
        assert "alice" not in anonymous.stdout


@real_server
def test_the_password_is_on_no_command_line_in_no_log_and_in_no_other_file(stack: Stack) -> None:
    server, instance = stack
    password = server.password.reveal()
    with started(instance, directory_component(server)) as identity:
        assert password not in shown(identity)
        if os.geteuid() == 0:
            assert users(identity) == {server.runs_as}
    files = [
        path
        for folder in {instance.folder, server.home}
        for path in folder.rglob("*")
        if path.is_file()
    ]
    holders = [path for path in files if password.encode() in path.read_bytes()]
    assert holders == [server.password_file]
    for path in (server.password_file, server.home / "slapd.conf"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@real_server
def test_a_restart_brings_back_who_was_removed(stack: Stack) -> None:
    server, instance = stack
    component = directory_component(server)
    with started(instance, component):
        remove(server, "alice")
        remove(server, "bob")
        assert component.unready() == "the directory does not know alice, bob"

    with started(instance, directory_component(directory_server(instance.folder, server.port))):
        assert "uid: alice" in search(server, "(uid=alice)", "uid")


@real_server
def test_it_starts_after_a_kill(stack: Stack) -> None:
    server, instance = stack
    component = directory_component(server)
    with started(instance, component) as identity:
        os.kill(identity.process_id, signal.SIGKILL)
        wait_until(lambda: not living.is_alive(identity), what="its end", time_limit_seconds=5)
        assert "Can't contact LDAP server" in component.unready()

    with started(instance, component):
        assert component.unready() == ""


@real_server
def test_a_copy_of_the_program_serves_where_apparmor_confines_the_installed_one(
    stack: Stack,
) -> None:
    server, instance = stack
    confined = replace(server, programs=replace(server.programs, confined=True))
    with started(instance, directory_component(confined)) as identity:
        assert Path(family(identity)[0].exe()) == server.home / "slapd"


@real_server
def test_a_taken_port_is_told_with_the_remedy(stack: Stack) -> None:
    server, instance = stack
    with (
        socket.create_server(("127.0.0.1", server.port)),
        pytest.raises(StackError, match=r"(?s)Address already in use.*The port is taken\."),
        started(instance, directory_component(server)),
    ):
        pass


@real_server
def test_data_that_cannot_be_loaded_is_one_message(stack: Stack, tmp_path: Path) -> None:
    server, instance = stack
    broken = replace(server, programs=replace(server.programs, schemas=tmp_path))
    with (
        pytest.raises(StackError, match=r"cannot be loaded into .* \(slapadd, exit code \d+\)"),
        started(instance, directory_component(broken)),
    ):
        pass


@real_server
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_data_that_it_may_not_read_is_told_with_the_remedy(stack: Stack) -> None:
    server, instance = stack
    launch = directory_component(server).launch()
    (server.home / "slapd.conf").chmod(0o600)
    os.chown(server.home / "slapd.conf", 0, 0)
    identity = process.start_detached(
        launch.arguments,
        environment=launch.environment,
        log=instance.log("directory"),
        user=launch.user,
    )
    try:
        wait_until(lambda: not living.is_alive(identity), what="its end", time_limit_seconds=10)
    finally:
        living.end([identity])

    assert "may not read its own configuration" in advise(instance.log("directory").read_text())


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("mdb_db_open: database cannot be opened: No space left on device", "disk is full"),
        ("mdb_add: MDB_MAP_FULL: Environment mapsize limit reached", "disk is full"),
        ("lt_dlopenext failed: (back_mdb) file not found", "--reinstall slapd"),
        ("slapd starting", ""),
    ],
)
def test_known_ends_of_logs_get_their_remedy(line: str, remedy: str) -> None:
    assert remedy in advise(line)
    assert bool(advise(line)) == bool(remedy)


@real_server
def test_the_platform_is_told_how_to_bind(stack: Stack) -> None:
    server, _ = stack

    assert server.connection() == {
        "host": "127.0.0.1",
        "port": server.port,
        "use_tls": False,
        "bind_dn": "cn=admin,dc=opentdf,dc=test",
        "bind_password": server.password.reveal(),
    }
    assert server.password.reveal() not in repr(server)


def test_what_is_missing_is_named_with_the_remedy(tmp_path: Path, script: Script) -> None:
    def message(*schema_folders: Path) -> str:
        with pytest.raises(EnvironmentUnfitError) as caught:
            find_directory(str(tmp_path), (), schema_folders)
        assert "apt-get install slapd ldap-utils" in str(caught.value)
        return str(caught.value)

    assert "the program slapd was not found" in message()
    script("slapd", "")
    assert "the program ldapsearch was not found" in message()
    script("ldapsearch", "")
    assert f"core.schema in {tmp_path / 'schema'} was not found" in message(tmp_path / "schema")

    (tmp_path / "schema").mkdir()
    (tmp_path / "schema" / "core.schema").write_text("")
    found = find_directory(str(tmp_path), (), (tmp_path / "none", tmp_path / "schema"))

    assert (found.slapd, found.schemas) == (tmp_path / "slapd", tmp_path / "schema")


def test_slapd_is_found_beside_the_path(tmp_path: Path, script: Script) -> None:
    script("sbin/slapd", "")
    script("bin/ldapsearch", "")
    (tmp_path / "core.schema").write_text("")

    found = find_directory(str(tmp_path / "bin"), (str(tmp_path / "sbin"),), (tmp_path,))

    assert found.slapd == tmp_path / "sbin" / "slapd"


def test_apparmor_confines_only_where_it_is_on_and_has_a_profile(tmp_path: Path) -> None:
    profile, switch = tmp_path / "profile", tmp_path / "enabled"
    assert not is_confined(profile, switch)
    profile.write_text("")
    assert not is_confined(profile, switch)
    switch.write_text("N\n")
    assert not is_confined(profile, switch)
    switch.write_text("Y\n")
    assert is_confined(profile, switch)
    profile.unlink()
    assert not is_confined(profile, switch)
