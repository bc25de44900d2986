"""`acceptance requirements`: the table, the page, and registries that are not up to date."""

import json
from pathlib import Path

import pytest

from support.planning import coverage
from support.specs.peers import Peer, PeerCase
from support.specs.requirements import Requirement
from tests.conftest import MakeUnit
from tools.cli import requirements
from tools.cli.__main__ import main


def test_every_requirement_is_in_the_table_with_its_units(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["requirements", "--profile", "no-kas", "--json"]) == 0

    found = {entry["requirement"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert list(found) == [f"BR-{number:03}" for number in range(1, 43)]
    assert found["BR-004"]["units"]["run"] > 0
    assert found["BR-004"]["examples"] >= sum(map(len, found["BR-004"]["scenarios"].values()))
    assert any(case["proved_by"] for case in found["BR-011"]["peers"])


def test_the_table_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["requirements"]) == 0
    assert "Round trip between clients" in capsys.readouterr().out


def test_the_page_is_written_and_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(requirements, "PAGE", tmp_path / "requirements.md")

    assert main(["requirements", "--check"]) == 1
    assert "acceptance requirements --write" in capsys.readouterr().err
    assert main(["requirements", "--write"]) == 0
    assert main(["requirements", "--check"]) == 0
    assert "### BR-042" in (tmp_path / "requirements.md").read_text()


def test_a_registry_of_peers_that_is_wrong_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = requirements.PEERS.read_text()
    wrong = tmp_path / "peers.yaml"
    wrong.write_text(text.replace("A reader with every training", "A reader with each training"))
    wrong.write_text(
        text.replace('A decision under \\"any of\\"', 'A decision under \\"some of\\"')
    )
    monkeypatch.setattr(requirements, "PEERS", wrong)

    assert main(["requirements"]) == 1
    assert "Was it renamed?" in capsys.readouterr().err


REQUIREMENT = Requirement("BR-001", "T", "S.", "Why.", "high", "policy_mismatch", "KAS", "x")


def case(*proved_by: str) -> PeerCase:
    reason = "" if proved_by else "Not ours."
    return PeerCase("theirs", "a case", "BR-001", proved_by, reason, "peers.yaml:1")


def test_gaps_are_told(make_unit: MakeUnit) -> None:
    unit = make_unit()
    requirement = REQUIREMENT
    peers = (Peer("theirs", "Theirs", "01234567", (case("One"), case())),)

    (nothing,) = coverage.of_requirements([requirement], [], peers)
    (partly,) = coverage.of_requirements([requirement], [unit.spec], peers, [unit])
    (whole,) = coverage.of_requirements([requirement], [unit.spec], (), [unit])

    assert unit.spec.requirement_ids == ("BR-001",)
    assert nothing.gap == "no scenario of ours"
    assert partly.gap == "1 of peers not proved by ours"
    assert whole.gap == ""
    assert whole.units == {"run": 1}
