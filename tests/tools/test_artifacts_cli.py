import json
from pathlib import Path

import pytest

from support.artifacts.settling import settle
from tests.artifacts.test_settling import FILES, make_run
from tools.cli.__main__ import main


@pytest.fixture(autouse=True)
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settled run in an artifact folder of the test's own."""
    monkeypatch.setenv("ACCEPTANCE_ARTIFACTS", str(tmp_path))
    folder = make_run(tmp_path / "run-1")
    settle(folder)
    return folder


def test_the_files_of_a_run_are_shown_and_read(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["artifacts", "show", "run-1", "--json"]) == 0
    assert json.loads(capfdbinary.readouterr().out) == sorted(FILES)

    assert main(["artifacts", "cat", "run-1", "BR-001/embedded/v/1-audit.jsonl"]) == 0
    assert capfdbinary.readouterr().out == FILES["BR-001/embedded/v/1-audit.jsonl"]


def test_a_run_is_named_by_its_folder_as_well(run: Path, tmp_path: Path) -> None:
    assert main(["artifacts", "unpack", str(run), str(tmp_path / "plain")]) == 0

    assert (tmp_path / "plain/messages.ndjson").exists()


def test_labels_come_and_go(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["artifacts", "label", "run-1", "release"]) == 0
    assert main(["artifacts", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed["labels"] == ["release"]
    assert main(["artifacts", "label", "run-1", "release", "--remove"]) == 0
    assert main(["artifacts", "list"]) == 0
    assert "release" not in capsys.readouterr().out


def test_collecting_says_what_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["artifacts", "gc", "--dry-run"]) == 0
    assert "keep    run-1: 0 days old, kept for 7" in capsys.readouterr().out
    assert main(["artifacts", "gc", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["done"][0]["deed"] == "keep"


def test_what_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["artifacts", "show", "run-2"]) == 2
    assert 'Did you mean "run-1"' in capsys.readouterr().err
    assert main(["artifacts", "cat", "run-1", "nothing"]) == 2
    assert main(["artifacts", "cat", "run-1", "../secret"]) == 2
