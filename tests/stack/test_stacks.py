import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from support.embedded.options import OPTIONS
from support.foundation.errors import ConfigurationError, StackError
from support.foundation.http import HttpSession
from support.foundation.settings import Settings
from support.foundation.waiting import wait_until
from support.services.locator import SignIn
from support.services.secret import Secret
from support.services.secret_store import EnvironmentSecrets, SecretStore
from support.stack import embedded, manager, remote
from support.stack.running import RunningStack
from tests.stack.conftest import Descriptor

CREDENTIALS = {
    "ACCEPTANCE_ADMIN_CLIENT_ID": "opentdf",
    "ACCEPTANCE_ADMIN_CLIENT_SECRET": "hidden-value",
    "ACCEPTANCE_STANDARD_CLIENT_ID": "opentdf-sdk",
    "ACCEPTANCE_STANDARD_CLIENT_SECRET": "other-value",
}


def stored(environment: dict[str, str]) -> tuple[Settings, SecretStore]:
    """Settings, and the secrets that they lead to."""
    settings = Settings({}, environment)
    return settings, SecretStore([EnvironmentSecrets(settings)])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningStack]:
    """An embedded platform of this test's own."""
    stack = embedded.start_for_run(tmp_path / "stack")
    yield stack
    stack.stop()


def test_a_started_platform_serves_and_keeps_no_secret_on_disk(
    running: RunningStack, tmp_path: Path
) -> None:
    response = HttpSession().request("GET", f"{running.services.platform_url}/healthz")

    assert response.ok
    assert running.problem() == ""
    assert set(running.services.roles) >= {"admin", "standard", "unprivileged", "expired"}
    for path in (tmp_path / "stack").rglob("*"):
        for secret in running.services.secrets():
            assert secret not in path.read_text()


def test_two_platforms_have_different_secrets(running: RunningStack, tmp_path: Path) -> None:
    other = embedded.start_for_run(tmp_path / "other")
    other.stop()

    assert not set(other.services.secrets()) & set(running.services.secrets())


def test_a_platform_that_dies_is_noticed_with_its_exit_code(running: RunningStack) -> None:
    os.kill(int(running.how.rsplit(" ", 1)[1]), signal.SIGKILL)

    problem = wait_until(running.problem, what="the death to be noticed", time_limit_seconds=10)

    assert "stopped with exit code -9" in problem
    assert "platform.log" in problem


def test_an_unknown_fault_is_told_by_the_platform_itself(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="skip-policy-bindng"):
        embedded.start_for_run(tmp_path / "stack", ["skip-policy-bindng"])


def test_a_known_fault_is_in_the_services(tmp_path: Path) -> None:
    settings = Settings({"fault": "skip-policy-binding"}, {})
    stack = manager.bring_up("embedded", settings, tmp_path / "stack")
    stack.stop()

    assert stack.services.faults == ("skip-policy-binding",)


def test_a_named_descriptor_is_used_as_it_is(
    content: Descriptor, write_descriptor: Callable[[object], Path], tmp_path: Path
) -> None:
    settings = Settings({"stack_descriptor": str(write_descriptor(content))}, {})

    stack = manager.bring_up("embedded", settings, tmp_path / "stack")

    assert stack.services.platform_url == "http://localhost:1"
    assert "--define stack_descriptor" in stack.how
    assert stack.problem() == ""
    stack.stop()  # does nothing to a stack that was there before


class Platform(BaseHTTPRequestHandler):
    answer: bytes = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        pass


@pytest.fixture
def answering() -> Iterator[Callable[[object], str]]:
    """Serve one JSON answer to every GET, and return the address."""
    servers: list[tuple[HTTPServer, threading.Thread]] = []

    def serve(value: object) -> str:
        handler = type("Handler", (Platform,), {"answer": json.dumps(value).encode()})
        httpd = HTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
        thread.start()
        servers.append((httpd, thread))
        return f"http://127.0.0.1:{httpd.server_port}"

    yield serve
    for httpd, thread in servers:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def test_a_remote_platform_is_adopted_by_url_and_credentials(
    answering: Callable[[object], str], tmp_path: Path
) -> None:
    url = answering({"idp": {"issuer": "http://i", "token_endpoint": "http://i/token"}})
    settings = Settings({"platform_url": url + "/"}, CREDENTIALS)

    stack = manager.bring_up("remote", settings, tmp_path)

    assert stack.services.platform_url == url
    assert stack.services.kas_urls == {"default": f"{url}/kas"}
    assert stack.services.token_endpoint == "http://i/token"
    assert set(stack.services.roles) == {"admin", "standard"}
    assert not any(tmp_path.iterdir())


SECOND = "ACCEPTANCE_STANDARD_CLIENT_SECRET"


@pytest.mark.parametrize("missing", ["ACCEPTANCE_ADMIN_CLIENT_ID", SECOND])
def test_missing_credentials_are_told_by_name(missing: str) -> None:
    environment = {name: value for name, value in CREDENTIALS.items() if name != missing}

    with pytest.raises(ConfigurationError, match=f"{missing} is not set"):
        remote.credentials(*stored(environment))


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        ({"idp": {}}, ConfigurationError, "ACCEPTANCE_TOKEN_ENDPOINT"),
        (["no platform"], StackError, "Expected the JSON of an OpenTDF platform"),
    ],
)
def test_what_is_no_platform_is_told(
    answering: Callable[[object], str], answer: object, error: type[Exception], message: str
) -> None:
    settings = Settings({"platform_url": answering(answer)}, CREDENTIALS)

    with pytest.raises(error, match=message):
        remote.adopt(settings)


