"""Components as real child processes: small scripts that write a file when they serve."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from support.foundation import living
from support.foundation.errors import EnvironmentUnfitError, StackError
from support.foundation.settings import child_environment
from support.foundation.waiting import wait_until
from support.stack import supervisor
from support.stack.components.component import Component, Launch
from support.stack.instance import Instance, Record
from support.stack.supervisor import State, Supervisor

Script = Callable[[str, str], Path]


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    made = Instance(tmp_path / "instances" / "small")
    made.create(Record("small", "small"))
    return made


class Parts:
    """Makes components of one instance, and remembers when each started and served."""

    def __init__(self, instance: Instance, script: Script) -> None:
        self.instance, self._script = instance, script
        self.seen: list[tuple[str, State]] = []
        self._lock = threading.Lock()

    def watch(self, component: str, state: State) -> None:
        with self._lock:
            self.seen.append((component, state))

    def make(self, name: str, body: str = "", **more: object) -> Component:
        """A component that serves as soon as its file is there, and stays."""
        served = self.instance.folder / f"{name}.served"
        program = self._script(name, f"{body}\ntouch {served}\nexec sleep 300")

        def launch() -> Launch:
            served.unlink(missing_ok=True)
            return Launch(arguments=(program,), environment=child_environment())

        return Component(
            name=name,
            launch=launch,
            unready=lambda: "" if served.exists() else f"the file {served.name}",
            **more,  # type: ignore[arg-type]
        )

    def supervisor(self, *components: Component) -> Supervisor:
        return Supervisor(self.instance, {c.name: c for c in components}, self.watch)


@pytest.fixture
def parts(instance: Instance, script: Script) -> Parts:
    return Parts(instance, script)


def process_of(instance: Instance, name: str) -> living.ProcessIdentity:
    found = instance.required().process_of(name)
    assert found is not None
    return found


def test_what_needs_another_starts_once_that_serves_and_is_provisioned(parts: Parts) -> None:
    provisioned: list[str] = []
    base = parts.make("base", provision=lambda: provisioned.append("base"))
    upper = parts.make("upper", needs=("base",))

    parts.supervisor(upper, base).start()

    assert provisioned == ["base"]
    assert parts.seen.index(("base", "ready")) < parts.seen.index(("upper", "starting"))
    assert supervisor.gone(parts.instance) == ()
    assert not parts.instance.end()


def test_what_does_not_need_each_other_starts_side_by_side(parts: Parts) -> None:
    """Each waits for the other's mark: one after the other, neither would ever serve."""
    folder = parts.instance.folder

    def meeting(own: str, other: str) -> str:
        return f"touch {folder}/{own}; until [ -e {folder}/{other} ]; do sleep 0.02; done"

    one = parts.make("one", meeting("a", "b"), time_limit_seconds=10)
    two = parts.make("two", meeting("b", "a"), time_limit_seconds=10)

    parts.supervisor(one, two).start()

    assert {("one", "ready"), ("two", "ready")} <= set(parts.seen)
    parts.instance.end()


def test_one_that_serves_is_left_as_it_is_and_one_that_died_is_started_again(parts: Parts) -> None:
    one, two = parts.make("one"), parts.make("two")
    parts.supervisor(one, two).start()
    first, second = process_of(parts.instance, "one"), process_of(parts.instance, "two")
    os.kill(second.process_id, signal.SIGKILL)
    wait_until(lambda: not living.is_alive(second), what="its end", time_limit_seconds=10)

    assert supervisor.gone(parts.instance) == ("two",)
    parts.supervisor(one, two).start()

    assert process_of(parts.instance, "one") == first
    assert process_of(parts.instance, "two") != second
    parts.instance.end()


def test_one_that_ends_is_told_at_once_with_exit_code_log_and_remedy(parts: Parts) -> None:
    broken = parts.make(
        "broken",
        "echo the disk is full; exit 7",
        advise=lambda log: "Free space." if "disk is full" in log else "",
    )
    waiting = parts.make("waiting", "sleep 300", time_limit_seconds=60)

    with pytest.raises(StackError, match=r"broken.*exit code 7.*the disk is full.*Free space"):
        parts.supervisor(broken, waiting).start()

    assert ("broken", "failed") in parts.seen
    assert ("waiting", "ready") not in parts.seen
    parts.instance.end()


def test_one_that_never_serves_is_told_with_what_it_lacks(parts: Parts) -> None:
    slow = parts.make("slow", "echo still thinking; sleep 300", time_limit_seconds=0.5)

    with pytest.raises(StackError, match=r"Waited 0\.5 s for slow.*slow\.served.*still thinking"):
        parts.supervisor(slow).start()

    parts.instance.end()


def test_a_failing_provision_is_told_with_the_component(parts: Parts) -> None:
    def refuse() -> None:
        raise EnvironmentUnfitError("the realm is refused")

    with pytest.raises(StackError, match="store: the realm is refused"):
        parts.supervisor(parts.make("store", provision=refuse)).start()

    parts.instance.end()


def test_a_restart_gives_a_new_process_that_serves(parts: Parts) -> None:
    one = parts.make("one")
    watched = parts.supervisor(one)
    watched.start()
    before = process_of(parts.instance, "one")

    watched.restart(["one"])

    assert not living.is_alive(before)
    assert living.is_alive(process_of(parts.instance, "one"))
    parts.instance.end()


def test_a_death_names_the_component_and_the_end_of_its_log(parts: Parts) -> None:
    parts.supervisor(parts.make("one", "echo last words")).start()
    assert supervisor.problem(parts.instance) == ""
    os.kill(process_of(parts.instance, "one").process_id, signal.SIGKILL)

    problem = wait_until(
        lambda: supervisor.problem(parts.instance), what="its death", time_limit_seconds=10
    )

    assert "one (process" in problem
    assert "exit code -9" in problem
    assert "last words" in problem
