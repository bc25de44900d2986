"""Evidence that was tampered with is found out, and by which file."""

import base64
import json
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from support.evidence import envelope, sealing, signing_key
from support.evidence.sealing import ATTESTATION, PUBLIC_KEY, SEAL
from support.evidence.signing_key import SigningKey, public_pem
from support.evidence.verification import verify
from support.foundation.errors import ConfigurationError
from support.foundation.settings import Settings
from support.model.unit import Unit
from tests.conftest import MakeUnit
from tests.evidence.test_recovery import run

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))

Tamper = Callable[[Path], None]


@pytest.fixture
def sealed(tmp_path: Path, now: datetime, make_unit: MakeUnit) -> Path:
    """Return the folder of a sealed run of three units."""
    folder = tmp_path / "artifacts" / "run"
    run(folder, now, [make_unit(f"Unit {number}") for number in range(3)])
    sealing.attest(folder, SigningKey(KEY, configured=True), None)
    return folder


def records(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*-evidence.json"))


def change(path: Path, **members: Any) -> None:  # noqa: ANN401
    value = json.loads(path.read_text())
    path.write_text(json.dumps(value | members, indent=2))


def remove_record(folder: Path) -> None:
    records(folder)[0].unlink()


def remove_log(folder: Path) -> None:
    next(folder.rglob("*-output.txt")).unlink()


def add_record(folder: Path) -> None:
    value = json.loads(records(folder)[0].read_text()) | {"attempt": 2}
    (folder / "BR-001" / "more-evidence.json").write_text(json.dumps(value))


def add_file(folder: Path) -> None:
    (folder / "BR-001" / "note.txt").write_text("all is well")


def alter_status(folder: Path) -> None:
    change(records(folder)[0], status="failed", reason="it was not as it should")


def alter_log(folder: Path) -> None:
    path = next(folder.rglob("*-output.txt"))
    path.write_bytes(path.read_bytes()[:-1] + b"X")


def swap_records(folder: Path) -> None:
    first, second, _ = records(folder)
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)


def cut_record(folder: Path) -> None:
    path = records(folder)[0]
    path.write_bytes(path.read_bytes()[:100])


def empty_log(folder: Path) -> None:
    next(folder.rglob("*-commands.jsonl")).write_bytes(b"")


def drop_unit_from_plan(folder: Path) -> None:
    value = json.loads((folder / "plan.json").read_text())
    value["units"].pop()
    (folder / "plan.json").write_text(json.dumps(value))


def add_unit_to_plan(folder: Path) -> None:
    value = json.loads((folder / "plan.json").read_text())
    value["units"].append(value["units"][0] | {"unit_id": "one more"})
    (folder / "plan.json").write_text(json.dumps(value))


def reorder_seal(folder: Path) -> None:
    value = json.loads((folder / SEAL).read_text())
    change(folder / SEAL, entries=value["entries"][::-1])


def repeat_entry(folder: Path) -> None:
    entries = json.loads((folder / SEAL).read_text())["entries"]
    change(folder / SEAL, entries=[entries[0], *entries])


def drop_from_seal(folder: Path) -> None:
    path = records(folder)[0]
    entries = json.loads((folder / SEAL).read_text())["entries"]
    name = path.relative_to(folder).as_posix()
    change(folder / SEAL, entries=[each for each in entries if each["path"] != name])
    path.unlink()


def alter_with_seal(folder: Path) -> None:
    alter_log(folder)
    path = next(folder.rglob("*-output.txt")).relative_to(folder).as_posix()
    size, found = sealing.measured(folder, path)
    entries = json.loads((folder / SEAL).read_text())["entries"]
    mine = {"path": path, "kind": "file", "bytes": size, "sha256": found}
    change(folder / SEAL, entries=[mine if e["path"] == path else e for e in entries])


def remove_seal(folder: Path) -> None:
    (folder / SEAL).unlink()


def remove_attestation(folder: Path) -> None:
    (folder / ATTESTATION).unlink()


def spoil_attestation(folder: Path) -> None:
    (folder / ATTESTATION).write_text("{")


