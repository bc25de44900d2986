import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from support.evidence import sealing
from support.evidence.comparison import normalized
from support.evidence.signing_key import SigningKey, public_pem
from tests.conftest import MakeUnit
from tests.evidence.test_recovery import run
from tools.cli.__main__ import main

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def sealed(tmp_path: Path, now: datetime, make_unit: MakeUnit) -> Path:
    folder = tmp_path / "artifacts" / "run"
    run(folder, now, [make_unit(f"Unit {number}") for number in range(2)])
    sealing.attest(folder, SigningKey(KEY, configured=True), None)
    return folder


def told(capfd: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    code = main(["evidence", *map(str, arguments)])
    captured = capfd.readouterr()
    return code, captured.out + captured.err


def test_a_whole_run_verifies(
    sealed: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pem = tmp_path / "key.pem"
    pem.write_text(public_pem(KEY.public_key()))

    code, text = told(capfd, "verify", sealed, "--key", pem)

    assert (code, text.split(" is whole")[0]) == (0, "VERIFIED: run")


def test_an_altered_run_does_not_verify(sealed: Path, capfd: pytest.CaptureFixture[str]) -> None:
    next(sealed.rglob("*-output.txt")).unlink()

    code, text = told(capfd, "verify", sealed)
    _, data = told(capfd, "verify", sealed, "--json")

    assert code == 1
    assert text.count("PROBLEM  ") == 1
    assert "BROKEN: 1 problem(s) in run" in text
    assert len(json.loads(data)["problems"]) == 1


def test_a_run_and_its_units_are_shown(sealed: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _, whole = told(capfd, "show", sealed)
    _, unit = told(capfd, "show", sealed, "--unit", "unit-1")
    code, unknown = told(capfd, "show", sealed, "--unit", "nothing")

    assert "units      2 passed" in whole
    assert "step       passed     0.25 s  Given a document" in unit
    assert (code, "no unit's id contains 'nothing'" in unknown) == (2, True)


def test_a_file_is_printed_or_kept(
    sealed: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    name = next(sealed.rglob("*-output.txt")).relative_to(sealed)

    code, text = told(capfd, "open", sealed, name)
    told(capfd, "open", sealed, name, "--to", tmp_path / "kept")
    several, _ = told(capfd, "open", sealed, "output.txt")

    assert (code, text, several) == (0, "printed", 2)
    assert (tmp_path / "kept").read_text() == "printed"


def test_runs_that_tell_the_same_do_not_differ(
    sealed: Path, now: datetime, make_unit: MakeUnit, capfd: pytest.CaptureFixture[str]
) -> None:
    other, fewer = sealed.with_name("other"), sealed.with_name("fewer")
    units = [make_unit(f"Unit {number}") for number in range(2)]
    run(other, now + timedelta(days=1), units)
    run(fewer, now, units[:1])

    same = told(capfd, "diff", sealed, other)
    code, text = told(capfd, "diff", sealed, fewer)

    assert same == (0, "The two runs do not differ.\n")
    assert code == 1
    assert "the run: plan_digest" in text
    assert "only in run" in text


def test_a_difference_is_told_by_its_place(
    sealed: Path, now: datetime, make_unit: MakeUnit, capfd: pytest.CaptureFixture[str]
) -> None:
    other = sealed.with_name("other")
    run(other, now, [make_unit(f"Unit {number}") for number in range(2)])
    path = next(other.rglob("*-evidence.json"))
    record = json.loads(path.read_text())
    record["steps"][0]["status"] = "failed"
    path.write_text(json.dumps(record))

    code, text = told(capfd, "diff", sealed, other)

    assert code == 1
    assert "steps: 1: 3: 'passed' against 'failed'" in text


@pytest.mark.parametrize("action", ["verify", "show", "recover"])
def test_no_run_is_wrong_use(
    tmp_path: Path, action: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code, text = told(capfd, action, tmp_path / "none")

    assert (code, "no such run" in text) == (2, True)


def test_a_run_that_was_cut_short_is_made_whole(
    sealed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ACCEPTANCE_BUILD", str(tmp_path / "build"))
    (sealed / "attestation.json").unlink()
    next(sealed.rglob("*-evidence.json")).unlink()

    code, text = told(capfd, "recover", sealed)

    assert (code, "1 record(s) made, and sealed" in text) == (0, True)
    assert told(capfd, "verify", sealed)[0] == 0


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("at 2026-03-04T05:06:07.89Z", "at <time>"),
        ("http://localhost:44975/kas", "http://localhost:<port>/kas"),
        ("/tmp/acceptance-unit-abc_1/x.tdf", "<folder>/x.tdf"),  # noqa: S108 -- a text
        ("/a/b/go/dist/v1/cli.sh encrypt", "<SDKs>/go/dist/v1/cli.sh encrypt"),
        ("process 4711 ended after 1.5 s", "process <process> ended after <duration>"),
        ("ff0099aa-ns", "<hex>-ns"),
        ("exit code 1, 12 of 13", "exit code 1, 12 of 13"),
    ],
)
def test_what_differs_between_any_two_runs_is_left_out(text: str, plain: str) -> None:
    assert normalized(text) == plain
