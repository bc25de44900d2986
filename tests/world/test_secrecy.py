"""That no secret stands in a log."""

import base64
from pathlib import Path

import pytest

from support.foundation.errors import EnvironmentUnfitError
from support.platform.envelope import Envelope
from support.world.documents import Document
from support.world.secrecy import expect_no_secret_in_logs, secrets_of

KEY = bytes(range(100, 132))
CONTENT = b"A note that nobody else has written: 0123456789abcdef\n"
SIGNATURE = "c2lnbmF0dXJlIG9mIGEgdG9rZW4"


def secrets() -> list[str]:
    envelope = Envelope(KEY, "", b"", "", "", "")
    return secrets_of(
        {"report": envelope}, [Document(CONTENT, b"")], [f"a.b.{SIGNATURE}"], ["secret", "s" * 20]
    )


@pytest.mark.parametrize(
    "leak",
    [
        KEY.hex(),
        base64.b64encode(KEY).decode(),
        CONTENT.decode(),
        f"Bearer a.b.{SIGNATURE}",
        "s" * 20,
        "-----BEGIN RSA PRIVATE KEY-----",
    ],
)
def test_a_secret_in_a_log_is_found_and_not_repeated(tmp_path: Path, leak: str) -> None:
    log = tmp_path / "platform.log"
    log.write_text(f"level=INFO msg={leak}\n")
    with pytest.raises(AssertionError, match=r"The log platform\.log reveals a secret") as caught:
        expect_no_secret_in_logs([log], secrets())
    assert leak.strip() not in str(caught.value)


def test_a_log_without_secrets_is_accepted(tmp_path: Path) -> None:
    log = tmp_path / "platform.log"
    log.write_bytes(b"level=INFO msg=secret \xff\n")
    expect_no_secret_in_logs([log, tmp_path / "none.log"], secrets())


def test_logs_that_cannot_be_read_prove_nothing(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnfitError, match="@needs:audit-log"):
        expect_no_secret_in_logs([tmp_path / "none.log"], secrets())
