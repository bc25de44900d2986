import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from support.foundation import living, process
from support.foundation.living import ProcessIdentity
from support.foundation.settings import child_environment
from support.foundation.waiting import wait_until

Script = Callable[[str, str], Path]


def start(program: str | Path, log: Path, *more: str) -> ProcessIdentity:
    return process.start_detached([program, *more], environment=child_environment(), log=log)


def test_a_process_is_itself_only_with_its_start_time(tmp_path: Path) -> None:
    identity = start("sleep", tmp_path / "log", "300")

    assert living.is_alive(identity)
    assert living.identity_of(identity.process_id) == identity
    assert not living.is_alive(ProcessIdentity(identity.process_id, identity.created - 60))
    assert living.end([identity]) == ()
    assert not living.is_alive(identity)


def test_one_that_has_ended_is_not_alive_though_nobody_waited_for_it(tmp_path: Path) -> None:
    identity = start("true", tmp_path / "log")

    wait_until(lambda: not living.is_alive(identity), what="its end", time_limit_seconds=10)

    assert process.exit_code(identity) == 0


def test_one_that_ignores_the_polite_signal_ends_for_certain(
    script: Script, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    program = script("stubborn", f"trap '' TERM INT; touch {ready}; while :; do sleep 1; done")
    identity = start(program, tmp_path / "log")
    wait_until(ready.exists, what="the trap", time_limit_seconds=10)

    assert living.end([identity], grace_seconds=0.2) == ()
    assert not living.is_alive(identity)


def test_the_first_signal_is_the_one_that_was_asked_for(script: Script, tmp_path: Path) -> None:
    ready, seen = tmp_path / "ready", tmp_path / "seen"
    program = script(
        "polite", f"trap 'touch {seen}; exit 0' INT; touch {ready}; while :; do sleep 0.05; done"
    )
    identity = start(program, tmp_path / "log")
    wait_until(ready.exists, what="the trap", time_limit_seconds=10)

    living.end([identity], first_signal=signal.SIGINT, grace_seconds=10)

    assert seen.exists()


def test_ending_nobody_is_harmless() -> None:
    assert living.end([ProcessIdentity(4_000_000, 1.0)]) == ()


def test_marked_processes_are_found_and_this_one_is_not(tmp_path: Path) -> None:
    value = str(tmp_path)
    identity = process.start_detached(
        ["sleep", "300"], environment=child_environment({"MARK": value}), log=tmp_path / "log"
    )

    assert living.marked("MARK", value) == (identity,)
    assert living.marked("MARK", "another") == ()
    living.end([identity])


def test_a_listener_is_named() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        assert f"(process {os.getpid()})" in living.listener_on(port)
    assert living.listener_on(port) == ""


def test_this_process_is_alive() -> None:
    assert living.is_alive(living.own_identity())
