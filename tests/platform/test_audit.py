"""Reading audit records."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.errors import EnvironmentUnfitError
from support.platform.audit import AuditLog, parse
from tests.platform.audit_lines import BINDING, LABEL, line


def test_a_record_is_read_with_all_that_it_says() -> None:
    record = parse(line())
    assert record is not None
    assert (record.kind, record.action, record.result) == ("rewrap", "rewrap", "success")
    assert (record.object_type, record.object_id) == ("key_object", "policy-1")
    assert record.labels == (LABEL,)
    assert record.metadata["policyBinding"] == BINDING
    assert record.original is None


@pytest.mark.parametrize(
    "other",
    [b"", b"level=INFO msg=AUDIT\n", b'"AUDIT"\n', b'{"level":"INFO","msg":"AUDIT"}\n', b"\xff\n"],
)
def test_other_lines_of_a_log_are_no_records(other: bytes) -> None:
    assert parse(other) is None


@pytest.mark.parametrize(
    "broken",
    [
        line(object=None),
        line(action={}),
        line(original="a namespace"),
        b'{"level":"AUDIT","msg":"rewrap"}\n',
    ],
)
def test_a_record_of_another_shape_is_an_error_and_no_silence(broken: bytes) -> None:
    with pytest.raises(EnvironmentUnfitError, match="unexpected shape"):
        parse(broken)


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.text(), st.lists, max_leaves=5)))
def test_whatever_calls_itself_a_record_is_read_or_refused(content: dict[str, object]) -> None:
    text = json.dumps({"level": "AUDIT", "msg": "rewrap", "audit": content}).encode()
    with pytest.raises(EnvironmentUnfitError):
        parse(text)


def test_a_log_is_read_from_where_it_ended_and_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "platform.log"
    path.write_bytes(line(request_id="earlier"))
    log = AuditLog(path)
    assert log.records() == ()
    text = line(request_id="later")
    with path.open("ab") as file:
        file.write(b"time=now level=INFO\n" + text[:50])
        file.flush()
        assert log.records() == ()
        file.write(text[50:])
    assert [record.request_id for record in log.records()] == ["later"]
    assert len(log.records()) == 1


def test_a_log_that_was_begun_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "platform.log"
    path.write_bytes(line() * 3)
    log = AuditLog(path)
    path.write_bytes(line(request_id="anew"))
    assert [record.request_id for record in log.records()] == ["anew"]


def test_a_log_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnfitError, match="cannot be read"):
        AuditLog(tmp_path / "none.log").records()
