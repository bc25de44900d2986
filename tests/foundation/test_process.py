import os
from collections.abc import Callable
from pathlib import Path

import pytest

from support.foundation import living, process
from support.foundation.errors import CommandTimeoutError, EnvironmentUnfitError
from support.foundation.settings import child_environment
from support.foundation.waiting import wait_until
from support.model.records import CommandRecord

Script = Callable[[str, str], Path]


def run(*arguments: str | Path, limit: float = 20.0, **more: object) -> CommandRecord:
    return process.run(
        arguments,
        environment=child_environment(),
        time_limit_seconds=limit,
        **more,  # type: ignore[arg-type]
    )


def test_output_and_exit_code_of_a_command_are_kept(script: Script) -> None:
    record = run(script("talk", "echo out; echo err >&2; exit 3"))

    assert (record.stdout, record.stderr, record.exit_code) == ("out\n", "err\n", 3)


def test_the_environment_is_only_what_was_handed_in(script: Script) -> None:
    program = script("env", "echo $SHOWN; echo ${HIDDEN-unset}")

    record = process.run(
        [program], environment={"SHOWN": "yes", "PATH": "/bin:/usr/bin"}, time_limit_seconds=20
    )

    assert record.stdout == "yes\nunset\n"


def test_an_observer_sees_the_record_with_the_environment_that_may_be_shown(script: Script) -> None:
    seen: list[CommandRecord] = []

    record = run(script("ok", "true"), observer=seen.append, shown_environment={"A": "b"})

    assert seen == [record]
    assert record.environment == {"A": "b"}


def test_a_missing_program_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnfitError, match=r"Cannot start .*nowhere.*No such file"):
        run(tmp_path / "nowhere")


def test_a_hanging_command_is_stopped_with_its_children(script: Script, tmp_path: Path) -> None:
    child_id = tmp_path / "child"
    program = script("hang", f"sleep 60 & echo $! > {child_id}; echo waiting; wait")
    seen: list[CommandRecord] = []

    with pytest.raises(CommandTimeoutError, match=r"did not end within 1 s.*waiting") as caught:
        run(program, limit=1, observer=seen.append)

    assert "its children" in str(caught.value)
    assert [record.timed_out for record in seen] == [True]
    assert gone(int(child_id.read_text()))


def test_a_command_that_ignores_sigterm_is_killed(script: Script) -> None:
    program = script("stubborn", "trap '' TERM; while true; do sleep 0.1; done")

    with pytest.raises(CommandTimeoutError):
        run(program, limit=0.3)


def test_a_grandchild_that_keeps_the_output_open_does_not_hold_us(
    script: Script, tmp_path: Path
) -> None:
    child_id = tmp_path / "child"

    record = run(script("leave", f"sleep 60 & echo $! > {child_id}; echo done"), limit=10)

    assert record.stdout == "done\n"
    assert record.duration_seconds < 5
    assert gone(int(child_id.read_text()))


def test_huge_output_is_cut_at_its_beginning(script: Script) -> None:
    size = process.OUTPUT_LIMIT_BYTES + 100

    record = run(script("loud", f"head -c {size} /dev/zero | tr '\\0' x; echo end"))

    assert record.stdout.startswith("[… the first 104 bytes are left out …]")
    assert record.stdout.endswith("xend\n")


def test_output_that_is_not_utf8_is_kept_readable(script: Script) -> None:
    assert run(script("bytes", "printf 'a\\377b'")).stdout == "a\N{REPLACEMENT CHARACTER}b"


def test_a_background_process_ends_when_its_input_does(script: Script, tmp_path: Path) -> None:
    log = tmp_path / "log"
    background = process.start(
        "reader",
        [script("reader", "echo up; cat > /dev/null; echo closed")],
        environment=child_environment(),
        log=log,
    )
    wait_until(lambda: "up" in background.last_output(), what="it to start", time_limit_seconds=10)

    before = background.exit_code
    background.stop()

    assert (before, background.exit_code) != (None, None)
    assert before is None
    assert gone(background.process_id)


def test_a_detached_process_tells_its_exit_code_and_keeps_its_log(
    script: Script, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    identity = process.start_detached(
        [script("daemon", "pwd; exit 4")],
        environment=child_environment(),
        log=log,
        working_directory=Path("/"),
    )

    wait_until(lambda: not living.is_alive(identity), what="its end", time_limit_seconds=10)

    assert process.exit_code(identity) == 4
    assert log.read_text() == "before\n/\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may start a process as somebody else")
def test_a_detached_process_runs_as_the_user_who_is_named(tmp_path: Path) -> None:
    log = tmp_path / "log"
    identity = process.start_detached(
        ["id", "-un"], environment=child_environment(), log=log, user="nobody"
    )

    wait_until(lambda: not living.is_alive(identity), what="its end", time_limit_seconds=10)

    assert log.read_text() == "nobody\n"


def test_a_user_who_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnfitError, match='no user "nobody-at-all"'):
        process.start_detached(["true"], environment={}, log=tmp_path / "log", user="nobody-at-all")


def test_programs_are_found_on_the_given_path(script: Script, tmp_path: Path) -> None:
    program = script("tool", "true")

    assert process.find_program("tool", str(tmp_path)) == program
    assert process.find_program("tool", "/nowhere") is None


def gone(process_id: int) -> bool:
    return wait_until(
        lambda: not living.is_alive(living.identity_of(process_id)),
        what=f"process {process_id} to end",
        time_limit_seconds=10,
    )
