import dataclasses

import pytest

from support.foundation.errors import EnvironmentUnfitError
from support.platform.clock import PlatformClock
from support.services.locator import Control, Services
from support.services.secret import Secret
from tests.platform.conftest import ScriptedHttp, answer

CONTROL = Control("http://platform/control/people", Secret("hidden-value"))


def test_the_clock_is_moved_with_the_secret_of_the_platform(made_up_services: Services) -> None:
    http = ScriptedHttp(answer(200, "{}"))
    services = dataclasses.replace(made_up_services, control=CONTROL)

    PlatformClock.of(http, services).set_ahead(-60)

    ((method, url, headers, body),) = http.requests
    assert (method, url) == ("PUT", "http://platform/control/clock")
    assert headers["Authorization"] == "Bearer hidden-value"
    assert body == '{"seconds_ahead": -60}'


def test_a_refusal_says_what_the_scenario_lacks_and_not_the_secret() -> None:
    clock = PlatformClock(ScriptedHttp(answer(404, "it stays.")), CONTROL)

    with pytest.raises(EnvironmentUnfitError, match=r"HTTP 404: it stays\. Tag .*own-clock") as e:
        clock.set_ahead(60)

    assert "hidden-value" not in str(e.value)


@pytest.mark.parametrize("control", [None, dataclasses.replace(CONTROL, kind="keycloak")])
def test_the_clock_of_another_stack_is_not_ours(
    made_up_services: Services, control: Control | None
) -> None:
    services = dataclasses.replace(made_up_services, control=control)

    with pytest.raises(EnvironmentUnfitError, match='stack "remote" is not ours to move'):
        PlatformClock.of(ScriptedHttp(), services)
