"""What a platform has to show before it counts as up: against small servers that show less."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError, StackError
from support.services.locator import Credentials
from support.services.secret import Secret
from support.stack.components import platform
from support.stack.components.readiness import Probe

ADMIN = Credentials("opentdf", Secret("hidden-value"))
GOOD = {"/token": (200, {"access_token": "t"}), "ListNamespaces": (200, {})}
Serve = Callable[..., str]
Script = Callable[[str, str], Path]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve answers by the end of the path, at a clock that is off by some seconds."""
    servers: list[tuple[HTTPServer, threading.Thread]] = []

    def start(answers: dict[str, tuple[int, object]], ahead: float = 0) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                found = [a for end, a in answers.items() if self.path.endswith(end)]
                status, body = found[0] if found else (404, {})
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def date_time_string(self, timestamp: float | None = None) -> str:
                now = datetime.fromtimestamp(timestamp, UTC) if timestamp else datetime.now(UTC)
                return format_datetime(now + timedelta(seconds=ahead), usegmt=True)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def lacking(url: str) -> str:
    return Probe().policy(url, f"{url}/token", ADMIN)


def test_one_that_gives_tokens_and_reads_its_policy_serves(serve: Serve) -> None:
    assert lacking(serve(GOOD)) == ""


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"/token": (401, {"error": "invalid_client"})}, "a token for opentdf: HTTP 401"),
        ({"/token": (200, {"no": "token"})}, "a token for opentdf: HTTP 200"),
        ({**GOOD, "ListNamespaces": (500, {"code": "internal"})}, "the policy: HTTP 500"),
        ({**GOOD, "ListNamespaces": (401, {})}, "the policy: HTTP 401"),
    ],
)
def test_one_that_shows_less_lacks_it(
    serve: Serve, answers: dict[str, tuple[int, object]], said: str
) -> None:
    missing = lacking(serve(answers))

    assert said in missing
    assert "hidden-value" not in missing


@pytest.mark.parametrize("ahead", [-120.0, 45.0])
def test_a_clock_that_is_off_is_told_with_both_times(serve: Serve, ahead: float) -> None:
    with pytest.raises(StackError, match=r"clock of .* is off: .*there, .*here.*time server"):
        lacking(serve(GOOD, ahead))


def test_a_clock_that_is_nearly_right_is_right(serve: Serve) -> None:
    assert lacking(serve(GOOD, 10.0)) == ""


def test_a_published_key_is_a_key_and_a_name(serve: Serve) -> None:
    key, missing = Probe().public_key(serve({"PublicKey": (200, {"publicKey": "p", "kid": "r1"})}))
    assert key is not None
    assert (key.kid, missing) == ("r1", "")

    assert "a public key: HTTP 500" in Probe().public_key(serve({"PublicKey": (500, {})}))[1]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("echo 0.25.0", ""),
        ("echo opentdf v1; exit 1", "is no OpenTDF platform"),
        ("printf 'a\\nb\\n0.1.0\\n'", "is no OpenTDF platform"),
        ("echo unknown command; exit 0", "is no OpenTDF platform"),
    ],
)
def test_a_binary_that_is_another_program_is_told(script: Script, body: str, said: str) -> None:
    path = script("opentdf-platform", body)

    if not said:
        assert platform.check(path, "x").version == "0.25.0"
        return
    with pytest.raises(ConfigurationError, match=f"{said}.*Expected a version") as caught:
        platform.check(path, "environment OPENTDF_PLATFORM_BIN")
    assert "OPENTDF_PLATFORM_BIN" in str(caught.value)


def test_a_binary_that_is_not_there_or_cannot_be_run_is_told(tmp_path: Path) -> None:
    plain = tmp_path / "opentdf-platform"
    with pytest.raises(ConfigurationError, match="there is no platform binary"):
        platform.check(plain, "x")

    plain.write_text("not a program")
    with pytest.raises(ConfigurationError, match=r"runs here: .*OPENTDF_PLATFORM_BIN"):
        platform.check(plain, "x")
    plain.chmod(0o755)
    plain.write_bytes(b"\x7fELF")
    with pytest.raises(ConfigurationError, match=r"runs here: .*OPENTDF_PLATFORM_BIN"):
        platform.check(plain, "x")
