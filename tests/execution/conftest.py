"""A small project of features and steps, run by the real behave in a process of its own."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from support.foundation import process
from support.foundation.settings import ROOT, Settings, child_environment
from support.model.records import CommandRecord
from support.stack import standing
from support.stack.standing import Wanted

TIME_LIMIT_SECONDS = 60

STEPS = """\
import os
from behave import given, then, when

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.waiting import wait_until


@given("a platform")
def given_a_platform(context):
    context.world.machine.http.request("GET", context.world.services.platform_url + "/healthz")


@when("something is done")
def when_something_is_done(context):
    print("a word on the way")


@then("it holds")
def then_it_holds(context):
    pass


@then("it does not hold")
def then_it_does_not_hold(context):
    secret = context.world.services.credentials("admin").client_secret.reveal()
    print("printed", secret)
    assert False, f"saw {secret}"


@then("the environment is unfit")
def then_the_environment_is_unfit(context):
    raise EnvironmentUnfitError("the moon is in the wrong place")


@when("the step skips the scenario")
def when_skipped(context):
    context.scenario.skip("no mood")


@when("the platform dies")
def when_the_platform_dies(context):
    import re, signal
    stack = context.acceptance_run.stacks.of(context.scenario.unit).stack
    os.kill(int(re.search(r"process (\\\\d+)", stack.how).group(1)), signal.SIGKILL)
    wait_until(stack.problem, what="death", time_limit_seconds=10)


@when("the artifact folder becomes unusable")
def when_artifacts_are_gone(context):
    import pathlib, shutil
    (folder,) = pathlib.Path(os.environ["ACCEPTANCE_ARTIFACTS"]).iterdir()
    shutil.rmtree(folder)
    folder.write_text("a file stands where the run folder was")


@when("the tester interrupts")
def when_interrupted(context):
    import signal
    os.kill(os.getpid(), signal.SIGINT)
    wait_until(lambda: False, what="the interrupt", time_limit_seconds=10)
"""

GOOD = """\
@req:BR-001 @cap:format=any
Feature: Small

  Background:
    Given a platform

  Scenario: One holds
    When something is done
    Then it holds

  Rule: rows
    Scenario Outline: <n> hold
      When something is done
      Then it holds
      Examples: numbers
        | n |
        | 1 |
        | 2 |
"""


def scenario(*steps: str) -> str:
    """Return a feature with one scenario of these steps."""
    lines = "\n".join(f"    {step}" for step in steps)
    return f"@req:BR-001 @cap:format=any\nFeature: Small\n\n  Scenario: The one\n{lines}\n"


@dataclass(frozen=True, slots=True)
class Finished:
    """A behave run that is over."""

    record: CommandRecord
    artifacts: Path

    @property
    def code(self) -> int:
        return self.record.exit_code

    @property
    def text(self) -> str:
        return self.record.stdout + self.record.stderr

    def evidence(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text()) for path in self.artifacts.rglob("*-evidence.json")]

    def statuses(self) -> list[str]:
        return sorted(record["status"] for record in self.evidence())


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with features, steps and hooks.

    Attributes:
        served: what names a platform that is up; without it each run starts one of its own.
    """

    folder: Path
    served: Mapping[str, str] = field(default_factory=dict)

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    @property
    def build(self) -> Path:
        return self.folder / "build"

    def feature(self, text: str | bytes, name: str = "small.feature") -> Path:
        path = self.folder / "features" / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def profile(self, name: str, config: Mapping[str, Any]) -> dict[str, str]:
        """Write a profile that extends `embedded`; return the settings with which runs use it."""
        folder = self.folder / "profiles"
        if not folder.exists():
            shutil.copytree(ROOT / "profiles", folder)
        (folder / name).mkdir()
        content = {"config": {"extends": "embedded", **config}}
        (folder / name / "config.yaml").write_text(json.dumps(content))
        return {"ACCEPTANCE_PROFILES": str(folder), "ACCEPTANCE_PROFILE": name}

    def behave(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        time_limit_seconds: float = TIME_LIMIT_SECONDS,
    ) -> Finished:
        own = {
            "PYTHONPATH": str(ROOT),
            "ACCEPTANCE_ARTIFACTS": str(self.artifacts),
            "ACCEPTANCE_BUILD": str(self.build),
            "ACCEPTANCE_SDK_ROOTS": str(self.folder / "sdk"),
        }
        record = process.run(
            [sys.executable, "-m", "behave", *arguments],
            environment=child_environment({**own, **self.served, **(environment or {})}),
            time_limit_seconds=time_limit_seconds,
            working_directory=self.folder,
        )
        return Finished(record, self.artifacts)


@pytest.fixture
def project(tmp_path: Path, script: Callable[[str, str], Path]) -> Project:
    """A project whose one SDK is a script that can do everything."""
    folder = tmp_path / "project"
    for name in ("features", "steps"):
        (folder / name).mkdir(parents=True)
    (folder / "steps" / "small.py").write_text(STEPS.replace("\\\\", "\\"))
    (folder / "environment.py").symlink_to(ROOT / "environment.py")
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    script("project/sdk/go/dist/v0.36.0/cli.sh", "exit 0")
    made = Project(folder)
    made.feature(GOOD)
    return made


@pytest.fixture(scope="session")
def standing_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """What names a platform that is up for all tests together."""
    settings = Settings({"build": str(tmp_path_factory.mktemp("standing"))}, {})
    standing.up(settings, Wanted("embedded", "embedded"))
    folder = standing.instance_named(settings, "embedded").folder
    yield {"ACCEPTANCE_STACK_DESCRIPTOR": str(folder / "descriptor.json")}
    standing.down(settings)


@pytest.fixture
def served(project: Project, standing_platform: Mapping[str, str]) -> Project:
    """The project, for tests to which it is all the same which platform is there."""
    return replace(project, served=standing_platform)
