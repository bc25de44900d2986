import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.artifacts import collecting, keeping
from support.artifacts.collecting import Found, collect, find_runs, judge
from support.artifacts.keeping import Hold, Keeping, Retention
from support.artifacts.objects import LARGE_BYTES
from support.artifacts.settling import settle
from tests.artifacts.test_settling import FILES, content_of, make_run

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = datetime.now(UTC) + timedelta(days=2)


def said(name: str, days: int, *, labels: tuple[str, ...] = (), refers_to: str = "") -> Keeping:
    refers = (refers_to,) if refers_to else ()
    return Keeping(name, "embedded", NOW - timedelta(days=days), Retention(7, 2), labels, refers)


def found(keeping_of: Keeping, **facts: bool | str) -> Found:
    return Found(Path(keeping_of.run_id), keeping_of, keeping_of.began_at, **facts)  # type: ignore[arg-type]  # facts by name


def deeds(*runs: Found, now: datetime = NOW) -> dict[str, str]:
    return {each.run.id: each.deed for each in judge(runs, now)}


def make(artifacts: Path, about: Keeping) -> Path:
    folder = make_run(artifacts / about.run_id)
    keeping.write(folder, about)
    return folder


def test_runs_go_when_their_time_is_over_and_get_cold_before() -> None:
    young, cooling, old = found(said("a", 1)), found(said("b", 3)), found(said("c", 8))

    assert deeds(young, cooling, old) == {"a": "keep", "b": "cool", "c": "remove"}


def test_what_is_labelled_stays_for_ever() -> None:
    assert deeds(found(said("a", 4000, labels=("release",)), cold=True)) == {"a": "keep"}
    assert deeds(found(said("a", 4000, labels=("release",)))) == {"a": "cool"}


@pytest.mark.parametrize("facts", [{"running": True}, {"problem": "damaged"}])
def test_what_runs_or_cannot_be_understood_stays(facts: dict[str, bool | str]) -> None:
    assert deeds(found(said("a", 8), **facts)) == {"a": "keep"}


def test_a_run_that_ended_badly_is_packed() -> None:
    assert deeds(found(said("a", 0), settled=False)) == {"a": "pack"}


def test_what_a_kept_run_refers_to_stays_along_the_whole_chain() -> None:
    kept = found(said("a", 1, refers_to="b"))
    chain = found(said("b", 20, refers_to="c")), found(said("c", 30))
    apart = found(said("d", 20, refers_to="e")), found(said("e", 30))

    judged = {each.run.id: each for each in judge((kept, *chain, *apart), NOW)}

    assert [judged[name].deed for name in "abcde"] == ["keep", "keep", "keep", "remove", "remove"]
    assert judged["c"].reason == "b refers to it"


def test_when_the_clock_goes_backwards_nothing_happens() -> None:
    runs = (found(said("old", 20)), found(said("newest", 0)))

    assert set(deeds(*runs, now=NOW - timedelta(days=1)).values()) == {"keep"}


@given(
    st.lists(
        st.tuples(st.integers(-5, 30), st.booleans(), st.integers(0, 7)), min_size=1, max_size=8
    )
)
def test_nothing_goes_that_is_labelled_young_or_needed(
    runs: list[tuple[int, bool, int]],
) -> None:
    all_runs = [
        found(said(str(n), days, labels=("kept",) * kept, refers_to=str(other)))
        for n, (days, kept, other) in enumerate(runs)
    ]
    gone = {name for name, deed in deeds(*all_runs).items() if deed == "remove"}

    for run in all_runs:
        assert run.keeping
        if run.id not in gone:
            assert not gone & set(run.keeping.refers_to)
        else:
            assert not run.keeping.labels
            assert NOW - run.began_at > timedelta(days=7)


def test_collecting_removes_cools_and_clears_up(tmp_path: Path) -> None:
    old, cool = make(tmp_path, said("old", 20)), make(tmp_path, said("cool", 4))
    (tmp_path / "notes").mkdir()
    for folder in (old, cool):
        settle(folder)
    shutil.rmtree(cool / "BR-002")  # the large object has one run left

    planned = {each.name: each.deed for each in collect(tmp_path, NOW, dry_run=True)}
    assert old.exists()
    done = {each.name: each.deed for each in collect(tmp_path, NOW, dry_run=False)}

    assert planned == done == {"old": "remove", "cool": "cool"}
    assert not old.exists()
    assert (tmp_path / "notes").exists()
    assert not (cool / "messages.ndjson").exists()
    assert content_of(cool)["messages.ndjson"] == FILES["messages.ndjson"]
    assert len(list((tmp_path / "objects").rglob("*.zst"))) == 1
    (object_done,) = [e for e in collect(tmp_path, LATER, dry_run=False) if "object" in e.reason]
    assert object_done.freed_bytes
    assert not list((tmp_path / "objects").rglob("*.zst"))


def test_a_running_run_is_left_alone(tmp_path: Path) -> None:
    folder = make(tmp_path, said("old", 20))
    hold = Hold(folder)

    (done,) = collect(tmp_path, NOW, dry_run=False)

    assert (done.deed, done.reason) == ("keep", "it is running")
    hold.release()


def test_a_deed_that_fails_is_told_and_the_next_one_done(tmp_path: Path) -> None:
    broken, old = make(tmp_path, said("a", 4)), make(tmp_path, said("b", 20))
    (broken / "artifacts.pack").write_bytes(b"no pack at all")

    done = {each.name: each for each in collect(tmp_path, NOW, dry_run=False)}

    assert done["a"].deed == "failed"
    assert "damaged" in done["a"].reason
    assert not old.exists()
    assert (broken / "messages.ndjson").exists()


def test_a_run_that_ended_badly_is_made_whole_before_it_is_packed(tmp_path: Path) -> None:
    folder = make(tmp_path, said("a", 0))
    seen: list[bool] = []

    def look(run: Path) -> None:
        seen.append((run / "BR-001/embedded/v/1-audit.jsonl").exists())

    (done,) = collect(tmp_path, NOW, dry_run=False, make_whole=look)

    assert (done.deed, seen) == ("pack", [True])
    assert content_of(folder)["BR-001/embedded/v/1-audit.jsonl"]


def test_a_removal_that_was_interrupted_is_finished(tmp_path: Path) -> None:
    make_run(tmp_path / ".removed-old")

    assert list(collect(tmp_path, NOW, dry_run=False)) == []
    assert not (tmp_path / ".removed-old").exists()


def test_runs_of_before_are_judged_by_their_folder(tmp_path: Path) -> None:
    make_run(tmp_path / "run", {"BR-001/x/1-evidence.json": b"{}"})
    damaged = make_run(tmp_path / "damaged")
    (damaged / "keeping.json").write_text("{")

    by_id = {run.id: run for run in find_runs(tmp_path)}

    assert by_id["run"].keeping is None
    assert "keeping.json" in by_id["damaged"].problem
    assert not list(find_runs(tmp_path / "nowhere"))


def test_a_large_object_is_counted_once(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", {"BR-001/x.log": b"x" * LARGE_BYTES})
    settle(run)

    assert collecting.size_of(run) < LARGE_BYTES
