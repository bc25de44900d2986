"""An embedded platform for all tests of this room, and a session that answers from a script."""

from collections.abc import Iterator, Mapping

import pytest

from support.foundation.http import HttpSession, Response
from support.platform.connect import ConnectClient
from support.platform.identity import Identity
from support.platform.policy import PolicyAuthor
from support.services.locator import Credentials, Services
from support.services.secret import Secret
from support.stack.embedded import start_for_run


class ScriptedHttp(HttpSession):
    """Answers requests in the order of a script, and remembers them."""

    def __init__(self, *answers: Response) -> None:
        super().__init__()
        self._answers = list(answers)
        self.requests: list[tuple[str, str, Mapping[str, str], str]] = []

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | str = b"",
    ) -> Response:
        text = body.decode() if isinstance(body, bytes) else body
        self.requests.append((method, url, dict(headers or {}), text))
        return self._answers.pop(0)


def answer(status: int, body: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a scripted answer."""
    return Response(status, headers or {}, body.encode())


def scripted(body: str, status: int = 200) -> ConnectClient:
    """Return a client that gets one answer."""
    return ConnectClient(ScriptedHttp(answer(status, body)), "http://platform")


@pytest.fixture
def made_up_services() -> Services:
    """Services that nobody serves."""
    return Services(
        stack="remote",
        platform_url="http://platform",
        platform_version="1",
        kas_urls={"default": "http://platform/kas"},
        issuer="http://idp",
        token_endpoint="http://idp/token",
        roles={"admin": Credentials("administrator", Secret("very secret"))},
    )


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The services of an embedded platform."""
    running = start_for_run(tmp_path_factory.mktemp("platform"))
    yield running.services
    running.stop()


@pytest.fixture
def http() -> Iterator[HttpSession]:
    """A session that is closed after the test."""
    session = HttpSession()
    yield session
    session.close()


@pytest.fixture
def identity(http: HttpSession, services: Services) -> Identity:
    return Identity(http, services)


@pytest.fixture
def connect(http: HttpSession, services: Services) -> ConnectClient:
    return ConnectClient(http, services.platform_url)


@pytest.fixture
def author(connect: ConnectClient, identity: Identity) -> PolicyAuthor:
    return PolicyAuthor(connect, identity.token("admin"))
