"""What the audit says, and how it is known that it says no more."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.platform.audit import parse
from support.world.audit import Audit, Fence, Heard, expect_heard
from support.world.audited_actors import expect_actor
from support.world.audited_decisions import expect_decisions
from support.world.audited_keys import (
    KeyAccess,
    expect_of_document,
    expect_of_each,
    expect_particulars,
    of_document,
    of_envelopes,
)
from support.world.documents import Document
from support.world.world import World
from tests.platform.audit_lines import BINDING, LABEL, line
from tests.world.conftest import BINDING as DOCUMENT_BINDING
from tests.world.conftest import tdf

KEY = KeyAccess("report", "policy-1", BINDING, "r1", (LABEL,))
SECONDS = 0.05


def heard(*lines: bytes, doubt: str = "") -> Heard:
    return Heard(tuple(record for text in lines if (record := parse(text))), doubt)


def audit_of(path: Path, *fences: Fence) -> Audit:
    def of(name: str) -> Sequence[Fence]:
        assert name == "default"
        return fences

    return Audit({"default": path}, of, SECONDS)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "platform.log"
    path.touch()
    return path


def writes(path: Path, request_id: str) -> Fence:
    def fence() -> str:
        with path.open("ab") as file:
            file.write(line(request_id=request_id))
        return request_id

    return fence


def test_silence_is_known_once_the_record_of_a_later_call_is_there(log: Path) -> None:
    said = audit_of(log, writes(log, "fence")).hear()
    assert [record.request_id for record in said.records] == ["fence"]
    assert said.doubt == ""


def test_where_one_kind_of_call_leaves_no_record_another_is_tried(log: Path) -> None:
    assert audit_of(log, lambda: "never", writes(log, "fence")).hear().doubt == ""


def test_silence_without_the_record_of_a_later_call_is_doubted(log: Path) -> None:
    said = audit_of(log, lambda: "never").hear()
    assert "records of earlier calls may be missing" in said.doubt


def test_what_is_said_in_spite_of_a_doubt_is_no_proof() -> None:
    expect_heard("It", heard(), "nothing", "nothing")
    with pytest.raises(EnvironmentUnfitError, match="who knows"):
        expect_heard("It", heard(doubt="who knows"), "nothing", "nothing")
    with pytest.raises(AssertionError):
        expect_heard("It", heard(doubt="who knows"), "nothing", "released")


def test_without_a_log_nobody_knows_what_the_audit_says() -> None:
    with pytest.raises(EnvironmentUnfitError, match="@needs:audit-log"):
        Audit({}, lambda _: ()).hear()


def test_each_key_is_compared_with_its_records() -> None:
    said = heard(line(), line(result="error"))
    found = expect_of_each(said, [KEY], ["request-1"], {"report": "released, withheld"})
    expect_particulars(found)
    with pytest.raises(AssertionError, match="released, withheld"):
        expect_of_each(said, [KEY], [], {"report": "nothing"})
    with pytest.raises(AssertionError, match="nothing"):
        expect_of_each(heard(), [KEY], [], {"report": "released"})


def test_a_record_of_the_same_request_that_is_about_no_envelope_is_noticed() -> None:
    other = line(eventMetaData={"policyBinding": "another"})
    with pytest.raises(AssertionError, match="no such envelope"):
        expect_of_each(heard(other), [KEY], ["request-1"], {"report": "nothing"})


@pytest.mark.parametrize(
    "changed",
    [
        {"eventMetaData": {"policyBinding": BINDING, "algorithm": "rsa:2048", "keyID": "r1"}},
        {"object": {"type": "key_object", "id": "policy-1", "attributes": {"attrs": []}}},
        {"clientInfo": {"platform": "policy"}},
    ],
)
def test_particulars_that_are_missing_are_noticed(changed: dict[str, Any]) -> None:
    record = parse(line(**changed))
    assert record is not None
    with pytest.raises(AssertionError, match="The record of the key of report"):
        expect_particulars(((KEY, record),))


def test_particulars_of_no_record_prove_nothing() -> None:
    with pytest.raises(AssertionError):
        expect_particulars(())


def test_the_keys_of_a_document_are_counted() -> None:
    document = Document(b"", tdf())
    (key,) = of_document(document)
    assert (key.policy_id, key.binding) == ("policy-of-a-test", DOCUMENT_BINDING)
    subject = {"type": "key_object", "id": key.policy_id, "attributes": {"attrs": []}}
    record = line(object=subject, eventMetaData={"policyBinding": DOCUMENT_BINDING})
    expect_of_document(heard(record), document, "released once")
    expect_of_document(heard(*[record] * 2), document, "released twice")
    expect_of_document(heard(*[record] * 5), document, "released 5 times")
    expect_of_document(heard(), document, "neither released nor withheld")
    for wrong in ("released twice", "withheld once", "neither released nor withheld"):
        with pytest.raises(AssertionError):
            expect_of_document(heard(record), document, wrong)
    with pytest.raises(SpecificationError, match="Known: released once"):
        expect_of_document(heard(record), document, "given away")


def decision(*results: dict[str, object], result: str = "success") -> bytes:
    return line("decision", result, done="read", eventMetaData={"resource_decisions": results})


def about(document: str, *, lacking: Sequence[str] = (), passed: bool = True) -> dict[str, object]:
    failures = [{"action": "read", "attribute_value": fqn} for fqn in lacking] or None
    return {
        "resource_id": document,
        "passed": passed,
        "entitled": passed,
        "data_rule_results": [{"passed": not lacking, "entitlement_failures": failures}],
        "required_obligation_value_fqns": ["https://a.example/obl/drm/value/watermark"],
    }


def row(document: str, verdict: str, reason: str, **further: str) -> dict[str, str]:
    return {
        "document": document,
        "decision": verdict,
        "overall": verdict,
        "reason": reason,
        **further,
    }


def test_a_decision_is_told_with_its_reason_and_obligations() -> None:
    said = heard(decision(about("report")))
    wanted = row("report", "permit", "entitled")
    expect_decisions(said, "request-1", [wanted])
    expect_decisions(said, "request-1", [{**wanted, "obligations": "watermark"}])
    for wrong in (row("report", "deny", "entitled"), {**wanted, "obligations": "nothing"}):
        with pytest.raises(AssertionError):
            expect_decisions(said, "request-1", [wrong])
    with pytest.raises(AssertionError):
        expect_decisions(said, "another request", [wanted])


def test_a_denial_names_what_was_lacking() -> None:
    said = heard(decision(about("report", lacking=[LABEL], passed=False), result="failure"))
    expect_decisions(said, "request-1", [row("report", "deny", "lacks apollo")])
    unknown = {**about("report", passed=False), "data_rule_results": None}
    said = heard(decision(unknown, result="failure"))
    expect_decisions(said, "request-1", [row("report", "deny", "unknown label")])
    said = heard(decision(about("report", passed=False), result="failure"))
    expect_decisions(said, "request-1", [row("report", "deny", "not entitled")])


def test_a_decision_of_another_shape_is_an_error() -> None:
    with pytest.raises(EnvironmentUnfitError, match="unexpected shape"):
        expect_decisions(heard(decision({"passed": True})), "request-1", [])


def names(role: str) -> tuple[str, ...]:
    return (f"client-{role}", f"subject-{role}")


@pytest.mark.parametrize(
    "actor", ["client-standard", "subject-standard", "jwtentity-1-clientid-client-standard"]
)
def test_the_actor_may_be_called_by_client_subject_or_entity(actor: str) -> None:
    said = heard(line(actor={"id": actor}))
    expect_actor(said, "the key request", "the reader", names, ["request-1"])


@pytest.mark.parametrize("actor", ["", "the auditor", "client-admin"])
def test_another_actor_is_noticed(actor: str) -> None:
    said = heard(line(actor={"id": actor}))
    with pytest.raises(AssertionError, match="Whom the audit names"):
        expect_actor(said, "the key request", "the reader", names, ["request-1"])


def test_no_record_names_nobody() -> None:
    said = heard(line(actor={"id": "client-standard"}))
    with pytest.raises(AssertionError):
        expect_actor(said, "the decision", "the reader", names, ["request-1"])
    with pytest.raises(AssertionError):
        expect_actor(said, "the key request", "the reader", names, ["another"])
    with pytest.raises(SpecificationError):
        expect_actor(said, "the weather", "the reader", names, [])


def test_a_world_hears_its_own_key_requests(world: World) -> None:
    world.envelopes.make("report", "nothing")
    world.envelopes.open(world.reader_token)
    keys = of_envelopes(world.envelopes.by_name)
    said = world.audit.hear()
    expect_particulars(expect_of_each(said, keys, world.key_requests, {"report": "released"}))


def test_a_world_without_decisions_cannot_speak_of_their_records(world: World) -> None:
    with pytest.raises(SpecificationError, match="no step before it asked"):
        _ = world.last_decision_request
