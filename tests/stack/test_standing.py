"""Stacks that stay up: real embedded platforms, and whoever was killed meanwhile."""

import os
import shutil
import signal
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from support.foundation import living, process
from support.foundation.errors import ConfigurationError, StackError
from support.foundation.http import HttpSession
from support.foundation.living import ProcessIdentity
from support.foundation.settings import ROOT, Settings, child_environment
from support.foundation.waiting import wait_until
from support.stack import descriptor, manager, standing
from support.stack.components.component import Component, Launch
from support.stack.instance import MARK, Instance
from support.stack.recipes import book
from support.stack.recipes.recipe import Recipe
from support.stack.standing import Wanted

EMBEDDED = Wanted("embedded", "embedded")


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Settings of a build folder of this test's own; whatever is up below it ends with the test."""
    made = Settings({"build": str(tmp_path / "build")}, {})
    yield made
    for found in list(standing.status(made)):
        found.instance.remove()


def platform_of(instance: Instance) -> ProcessIdentity:
    found = instance.required().process_of("platform")
    assert found is not None
    return found


def kill(identity: ProcessIdentity) -> None:
    os.kill(identity.process_id, signal.SIGKILL)
    wait_until(lambda: not living.is_alive(identity), what="its end", time_limit_seconds=10)


def test_up_twice_is_up_once_and_down_leaves_nothing(settings: Settings) -> None:
    first = standing.up(settings, EMBEDDED)
    again = standing.up(settings, EMBEDDED)
    instance = standing.instance_named(settings, "embedded")
    identity = platform_of(instance)
    assert first["components"] == again["components"]
    assert first["components"]["platform"]["pid"] == identity.process_id
    assert stat.S_IMODE(instance.descriptor.stat().st_mode) == 0o600

    assert standing.down(settings) == ("embedded",)

    assert not living.is_alive(identity)
    assert not [path for path in settings.build.rglob("*") if path.is_file()]
    assert standing.down(settings) == ()


def test_a_run_uses_the_stack_that_is_up_and_does_not_end_it(
    settings: Settings, tmp_path: Path
) -> None:
    up = standing.up(settings, EMBEDDED)

    found = manager.bring_up("embedded", settings, tmp_path / "run")
    found.stop()

    assert found.services.platform_url == up["platform"]["url"]
    assert "was already up" in found.how
    assert found.problem() == ""
    assert HttpSession().request("GET", f"{found.services.platform_url}/healthz").ok


def test_two_stand_side_by_side_by_name_and_are_chosen_by_name(
    settings: Settings, tmp_path: Path
) -> None:
    standing.up(settings, EMBEDDED)
    blue = standing.up(settings, replace(EMBEDDED, name="blue"))
    chosen = Settings({"build": str(settings.build), "stack_instance": "blue"}, {})

    found = manager.bring_up("embedded", chosen, tmp_path / "run")

    assert found.services.platform_url == blue["platform"]["url"]
    assert standing.down(settings, "blue") == ("blue",)
    assert [entry.instance.name for entry in standing.status(settings)] == ["embedded"]
    with pytest.raises(ConfigurationError, match=r"no stack embedded of that name.*--name blue"):
        manager.bring_up("embedded", chosen, tmp_path / "run")


def test_with_other_options_it_is_refused_and_not_changed(settings: Settings) -> None:
    standing.up(settings, EMBEDDED)

    with pytest.raises(ConfigurationError, match=r"with several-kas was asked for.*--name"):
        standing.up(settings, replace(EMBEDDED, options=("several-kas",)))

    assert [entry.problem for entry in standing.status(settings)] == [""]


def test_options_that_change_outcomes_do_not_serve_ordinary_scenarios(
    settings: Settings, tmp_path: Path
) -> None:
    standing.up(settings, replace(EMBEDDED, options=("dpop-nonce",)))

    with pytest.raises(ConfigurationError, match=r"has the options dpop-nonce.*prove nothing"):
        manager.bring_up("embedded", settings, tmp_path / "run")


