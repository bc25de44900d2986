"""`acceptance prove` on a few faults; all of them are tried in `make soak`."""

import json

import pytest

from support.foundation.documents import validator
from support.proving.trial import Verdict
from tools.cli import __main__ as cli

Captured = pytest.CaptureFixture[str]


@pytest.mark.timeout(240)
def test_faults_are_caught_by_units_of_their_requirement(capsys: Captured) -> None:
    names = ["ignore-hierarchy", "skip-policy-binding", "accept-expired-token"]

    code = cli.main(["prove", "--json", *(f"--fault={name}" for name in names)])

    printed = capsys.readouterr()
    assert code == 0, printed.err
    proof = json.loads(printed.out)
    assert not list(validator("proof").iter_errors(proof))
    caught = {fault["name"]: fault["caught_by"] for fault in proof["faults"]}
    assert sorted(caught) == sorted(names)
    assert all(units for units in caught.values())
    assert "units pass without a fault" in printed.err
    assert "3 of 3 faults caught" in printed.err


@pytest.mark.timeout(240)
def test_a_fault_that_no_unit_notices_makes_it_red(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("support.proving.prover.Prover.control", lambda _self, _faults: 0)
    monkeypatch.setattr(
        "support.proving.trial.attempt",
        lambda units, _defines, _fault: Verdict({units[0].id: ("passed", "")}, ""),
    )

    code = cli.main(["prove", "--fault", "ignore-hierarchy"])

    printed = capsys.readouterr().out
    assert code == 1
    assert "ignore-hierarchy: NOT CAUGHT, all 1 units passed" in printed
    assert "0 of 1 faults caught" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fault", "ignore-hierachy"], 'Did you mean "ignore-hierarchy"'),
        (["--requirement", "BR-999"], 'no fault of a requirement "BR-999"'),
        (["--define", "profile=smoke"], "the command names the profile itself"),
    ],
)
def test_what_is_asked_for_has_to_exist(capsys: Captured, arguments: list[str], said: str) -> None:
    assert cli.main(["prove", *arguments]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.soak
def test_every_fault_is_caught(capsys: Captured) -> None:
    code = cli.main(["prove", "--json"])

    printed = capsys.readouterr()
    assert code == 0, printed.err
