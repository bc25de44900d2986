"""Runs of a plan that was written before: exactly its units, or one clear error."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from support.foundation import process
from support.foundation.settings import ROOT, child_environment
from support.model.records import CommandRecord
from tests.execution.conftest import TIME_LIMIT_SECONDS, Project


def discover(project: Project, *arguments: str) -> CommandRecord:
    """Plan a project's features with the real command."""
    own = {
        "PYTHONPATH": str(ROOT),
        "ACCEPTANCE_BUILD": str(project.build),
        "ACCEPTANCE_SDK_ROOTS": str(project.folder / "sdk"),
    }
    return process.run(
        [sys.executable, "-m", "tools.cli", "discover", *arguments, "features"],
        environment=child_environment(own),
        time_limit_seconds=TIME_LIMIT_SECONDS,
        working_directory=project.folder,
    )


def planned(project: Project, *arguments: str) -> Path:
    path = project.folder / "plan.json"
    record = discover(project, "--output", str(path), *arguments)
    assert record.exit_code == 0, record.stdout + record.stderr
    return path


def read(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text())
    return data


def test_exactly_the_units_of_the_plan_are_run(served: Project) -> None:
    path = planned(served, "--name", "hold", "--tags", "@cap:format=any")
    units = [unit["id"] for unit in read(path)["units"]]
    data = read(path)
    data["units"] = data["units"][:2]
    path.write_text(json.dumps(data))

    run = served.behave("--define", f"plan={path}")

    assert run.code == 0, run.text
    assert f"plan       {path}" in run.text
    assert sorted(record["unit_id"] for record in run.evidence()) == sorted(units[:2])


def test_shards_run_every_unit_once(served: Project) -> None:
    path = planned(served)
    seen: list[str] = []
    for number in (1, 2):
        run = served.behave(
            "--define",
            f"plan={path}",
            "--define",
            f"shard={number}/2",
            "--define",
            f"run_id={number}",
        )
        assert run.code == 0, run.text
        seen = [record["unit_id"] for record in run.evidence()]

    assert sorted(seen) == sorted(unit["id"] for unit in read(path)["units"])


@pytest.mark.parametrize(
    ("defines", "message"),
    [
        (["shard=1/2"], "names a part of a plan, and no plan is named"),
        (["plan=plan.json", "shard=3/2"], "NUMBER/COUNT was expected"),
        (["plan=plan.json", "profile=remote"], "is a plan of the profile embedded, and"),
        (["plan=nowhere.json"], "there is no such file. Write one"),
    ],
)
def test_wrong_use_of_a_plan_is_told(project: Project, defines: list[str], message: str) -> None:
    planned(project)

    run = project.behave(*(part for define in defines for part in ("--define", define)))

    assert run.code == 2, run.text
    assert message in run.text
    assert "Traceback" not in run.text


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 2}', "\xff", "[" * 100_000])
def test_a_broken_plan_is_told(project: Project, text: str) -> None:
    (project.folder / "plan.json").write_text(text, encoding="latin-1")

    run = project.behave("--define", "plan=plan.json")

    assert run.code == 2, run.text
    assert "plan.json" in run.text
    assert "Traceback" not in run.text


def test_what_differs_from_the_plan_is_an_error_and_never_a_skip(served: Project) -> None:
    path = planned(served)
    cli = served.folder / "sdk" / "go" / "dist" / "v0.36.0" / "cli.sh"
    cli.write_text(cli.read_text() + "# another build\n")

    run = served.behave("--define", f"plan={path}")

    assert run.code == 1, run.text
    assert "the SDK go-v0.36.0 is another build" in run.text
    assert "RED: nothing was run." in run.text


def test_a_feature_that_was_edited_since_is_an_error(project: Project) -> None:
    path = planned(project)
    feature = project.folder / "features" / "small.feature"
    feature.write_text(feature.read_text().replace("One holds", "Another holds"))

    run = project.behave("--define", f"plan={path}")

    assert run.code == 1, run.text
    assert "small.feature has changed since" in run.text


def test_a_missing_sdk_is_an_error(project: Project) -> None:
    path = planned(project)
    other = project.folder / "sdk" / "go" / "dist"
    (other / "v0.36.0").rename(other / "v0.37.0")

    run = project.behave("--define", f"plan={path}")

    assert run.code == 1, run.text
    assert "the SDK go-v0.36.0 is in the plan and not installed here" in run.text
    assert "the SDK go-v0.37.0 is installed here and not in the plan" in run.text


def test_the_same_inputs_give_the_same_plan_with_and_without_the_cache(project: Project) -> None:
    first = planned(project).read_bytes()
    second = planned(project).read_bytes()
    third = planned(project, "--no-cache").read_bytes()
    feature = project.folder / "features" / "small.feature"
    feature.write_text(feature.read_text() + "        | 3 |\n")
    edited = planned(project).read_bytes()

    assert first == second == third
    assert edited == planned(project, "--no-cache").read_bytes()
    assert len(json.loads(edited)["units"]) == len(json.loads(first)["units"]) + 1


def test_nothing_to_run_is_red_and_says_why(project: Project) -> None:
    record = discover(project, "--tags", "@smoke")

    assert record.exit_code == 1
    assert "@smoke" in record.stdout + record.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--requirement", "BR-999"], "BR-999"),
        (["--risk", "hihg"], 'Did you mean "high"'),
        (["--capability", "formt=ztdf"], 'Did you mean "format"'),
        (["--tags", "@a and"], "is not a tag expression"),
        (["--profile", "embeded"], 'Did you mean "embedded"'),
    ],
)
def test_wrong_use_of_discover_is_told(
    project: Project, arguments: list[str], message: str
) -> None:
    record = discover(project, *arguments)

    assert record.exit_code == 2, record.stdout + record.stderr
    assert message in record.stderr
    assert "Traceback" not in record.stderr


def test_another_machine_is_planned_for_by_its_inventory(project: Project) -> None:
    inventory = project.folder / "inventory.json"
    here = discover(project, "--write-inventory", str(inventory), "--json")
    (project.folder / "sdk" / "go").rename(project.folder / "elsewhere")

    there = discover(project, "--inventory", str(inventory), "--json")

    assert here.exit_code == there.exit_code == 0, there.stdout + there.stderr
    assert json.loads(here.stdout)["units"] == json.loads(there.stdout)["units"]


def test_the_last_failures_are_selected_from_the_history(served: Project) -> None:
    feature = served.folder / "features" / "small.feature"
    feature.write_text(feature.read_text().replace("Then it holds", "Then it does not hold", 1))
    assert served.behave().code == 1

    record = discover(served, "--last-failed", "--json")

    names = [unit["name"] for unit in json.loads(record.stdout)["units"]]
    assert names == ["One holds [format=ztdf]"]
