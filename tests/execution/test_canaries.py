"""Fifty planted secrets, and those of the stack, are found nowhere after a run; and it can fail."""

import json
import sys
from pathlib import Path

import pytest

from support.foundation import process
from support.foundation.settings import ROOT, child_environment
from tests.execution.canaries import CHANNELS, Canary, ProcessList, files, planted, traces
from tests.execution.conftest import Finished, Project

STEPS = """

import json, logging, sys, warnings
from pathlib import Path
from support.foundation import process
from support.foundation.settings import child_environment, from_environment
from support.model.events import AttachmentKind
from support.platform.identity import Identity
from support.services import registry
from support.services.resolution import Locator

def place(context):
    return context.acceptance_run.stacks.of(context.scenario.unit)


ECHO = "import os, sys; sys.std{}.write(os.environ['CANARY'])"


def canaries(channel):
    text = Path("../canaries.json").read_text()
    return [spelled for at, spelled in json.loads(text) if at == channel]


def child(context, spelled, stream):
    machine = context.world.machine
    process.run([sys.executable, "-c", ECHO.format(stream)], time_limit_seconds=30,
                environment=child_environment({"CANARY": spelled.replace("\\0", "")}),
                observer=machine.observe_command)


def request(context, path="", **given):
    url = context.world.services.platform_url + "/healthz" + path
    context.world.machine.http.request("GET", url, **given)


def attach(context, data, name="canary", media_type="text/plain"):
    context.world.machine.attach(AttachmentKind.ATTACHMENT, name, media_type, data)


def plain(spelled):
    return "".join(c for c in spelled if c.isprintable())


LEAKS = {
    "print": lambda context, s: print("canary", s),
    "stderr": lambda context, s: sys.stderr.write("canary " + s + " "),
    "log": lambda context, s: logging.getLogger("canary").error("saw %s", s),
    "text": lambda context, s: attach(context, ("x" * 5000 + " " + s + " y").encode()),
    "json": lambda context, s: attach(
        context, json.dumps({"a": [s, {"b": s}]}).encode(), media_type="application/json"),
    "binary": lambda context, s: attach(
        context, bytes(range(256)) + s.encode() + b"\\xff\\xfe\\x00",
        media_type="application/octet-stream"),
    "name": lambda context, s: attach(context, b"nothing", name="of " + plain(s)[:120]),
    "header": lambda context, s: request(context, headers={"X-Canary": plain(s)}),
    "query": lambda context, s: request(context, "?" + plain(s).replace(" ", "+")),
    "body": lambda context, s: request(context, body=s),
    "child output": lambda context, s: child(context, s, "out"),
    "child errors": lambda context, s: child(context, s, "err"),
    "child arguments": lambda context, s: attach(context, f"program --with {s}".encode()),
    "warning": lambda context, s: warnings.warn("canary " + s),
}


@when("canaries leak by {channel}")
def when_canaries_leak(context, channel):
    for spelled in canaries(channel):
        LEAKS[channel](context, spelled)


@when("the stack's own secrets leak")
def when_secrets_of_the_stack_leak(context):
    world = context.world
    services, made = world.services, {}
    for role in ("admin", "standard"):
        made[role] = services.credentials(role).client_secret.reveal()
        made[role + " token"] = str(Identity(world.machine.http, services).token(role))
    for number, password in enumerate(place(context).people.secrets()):
        made[f"password {number}"] = password
    settings = from_environment({"testrail_url": "http://127.0.0.1:1", "testrail_user": "t"})
    locator = Locator(registry.of_settings(settings), settings)
    made["file"] = locator.resolve("testrail", "default").credentials.secret.reveal()
    Path("../made.json").write_text(json.dumps(made))
    for secret in made.values():
        print("printed", secret)
        attach(context, json.dumps({"seen": secret}).encode())
        request(context, headers={"Authorization": "Bearer " + secret, "X-Other": secret})


class OddError(Exception):
    def __init__(self, secret):
        self.secret = secret

    def __str__(self):
        return "saw " + self.secret


@then("it breaks off with canaries")
def then_it_breaks_off(context):
    made = json.loads(Path("../made.json").read_text())
    print("last words", *canaries("broken off"))
    try:
        raise OddError(" ".join(canaries("broken off")))
    except OddError as error:
        raise OddError("and " + made["admin"] + str(error)) from error


@then("it fails with canaries")
def then_it_fails(context):
    assert False, "saw " + " ".join(canaries("broken off"))
"""