def test_several_kas_are_in_the_descriptor(settings: Settings) -> None:
    content = standing.up(settings, replace(EMBEDDED, options=("several-kas",)))

    assert set(content["kas"]) == {"default", "alpha", "beta", "gamma", "delta", "km1", "km2"}
    assert len({kas["url"] for kas in content["kas"].values()}) == 7


def test_what_has_died_is_told_and_up_mends_it_on_the_same_port(settings: Settings) -> None:
    before = standing.up(settings, EMBEDDED)
    instance = standing.instance_named(settings, "embedded")
    kill(platform_of(instance))

    (found,) = standing.status(settings)
    assert "platform (process" in found.problem
    with pytest.raises(StackError, match=r"left up, but does not serve.*stack up embedded"):
        standing.find(settings, "embedded")

    after = standing.up(settings, EMBEDDED)
    assert after["platform"]["url"] == before["platform"]["url"]
    assert standing.find(settings, "embedded") is not None


def test_a_component_is_restarted_by_name(settings: Settings) -> None:
    standing.up(settings, EMBEDDED)
    instance = standing.instance_named(settings, "embedded")
    before = platform_of(instance)

    standing.restart(settings, "embedded", ["platform"])

    assert platform_of(instance) != before
    assert descriptor.read(instance.descriptor)["components"]["platform"]["pid"] != (
        before.process_id
    )
    with pytest.raises(ConfigurationError, match=r'"platfrom".*mean "platform"'):
        standing.restart(settings, "embedded", ["platfrom"])


def test_a_name_that_is_not_up_is_told_with_the_nearest(settings: Settings) -> None:
    standing.up(settings, EMBEDDED)

    with pytest.raises(ConfigurationError, match=r'"embeded".*mean "embedded"'):
        standing.down(settings, "embeded")


def test_a_port_in_use_is_one_message_that_says_who_has_it(settings: Settings) -> None:
    taken = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)

    with pytest.raises(StackError, match=str(taken.server_port)) as caught:
        standing.up(settings, replace(EMBEDDED, port=taken.server_port))

    taken.server_close()
    assert f"process {os.getpid()}" in str(caught.value)
    assert "Traceback" not in str(caught.value)


MANAGER = """\
import os, signal
from support.foundation.settings import from_environment
from support.stack import standing
from support.stack.components.component import Component, Launch
from support.stack.instance import MARK, Instance
from support.stack.recipes import book
from support.stack.recipes.recipe import Recipe
from support.stack.standing import Wanted

Instance.started = lambda self, entry: os.kill(os.getpid(), signal.SIGKILL)
standing.up(from_environment(), Wanted("embedded", "embedded"))
"""


@pytest.mark.parametrize("remedy", ["up", "down"])
def test_a_manager_that_is_killed_while_it_starts_one_loses_nothing(
    settings: Settings, tmp_path: Path, remedy: str
) -> None:
    """It is killed when the platform runs already, and nobody has written down that it does."""
    environment = child_environment(
        {"ACCEPTANCE_BUILD": str(settings.build), "PYTHONPATH": str(ROOT)}
    )
    manager_process = process.start_detached(
        [sys.executable, "-c", MANAGER], environment=environment, log=tmp_path / "log"
    )
    wait_until(
        lambda: not living.is_alive(manager_process),
        what="the manager to be killed",
        time_limit_seconds=20,
    )
    instance = standing.instance_named(settings, "embedded")
    (orphan,) = instance.processes()
    assert instance.required().processes == ()

    if remedy == "up":
        standing.up(settings, EMBEDDED)
        assert standing.find(settings, "embedded") is not None
    else:
        assert standing.down(settings) == ("embedded",)

    assert not living.is_alive(orphan)


def test_what_a_killed_run_left_is_swept_before_the_next(
    settings: Settings, tmp_path: Path
) -> None:
    gone = ProcessIdentity(os.getpid(), 1.0)
    standing.up(settings, replace(EMBEDDED, name="run-1", owner=gone))
    left = platform_of(standing.instance_named(settings, "run-1"))

    manager.bring_up("embedded", settings, tmp_path / "run").stop()

    assert not living.is_alive(left)
    assert list(standing.status(settings)) == []


