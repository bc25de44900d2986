"""`acceptance can-i-ship`: exit codes and output."""

import json
from pathlib import Path

import pytest

from support.evidence import shipping_page
from support.evidence.shipping import JUDGED, Result
from tests.evidence import runs
from tools.cli import can_i_ship
from tools.cli.__main__ import main
from tools.cli.exit_codes import EXIT_GREEN, EXIT_RED, EXIT_WRONG_USE

GO, OLD = "go-v0.36.0", "go-v0.4.7"


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A run in which the current version passes everything, and the old one breaks a promise."""
    records = [
        runs.record(f"{name}-{reader}", requirement=name, capabilities={"decrypt_sdk": reader})
        for name in JUDGED
        for reader in (GO, OLD)
    ]
    broken = runs.record(
        "broken", requirement="BR-007", status="failed", capabilities={"decrypt_sdk": OLD}
    )
    return str(runs.write(tmp_path / "run", *records, broken))


def test_yes_is_green_and_no_is_red(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    ask = ["can-i-ship", "--run", folder, "--sdk", "go"]

    assert main([*ask, "--version", "v0.36.0"]) == EXIT_GREEN
    assert main([*ask, "--version", "0.4.7"]) == EXIT_RED
    assert "BR-007 (altered payloads): failed by itself: broken" in capsys.readouterr().out
    assert main(ask) == EXIT_RED


def test_machines_read_json(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["can-i-ship", "--run", folder, "--platform", "embedded", "--json"]) == EXIT_RED

    told = {entry["sdk"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert {sdk: entry["may_ship"] for sdk, entry in told.items()} == {GO: "yes", OLD: "no"}
    assert told[OLD]["requirements"]["BR-007"] == "no"
    assert told[GO]["why"] == []


@pytest.mark.parametrize(
    "more", [["--version", "v9"], ["--sdk", "java"], ["--platform", "processes"]]
)
def test_what_was_never_run_is_no_yes(
    folder: str, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["can-i-ship", "--run", folder, *more]) == EXIT_WRONG_USE
    assert f"Recorded: {OLD}, {GO}" in capsys.readouterr().err


def test_the_page_is_written_and_compared(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(can_i_ship, "PAGE", tmp_path / "versions.md")
    monkeypatch.setattr(can_i_ship, "DATA", tmp_path / "versions.json")

    main(["can-i-ship", "--run", folder, "--write"])

    assert main(["can-i-ship", "--check"]) == EXIT_GREEN
    assert main(["can-i-ship", "--sdk", "go", "--version", "v0.36.0"]) == EXIT_GREEN
    (tmp_path / "versions.json").write_text(
        shipping_page.dump([Result("embedded 1", "BR-001", GO, OLD, broken=("x",))])
    )
    assert main(["can-i-ship", "--check"]) == EXIT_RED
