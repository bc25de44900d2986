"""Data from one seed: the same again, another for each unit and purpose, in no order."""

import random
import sys
import types
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.determinism.streams import FreshNames, Streams, derived
from support.foundation.process import run
from support.foundation.settings import ROOT, child_environment

TEXTS = st.text(max_size=8)


@given(st.integers(0), st.lists(TEXTS, max_size=3), st.lists(TEXTS, max_size=3))
def test_only_the_same_texts_give_the_same(seed: int, one: list[str], other: list[str]) -> None:
    assert (derived(seed, *one) == derived(seed, *other)) == (one == other)
    assert derived(seed, *one) != derived(seed + 1, *one)


def test_another_process_draws_the_same() -> None:
    program = (
        "from support.determinism.streams import Streams; "
        "print(Streams(42, 'a unit').number('bits'))"
    )
    told = run(
        [sys.executable, "-c", program],
        environment=child_environment({"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "random"}),
        time_limit_seconds=30,
    )

    assert int(told.stdout) == Streams(42, "a unit").number("bits") == 11413022459842360281


def test_what_is_drawn_for_one_purpose_changes_no_other() -> None:
    one, other = Streams(42, "unit"), Streams(42, "unit")
    one.random("sizes").random()

    assert one.random("names").random() == other.random("names").random()
    assert one.bytes("content").at(0, 9) == other.bytes("content").at(0, 9)
    assert one.number("a") != one.number("b") != Streams(42, "another").number("b")


def test_the_next_of_a_kind_has_a_purpose_of_its_own() -> None:
    data = Streams(42, "unit")

    assert [data.next("note"), data.next("note"), data.next("size")] == [
        "note 1",
        "note 2",
        "size 1",
    ]


def test_the_process_draws_the_same_for_a_unit_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: list[int] = []
    numpy = types.SimpleNamespace(random=types.SimpleNamespace(seed=seeds.append))
    monkeypatch.setitem(sys.modules, "numpy", numpy)
    state = random.getstate()
    try:
        Streams(42, "unit").seed_this_process()
        first = random.getrandbits(64)
        Streams(42, "unit").seed_this_process()
        assert random.getrandbits(64) == first
    finally:
        random.setstate(state)
    assert seeds[0] == seeds[1] < 2**32


def test_names_are_never_given_twice() -> None:
    fresh = FreshNames(42, "unit")
    given_out = [fresh.token("namespace") for _ in range(50)] + [fresh.token("key")]

    assert len(set(given_out)) == 51


def test_names_are_the_same_again_where_the_platform_is_new() -> None:
    assert FreshNames(42, "unit").token("key") == FreshNames(42, "unit").token("key")


def test_names_differ_by_run_and_attempt_where_it_is_not() -> None:
    names = {
        FreshNames(42, "unit", mark, attempt).token("key")
        for mark in ("", "run 1", "run 2")
        for attempt in (1, 2)
    }

    assert len(names) == 6


def test_ids_are_uuids_and_names_tell_the_unit() -> None:
    fresh = FreshNames(42, "unit", "run")

    assert uuid.UUID(fresh.identifier("request")).version == 4
    assert fresh.unit_mark == FreshNames(1, "unit").unit_mark != FreshNames(42, "other").unit_mark
