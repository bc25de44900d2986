"""The registry of peers: what it may say, and that what it says is still there."""

from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT
from support.planning.forecast import read_documents
from support.specs import peers, reader, requirements

PEERS = """\
peers:
  - id: theirs
    title: Theirs
    version: 0123456789abcdef
    cases:
      - case: opens
        requirement: BR-001
        proved_by: [A reader opens it]
      - case: starts
        reason: It tests itself.
"""


def loaded(folder: Path, text: str) -> tuple[peers.Peer, ...]:
    path = folder / "peers.yaml"
    path.write_text(text)
    return peers.load(path)


def test_a_case_is_proved_or_has_a_reason(tmp_path: Path) -> None:
    (peer,) = loaded(tmp_path, PEERS)

    assert [(case.name, case.proved_by, case.reason) for case in peer.cases] == [
        ("opens", ("A reader opens it",), ""),
        ("starts", (), "It tests itself."),
    ]
    assert peers.problems((peer,), {"A reader opens it"}, {"BR-001"}) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        reason: It tests itself.\n", ""),
        (
            "        reason: It",
            "        requirement: BR-002\n        proved_by: [x]\n        reason: It",
        ),
        ("        requirement: BR-001\n", ""),
        ("case: starts", "case: opens"),
        ("proved_by: [A reader opens it]", "proved_by: []"),
        ("version: 0123456789abcdef", "version: latest"),
    ],
)
def test_what_it_must_not_say_is_told_with_its_place(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(ConfigurationError, match=r"peers\.yaml:\d+"):
        loaded(tmp_path, PEERS.replace(old, new))


def test_a_scenario_that_was_renamed_and_an_unknown_requirement_are_told(tmp_path: Path) -> None:
    found = loaded(tmp_path, PEERS)

    renamed, unknown = (
        peers.problems(found, {"A reader opens them"}, {"BR-001"}),
        peers.problems(found, {"A reader opens it"}, {"BR-002"}),
    )

    assert 'no such scenario. Did you mean "A reader opens them"?' in renamed[0]
    assert "BR-001, which is no requirement" in unknown[0]


def test_the_shipped_registry_names_scenarios_that_are_there() -> None:
    registry = requirements.load(ROOT / "features" / "requirements.yaml")
    shipped = peers.load(ROOT / "features" / "peers.yaml")

    assert {peer.id: len(peer.cases) for peer in shipped} == {"tests-bdd": 99, "xtest": 103}
    documents = read_documents(ROOT / "features")
    scenarios = {name for document in documents for name in reader.scenario_names(document)}
    assert peers.problems(shipped, scenarios, {entry.id for entry in registry}) == ()