def other_payload_type(folder: Path) -> None:
    change(folder / ATTESTATION, payloadType="application/json")


def alter_payload(folder: Path) -> None:
    made = statement_of(folder)
    made["predicate"]["result"] = "WARNED"
    payload = base64.b64encode(json.dumps(made).encode()).decode()
    change(folder / ATTESTATION, payload=payload)


def statement_of(folder: Path) -> dict[str, Any]:
    payload = json.loads((folder / ATTESTATION).read_text())["payload"]
    made: dict[str, Any] = json.loads(base64.b64decode(payload))
    return made


def no_signature(folder: Path) -> None:
    change(folder / ATTESTATION, signatures=[])


def other_key(folder: Path) -> None:
    sealing.attest(folder, SigningKey(OTHER, configured=True), None)


def other_predicate(folder: Path) -> None:
    made = statement_of(folder) | {"predicateType": "https://slsa.dev/provenance/v1"}
    signed = envelope.sign(json.dumps(made).encode(), KEY)
    (folder / ATTESTATION).write_text(json.dumps(signed))


def claim_success(folder: Path) -> None:
    made = statement_of(folder)
    made["predicate"]["passedTests"].append("one more")
    signed = envelope.sign(json.dumps(made).encode(), KEY)
    (folder / ATTESTATION).write_text(json.dumps(signed))


def rename_record(folder: Path) -> None:
    path = records(folder)[0]
    path.rename(path.with_name("renamed-evidence.json"))


def link_record(folder: Path) -> None:
    path = records(folder)[0]
    elsewhere = folder.parent / "elsewhere.json"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def record_of_another_run(folder: Path) -> None:
    """Put in the record of another run, and seal all anew: only what is in it tells."""
    change(records(folder)[0], run_id="another")
    sealing.attest(folder, SigningKey(KEY, configured=True), None)


def duplicate_record(folder: Path) -> None:
    path = records(folder)[0]
    value = json.loads(path.read_text()) | {"reason": "once more"}
    path.with_name("again-evidence.json").write_text(json.dumps(value))
    sealing.attest(folder, SigningKey(KEY, configured=True), None)


def copy_record(folder: Path) -> None:
    path = records(folder)[0]
    shutil.copy(path, path.with_name("copy-evidence.json"))


def record_of_other_unit(folder: Path) -> None:
    change(records(folder)[0], unit_id="features/other.feature:one#default")
    sealing.attest(folder, SigningKey(KEY, configured=True), None)


def other_scenario(folder: Path) -> None:
    change(records(folder)[0], tags=["req:BR-001", "risk:low"])
    sealing.attest(folder, SigningKey(KEY, configured=True), None)


def against_schema(folder: Path) -> None:
    change(records(folder)[0], status="splendid")


def alter_run(folder: Path) -> None:
    value = json.loads((folder / "run.json").read_text())
    value["facts"]["commit_sha"] = "b" * 40
    (folder / "run.json").write_text(json.dumps(value))


def alter_journal(folder: Path) -> None:
    with (folder / "journal.jsonl").open("a") as file:
        file.write("{}\n")