@pytest.mark.parametrize("address", ["notaurl", "ftp://x", "http://", "localhost:8080"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(ConfigurationError, match=f'ACCEPTANCE_PLATFORM_URL is "{address}"'):
        remote.adopt(Settings({"platform_url": address}, CREDENTIALS))


def test_a_fault_on_a_remote_stack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="embedded platform alone"):
        manager.bring_up("remote", Settings({"fault": "ignore-hierarchy"}, CREDENTIALS), tmp_path)


TOKENS = ("expired-token", "foreign-audience-token", "foreign-issuer-token")


def test_what_a_stack_can_serve_is_known_before_it_is_up() -> None:
    assert set(manager.features("embedded", Settings({}, {}))) == {
        *OPTIONS,
        *TOKENS,
        manager.AUDIT_LOG,
        manager.INACTIVE_DEFINITIONS,
        manager.GOLDEN_KEYS,
    }
    assert manager.features("none", Settings({}, {})) == ()
    assert manager.features("remote", Settings({}, {})) == ()
    for feature in TOKENS:
        role = feature.removesuffix("-token").replace("-", "_").upper()
        set_up = {f"ACCEPTANCE_{role}_CLIENT_ID": "c"}
        assert manager.features("remote", Settings({}, set_up)) == (feature,)


@pytest.mark.parametrize("stack", ["keycloak", "processes", "compose"])
def test_a_keycloak_issues_no_token_that_has_expired(stack: str) -> None:
    found = manager.features(stack, Settings({}, {}))

    assert set(TOKENS) - set(found) == {"expired-token"}


@pytest.mark.parametrize("stack", ["keycloak", "processes", "compose"])
def test_only_a_platform_of_our_own_has_a_clock_of_its_own(stack: str) -> None:
    assert "own-clock" in manager.features("embedded", Settings({}, {}))
    assert "own-clock" not in manager.features(stack, Settings({}, {}))


@pytest.mark.parametrize(
    ("stack", "maintained"),
    [("embedded", True), ("processes", True), ("keycloak", False), ("compose", False)],
)
def test_scenarios_may_restart_what_keeps_all_it_has(stack: str, *, maintained: bool) -> None:
    assert ("maintenance" in manager.features(stack, Settings({}, {}))) is maintained


def test_options_of_an_adopted_platform_are_those_that_settings_name() -> None:
    settings = Settings({"stack_options": "ec-wrapping,several-kas"}, {})

    assert manager.features("remote", settings) == ("several-kas", "ec-wrapping")
    with pytest.raises(ConfigurationError, match=r'"ec-wraping".*mean "ec-wrapping"'):
        manager.features("remote", Settings({"stack_options": "ec-wraping"}, {}))


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ()),
        ({"ACCEPTANCE_PEOPLE": "alice"}, ()),
        ({"ACCEPTANCE_PEOPLE": "carol, bob,alice"}, ("people",)),
        ({"ACCEPTANCE_PEOPLE_CLIENT_ID": "c"}, ()),
        (
            {"ACCEPTANCE_PEOPLE": "alice,bob", "ACCEPTANCE_PEOPLE_CLIENT_ID": "c"},
            ("people", "people-tokens"),
        ),
    ],
)
def test_people_of_a_remote_stack_are_those_that_settings_name(
    environment: dict[str, str], expected: tuple[str, ...]
) -> None:
    settings = Settings({}, environment)

    assert manager.features("remote", settings, ["alice", "bob"]) == expected
    assert manager.features("remote", settings, []) == ()


def test_an_embedded_stack_serves_whatever_people_a_profile_has() -> None:
    found = manager.features("embedded", Settings({}, {}), ["alice"])

    assert found[-2:] == ("people", "people-tokens")


def test_people_sign_in_where_client_and_password_are_set() -> None:
    public = {"ACCEPTANCE_PEOPLE_CLIENT_ID": "c", "ACCEPTANCE_PEOPLE_PASSWORD": "of all of them"}

    assert remote.sign_in(*stored({})) is None
    assert remote.sign_in(*stored(public)) == SignIn("c", None, Secret("of all of them"))
    private = {**public, "ACCEPTANCE_PEOPLE_CLIENT_SECRET": "s"}
    assert remote.sign_in(*stored(private)) == SignIn("c", Secret("s"), Secret("of all of them"))
    with pytest.raises(ConfigurationError, match="ACCEPTANCE_PEOPLE_PASSWORD is not set"):
        remote.sign_in(*stored({"ACCEPTANCE_PEOPLE_CLIENT_ID": "c"}))


def test_a_started_platform_takes_people_in_with_a_secret_of_its_own(running: RunningStack) -> None:
    services = running.services

    assert services.control is not None
    assert services.control.url.startswith(services.platform_url)
    assert services.control.secret.reveal() in services.secrets()
    assert services.sign_in == SignIn("opentdf-sdk", services.credentials("standard").client_secret)


def test_roles_that_a_platform_may_lack_are_adopted_where_set() -> None:
    foreign = {
        "ACCEPTANCE_FOREIGN_ISSUER_CLIENT_ID": "f",
        "ACCEPTANCE_FOREIGN_ISSUER_CLIENT_SECRET": "s",
    }

    roles = remote.credentials(*stored({**CREDENTIALS, **foreign}))

    assert set(roles) == {"admin", "standard", "foreign_issuer"}
    assert roles["foreign_issuer"].client_id == "f"