BLIND = """
from support.execution.runner import AcceptanceRunner
from support.foundation.redaction import Redactor


class Blind(Redactor):
    def text(self, text):
        return text

    def data(self, data):
        return data


class BlindRunner(AcceptanceRunner):
    def make_redactor(self):
        return Blind()
"""


def run(project: Project, found: list[Canary], *, runner: str = "") -> Finished:
    """Run a feature whose steps leak all canaries; those of the stack come to made.json."""
    steps = project.folder / "steps" / "small.py"
    steps.write_text(steps.read_text() + STEPS)
    planted_here = [(canary.channel, canary.spelled) for canary in found]
    (project.folder.parent / "canaries.json").write_text(json.dumps(planted_here))
    leaks = "".join(f"    When canaries leak by {c}\n" for c in CHANNELS if c != "broken off")
    project.feature(
        "@req:BR-001 @cap:format=any\nFeature: Canaries\n"
        f"  Scenario: Leaks\n{leaks}    And the stack's own secrets leak\n    Then it holds\n"
        "  Scenario: Breaks\n    Then it breaks off with canaries\n"
        "  Scenario: Fails\n    Then it fails with canaries\n"
    )
    if runner:
        (project.folder / "blind.py").write_text(BLIND)
        settings = project.folder / "pyproject.toml"
        text = settings.read_text()
        settings.write_text(text.replace("support.execution.runner:AcceptanceRunner", runner))
    secret = project.folder.parent / "testrail"
    secret.write_text("canary-in-a-file-77")
    secret.chmod(0o600)
    variables = {
        **{f"ACCEPTANCE_{c.setting.upper()}": c.value for c in found if c.setting},
        "ACCEPTANCE_TESTRAIL_SECRET_FILE": str(secret),
        "PYTHONPATH": f"{ROOT}:{project.folder}",
    }
    formats = ("-f", "plain", "-f", "json", "-o", "reports/out.json")
    return project.behave(
        *formats, "--junit", "--junit-directory", "reports", environment=variables
    )


def remains(project: Project, ran: Finished) -> list[tuple[str, bytes]]:
    """Return whatever a run left: what it printed, and every file."""
    printed = (ran.record.stdout + ran.record.stderr).encode()
    kept = files(project.artifacts, project.build, project.folder / "reports")
    return [("terminal", printed), *kept]


def test_fifty_canaries_are_found_nowhere(project: Project) -> None:
    found = planted()
    with ProcessList() as processes:
        ran = run(project, found)

    left = [*remains(project, ran), ("process list", b"\n".join(processes.seen))]
    assert len(found) >= 50
    assert "Leaks" in ran.text
    statuses = {record["scenario"]["name"]: record["status"] for record in ran.evidence()}
    assert statuses == {"Leaks": "passed", "Breaks": "error", "Fails": "failed"}, ran.text[-3000:]
    assert any(name.endswith("platform.log") for name, _ in left)
    assert any(name.endswith("history.sqlite") for name, _ in left)
    where = {c.name: traces(left, c.value, c.spelled) for c in found}
    made = json.loads((project.folder.parent / "made.json").read_text())
    where |= {name: traces(left, value) for name, value in made.items()}
    assert {name: places for name, places in where.items() if places} == {}
    assert ran.text.count("[redacted: ") >= 5


def test_without_redaction_the_canaries_are_found(project: Project) -> None:
    """The test above could not fail if nothing were planted, or the search were blind."""
    found = planted()

    ran = run(project, found, runner="blind:BlindRunner")

    left = remains(project, ran)
    missed = [c.name for c in found if not traces(left, c.value, c.spelled)]
    assert missed == []
    made = json.loads((project.folder.parent / "made.json").read_text())
    assert [name for name, value in made.items() if not traces(left, value)] == []
    for kind in ("terminal", "messages.ndjson", "evidence.json", "history.sqlite", ".xml"):
        places = [p for c in found for p in traces(left, c.value, c.spelled)]
        assert any(place.endswith(kind) for place in places), kind


def test_the_process_list_shows_arguments() -> None:
    with ProcessList() as processes:
        process.run(
            [sys.executable, "-c", "import time; time.sleep(0.5)", "canary-among-arguments"],
            environment=child_environment(),
            time_limit_seconds=30,
        )

    assert traces([("list", b"\n".join(processes.seen))], "canary-among-arguments") == ["list"]


@pytest.mark.parametrize("canary", planted(), ids=lambda canary: canary.name)
def test_every_canary_can_be_found(canary: Canary, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" + canary.spelled.encode() + b"y")

    assert traces(files(tmp_path), canary.value, canary.spelled) == [str(tmp_path / "log")]