def test_a_run_whose_stack_does_not_come_up_keeps_its_logs_and_nothing_else(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Component(
        name="keycloak",
        launch=lambda: Launch(
            arguments=("sh", "-c", "echo out of luck; exit 3"), environment=child_environment()
        ),
        unready=lambda: "everything",
    )
    recipe = Recipe({"keycloak": broken}, dict)
    monkeypatch.setitem(book.RECIPES, "keycloak", lambda _making: recipe)
    folder = tmp_path / "build" / "stack" / "20260101T000000Z-abc"

    with pytest.raises(StackError, match=r"exit code 3.*out of luck") as caught:
        manager.bring_up("keycloak", settings, folder)

    assert str(folder / "keycloak.log") in str(caught.value)
    assert "out of luck" in (folder / "keycloak.log").read_text()
    assert list(standing.status(settings)) == []


def test_the_stack_of_a_run_that_goes_on_is_left_alone(settings: Settings) -> None:
    standing.up(settings, replace(EMBEDDED, name="run-2", owner=living.own_identity()))

    assert standing.sweep(settings) == ()
    assert standing.down(settings) == ()
    assert standing.find(settings, "run-2") is None
    assert standing.down(settings, "run-2") == ("run-2",)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"stack": 1}'])
def test_a_half_written_descriptor_is_told_and_mended_by_up(settings: Settings, text: str) -> None:
    standing.up(settings, EMBEDDED)
    standing.up(settings, replace(EMBEDDED, name="other"))
    path = standing.instance_named(settings, "embedded").descriptor
    path.write_text(text)

    problems = {entry.instance.name: entry.problem for entry in standing.status(settings)}
    with pytest.raises(ConfigurationError, match=r"descriptor\.json"):
        standing.find(settings, "embedded")
    standing.up(settings, EMBEDDED)

    assert "stack up embedded --name embedded` mends it" in problems["embedded"]
    assert problems["other"] == ""
    assert standing.find(settings, "embedded") is not None


def test_what_runs_is_ended_even_if_its_folder_is_gone(settings: Settings) -> None:
    standing.up(settings, EMBEDDED)
    identity = platform_of(standing.instance_named(settings, "embedded"))
    shutil.rmtree(settings.build / "stack")

    assert standing.down(settings) == ("1 processes whose folder is gone",)
    assert not living.is_alive(identity)


def test_a_stack_that_is_not_up_is_down_already_and_a_mistyped_name_is_told(
    settings: Settings,
) -> None:
    assert standing.down(settings, "processes") == ()
    with pytest.raises(ConfigurationError, match='There is no stack "procesess"'):
        standing.down(settings, "procesess")


def test_a_folder_that_cannot_be_used_is_one_message(settings: Settings) -> None:
    settings.build.mkdir(parents=True)
    (settings.build / "stack").write_text("a file")

    with pytest.raises(StackError, match=r"cannot be kept below.*ACCEPTANCE_BUILD"):
        standing.up(settings, EMBEDDED)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_is_one_message_and_leaves_nothing_running(settings: Settings) -> None:
    folder = settings.build / "stack"
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    limits = {"environment": child_environment(), "time_limit_seconds": 20.0}
    if process.run(mount, **limits).exit_code != 0:  # type: ignore[arg-type]
        pytest.skip("mounting is not allowed here")
    try:
        (folder / "ballast").write_bytes(bytes(4096))
        with pytest.raises(StackError, match=r"Free space|No space left|disk is full"):
            standing.up(settings, EMBEDDED)
        standing.down(settings)
        assert living.marked(MARK, str(standing.instance_named(settings, "embedded").folder)) == ()
    finally:
        process.run(["umount", "-l", str(folder)], **limits)  # type: ignore[arg-type]
