"""Nothing outlives `down`: real process trees of every bad habit, and a manager killed anywhere."""

import json
import os
import random
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from support.foundation import living, process
from support.foundation.settings import ROOT, Settings, child_environment
from support.foundation.waiting import wait_until
from support.stack import instance as instances
from support.stack import standing
from support.stack.instance import MARK

LAST_POINT = 400  # more than a start takes; whoever gets that far is killed once all serve

HABITS = {
    "with-children": "sleep 300 & sleep 300 &",
    "in-other-sessions": "setsid sh -c 'setsid sleep 300 & sleep 300' & sleep 300 &",
    "stubborn": "trap '' TERM INT HUP; setsid sh -c 'while :; do sleep 300; done' & sleep 300 &",
    "starting-anew": "setsid sh -c 'trap : TERM; while :; do setsid sleep 300; done' &",
}
"""What components do before they serve; each then listens on a port of its own."""

LISTEN = """\
import pathlib, signal, socket, sys
if "stubborn" in sys.argv[1]:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
taken = socket.create_server(("127.0.0.1", int(sys.argv[2])))
pathlib.Path(sys.argv[1]).touch()
signal.pause()
"""

MANAGER = """\
import os, pathlib, signal, sys, threading
from support.foundation.settings import child_environment, from_environment
from support.stack import standing
from support.stack.components.component import Component, Launch
from support.stack.recipes import book
from support.stack.recipes.recipe import Recipe
from support.stack.standing import Wanted

programs, point = pathlib.Path(sys.argv[1]), int(sys.argv[2])

def component(making, name):
    folder, port = making.folder(name), making.port(name)
    served = folder / f"{name}.served"
    def launch():
        folder.mkdir()
        arguments = (programs / f"{name}.sh", served, str(port))
        return Launch(arguments=arguments, environment=child_environment())
    return Component(name=name, launch=launch, ports=(port,),
                     unready=lambda: "" if served.exists() else "its file")

def recipe(making):
    names = [path.stem for path in sorted(programs.glob("*.sh"))]
    return Recipe({name: component(making, name) for name in names}, end)

def end():
    os.kill(os.getpid(), signal.SIGKILL)

def count(event, arguments, seen=[0]):
    if event in {"open", "subprocess.Popen", "os.rename", "os.mkdir", "os.listdir"}:
        seen[0] += 1
        if seen[0] == point:
            end()

book.RECIPES["habits"] = recipe
sys.addaudithook(count)
standing.up(from_environment(), Wanted("habits", "habits"))
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a program for each habit; what a failing test leaves is ended."""
    monkeypatch.setattr(instances, "GRACE_SECONDS", 0.3)
    monkeypatch.setattr(living.end, "__kwdefaults__", {**_defaults(), "grace_seconds": 0.3})
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "listen.py").write_text(LISTEN)
    for name, habit in HABITS.items():
        path = folder / f"{name}.sh"
        path.write_text(f'#!/bin/sh\n{habit}\nexec {sys.executable} {folder}/listen.py "$@"\n')
        path.chmod(0o755)
    yield folder
    for number in _marked(str(tmp_path.resolve())):
        os.kill(number, signal.SIGKILL)


def _defaults() -> dict[str, object]:
    return dict(living.end.__kwdefaults__ or {})


def killed_at(point: int, programs: Path, build: Path) -> Settings:
    """Bring a stack up by a manager that is killed at its n-th call of the system."""
    build.mkdir(parents=True)
    own = {"ACCEPTANCE_BUILD": str(build), "PYTHONPATH": str(ROOT)}
    manager = process.start_detached(
        [sys.executable, "-c", MANAGER, programs, str(point)],
        environment=child_environment(own),
        log=build.with_suffix(".log"),
    )
    code = wait_until(lambda: process.exit_code(manager), what="its end", time_limit_seconds=60)
    assert code == -9, build.with_suffix(".log").read_text()
    return Settings({"build": str(build)}, {})


def ports_of(settings: Settings) -> set[int]:
    paths = standing.root(settings).glob("*/instance.json")
    return {port for path in paths for port in json.loads(path.read_text())["ports"].values()}


def kill_some(settings: Settings, chance: random.Random) -> None:
    """Kill about half of the components, so that their children are nobody's any more."""
    for found in instances.instances(standing.root(settings)):
        record = found.read()
        for entry in record.processes if record else ():
            if chance.random() < 0.5:
                os.kill(entry.process.process_id, signal.SIGKILL)


def below(settings: Settings) -> list[int]:
    """Every process that the stacks of a build folder started, found by nothing but /proc."""
    return list(_marked(f"{standing.root(settings).resolve()}/"))


def _marked(beginning: str) -> Iterator[int]:
    wanted = f"{MARK}={beginning}".encode()
    for number in psutil.pids():
        try:
            variables = Path(f"/proc/{number}/environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(variable.startswith(wanted) for variable in variables):
            yield number


def nothing_outlives(point: int, programs: Path, build: Path) -> int:
    """Return how many processes the killed manager had left for `down` to end."""
    settings = killed_at(point, programs, build)
    ports, before = ports_of(settings), len(below(settings))
    kill_some(settings, random.Random(point))  # noqa: S311 -- see `repeat`

    standing.down(settings)

    assert below(settings) == [], point
    assert [living.listener_on(port) for port in ports if living.listener_on(port)] == [], point
    assert [path for path in build.rglob("*") if path.is_file()] == [], point
    return before


def repeat(times: int, programs: Path, folder: Path) -> None:
    chance = random.Random(5)  # noqa: S311 -- where to kill, the same at every run
    points = [LAST_POINT * 100, *(chance.randrange(1, LAST_POINT) for _ in range(times - 1))]
    with ThreadPoolExecutor(max_workers=4) as pool:
        left = list(
            pool.map(
                lambda item: nothing_outlives(item[1], programs, folder / f"build-{item[0]}"),
                enumerate(points),
            )
        )
    assert left[0] > 2 * len(HABITS)  # all were up, with what they started


def test_nothing_outlives_down_wherever_the_manager_is_killed(
    programs: Path, tmp_path: Path
) -> None:
    repeat(5, programs, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_nothing_outlives_down_at_a_hundred_points(programs: Path, tmp_path: Path) -> None:
    repeat(100, programs, tmp_path)
