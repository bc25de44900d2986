import pytest

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.http import HttpSession
from support.platform.discovery import Discovery, NotPublicError, Preflight
from support.services.locator import Services
from tests.platform.conftest import ScriptedHttp, answer


@pytest.fixture
def discovery(http: HttpSession, services: Services) -> Discovery:
    return Discovery(http, services.platform_url)


def test_the_configuration_names_the_stack(discovery: Discovery, services: Services) -> None:
    configuration = discovery.configuration()

    assert configuration.issuer == services.issuer
    assert configuration.token_endpoint == services.token_endpoint
    assert configuration.health_endpoint == "/healthz"


@pytest.mark.parametrize(
    ("service", "status"), [("", "SERVING"), ("all", "SERVING"), ("x", "UNKNOWN")]
)
def test_health_is_told_for_each_service(discovery: Discovery, service: str, status: str) -> None:
    assert discovery.health(service) == status


def test_a_page_may_call_the_key_service(discovery: Discovery) -> None:
    allowed = discovery.preflight("/kas.AccessService/Rewrap", "https://viewer.example", "POST")

    assert allowed.allowed_origin == allowed.asked_origin == "https://viewer.example"
    assert "post" in allowed.allowed_methods
    assert {"authorization", "content-type"} <= set(allowed.allowed_headers)


def test_a_page_that_may_not_call_is_told_nothing() -> None:
    discovery = Discovery(ScriptedHttp(answer(200, "")), "http://platform")

    assert discovery.preflight("/", "https://a.example", "POST") == Preflight(
        "https://a.example", "", (), ()
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, "nothing"),
        (200, "<html>"),
        (200, '{"platform_issuer": "i"}'),
        (200, '{"platform_issuer": "i", "idp": {"token_endpoint": "t"}}'),
    ],
)
def test_another_configuration_is_an_error(status: int, body: str) -> None:
    discovery = Discovery(ScriptedHttp(answer(status, body)), "http://platform")

    with pytest.raises(EnvironmentUnfitError, match="unexpected shape"):
        discovery.configuration()


@pytest.mark.parametrize("status", [401, 403])
def test_a_configuration_that_is_not_public_is_told_apart(status: int) -> None:
    discovery = Discovery(ScriptedHttp(answer(status, "no token")), "http://platform")

    with pytest.raises(NotPublicError, match="asks for a token: no token"):
        discovery.configuration()


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, '{"status": "UNKNOWN"}'), (503, '{"status": "SERVING"}'), (200, "SERVING"), (200, "{}")],
)
def test_health_that_contradicts_itself_is_an_error(status: int, body: str) -> None:
    discovery = Discovery(ScriptedHttp(answer(status, body)), "http://platform")

    with pytest.raises(EnvironmentUnfitError, match="unexpected shape"):
        discovery.health()
