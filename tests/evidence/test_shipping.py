"""May a version ship: yes, no and unknown by what was recorded, and the page that says so."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.evidence import shipping, shipping_page
from support.evidence.shipping import JUDGED, Answer, Result, judge
from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT
from tests.evidence import runs
from tools.cli import can_i_ship

PLATFORM = "embedded 1"
GO, PYTHON = "go-v0.36.0", "python-v0.11.0"
ALL = tuple(Result(PLATFORM, name, GO, PYTHON, passed=2) for name in JUDGED)


def test_a_version_that_passed_everything_may_ship() -> None:
    for sdk in (GO, PYTHON):
        verdict = judge(ALL, sdk, PLATFORM)

        assert verdict.answer is Answer.YES
        assert verdict.why == ()


def test_one_failure_says_no_to_both_and_names_the_pair() -> None:
    results = (*ALL[1:], replace(ALL[0], broken=("f.feature:s#v",)))

    verdict = judge(results, GO, PLATFORM)

    assert verdict.answer is Answer.NO
    assert verdict.why == (f"BR-001 (round trip): failed to {PYTHON}: f.feature:s#v",)
    assert (
        judge(results, PYTHON, PLATFORM).why[0].startswith(f"BR-001 (round trip): failed from {GO}")
    )


def test_what_was_not_run_or_has_no_verdict_is_unknown() -> None:
    without = replace(ALL[1], without_verdict=1)

    assert judge(ALL[1:], GO, PLATFORM).why == ("BR-001 (round trip): not run",)
    assert judge(ALL[1:], GO, PLATFORM).answer is Answer.UNKNOWN
    assert judge((ALL[0], without, *ALL[2:]), GO, PLATFORM).answer is Answer.UNKNOWN
    assert judge(ALL, GO, "another 2").answer is Answer.UNKNOWN
    assert judge(ALL, "go-v0.1.0", PLATFORM).answer is Answer.UNKNOWN


def test_a_pair_that_was_never_tried_is_unknown() -> None:
    more = Result(PLATFORM, "BR-001", "go-v0.4.7", "go-v0.4.7", passed=1)

    verdict = judge((*ALL, more), GO, PLATFORM)

    assert verdict.answer is Answer.UNKNOWN
    assert verdict.why == ("BR-001 (round trip): never tried to go-v0.4.7",)


def test_a_reader_of_what_was_there_is_judged_by_itself() -> None:
    alone = Result(PLATFORM, "BR-005", "", GO, broken=("golden",))

    assert (
        "BR-005 (earlier documents): failed by itself: golden" in judge([alone], GO, PLATFORM).why
    )


RESULTS = st.lists(
    st.builds(
        Result,
        platform=st.sampled_from([PLATFORM, "processes 0.25.0"]),
        requirement=st.sampled_from(sorted(JUDGED)),
        writer=st.sampled_from(["", GO, "go-v0.4.7"]),
        reader=st.sampled_from(["", GO, PYTHON]),
        passed=st.integers(0, 3),
        without_verdict=st.integers(0, 1),
        broken=st.lists(st.just("unit"), max_size=2).map(tuple),
    ),
    max_size=12,
)


@given(RESULTS)
def test_a_failure_never_ships_and_only_a_pass_does(results: list[Result]) -> None:
    for verdict in shipping_page.verdicts(results):
        mine = [r for r in results if r.platform == verdict.platform and r.concerns(verdict.sdk)]
        if any(result.broken for result in mine):
            assert verdict.answer is Answer.NO
        if verdict.answer is Answer.YES:
            assert {r.requirement for r in mine if r.passed} == set(JUDGED)
            assert not verdict.why


@given(RESULTS)
def test_data_are_read_as_they_were_written(results: list[Result]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "versions.json"
        path.write_text(shipping_page.dump(results))

        assert shipping_page.load(path) == tuple(results)


def test_the_page_is_what_its_data_say() -> None:
    results = shipping_page.load(can_i_ship.DATA)
    text = can_i_ship.PAGE.read_text("utf-8")

    assert text == can_i_ship.page(results)
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.partition(shipping_page.VERDICT_HEADING)[2].splitlines()
        if line.startswith("| ") and "**" in line
    ]
    verdicts = shipping_page.verdicts(results)
    assert [(row[0], row[1], row[2].strip("*")) for row in rows] == [
        (verdict.platform, verdict.sdk, verdict.answer.value) for verdict in verdicts
    ]
    golden = text.partition(shipping_page.GOLDEN_HEADING)[2].partition("\n## ")[0]
    files = list((ROOT / "features" / "tdf" / "golden").glob("*.tdf"))
    assert sum(line.startswith("| ") for line in golden.splitlines()) == len(files) + 2


def test_runs_are_added_up_by_pair(tmp_path: Path) -> None:
    pair = {"encrypt_sdk": GO, "decrypt_sdk": PYTHON}
    folder = runs.write(
        tmp_path / "run",
        runs.record("a", capabilities=pair),
        runs.record("b", capabilities=pair, status="failed"),
        runs.record("c", capabilities=pair, status="error"),
        runs.record("d", capabilities=pair, status="skipped"),
        runs.record("e", capabilities=pair, requirement="BR-042", status="failed"),
        runs.record("f", capabilities={"decrypt_sdk": GO}, requirement="BR-005"),
        runs.record("g", capabilities=pair, faults=["one"], status="failed"),
    )

    assert shipping.of_runs([folder]) == (
        Result(PLATFORM, "BR-001", GO, PYTHON, 1, 1, ("b",)),
        Result(PLATFORM, "BR-005", "", GO, 1),
    )
    again = runs.write(tmp_path / "again", runs.record("b", capabilities=pair))
    (first, _) = shipping.of_runs([folder, again])
    assert first.broken == ()


def test_versions_are_ordered_as_people_count_them() -> None:
    results = [Result(PLATFORM, "BR-001", name, PYTHON) for name in ("go-v0.31.0", "go-v0.4.7")]

    assert shipping.sdks_of(results) == ("go-v0.4.7", "go-v0.31.0", PYTHON)


def test_runs_without_evidence_are_no_ground_for_a_verdict(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="version-matrix"):
        shipping.of_runs([tmp_path])
