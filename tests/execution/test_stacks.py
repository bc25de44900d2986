"""Where units run: variants start once, before their first unit, and end after their last."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import pytest

from support.execution.stacks import Opening, Stacks
from support.foundation.errors import FrameworkError, StackError
from support.foundation.waiting import wait_until
from support.model.unit import Unit
from support.planning import grouping
from support.services.locator import Credentials, Services
from support.services.secret import Secret
from support.stack.running import RunningStack
from support.world.people import People
from tests.conftest import MakeUnit

Options = tuple[str, ...]


def services(name: str) -> Services:
    roles = {"admin": Credentials("opentdf", Secret(f"hidden-value-{name}"))}
    return replace(Services.none(), stack=name, roles=roles)


@dataclass
class Machinery:
    """Stacks without processes: what happened to them, in order."""

    events: list[str] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    may_restart: bool = False
    ahead: bool = False

    def stack(self, name: str) -> RunningStack:
        self.events.append(f"start {name}")
        return RunningStack(
            services=services(name),
            how=name,
            problem=lambda: f"{name} is gone" if name in self.dead else "",
            stop=lambda: self.events.append(f"stop {name}"),
            restart=lambda: self._restarted(name),
        )

    def _restarted(self, name: str) -> RunningStack:
        self.events.append(f"restart {name}")
        self.dead.discard(name)
        return self.stack(name)

    def variant(self, options: Options) -> RunningStack:
        if "broken" in self.dead:
            self.events.append("try variant")
            raise StackError("no room")
        return self.stack("+".join(options))

    def learn(self, secrets: Iterable[str]) -> None:
        self.secrets.update(secrets)

    def open(self, units: Iterable[Unit]) -> Stacks:
        opening = Opening(
            variant=self.variant,
            people=lambda stack: People((), stack.services, "acceptance"),
            learn=self.learn,
            say=self.said.append,
            may_restart=self.may_restart,
            ahead=self.ahead,
        )
        return Stacks.of_run(self.stack("base"), opening, units)


@pytest.fixture
def machinery() -> Machinery:
    return Machinery()


@pytest.fixture
def needing(make_unit: MakeUnit) -> Callable[..., Unit]:
    def make(name: str, *options: str) -> Unit:
        return make_unit(name, tags=("req:BR-001", *(f"needs:{option}" for option in options)))

    return make


def run(stacks: Stacks, unit: Unit) -> str:
    assert stacks.problem(unit) == ""
    name = stacks.of(unit).stack.how
    stacks.done(unit)
    return name


def test_a_variant_starts_once_and_ends_after_its_last_unit(
    machinery: Machinery, needing: Callable[..., Unit]
) -> None:
    units = [needing("a"), needing("b", "ec-wrapping"), needing("c"), needing("d", "ec-wrapping")]
    stacks = machinery.open(units)

    where = [run(stacks, unit) for unit in units]
    machinery.events.append("all ran")
    stacks.close()

    assert where == ["base", "ec-wrapping", "base", "ec-wrapping"]
    assert machinery.events == [
        "start base",
        "start ec-wrapping",
        "stop ec-wrapping",
        "all ran",
        "stop base",
    ]


def test_units_with_the_same_options_in_another_order_share_a_variant(
    machinery: Machinery, needing: Callable[..., Unit]
) -> None:
    units = [needing("a", "ec-wrapping", "several-kas"), needing("b", "several-kas", "ec-wrapping")]
    stacks = machinery.open(units)

    assert {run(stacks, unit) for unit in units} == {"several-kas+ec-wrapping"}
    assert machinery.events.count("start several-kas+ec-wrapping") == 1


def test_other_needs_are_no_options(machinery: Machinery, needing: Callable[..., Unit]) -> None:
    unit = needing("a", "people", "expired-token")
    stacks = machinery.open([unit])

    assert run(stacks, unit) == "base"


def test_secrets_of_a_variant_are_learned_before_anything_runs_on_it(
    machinery: Machinery, needing: Callable[..., Unit]
) -> None:
    unit = needing("a", "ec-wrapping")
    stacks = machinery.open([unit])
    assert machinery.secrets == {"hidden-value-base"}

    stacks.problem(unit)

    assert "hidden-value-ec-wrapping" in machinery.secrets


def test_a_variant_that_does_not_come_up_is_the_problem_of_its_units_alone(
    machinery: Machinery, needing: Callable[..., Unit]
) -> None:
    plain, one, two = needing("a"), needing("b", "ec-wrapping"), needing("c", "ec-wrapping")
    stacks = machinery.open([plain, one, two])
    machinery.dead.add("broken")

    assert "variant ec-wrapping did not come up: no room" in stacks.problem(one)
    assert "no room" in stacks.problem(two)
    assert machinery.events.count("try variant") == 1
    assert stacks.problem(plain) == ""
    with pytest.raises(FrameworkError):
        stacks.of(one)


def test_what_has_died_stays_dead_unless_the_profile_allows_a_restart(
    machinery: Machinery, needing: Callable[..., Unit]
) -> None:
    unit = needing("a")
    stacks = machinery.open([unit])
    machinery.dead.add("base")

    assert stacks.problem(unit) == "base is gone"
    assert "restart base" not in machinery.events


def test_what_has_died_is_restarted_where_the_profile_allows_it(
    machinery: Machinery, needing: Callable[..., Unit]
) -> None:
    machinery.may_restart = True
    unit = needing("a")
    stacks = machinery.open([unit])
    before = stacks.of(unit).people
    machinery.dead.add("base")

    assert stacks.problem(unit) == ""
    assert machinery.events[-2:] == ["restart base", "start base"]
    assert stacks.of(unit).people is not before  # those of the old one are gone with it
    assert any("base is gone" in line for line in machinery.said)


def test_features_whose_units_need_a_variant_run_together_after_the_others(
    needing: Callable[..., Unit],
) -> None:
    plain, ec, kas = [needing("a")], [needing("b", "ec-wrapping")], [needing("c", "several-kas")]
    mixed = [needing("d"), needing("e", "ec-wrapping")]

    ordered = sorted([ec, kas, mixed, plain], key=grouping.order)

    assert ordered == [plain, ec, mixed, kas]


def test_the_next_variant_starts_while_units_still_run_on_the_one_before(
    machinery: Machinery, needing: Callable[..., Unit]
) -> None:
    machinery.ahead = True
    plain, one, two = needing("a"), needing("b", "ec-wrapping"), needing("c", "several-kas")
    stacks = machinery.open([plain, one, two])

    assert stacks.problem(plain) == ""
    wait_until(
        lambda: "start ec-wrapping" in machinery.events,
        what="the next variant",
        time_limit_seconds=10,
    )
    assert "start several-kas" not in machinery.events
    stacks.done(plain)

    assert [run(stacks, one), run(stacks, two)] == ["ec-wrapping", "several-kas"]
    assert sorted(machinery.events) == sorted(set(machinery.events))  # each started and ended once


def test_units_may_run_in_another_order_than_variants_were_started_in(
    machinery: Machinery, needing: Callable[..., Unit]
) -> None:
    machinery.ahead = True
    plain, one, two = needing("a"), needing("b", "ec-wrapping"), needing("c", "several-kas")
    stacks = machinery.open([plain, one, two])

    assert [run(stacks, unit) for unit in (plain, two, one)] == [
        "base",
        "several-kas",
        "ec-wrapping",
    ]
    assert machinery.events.count("start ec-wrapping") == 1


def test_a_variant_that_fails_ahead_is_the_problem_of_its_units_alone(
    machinery: Machinery, needing: Callable[..., Unit]
) -> None:
    machinery.ahead = True
    plain, one = needing("a"), needing("b", "ec-wrapping")
    stacks = machinery.open([plain, one])
    machinery.dead.add("broken")

    assert run(stacks, plain) == "base"
    assert "variant ec-wrapping did not come up: no room" in stacks.problem(one)
    assert machinery.events.count("try variant") == 1


@pytest.mark.parametrize("broken", [False, True])
def test_a_variant_that_was_started_in_vain_is_ended_with_the_run(
    machinery: Machinery, needing: Callable[..., Unit], *, broken: bool
) -> None:
    machinery.ahead = True
    plain = needing("a")
    stacks = machinery.open([plain, needing("b", "ec-wrapping")])
    if broken:
        machinery.dead.add("broken")

    stacks.problem(plain)
    stacks.close()

    assert machinery.events[-1] == "stop base"
    assert ("stop ec-wrapping" in machinery.events) is not broken
