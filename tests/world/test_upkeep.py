"""A platform that is restarted, and whose database goes away, by the words of scenarios."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.stack.embedded import start_for_run
from support.stack.maintenance import Maintenance
from support.stack.running import RunningStack
from support.world.machine import Machine
from support.world.upkeep import Upkeep
from support.world.world import World
from tests.conftest import MakeUnit


@pytest.fixture(scope="module")
def maintained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """An embedded platform that may be restarted."""
    stack = start_for_run(tmp_path_factory.mktemp("maintained"), options=["maintenance"])
    yield stack
    stack.stop()


def world_on(stack: RunningStack, machine: Machine, make_unit: MakeUnit) -> World:
    own = replace(machine, maintenance=stack.maintenance)
    return World(make_unit(), stack.services, (), own)


def test_a_platform_keeps_policy_keys_clients_and_tokens_over_a_restart(
    maintained: RunningStack, machine: Machine, make_unit: MakeUnit
) -> None:
    world = world_on(maintained, machine, make_unit)
    world.labels.define("project", "any of", "apollo")
    world.labels.entitle(world.reader_id, "apollo", ["read"])
    world.envelopes.make("plans", "apollo")
    token = str(world.identity.token("standard"))

    world.upkeep.restart()

    assert not maintained.problem()
    assert world.gate.attempt("the admin role", "read the policy").accepted
    (outcome,) = world.envelopes.open(token).results
    assert getattr(outcome, "key", None) == world.envelopes.by_name["plans"].key
    world.close()


def test_what_is_impossible_without_a_database_is_a_verdict(
    maintained: RunningStack, machine: Machine, make_unit: MakeUnit
) -> None:
    world = world_on(maintained, machine, make_unit)

    world.upkeep.let_database_be("away")
    assert world.gate.attempt("the admin role", "change the policy").code == "internal"
    world.upkeep.let_database_be("back")

    assert world.gate.attempt("the admin role", "change the policy").accepted
    world.close()


def test_a_scenario_leaves_the_database_where_it_was(world: World) -> None:
    moved: list[str] = []
    maintenance = Maintenance(
        lambda: None, lambda: moved.append("away"), lambda: moved.append("back")
    )
    upkeep = Upkeep(maintenance, world.connect)

    upkeep.let_database_be("away")
    upkeep.close()
    upkeep.close()

    assert moved == ["away", "back"]
    with pytest.raises(SpecificationError, match="a state of the platform's database"):
        upkeep.let_database_be("gone")


def test_the_platform_of_a_stack_that_others_use_is_left_alone(world: World) -> None:
    with pytest.raises(EnvironmentUnfitError, match="@needs:maintenance"):
        world.upkeep.restart()
    with pytest.raises(EnvironmentUnfitError, match="@needs:maintenance"):
        world.upkeep.let_database_be("away")
