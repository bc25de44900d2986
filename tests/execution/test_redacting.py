import io
from pathlib import Path

import pytest

from support.execution.redacting import RedactedOutput, redact_exception, redact_files
from support.foundation.redaction import Redactor
from support.foundation.settings import Settings
from support.services.redacting import redactor_of, shown

REDACTOR = Redactor(["the-canary-1"])


class OddError(Exception):
    def __str__(self) -> str:
        return "always the-canary-1"


def test_output_is_redacted_and_otherwise_the_stream_itself() -> None:
    stream = io.StringIO()
    output = RedactedOutput(stream, REDACTOR)

    written = output.write("saw the-canary-1\n")
    output.writelines(["a ", "the-canary-1"])

    assert written == len("saw the-canary-1\n")
    assert output.getvalue() == "saw [redacted: secret]\na [redacted: secret]"
    assert not output.isatty()


def test_an_exception_keeps_its_type_and_loses_the_secret() -> None:
    plain, telling = ValueError("nothing"), ValueError("saw the-canary-1", 7)

    assert redact_exception(plain, REDACTOR) is plain
    assert redact_exception(telling, REDACTOR) is telling
    assert telling.args == ("saw [redacted: secret]", 7)


def test_an_exception_with_words_of_its_own_is_shown_by_another_of_its_name() -> None:
    odd = redact_exception(OddError(), REDACTOR)

    assert (type(odd).__name__, str(odd)) == ("OddError", "always [redacted: secret]")


def test_files_are_redacted_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    log = tmp_path / "below" / "platform.log"
    log.write_bytes(b"\xff the-canary-1\n" * 100_000)

    redact_files(tmp_path, REDACTOR)

    assert log.read_bytes() == b"\xff [redacted: secret]\n" * 100_000
    assert list(tmp_path.rglob("*.part")) == []


def test_a_redactor_knows_the_secrets_of_the_environment(tmp_path: Path) -> None:
    patterns = tmp_path / "patterns"
    patterns.write_text("badge: BADGE-[0-9]{4}")
    environment = {
        "ACCEPTANCE_VAULT_TOKEN": "canary-of-the-vault",
        "ACCEPTANCE_PLATFORM_PROXY": "http://me:canary-of-proxy@127.0.0.1:1",
        "ACCEPTANCE_RUN_ID": "a-run-of-ours",
        "OTHER": "canary-of-others",
    }

    redactor = redactor_of(Settings({"redact_patterns": str(patterns)}, environment))

    clean = redactor.text("canary-of-the-vault canary-of-proxy a-run-of-ours BADGE-1234")
    assert clean == "[redacted: secret] [redacted: secret] a-run-of-ours [redacted: badge]"


def test_a_last_message_is_shown_even_if_settings_are_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ACCEPTANCE_JIRA_SECRET", "canary-of-jira")
    assert shown("saw canary-of-jira") == "saw [redacted: secret]"

    monkeypatch.setenv("ACCEPTANCE_NOBODY_KNOWS", "x")
    assert shown("http://me:canary@x") == "http://me:[redacted: password]@x"
