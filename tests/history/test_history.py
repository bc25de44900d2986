import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from support.history import database
from support.history.database import UnusableHistoryError
from support.history.history import History
from support.history.sink import PENDING_LIMIT, REASON_CHARACTERS
from support.model.events import UnitStarted
from support.model.outcome import Status
from support.model.unit import Unit
from tests.history.conftest import BEGUN, Recorder, Told, finished

Named = Callable[[str], Unit]


def test_the_last_attempt_of_the_last_run_is_the_last_outcome(
    recorder: Recorder, named: Named
) -> None:
    one, two = named("one"), named("two")
    recorder.run("first", [Told(one), Told(two)], inputs={one.id: "old"}, sdk_digest="a")
    recorder.run(
        "second",
        [
            Told(one, Status.FAILED, 2.0, "Then it opens\nit did not"),
            Told(one, Status.PASSED, 3.0, attempt=2),
        ],
        inputs={one.id: "new"},
        sdk_digest="b",
    )

    last = History(recorder.path).last_outcomes()

    assert list(last) == [one.id, two.id]
    assert (last[one.id].status, last[one.id].run_id) == (Status.PASSED, "second")
    assert (last[one.id].attempt, last[one.id].duration_seconds) == (2, 3.0)
    assert last[one.id].started_at == BEGUN
    assert last[one.id].sdk_digests == {"go-v0.36.0": "b"}
    assert (last[two.id].run_id, last[two.id].input_digest) == ("first", "")
    assert History(recorder.path).input_digests() == {one.id: "new"}
    assert recorder.messages == []


def test_a_profile_has_a_history_of_its_own(recorder: Recorder, named: Named) -> None:
    one = named("one")
    recorder.run("first", [Told(one, Status.FAILED, 2.0)], profile="embedded")
    recorder.run("second", [Told(one, Status.PASSED, 4.0)], profile="remote")
    history = History(recorder.path)

    assert history.last_outcomes("embedded")[one.id].status is Status.FAILED
    assert history.last_outcomes("remote")[one.id].status is Status.PASSED
    assert history.last_outcomes("smoke") == {}
    assert history.durations("embedded") == {one.id: 2.0}
    assert history.durations() == {one.id: 3.0}


def test_a_duration_is_the_median_of_the_last_five_times_that_a_unit_ran(
    recorder: Recorder, named: Named
) -> None:
    one, never = named("one"), named("never")
    for number, seconds in enumerate([900.0, 1.0, 2.0, 3.0, 4.0, 50.0]):
        recorder.run(f"run-{number}", [Told(one, Status.FAILED, seconds)])
    recorder.run("last", [Told(one, Status.SKIPPED, 0.0), Told(never, Status.NOT_APPLICABLE, 0.0)])

    assert History(recorder.path).durations() == {one.id: 3.0}


def test_runs_are_listed_with_their_verdict(recorder: Recorder, named: Named) -> None:
    one = named("one")
    recorder.run("green", [Told(one)])
    recorder.run("red", [Told(one, Status.ERROR)])
    recorder.run("mended", [Told(one, Status.FAILED), Told(one, attempt=2)])
    recorder.run("stopped", [Told(one)], interrupted=True)
    killed = recorder.sink()
    killed.handle(recorder.started("killed"))

    runs = History(recorder.path).runs()

    assert [(run.id, run.verdict) for run in runs] == [
        ("green", "green"),
        ("red", "red"),
        ("mended", "green"),
        ("stopped", "interrupted"),
        ("killed", "unfinished"),
    ]
    assert runs[0].ended_at == BEGUN + timedelta(minutes=1)
    assert (runs[0].profile_id, runs[0].stack, runs[0].commit_sha) == (
        "embedded",
        "embedded",
        "c0ffee",
    )
    assert (runs[3].interrupted, runs[4].ended_at) == (True, None)
    killed.close()


def test_a_long_reason_is_kept_short(recorder: Recorder, named: Named) -> None:
    one = named("one")
    recorder.run("first", [Told(one, Status.FAILED, reason="because\n  of " + "x" * 500)])

    reason = History(recorder.path).last_outcomes()[one.id].reason

    assert len(reason) == REASON_CHARACTERS
    assert reason.startswith("because of xxx")
    assert reason.endswith("…")


def test_what_is_told_twice_is_kept_once(recorder: Recorder, named: Named) -> None:
    recorder.run("first", [Told(named("one")), Told(named("one"), Status.FAILED)])
    recorder.run("first", [Told(named("one"), Status.ERROR)])

    history = History(recorder.path)
    assert [outcome.status for outcome in history.last_outcomes().values()] == [Status.ERROR]
    assert len(history.runs()) == 1


