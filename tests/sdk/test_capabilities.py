import re
from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError
from support.model.capability import Answer
from support.sdk.capabilities import fingerprint, probe, probe_all
from support.sdk.features import FEATURES
from support.sdk.table import sdk_table
from tests.sdk.conftest import MakeSdk


@pytest.mark.parametrize(("exit_code", "verdict"), [(0, "yes"), (1, "no"), (2, "unknown")])
def test_the_exit_codes_of_the_contract(make_sdk: MakeSdk, exit_code: int, verdict: str) -> None:
    assert probe(make_sdk(f"exit {exit_code}"), "assertions").verdict == verdict


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("echo JVM gone >&2; exit 134", "exit code 134, where 0, 1 or 2 was expected.*JVM gone"),
        ("kill -SEGV $$", "was ended by signal 11"),
        ("exec /nowhere/java", "exit code 127"),
    ],
)
def test_an_sdk_that_breaks_is_unknown_with_the_reason_never_no(
    make_sdk: MakeSdk, body: str, reason: str
) -> None:
    answer = probe(make_sdk(body), "assertions")

    assert answer.verdict == "unknown"
    assert re.search(reason, answer.reason, re.DOTALL), answer.reason


def test_an_sdk_that_hangs_is_unknown(make_sdk: MakeSdk) -> None:
    answer = probe(make_sdk("sleep 60"), "assertions", time_limit_seconds=0.2)

    assert answer.verdict == "unknown"
    assert "did not end within 0.2 s" in answer.reason


def test_an_sdk_that_hangs_is_asked_only_once(make_sdk: MakeSdk, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    sdk = make_sdk(f'echo "$2" >> {asked}; sleep 60')

    answers = probe_all(
        sdk, ["assertions", "ecwrap", "hexless"], cache=tmp_path, time_limit_seconds=0.3
    )

    assert {answer.verdict for answer in answers.values()} == {"unknown"}
    assert asked.read_text() == "assertions\n"


def test_an_sdk_that_cannot_be_started_is_unknown(make_sdk: MakeSdk) -> None:
    sdk = make_sdk()
    sdk.cli.write_text("#!/no/such/shell\n")

    assert "Cannot start" in probe(sdk, "assertions").reason


def test_later_names_have_a_rule_for_sdks_that_do_not_know_them(make_sdk: MakeSdk) -> None:
    old = make_sdk('[ "$2" = ecwrap ] && exit 0; exit 2')

    assert probe(old, "encrypt").verdict == "yes"
    assert probe(old, "access_token").verdict == "no"
    assert probe(old, "ec_unwrap") == probe(old, "ecwrap")
    assert probe(old, "obligations").verdict == "unknown"


def test_a_misspelt_feature_is_an_error_that_names_the_nearest(make_sdk: MakeSdk) -> None:
    with pytest.raises(ConfigurationError, match='Did you mean "assertions"'):
        probe(make_sdk(), "asertions")


def test_lasting_answers_are_kept_until_the_folder_changes(
    make_sdk: MakeSdk, tmp_path: Path
) -> None:
    log = tmp_path / "asked"
    sdk = make_sdk(f'echo "$2" >> {log}; exit 1')
    cache = tmp_path / "cache"

    first = probe_all(sdk, ("dpop", "ecwrap"), cache=cache)
    again = probe_all(sdk, ("dpop", "ecwrap"), cache=cache)
    assert first == again
    assert log.read_text().split() == ["dpop", "ecwrap"]

    sdk.cli.write_text("#!/bin/sh\nexit 0\n")
    assert probe_all(sdk, ("dpop",), cache=cache)["dpop"].verdict == "yes"


def test_a_crash_is_not_kept(make_sdk: MakeSdk, tmp_path: Path) -> None:
    sdk = make_sdk(f"[ -f {tmp_path}/mended ] || exit 99")
    cache = tmp_path / "cache"

    assert probe_all(sdk, ("dpop",), cache=cache)["dpop"].verdict == "unknown"
    (tmp_path / "mended").touch()
    assert probe_all(sdk, ("dpop",), cache=cache)["dpop"].verdict == "yes"


@pytest.mark.parametrize("damage", ["{", "[1]", '{"dpop": 77}'])
def test_a_damaged_cache_only_costs_time(make_sdk: MakeSdk, tmp_path: Path, damage: str) -> None:
    sdk = make_sdk("exit 1")
    kept = tmp_path / f"{sdk.id}-{fingerprint(sdk.directory)}.json"
    kept.write_text(damage)

    assert probe_all(sdk, ("dpop",), cache=tmp_path)["dpop"].verdict == "no"


def test_every_feature_is_described_and_implies_a_known_one() -> None:
    for feature in FEATURES.values():
        assert feature.description
        assert feature.implied_by is None or feature.implied_by in FEATURES


def test_the_table_shows_used_and_hidden_sdks(
    make_sdk: MakeSdk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers(*_arguments: object) -> dict[str, Answer]:
        return {"dpop": Answer("no")}

    monkeypatch.setattr("support.sdk.table.probe_all", answers)
    make_sdk(root="first")
    make_sdk(root="second")

    used, hidden = sdk_table([tmp_path / "first", tmp_path / "second"])

    assert (used.id, used.version, used.hidden) == ("go-v1.0.0", "v1.0.0", False)
    assert used.capabilities["dpop"].verdict == "no"
    assert (hidden.origin, hidden.hidden) == (str(tmp_path / "second"), True)
