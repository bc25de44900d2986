"""Services that go away, tokens that are handed over and clocks that are moved."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.platform.clock import PlatformClock
from support.services.locator import Services
from support.services.secret import Secret
from support.stack.embedded import start_for_run
from support.stack.running import RunningStack
from support.world.clock import HOUR, Clock
from support.world.machine import Machine
from support.world.setup import of_role, with_token
from support.world.world import World
from tests.conftest import MakeUnit


def answers(url: str) -> bool:
    """Tell whether somebody listens at an address."""
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname or "", address.port or 0), 5).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_closed_way_to_the_identity_provider_is_the_readers_alone(world: World) -> None:
    world.ways.to_identity_provider("is closed")
    reader = world.reader.setup.services
    closed = reader.token_endpoint

    assert not answers(closed)
    assert urlsplit(closed).path == urlsplit(world.services.token_endpoint).path
    assert reader.platform_url == world.services.platform_url
    assert world.author.services == world.services

    world.ways.to_identity_provider("is cut before an answer")
    assert world.reader.setup.services.token_endpoint == closed
    assert answers(closed)

    world.ways.to_identity_provider("is open again")
    assert world.reader.setup.services.token_endpoint == world.services.token_endpoint

    world.close()
    assert not answers(closed)


def test_only_known_disturbances_befall_the_way_to_the_identity_provider(world: World) -> None:
    with pytest.raises(SpecificationError, match="is clsoed"):
        world.ways.to_identity_provider("is clsoed")


def test_a_client_acts_by_the_token_that_it_was_handed(services: Services) -> None:
    setup = of_role(services, "standard")

    handed = with_token(setup, "a token")

    assert isinstance(handed.caller, Secret)
    assert handed.secrets == ("a token",)
    assert handed.services == services
    assert with_token(setup, None).caller is None


def test_the_token_of_a_kind_of_access_is_the_one_that_attempts_are_made_with(
    world: World,
) -> None:
    assert world.gate.token("no token") is None
    assert world.gate.token("the admin role") == world.identity.token("admin")
    with pytest.raises(SpecificationError, match="a kind of access"):
        world.gate.token("an expierd token")


@dataclass(slots=True)
class _Noted(PlatformClock):
    """A clock that notes how far ahead it was to be."""

    ahead: list[int] = field(default_factory=list)

    def set_ahead(self, seconds: int) -> None:
        self.ahead.append(seconds)


def test_a_clock_that_was_moved_is_right_again_at_the_end() -> None:
    noted = _Noted()
    clock = Clock(noted, lambda event: event())

    clock.be("an hour ahead")
    clock.close()
    clock.close()

    assert noted.ahead == [HOUR, 0]
    with pytest.raises(SpecificationError, match="a state of the platform's clock"):
        clock.be("an hour late")


def test_a_clock_that_stands_right_is_left_alone() -> None:
    noted = _Noted()
    clock = Clock(noted, lambda event: event())

    clock.be("an hour behind")
    clock.be("right again")
    clock.close()

    assert noted.ahead == [-HOUR, 0]


def test_a_clock_may_wait_for_the_answer_of_the_key_service() -> None:
    noted, events = _Noted(), list[Callable[[], None]]()
    clock = Clock(noted, events.append)

    clock.be("an hour ahead once the key service has answered")
    assert noted.ahead == []
    events[0]()
    clock.close()

    assert noted.ahead == [HOUR, 0]
    with pytest.raises(SpecificationError, match="an hour late"):
        clock.be("an hour late once the key service has answered")


@pytest.fixture(scope="module")
def with_own_clock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """An embedded platform whose clock may be moved."""
    stack = start_for_run(tmp_path_factory.mktemp("clock"), options=["own-clock"])
    yield stack
    stack.stop()


def test_a_scenario_leaves_the_clock_right_whatever_it_did(
    make_unit: MakeUnit, machine: Machine, with_own_clock: RunningStack
) -> None:
    services = with_own_clock.services
    world = World(make_unit(), services, (), machine)
    world.clock.be("an hour ahead")
    assert world.gate.attempt("the admin role", "read the policy").code == "unauthenticated"

    world.close()

    after = World(make_unit(), services, (), machine)
    assert after.gate.attempt("the admin role", "read the policy").accepted


def test_the_clock_of_a_stack_that_others_use_is_not_moved(world: World) -> None:
    with pytest.raises(EnvironmentUnfitError, match="own-clock"):
        world.clock.be("an hour ahead")
