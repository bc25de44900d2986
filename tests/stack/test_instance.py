"""Instances: what is written down, and that nothing which was started is ever lost."""

import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation import living, process
from support.foundation.errors import ConfigurationError, StackError
from support.foundation.living import ProcessIdentity
from support.foundation.settings import child_environment
from support.foundation.waiting import wait_until
from support.stack.instance import MARK, Instance, Record, Started, named

Script = Callable[[str, str], Path]

IDENTITIES = st.builds(ProcessIdentity, st.integers(1, 99_999), st.floats(0, 2e9))
RECORDS = st.builds(
    Record,
    name=st.just("blue"),
    stack=st.sampled_from(["embedded", "processes"]),
    options=st.lists(st.sampled_from(["several-kas", "ec-wrapping"]), unique=True).map(tuple),
    owner=st.none() | IDENTITIES,
    up=st.booleans(),
    processes=st.lists(st.builds(Started, st.text(max_size=9), IDENTITIES)).map(tuple),
    ports=st.dictionaries(st.text(max_size=9), st.integers(1, 65535)),
)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    made = Instance(tmp_path / "blue")
    made.create(Record("blue", "small"))
    return made


def sleeper(instance: Instance, *, marked: bool = True) -> ProcessIdentity:
    mark = instance.mark if marked else {}
    return process.start_detached(
        ["sleep", "300"], environment=child_environment(mark), log=instance.log("sleeper")
    )


@given(record=RECORDS)
def test_a_record_is_read_as_it_was_written(
    record: Record, tmp_path_factory: pytest.TempPathFactory
) -> None:
    instance = Instance(tmp_path_factory.mktemp("instances") / "blue")
    instance.create(record)

    assert instance.read() == record


def test_the_folder_is_for_its_owner_alone(instance: Instance) -> None:
    assert stat.S_IMODE(instance.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"name": "blue"}', '"x"', "\x00"])
def test_a_half_written_record_is_none_and_its_processes_are_still_found(
    instance: Instance, text: str
) -> None:
    identity = sleeper(instance)
    (instance.folder / "instance.json").write_text(text)

    assert instance.read() is None
    with pytest.raises(StackError, match=r"gone or broken.*stack down blue"):
        instance.required()
    instance.remove()

    assert not living.is_alive(identity)
    assert not instance.folder.exists()


def test_a_process_that_was_not_written_down_is_found_by_its_mark(instance: Instance) -> None:
    """As if the manager had been killed between starting it and writing it down."""
    identity = sleeper(instance)

    assert identity in instance.processes()
    assert instance.end() == ()
    assert not living.is_alive(identity)


def test_children_of_what_was_started_end_with_it(
    instance: Instance, script: Script, tmp_path: Path
) -> None:
    child = tmp_path / "child"
    program = script("parent", f"setsid sleep 300 & echo $! > {child}; exit 0")
    process.start_detached(
        [program], environment=child_environment(instance.mark), log=instance.log("parent")
    )
    wait_until(
        lambda: child.exists() and child.read_text().strip(), what="it", time_limit_seconds=10
    )
    grandchild = living.identity_of(int(child.read_text()))
    assert living.is_alive(grandchild)

    instance.remove()

    assert not living.is_alive(grandchild)


def test_a_stranger_who_has_the_id_by_now_is_left_alone(instance: Instance) -> None:
    stranger = sleeper(instance, marked=False)
    former = ProcessIdentity(stranger.process_id, stranger.created - 3600)
    instance.started(Started("keycloak", former))

    instance.remove()

    assert living.is_alive(stranger)
    assert living.end([stranger]) == ()


def test_a_component_is_written_down_once_however_often_it_starts(instance: Instance) -> None:
    for number in (11, 12):
        instance.started(Started("kas-alpha", ProcessIdentity(number, 1.0)))

    assert [entry.process.process_id for entry in instance.required().processes] == [12]


def test_a_forgotten_component_has_ended(instance: Instance) -> None:
    identity = sleeper(instance)
    instance.started(Started("variant", identity))

    instance.forget("variant")

    assert not living.is_alive(identity)
    assert instance.required().processes == ()


def test_a_component_keeps_its_port_and_no_other_gets_it(instance: Instance) -> None:
    ports = {name: instance.port(name) for name in ("a", "b", "c")}

    assert len(set(ports.values())) == 3
    assert {name: Instance(instance.folder).port(name) for name in ports} == ports


def test_folders_elsewhere_go_with_it(instance: Instance, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for folder in (elsewhere, tmp_path / "never-made", elsewhere):
        instance.keep(folder)
    (instance.folder / "instance.json").write_text("{")  # even if the record is broken

    assert len(instance.folders()) == 2
    instance.remove()

    assert not elsewhere.exists()


def test_one_whose_run_was_killed_is_abandoned(instance: Instance) -> None:
    record = instance.required()

    assert not record.abandoned
    assert not replace(record, owner=living.own_identity()).abandoned
    assert replace(record, owner=ProcessIdentity(os.getpid(), 1.0)).abandoned


@pytest.mark.parametrize("name", ["", "..", "a/b", "a b", "-x", "x" * 99, "ä"])
def test_a_name_that_cannot_be_a_folder_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be the name"):
        named(tmp_path, name)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StackError, match=r"cannot be kept here.*ACCEPTANCE_BUILD"):
        Instance(tmp_path / "file" / "blue").create(Record("blue", "small"))


def test_the_mark_names_the_folder(instance: Instance) -> None:
    assert instance.mark == {MARK: str(instance.folder)}
    assert json.loads((instance.folder / "instance.json").read_text())["name"] == "blue"