def test_a_history_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    history = History(tmp_path / "none.sqlite")

    assert (history.last_outcomes(), history.durations(), history.runs()) == ({}, {}, ())
    assert history.problem == ""


def test_events_that_are_no_outcomes_change_nothing(recorder: Recorder, named: Named) -> None:
    sink = recorder.sink()
    sink.handle(finished(Told(named("before the run"))))
    sink.handle(UnitStarted(BEGUN, named("one")))
    sink.close()

    assert not recorder.path.exists()


def test_a_damaged_history_is_set_aside_and_a_new_one_begins(
    recorder: Recorder, named: Named
) -> None:
    recorder.path.parent.mkdir(parents=True)
    recorder.path.write_bytes(b"this is no database at all " * 100)
    damaged = History(recorder.path)
    assert damaged.last_outcomes() == {}
    assert "is damaged: file is not a database" in damaged.problem

    recorder.run("first", [Told(named("one"))])

    (message,) = recorder.messages
    (kept,) = recorder.path.parent.glob("history.sqlite.damaged-*")
    assert str(kept) in message
    assert kept.read_bytes().startswith(b"this is no database")
    assert len(History(recorder.path).last_outcomes()) == 1


def test_damage_behind_the_first_page_is_set_aside_too(recorder: Recorder, named: Named) -> None:
    recorder.run("first", [Told(named(f"unit {number}")) for number in range(300)])
    content = bytearray(recorder.path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    recorder.path.write_bytes(content)

    recorder.run("second", [Told(named("one"))])

    assert len(recorder.messages) == 1
    assert [run.id for run in History(recorder.path).runs()] == ["second"]


def test_a_newer_history_is_left_alone(recorder: Recorder, named: Named) -> None:
    recorder.run("first", [Told(named("one"))])
    connection = sqlite3.connect(recorder.path)
    connection.execute(f"PRAGMA user_version = {len(database.MIGRATIONS) + 1}")
    connection.commit()
    connection.close()

    recorder.run("second", [Told(named("one"))])

    (message,) = recorder.messages
    assert "newer than this version knows" in message
    history = History(recorder.path)
    assert history.runs() == ()
    assert "newer than this version knows" in history.problem


def test_a_database_of_another_program_is_left_alone(recorder: Recorder, named: Named) -> None:
    recorder.path.parent.mkdir(parents=True)
    connection = sqlite3.connect(recorder.path)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.commit()
    connection.close()

    recorder.run("first", [Told(named("one"))])

    (message,) = recorder.messages
    assert "is a database of another program" in message


def test_a_history_that_cannot_be_written_is_reported_once(
    recorder: Recorder, named: Named
) -> None:
    recorder.path.parent.write_text("a file stands where the folder should be")

    recorder.run("first", [Told(named("one")), Told(named("two"))])

    (message,) = recorder.messages
    assert message.startswith("The history of this run is not kept: The history ")


def test_an_older_history_is_brought_up_to_date_once(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    database.open_for_writing(path).close()
    more = (*database.MIGRATIONS, "ALTER TABLE runs ADD COLUMN branch TEXT")

    database.open_for_writing(path, more).close()
    connection = database.open_for_writing(path, more)

    assert connection.execute("SELECT branch FROM runs").fetchall() == []
    assert connection.execute("PRAGMA user_version").fetchone() == (len(more),)
    connection.close()


def test_a_migration_that_fails_leaves_the_old_version(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    database.open_for_writing(path).close()
    broken = (*database.MIGRATIONS, "DROP TABLE sdks; ALTER TABLE nowhere ADD COLUMN x")

    with pytest.raises(UnusableHistoryError, match="no such table"):
        database.open_for_writing(path, broken)

    with database.open_for_reading(path) as connection:
        assert connection.execute("SELECT * FROM sdks").fetchall() == []


def test_an_older_history_cannot_be_read_until_a_run_mends_it(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    database.open_for_writing(path, ()).close()

    history = History(path)

    assert history.runs() == ()
    assert "The next run brings it up to date" in history.problem


def test_outcomes_wait_while_the_file_is_locked(
    recorder: Recorder, named: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.01)
    sink = recorder.sink()
    sink.handle(recorder.started("first"))
    other = database.open_for_writing(recorder.path)
    other.execute("BEGIN IMMEDIATE")
    sink.handle(finished(Told(named("one"))))
    assert History(recorder.path).last_outcomes() == {}
    other.execute("COMMIT")
    other.close()

    sink.handle(finished(Told(named("two"))))
    sink.close()

    assert len(History(recorder.path).last_outcomes()) == 2
    assert recorder.messages == []


@pytest.mark.parametrize("end", ["close", "limit"])
def test_what_can_never_be_written_is_counted(
    recorder: Recorder, named: Named, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.0)
    sink = recorder.sink()
    sink.handle(recorder.started("first"))
    other = database.open_for_writing(recorder.path)
    other.execute("BEGIN IMMEDIATE")
    told = finished(Told(named("one")))
    lost = 1 if end == "close" else PENDING_LIMIT + 1
    for _ in range(lost):
        sink.handle(told)

    sink.close()
    other.close()

    (message,) = recorder.messages
    assert "database is locked" in message
    assert f"{lost} outcome(s) of it are lost" in message


def write_until_told(recorder: Recorder, units: list[Unit], ready: Connection) -> None:
    sink = recorder.sink()
    sink.handle(recorder.started("killed"))
    for unit in units:
        sink.handle(finished(Told(unit)))
    ready.send("written")
    ready.recv()


def test_a_run_that_is_killed_keeps_every_outcome_it_had(recorder: Recorder, named: Named) -> None:
    units = [named(f"unit {number}") for number in range(50)]
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=write_until_told, args=(recorder, units, there))
    child.start()
    assert here.recv() == "written"

    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()

    history = History(recorder.path)
    assert list(history.last_outcomes()) == [unit.id for unit in units]
    assert [run.verdict for run in history.runs()] == ["unfinished"]


def write_a_run(recorder: Recorder, run_id: str, units: list[Unit]) -> None:
    recorder.run(run_id, [Told(unit) for unit in units])


def test_parallel_runs_share_one_file(recorder: Recorder, named: Named) -> None:
    units = [named(f"unit {number}") for number in range(60)]
    context = multiprocessing.get_context("fork")
    children = [
        context.Process(target=write_a_run, args=(recorder, f"run-{number}", units))
        for number in range(4)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()

    assert [child.exitcode for child in children] == [0] * 4
    with database.open_for_reading(recorder.path) as connection:
        (count,) = connection.execute("SELECT count(*) FROM outcomes").fetchone()
    assert count == 4 * 60
    assert {run.verdict for run in History(recorder.path).runs()} == {"green"}


def fill(recorder: Recorder, named: Named, runs: int, units: int) -> tuple[float, float]:
    """Write many outcomes; return bytes for each, and seconds that the readers took."""
    every = [named(f"a reader of some department opens document {n}") for n in range(units)]
    inputs = {unit.id: f"{number:064x}" for number, unit in enumerate(every)}
    for run in range(runs):
        failing = f"Then it opens: refused because of document {run}"
        told = [
            Told(unit, Status.FAILED if number % 50 == 0 else Status.PASSED, 1.5, failing)
            if number % 50 == 0
            else Told(unit, seconds=1.5)
            for number, unit in enumerate(every)
        ]
        recorder.run(f"run-{run}", told, inputs=inputs, sdk_digest="d" * 64)
    begun = time.perf_counter()
    history = History(recorder.path)
    assert len(history.last_outcomes("embedded")) == units
    assert len(history.durations()) == units
    return recorder.path.stat().st_size / (runs * units), time.perf_counter() - begun


def test_the_file_is_small_and_quick_to_read(recorder: Recorder, named: Named) -> None:
    bytes_each, seconds = fill(recorder, named, runs=20, units=1000)

    assert bytes_each < 400
    assert seconds < 2


@pytest.mark.soak
def test_a_million_outcomes_are_small_and_quick_to_read(recorder: Recorder, named: Named) -> None:
    bytes_each, seconds = fill(recorder, named, runs=200, units=5000)

    print(f"{bytes_each:.0f} bytes for each outcome, read in {seconds:.2f} s")  # noqa: T201
    assert bytes_each < 400
    assert seconds < 5


@pytest.mark.parametrize("question", ["unit = 1 ORDER BY run DESC, attempt DESC", "run = 1"])
def test_questions_of_one_unit_or_run_use_an_index(recorder: Recorder, question: str) -> None:
    recorder.run("first", [])

    with database.open_for_reading(recorder.path) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM outcomes WHERE {question}")  # noqa: S608
        steps = [row[3] for row in plan]

    assert all("SEARCH" in step for step in steps), steps
    assert not any("TEMP B-TREE" in step for step in steps), steps