TAMPERINGS: list[tuple[Tamper, str]] = [
    (remove_record, "it was removed: the seal lists this record"),
    (remove_log, "it was removed: the seal lists this file"),
    (add_record, "more-evidence.json: it was added: the seal does not list it"),
    (add_file, "note.txt: it was added"),
    (alter_status, "failedTests is not what the records say"),
    (alter_log, "output.txt: it was altered"),
    (swap_records, "it was exchanged: its content is that of"),
    (cut_record, "it was cut: 100 bytes of"),
    (empty_log, "commands.jsonl: it was cut: 0 bytes"),
    (drop_unit_from_plan, "is of a unit that was not planned"),
    (add_unit_to_plan, "one more: it was planned, and has no evidence"),
    (reorder_seal, "its entries are out of order"),
    (repeat_entry, "is listed 2 times"),
    (drop_from_seal, "it was altered: its entries do not have the root that was signed"),
    (alter_with_seal, "it was altered: its entries do not have the root"),
    (remove_seal, "seal.json: there is no such file"),
    (remove_attestation, "the run has no attestation"),
    (spoil_attestation, "attestation.json: Expecting property name"),
    (other_payload_type, "its payload type is 'application/json'"),
    (alter_payload, "the signature does not verify with the key"),
    (no_signature, "it names nobody"),
    (other_key, "signed with another key"),
    (other_predicate, "it states a https://slsa.dev/provenance/v1"),
    (claim_success, "passedTests is not what the records say"),
    (rename_record, "it was renamed to"),
    (link_record, "symbolic link"),
    (record_of_another_run, "is of another run: run_id differ(s)"),
    (duplicate_record, "a duplicate"),
    (copy_record, "it was added: a copy of"),
    (record_of_other_unit, "features/other.feature:one#default is of a unit that was not planned"),
    (other_scenario, "is not of what was planned"),
    (against_schema, 'status is "splendid"'),
    (alter_run, "commit_sha differ(s) from run.json"),
    (alter_journal, "journal.jsonl: it was altered"),
]


def test_a_sealed_run_verifies(sealed: Path) -> None:
    verdict = verify(sealed, KEY.public_key())

    assert not verdict.problems
    assert not verdict.notes
    assert (verdict.records, verdict.units) == (3, 3)


def test_nobody_vouches_for_a_key_beside_the_evidence(sealed: Path) -> None:
    verdict = verify(sealed)

    assert not verdict.problems
    assert "nobody vouches" in verdict.notes[0]


@pytest.mark.parametrize(
    ("tamper", "message"), TAMPERINGS, ids=[tamper.__name__ for tamper, _ in TAMPERINGS]
)
def test_each_kind_of_tampering_is_told(sealed: Path, tamper: Tamper, message: str) -> None:
    tamper(sealed)

    problems = verify(sealed, KEY.public_key()).problems

    assert any(message in problem for problem in problems), problems
    assert all("\n" not in problem for problem in problems)


def test_runs_are_chained_whatever_the_clock_does(
    tmp_path: Path, now: datetime, make_unit: MakeUnit
) -> None:
    settings = Settings({"build": str(tmp_path / "build"), "artifacts": str(tmp_path)}, {})
    units: list[Unit] = [make_unit("Unit")]
    for name, at in (("one", now), ("two", now - timedelta(days=1)), ("three", now)):
        run(tmp_path / name, at, units)
        sealing.seal(tmp_path / name, settings)
        sealing.seal(tmp_path / name, settings)  # once is enough

    assert not verify(tmp_path / "three").problems
    key = tmp_path / "build" / "evidence" / "signing-key.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    shutil.rmtree(tmp_path / "one")
    assert "one, is not here any more" in verify(tmp_path / "two").notes[-1]
    other_key(tmp_path / "two")
    assert "two, was attested anew" in verify(tmp_path / "three").problems[0]


def test_where_no_run_is_nothing_is_verified(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no run"):
        verify(tmp_path)


def test_a_configured_key_signs(tmp_path: Path) -> None:
    pem = tmp_path / "key.pem"
    pem.write_bytes(
        KEY.private_bytes(
            Encoding.PEM,
            PrivateFormat.PKCS8,
            NoEncryption(),
        )
    )
    pem.chmod(0o600)

    key = signing_key.of(Settings({"evidence_signing_key_file": str(pem)}, {}))

    assert key.configured
    assert public_pem(key.private.public_key()) == public_pem(KEY.public_key())


def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path) -> None:
    settings = Settings({}, {"ACCEPTANCE_EVIDENCE_SIGNING_KEY": "not-a-key"})
    with pytest.raises(ConfigurationError, match="no private key in PEM") as caught:
        signing_key.of(settings)
    assert "not-a-key" not in str(caught.value)
    (tmp_path / PUBLIC_KEY).write_text("nothing")
    with pytest.raises(ConfigurationError, match="no public key"):
        signing_key.public_key(tmp_path / PUBLIC_KEY)
