import json
from pathlib import Path

import pytest

from support.sdk.model import RefusalReason
from support.sdk.refusals import PATTERNS, classify

# Recorded from real runs; the file says of which versions.
RECORDED = json.loads((Path(__file__).parents[1] / "data" / "sdk-refusals.json").read_text("utf-8"))


@pytest.mark.parametrize(
    "recorded", RECORDED["refusals"], ids=lambda recorded: f"{recorded['sdk']}-{recorded['case']}"
)
def test_the_words_of_real_sdks_are_understood(recorded: dict[str, str]) -> None:
    assert classify(recorded["sdk"], recorded["text"]) == recorded["reason"]


@pytest.mark.parametrize(
    "reason",
    [
        RefusalReason.NOT_ENTITLED,
        RefusalReason.POLICY_BINDING,
        RefusalReason.INTEGRITY,
        RefusalReason.CREDENTIALS,
        RefusalReason.UNREACHABLE,
    ],
)
def test_every_bundled_sdk_has_a_recorded_text_for_the_main_reasons(reason: RefusalReason) -> None:
    assert {entry["sdk"] for entry in RECORDED["refusals"] if entry["reason"] == reason} == {
        "go",
        "python",
        "rust",
    }


@pytest.mark.parametrize("text", ["", "something went wrong", "exit status 1"])
def test_words_that_say_nothing_stay_unclassified(text: str) -> None:
    assert classify("go", text) is RefusalReason.UNCLASSIFIED


def test_one_languages_words_mean_nothing_in_another() -> None:
    assert classify("python", "InvalidTag") is RefusalReason.INTEGRITY
    assert classify("go", "InvalidTag") is RefusalReason.UNCLASSIFIED


def test_sdks_of_an_xtest_tree_are_understood_where_xtest_understands_them() -> None:
    assert classify("java", "[tamper detected] segment signature mismatch") == "integrity"
    assert classify("js", "IntegrityError: Failed integrity check") == "integrity"
    assert classify("java", "rpc error: code = InvalidArgument desc = bad request") == (
        "policy_binding"
    )


def test_every_pattern_names_its_source_and_no_reason_is_left_without_one() -> None:
    assert all(pattern.source for pattern in PATTERNS)
    assert {pattern.reason for pattern in PATTERNS} == set(RefusalReason) - {
        RefusalReason.UNCLASSIFIED,
        RefusalReason.TIME_LIMIT,  # which no SDK says: it was stopped
    }
