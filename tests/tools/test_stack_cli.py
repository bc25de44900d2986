"""`acceptance stack`, as people and machines call it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import tools.cli.__main__ as cli
from support.foundation.settings import from_environment
from support.stack import standing


@pytest.fixture(autouse=True)
def build_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A build folder of the test's own; whatever is up below it ends with the test."""
    monkeypatch.setenv("ACCEPTANCE_BUILD", str(tmp_path / "build"))
    yield
    for entry in list(standing.status(from_environment())):
        entry.instance.remove()


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert cli.main(["stack", *arguments]) == code
    return capsys.readouterr().out


def test_a_stack_goes_up_is_shown_without_secrets_and_goes_down(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert json.loads(printed(capsys, "status", "--json", code=1)) == []
    assert "No stack is up" in printed(capsys, "status", code=1)

    shown = printed(capsys, "up")
    assert "platform        http://localhost:" in shown
    assert "ready" in shown
    table = printed(capsys, "status")
    (status,) = json.loads(printed(capsys, "status", "--json"))

    assert (status["name"], status["up"], status["components"]) == ("embedded", True, ["platform"])
    assert status["platform"] in table
    assert "client_secret" not in shown + table + json.dumps(status)
    assert "Ended: embedded." in printed(capsys, "down")
    assert "No stack was up." in printed(capsys, "down")


def test_json_is_all_that_a_machine_gets(capsys: pytest.CaptureFixture[str]) -> None:
    up = json.loads(printed(capsys, "up", "--json"))
    again = json.loads(printed(capsys, "restart", "--json"))

    assert up["up"] is again["up"] is True
    assert up["platform"] == again["platform"]


def test_logs_are_shown_by_component(capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "up")

    assert "ready at http://localhost:" in printed(capsys, "logs", "embedded", "platform")
    assert "ready at http://localhost:" in printed(capsys, "logs")
    assert cli.main(["stack", "logs", "embedded", "platfrom"]) == 2
    assert 'Did you mean "platform"?' in capsys.readouterr().err


def test_every_value_is_shown_with_its_origin_and_secrets_are_masked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printed(capsys, "up")
    folder = standing.instance_named(from_environment(), "embedded").folder
    secrets = {
        role["client_secret"]
        for role in json.loads((folder / "descriptor.json").read_text())["roles"].values()
    }

    rows = {row["name"]: row for row in json.loads(printed(capsys, "env", "--json"))}
    table, shell = printed(capsys, "env"), printed(capsys, "env", "--shell")

    assert rows["platform_url"]["origin"] == "stack descriptor"
    assert rows["admin_client_id"]["value"] == "opentdf"
    assert rows["platform_url"]["value"] in table
    assert f"export ACCEPTANCE_PLATFORM_URL={rows['platform_url']['value']}" in shell
    assert "# ACCEPTANCE_ADMIN_CLIENT_SECRET is a secret, from stack descriptor" in shell
    values = {row["value"] for row in rows.values()}
    assert not secrets & values


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["up", "embeded"], 'Did you mean "embedded"?'),
        (["up", "--option", "ec-wraping"], 'Did you mean "ec-wrapping"?'),
        (["up", "--option", "directory", "--option", "claims-identity"], "exclude each other"),
        (["up", "--name", "a/b"], "cannot be the name"),
        (["down", "blue"], 'There is no stack "blue"'),
        (["logs"], "Name one. Up: none."),
        (["env", "blue"], 'There is no stack "blue"'),
        (["restart", "blue"], 'There is no stack "blue"'),
        (["adopt", "nowhere"], "which is no address"),
    ],
)
def test_wrong_use_is_one_message(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["stack", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_platform_that_runs_elsewhere_is_adopted_and_left_running(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed(capsys, "up")
    settings = from_environment()
    folder = standing.instance_named(settings, "embedded").folder
    roles = json.loads((folder / "descriptor.json").read_text())["roles"]
    url = json.loads(printed(capsys, "status", "--json"))[0]["platform"]
    for role in ("admin", "standard"):
        monkeypatch.setenv(f"ACCEPTANCE_{role.upper()}_CLIENT_ID", roles[role]["client_id"])
        monkeypatch.setenv(f"ACCEPTANCE_{role.upper()}_CLIENT_SECRET", roles[role]["client_secret"])

    shown = printed(capsys, "adopt", url, "--name", "theirs")

    assert "nothing was started or changed there" in shown
    noted = standing.instance_named(settings, "theirs").folder
    texts = [path.read_text() for path in noted.rglob("*") if path.is_file()]
    assert not any(roles["admin"]["client_secret"] == text for text in texts)
    states = {row["name"]: row for row in json.loads(printed(capsys, "status", "--json"))}
    assert (states["theirs"]["up"], states["theirs"]["platform"]) == (True, url)
    printed(capsys, "down", "theirs")
    assert printed(capsys, "status")  # the platform itself still stands
