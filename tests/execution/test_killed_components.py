"""Components that are killed during a run: real Keycloak, and the platform that trusts it."""

import json
from pathlib import Path

import pytest

from support.foundation import living
from support.foundation.errors import AcceptanceError
from support.stack.components.java import find_java
from support.stack.instance import MARK
from tests.execution.conftest import Finished, Project

STEPS = """

@when("{component} is killed")
def when_a_component_is_killed(context, component):
    import pathlib, signal
    from support.foundation import living
    from support.stack.instance import Instance
    (folder,) = pathlib.Path(os.environ["ACCEPTANCE_BUILD"], "stack", "instances").iterdir()
    identity = Instance(folder).required().process_of(component)
    os.kill(identity.process_id, signal.SIGKILL)
    wait_until(lambda: not living.is_alive(identity), what="its end", time_limit_seconds=10)


@then("the standard role may read the policy")
def then_may_read(context):
    from support.platform.policy import NAMESPACES
    world = context.world
    token = world.identity.token("standard")
    answer = world.connect.call(NAMESPACES, "ListNamespaces", {}, token=token)
    assert answer.code == "ok", answer
"""


def missing_java() -> str:
    try:
        find_java()
    except AcceptanceError as error:
        return str(error)
    return ""


pytestmark = [
    pytest.mark.skipif(bool(missing_java()), reason=missing_java() or "-"),
    pytest.mark.timeout(600),
]


def run(project: Project, *, restarts: bool) -> Finished:
    steps = project.folder / "steps" / "small.py"
    steps.write_text(steps.read_text() + STEPS)
    reads = "    Then the standard role may read the policy\n"
    project.feature(
        "@req:BR-001 @cap:format=any\nFeature: Small\n"
        f"  Scenario: 1 Before\n{reads}"
        f"  Scenario: 2 Keycloak dies\n    When keycloak is killed\n{reads}"
        f"  Scenario: 3 After Keycloak\n{reads}"
        f"  Scenario: 4 Platform dies\n    When platform is killed\n{reads}"
        f"  Scenario: 5 After platform\n{reads}"
    )
    settings = project.profile("tough", {"stack": "keycloak", "allow_restart": restarts})
    return project.behave("-f", "plain", environment=settings, time_limit_seconds=300)


def reasons(ran: Finished) -> dict[str, tuple[str, str]]:
    records = {str(record["scenario"]["name"])[0]: record for record in ran.evidence()}
    return {key: (r["status"], r.get("reason", "")) for key, r in sorted(records.items())}


def nothing_is_left(project: Project) -> bool:
    folder = project.build / "stack" / "instances"
    left = [path for path in folder.iterdir() if path.is_dir()] if folder.exists() else []
    record = json.loads((project.build / "last-run.json").read_text())
    mark = folder / f"run-{record['run_id']}"
    return not left and not living.marked(MARK, str(Path(mark).resolve()))


def test_every_later_unit_is_an_error_that_names_what_died(project: Project) -> None:
    ran = run(project, restarts=False)
    found = reasons(ran)

    assert ran.code == 1
    assert found["1"][0] == "passed", ran.text
    for number in "2345":
        status, reason = found[number]
        assert status == "error"
        assert "keycloak (process" in reason
        assert "keycloak.log ends:" in reason
    assert nothing_is_left(project)


def test_only_the_unit_in_which_it_dies_is_lost_where_the_profile_allows_a_restart(
    project: Project,
) -> None:
    ran = run(project, restarts=True)
    found = reasons(ran)

    assert ran.code == 1
    assert {number: status for number, (status, _) in found.items()} == {
        "1": "passed",
        "2": "error",
        "3": "passed",
        "4": "error",
        "5": "passed",
    }, ran.text
    assert "keycloak (process" in found["2"][1]
    assert "platform (process" in found["4"][1]
    assert ran.text.count("restarted, for") == 2
    assert nothing_is_left(project)
