"""Components that are killed during a run: real Keycloak, and the platform that trusts it.

With OPENTDF_PLATFORM_BIN, `make soak` kills each kind of component of the stack `processes` too.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from support.foundation import living
from support.foundation.errors import AcceptanceError
from support.foundation.settings import from_environment
from support.stack.components.java import find_java
from support.stack.instance import MARK
from tests.execution.conftest import Finished, Project, scenario

STEPS = """

@when("{component} is killed")
def when_a_component_is_killed(context, component):
    import json, pathlib, signal
    from support.foundation import living
    from support.stack.instance import Instance
    (folder,) = pathlib.Path(os.environ["ACCEPTANCE_BUILD"], "stack", "instances").iterdir()
    instance = Instance(folder)
    identity = instance.required().process_of(component)
    os.kill(identity.process_id, signal.SIGKILL)
    wait_until(lambda: not living.is_alive(identity), what="its end", time_limit_seconds=10)
    left = {"ports": instance.required().ports, "folders": instance.folders()}
    pathlib.Path("had.json").write_text(json.dumps(left))


@then("one and one is two")
def then_nothing_is_asked(context):
    assert 1 + 1 == 2


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


pytestmark = pytest.mark.timeout(600)
needs_java = pytest.mark.skipif(bool(missing_java()), reason=missing_java() or "-")


READS = "the standard role may read the policy"


def run(project: Project, scenarios: str, **config: object) -> Finished:
    steps = project.folder / "steps" / "small.py"
    steps.write_text(steps.read_text() + STEPS)
    project.feature(f"@req:BR-001 @cap:format=any\nFeature: Small\n{scenarios}")
    settings = project.profile("tough", config)
    binary = from_environment().get("platform_bin")
    own = {"OPENTDF_PLATFORM_BIN": binary.value} if binary else {}
    return project.behave("-f", "plain", environment={**settings, **own}, time_limit_seconds=500)


def killing(components: Sequence[str], then: str = READS) -> str:
    """Return scenarios: one before, and for each component one that kills it and one after."""
    blocks = [f"  Scenario: 0 Before\n    Then {READS}\n"]
    for number, component in enumerate(components):
        blocks.append(
            f"  Scenario: {2 * number + 1} {component} dies\n"
            f"    When {component} is killed\n    Then {then}\n"
            f"  Scenario: {2 * number + 2} After {component}\n    Then {READS}\n"
        )
    return "".join(blocks)


def reasons(ran: Finished) -> dict[str, tuple[str, str]]:
    records = {str(record["scenario"]["name"])[0]: record for record in ran.evidence()}
    return {key: (r["status"], r.get("reason", "")) for key, r in sorted(records.items())}


def nothing_is_left(project: Project) -> None:
    folder = project.build / "stack" / "instances"
    assert not [path for path in folder.iterdir() if path.is_dir()]
    record = json.loads((project.build / "last-run.json").read_text())
    assert living.marked(MARK, str((folder / f"run-{record['run_id']}").resolve())) == ()
    had = json.loads((project.folder / "had.json").read_text())
    assert {port: living.listener_on(port) for port in had["ports"].values()} == dict.fromkeys(
        had["ports"].values(), ""
    )
    assert not [path for path in had["folders"] if Path(path).exists()]


def only_where_they_died(ran: Finished, components: Sequence[str]) -> None:
    """Units in which a component died are errors that name it; the others passed."""
    found = reasons(ran)
    for number, component in enumerate(components):
        status, reason = found[str(2 * number + 1)]
        assert status == "error", (component, ran.text)
        assert f"{component} (process" in reason
        assert f"{component}.log ends:" in reason
        assert found[str(2 * number + 2)] == ("passed", ""), (component, ran.text)
    assert found["0"][0] == "passed"
    assert ran.code == 1
    assert ran.text.count("restarted, for") == len(components)


@needs_java
def test_every_later_unit_is_an_error_that_names_what_died(project: Project) -> None:
    ran = run(project, killing(["keycloak", "platform"]), stack="keycloak")
    found = reasons(ran)

    assert ran.code == 1
    assert found["0"][0] == "passed", ran.text
    for number in "1234":
        status, reason = found[number]
        assert status == "error"
        assert "keycloak (process" in reason
        assert "keycloak.log ends:" in reason
    nothing_is_left(project)


@needs_java
def test_only_the_unit_in_which_it_dies_is_lost_where_the_profile_allows_a_restart(
    project: Project,
) -> None:
    killed = ["keycloak", "platform"]

    ran = run(project, killing(killed), stack="keycloak", allow_restart=True)

    only_where_they_died(ran, killed)
    nothing_is_left(project)


def test_a_unit_whose_steps_all_passed_is_lost_too_if_the_platform_died_meanwhile(
    project: Project,
) -> None:
    project.feature(scenario("When the platform dies", "Then it holds"))

    ran = project.behave()

    (record,) = ran.evidence()
    assert (ran.code, record["status"]) == (1, "error"), ran.text
    assert "stopped with exit code -9" in record["reason"]


@needs_java
@pytest.mark.soak
@pytest.mark.skipif(
    from_environment().value("platform_bin") is None,
    reason="OPENTDF_PLATFORM_BIN names no platform",
)
def test_each_kind_of_component_of_the_real_platform_may_die(project: Project) -> None:
    killed = ["postgres", "platform", "keycloak", "kas-alpha"]

    ran = run(
        project,
        killing(killed, then="one and one is two"),
        stack="processes",
        allow_restart=True,
    )

    only_where_they_died(ran, killed)
    nothing_is_left(project)
