"""People of a profile in whole runs: made for those that name somebody, and gone afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.foundation.http import HttpSession
from support.foundation.settings import Settings
from support.platform.connect import ConnectClient
from support.platform.identity import Identity
from support.platform.policy import NAMESPACES
from support.platform.users import known_user
from support.services.locator import Services
from support.stack import descriptor, standing
from support.stack.standing import Wanted
from tests.artifacts.plain import contents
from tests.execution.conftest import Finished, Project, scenario

STEPS = """

@given("alice")
def given_alice(context):
    context.world.persons.introduce("alice", "group/engineering, clearance/secret")
    context.alice = context.acceptance_run.stacks.base.people.named("alice")
    os.makedirs("seen", exist_ok=True)
    open("seen/" + context.alice.user.username, "w").close()


@then("her password is printed")
def then_printed(context):
    print("printed", context.alice.password.reveal())


@then("somebody else removes her")
def then_removed(context):
    context.acceptance_run.stacks.base.people._made.users.append("nobody-added-me")
"""


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Path]:
    """A platform that outlives runs; the folder of its descriptor."""
    settings = Settings({"build": str(tmp_path / "standing")}, {})
    standing.up(settings, Wanted("embedded", "embedded"))
    yield standing.instance_named(settings, "embedded").folder
    standing.down(settings)


def run(project: Project, platform: Path, *steps: str) -> Finished:
    path = project.folder / "steps" / "small.py"
    path.write_text(path.read_text() + STEPS)
    project.feature(scenario(*steps))
    where = {"ACCEPTANCE_STACK_DESCRIPTOR": str(platform / "descriptor.json")}
    return project.behave("-f", "plain", environment=where)


def left_on(platform: Path, project: Project) -> list[str]:
    """Return the namespaces of runs and the users that a run named which are still there."""
    services: Services = descriptor.services(descriptor.read(platform / "descriptor.json"))
    http = HttpSession()
    connect = ConnectClient(http, services.platform_url)
    token = Identity(http, services).token("admin")
    body = connect.call(NAMESPACES, "ListNamespaces", {}, token=token).required("list")
    names = [entry["name"] for entry in body.get("namespaces", [])]
    users = [path.name for path in (project.folder / "seen").iterdir()]
    left = names + [name for name in users if known_user(connect, token, name)]
    http.close()
    return left


def everything(project: Project, ran: Finished) -> str:
    """Return what a run printed and every text file that it left."""
    return ran.text + "".join(contents(project.artifacts).values())


def test_people_are_gone_after_the_run_and_their_passwords_stand_nowhere(
    project: Project, platform: Path
) -> None:
    ran = run(project, platform, "Given alice", "Then it holds", "Then her password is printed")

    assert ran.code == 0, ran.text
    assert "left behind" not in ran.text
    assert left_on(platform, project) == []
    assert "printed [redacted: secret]" in everything(project, ran)


def test_people_are_gone_after_an_interrupt(project: Project, platform: Path) -> None:
    ran = run(project, platform, "Given alice", "When the tester interrupts", "Then it holds")

    assert ran.code == 1
    assert "left behind" not in ran.text
    assert left_on(platform, project) == []


def test_what_is_left_behind_is_told(project: Project, platform: Path) -> None:
    ran = run(project, platform, "Given alice", "Then somebody else removes her")

    assert ran.code == 0, ran.text
    assert "left behind: user nobody-added-me: HTTP 404" in ran.text
    assert left_on(platform, project) == []


def test_people_of_a_platform_that_died_are_not_looked_for(project: Project) -> None:
    path = project.folder / "steps" / "small.py"
    path.write_text(path.read_text() + STEPS)
    project.feature(
        scenario("Given alice", "When the platform dies", "Then the environment is unfit")
    )

    ran = project.behave()

    assert ran.code == 1
    assert "left behind" not in ran.text
    assert "stopped with exit code -9" in ran.text
