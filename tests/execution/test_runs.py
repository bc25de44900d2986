"""Whole runs by the real behave: outcomes, selection, evidence, and every kind of bad input."""

import json
import shutil
from pathlib import Path

import pytest

from support.foundation.documents import validator
from support.history.history import History
from support.model.outcome import Status
from support.stack import embedded
from tests.artifacts.plain import contents
from tests.execution.conftest import GOOD, Project, scenario


def test_a_good_run_is_green_and_leaves_evidence_for_every_unit(project: Project) -> None:
    run = project.behave()

    assert run.code == 0, run.text
    assert "GREEN: 3 of 3 units passed" in run.text
    assert "profile    embedded (default)" in run.text
    assert run.statuses() == ["passed"] * 3
    for record in run.evidence():
        assert not list(validator("evidence").iter_errors(record))
        assert record["files"], record["unit_id"]
    (folder,) = project.artifacts.iterdir()
    lines = (folder / "messages.ndjson").read_text().splitlines()
    assert json.loads(lines[-1])["testRunFinished"]["success"] is True
    assert len(list((folder / "allure-results").glob("*-result.json"))) == 3


@pytest.mark.parametrize(
    "formatter",
    ["plain", "pretty", "progress", "progress2", "progress3", "json", "rerun", "tags", "null"],
)
def test_every_formatter_of_behave_works(served: Project, formatter: str) -> None:
    run = served.behave("-f", formatter, "-o", "out.txt")

    assert run.code == 0, run.text
    if formatter in {"plain", "pretty", "json"}:
        assert "One holds [format=ztdf]" in (served.folder / "out.txt").read_text()


def test_junit_names_every_variant(served: Project) -> None:
    run = served.behave("--junit", "--junit-directory", "junit")

    assert run.code == 0
    (report,) = (served.folder / "junit").glob("*.xml")
    assert "One holds [format=ztdf]" in report.read_text()
    assert "2 hold -- numbers.2 [format=ztdf]" in report.read_text()


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [
        (["--tags", "@variant:format=ztdf"], 3),
        (["--name", "numbers.1"], 1),
        (["features/small.feature:7"], 1),
        (["features/small.feature:17"], 1),
    ],
)
def test_units_are_selected_by_tag_name_and_line(
    served: Project, arguments: list[str], passed: int
) -> None:
    run = served.behave(*arguments)

    assert run.code == 0, run.text
    assert run.statuses() == ["passed"] * passed


def test_a_dry_run_shows_the_units_and_runs_none(project: Project) -> None:
    run = project.behave("--dry-run", "-f", "plain")

    assert run.code == 0, run.text
    assert "One holds [format=ztdf]" in run.text
    assert not project.artifacts.exists()


def test_failures_errors_and_skips_are_told_apart(served: Project) -> None:
    served.feature(
        "@req:BR-001 @cap:format=any\nFeature: Small\n"
        "  Scenario: Fails\n    Then it does not hold\n"
        "  Scenario: Errs\n    Then the environment is unfit\n"
        "  Scenario: Skips\n    When the step skips the scenario\n    Then it holds\n"
        "  Scenario: Unknown\n    Then nobody wrote this step\n"
        "  Scenario: Passes\n    Then it holds\n"
    )

    run = served.behave()

    assert run.code == 1
    by_name = {record["scenario"]["name"]: record for record in run.evidence()}
    assert {name: record["status"] for name, record in by_name.items()} == {
        "Fails": "failed",
        "Errs": "error",
        "Skips": "error",
        "Unknown": "error",
        "Passes": "passed",
    }
    assert "The scenario skipped itself (no mood)" in by_name["Skips"]["reason"]
    assert "no step definition" in by_name["Unknown"]["reason"]
    assert "EnvironmentUnfitError: the moon" in by_name["Errs"]["reason"]
    assert "Traceback" not in run.text
    assert "RED: 1 failed, 3 without a verdict" in run.text


def test_stop_leaves_the_rest_without_outcome_and_says_so(project: Project) -> None:
    project.feature(scenario("Then it does not hold"), "a_first.feature")

    run = project.behave("--stop")

    assert run.code == 1
    assert sorted(run.statuses()) == ["error", "error", "error", "failed"]
    assert "3 planned but not run" in run.text


def test_a_secret_reaches_neither_terminal_nor_any_file(project: Project) -> None:
    project.feature(scenario("Given a platform", "Then it does not hold"))

    run = project.behave("--junit", "--junit-directory", "junit", "-f", "plain")

    assert "saw [redacted: secret]" in run.text
    assert "printed [redacted: secret]" in run.text
    junit = [path.read_text() for path in (project.folder / "junit").rglob("*.xml")]
    everything = "".join((*contents(project.artifacts).values(), *junit))
    assert "[redacted: secret]" in everything, "the secret was never there to be redacted"


def test_the_others_go_on_after_a_restart_where_the_profile_allows_it(project: Project) -> None:
    project.feature(
        "@req:BR-001 @cap:format=any\nFeature: Small\n"
        "  Scenario: During\n    When the platform dies\n    Then the environment is unfit\n"
        "  Scenario: After\n    Given a platform\n    Then it holds\n"
    )

    run = project.behave(environment=project.profile("tough", {"allow_restart": True}))

    assert run.code == 1
    by_name = {record["scenario"]["name"]: record for record in run.evidence()}
    assert by_name["During"]["status"] == "error"
    assert "stopped with exit code -9" in by_name["During"]["reason"]
    assert by_name["After"]["status"] == "passed"
    assert "restarted, for" in run.text


def test_units_that_need_an_option_run_on_a_variant_that_starts_once(project: Project) -> None:
    project.feature(
        "@req:BR-001 @cap:format=any\nFeature: Small\n"
        "  @needs:several-kas\n  Scenario: One\n    Given a platform\n    Then it has 7 KAS\n"
        "  Scenario: Two\n    Given a platform\n    Then it has 1 KAS\n"
        "  @needs:several-kas\n  Scenario: Three\n    Given a platform\n    Then it has 7 KAS\n"
    )
    steps = project.folder / "steps" / "small.py"
    steps.write_text(
        steps.read_text() + '\n\n@then("it has {count:d} KAS")\ndef then_kas(context, count):\n'
        "    assert len(context.world.services.kas_urls) == count\n"
    )

    run = project.behave()

    assert run.code == 0, run.text
    assert run.text.count("a variant is started: several-kas") == 1
    assert run.statuses() == ["passed", "passed", "passed"]


def test_a_platform_that_dies_is_an_error_with_the_cause_for_every_unit_after(
    project: Project,
) -> None:
    project.feature(
        "@req:BR-001 @cap:format=any\nFeature: Small\n"
        "  Scenario: Before\n    Given a platform\n    Then it holds\n"
        "  Scenario: During\n    When the platform dies\n    Then the environment is unfit\n"
        "  Scenario: After\n    Given a platform\n    Then it holds\n"
    )

    run = project.behave()

    assert run.code == 1
    by_name = {record["scenario"]["name"]: record for record in run.evidence()}
    assert by_name["Before"]["status"] == "passed"
    for name in ("During", "After"):
        assert by_name[name]["status"] == "error"
        assert "stopped with exit code -9" in by_name[name]["reason"]
    assert "HOOK-ERROR" not in run.text
    assert "Traceback" not in run.text


def test_an_interrupt_keeps_valid_evidence_and_ends_the_platform(project: Project) -> None:
    project.feature(
        "@req:BR-001 @cap:format=any\nFeature: Small\n"
        "  Scenario: Before\n    Then it holds\n"
        "  Scenario: During\n    When the tester interrupts\n    Then it holds\n"
        "  Scenario: After\n    Then it holds\n"
    )

    run = project.behave()

    assert run.code == 1
    assert run.statuses() == ["error", "error", "passed"]
    assert [record["begun"] for record in run.evidence()].count(False) == 1
    assert all(not list(validator("evidence").iter_errors(r)) for r in run.evidence())
    assert "the run was interrupted" in run.text
    assert "Traceback" not in run.text


def test_a_run_is_summed_up_once_and_a_dry_run_not_at_all(served: Project) -> None:
    whole = served.behave()
    dry = served.behave("--dry-run")

    assert "scenarios passed" not in whole.text + dry.text
    assert "3 of 3 units passed, 0 not run, in " in whole.text
    assert "Dry run: nothing was run." in dry.text
    assert "failed" not in dry.text


def test_another_runner_is_told_where_to_run(project: Project) -> None:
    run = project.behave("--runner", "behave.runner:Runner")

    assert run.code == 1
    assert "did not read this project's pyproject.toml" in run.text


def test_an_interrupt_before_anything_ran_is_one_message(project: Project) -> None:
    cli = project.folder / "sdk" / "go" / "dist" / "v0.36.0" / "cli.sh"
    cli.write_text("#!/bin/sh\nkill -INT $(ps -o ppid= -p $$)\nsleep 5\n")

    run = project.behave()

    assert run.code == 1
    assert "RED: interrupted before anything was run." in run.text
    assert "Traceback" not in run.text


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--define", "profile=embeded"], 2, 'no profile "embeded". Did you mean "embedded"?'),
        (["--define", "profil=embedded"], 2, 'Did you mean "profile"?'),
        (["--define", "fault=skip-policy-bindng"], 2, 'Did you mean "skip-policy-binding"'),
        (["--define", "run_id=../escape"], 2, "cannot be a folder name"),
        (["--tags", "@no-such-tag"], 1, "Nothing is selected"),
        (["--name", "no such name"], 1, "Nothing is selected"),
        (["--define", "profile=remote"], 2, "ACCEPTANCE_PLATFORM_URL is not set"),
    ],
)
def test_wrong_use_is_one_clear_message(
    project: Project, arguments: list[str], code: int, message: str
) -> None:
    run = project.behave(*arguments)

    assert run.code == code, run.text
    assert message in run.text
    assert "Traceback" not in run.text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("Then it holds\n\n", "Thenn it holds\n\n", 1), "small.feature:9"),
        (GOOD.replace("@cap:format=any", ""), "names no capability"),
        (GOOD.replace("@req:BR-001", ""), "names no requirement"),
        (GOOD.replace("format=any", "fromat=any"), 'Did you mean "format"?'),
        (GOOD.replace("        | 1 |\n        | 2 |\n", ""), "has no example rows"),
        ("Feature: x\n", "has no scenario"),
        (GOOD.replace("Scenario: One holds", "Scenario: <n> hold"), "used twice"),
        (b"Feature: \xff", "not UTF-8"),
    ],
)
def test_a_wrong_feature_is_told_by_file_and_line(
    project: Project, text: str | bytes, message: str
) -> None:
    path = project.feature(text)

    run = project.behave()

    assert run.code == 1, run.text
    assert message in run.text
    assert path.name in run.text
    assert "Traceback" not in run.text
    assert not project.artifacts.exists()


def test_a_name_that_is_nearly_a_keyword_is_told(project: Project) -> None:
    project.feature(scenario("Givven a platform", "Then it holds"))

    run = project.behave()

    assert run.code == 1
    assert 'features/small.feature:5: "Givven a platform" is read as description' in run.text


def test_an_sdk_folder_without_its_script_is_told(project: Project) -> None:
    (project.folder / "sdk" / "go" / "dist" / "v0.37.0").mkdir()

    run = project.behave()

    assert run.code == 2, run.text
    assert "v0.37.0" in run.text
    assert "cli.sh" in run.text
    assert "Traceback" not in run.text


def test_a_missing_sdk_that_the_profile_declares_is_a_skip_with_the_reason(
    served: Project,
) -> None:
    served.feature(GOOD.replace("@cap:format=any", "@cap:encrypt_sdk=rust"))
    run = served.behave()

    assert run.code == 1
    assert run.statuses() == ["skipped"] * 3
    assert "acceptance sdk install rust" in run.text
    assert "RED: nothing ran" in run.text


def test_a_read_only_artifact_folder_is_told(project: Project) -> None:
    project.artifacts.write_text("a file stands where the folder should be")

    run = project.behave()

    assert run.code == 2, run.text
    assert "cannot be written" in run.text
    assert "ACCEPTANCE_ARTIFACTS" in run.text
    assert "Traceback" not in run.text


def test_artifacts_that_cannot_be_written_any_more_make_the_run_red_and_lose_nothing(
    served: Project,
) -> None:
    served.feature(
        "@req:BR-001 @cap:format=any\nFeature: Small\n"
        "  Scenario: Before\n    Then it holds\n"
        "  Scenario: During\n    When the artifact folder becomes unusable\n    Then it holds\n"
        "  Scenario: After\n    Given a platform\n    Then it holds\n"
    )

    run = served.behave()

    assert run.code == 1, run.text
    assert "The evidence sink failed" in run.text
    assert "3 of 3 units passed" in run.text
    told = next(line for line in run.text.splitlines() if "not everything was recorded" in line)
    assert told.startswith("RED")
    assert "evidence" in told
    assert "GREEN" not in run.text
    assert "Traceback" not in run.text
    (spilled,) = served.build.rglob("unwritten-evidence.jsonl")
    events = [json.loads(line)["event"] for line in spilled.read_text().splitlines()]
    assert events.count("UnitFinished") == 2


def test_a_green_run_keeps_no_log_of_its_platform_and_a_red_one_does(project: Project) -> None:
    green = project.behave("--define", "run_id=green")
    project.feature(scenario("Then it does not hold"))
    red = project.behave("--define", "run_id=red")

    assert (green.code, red.code) == (0, 1)
    assert [path.parent.name for path in project.build.rglob("platform.log")] == ["red"]


def test_a_run_id_is_never_used_twice(served: Project) -> None:
    first = served.behave("--define", "run_id=mine")
    second = served.behave("--define", "run_id=mine")

    assert (first.code, second.code) == (0, 2)
    assert "exists already" in second.text
    assert first.statuses() == ["passed"] * 3


def test_a_fault_is_a_watermark_on_the_run(project: Project) -> None:
    run = project.behave("--define", "fault=skip-policy-binding")

    assert run.code == 0, run.text
    assert "FAULTS ON: skip-policy-binding" in run.text
    assert all(r["stack"]["faults"] == ["skip-policy-binding"] for r in run.evidence())


def test_a_stack_descriptor_cut_in_half_is_told(project: Project) -> None:
    descriptor = project.folder / "descriptor.json"
    descriptor.write_text("{ half")

    run = project.behave("--define", f"stack_descriptor={descriptor}")

    assert run.code == 2, run.text
    assert "is not JSON" in run.text
    assert "Traceback" not in run.text


def test_wrong_credentials_of_an_adopted_platform_are_told_once_and_nothing_runs(
    project: Project, tmp_path: Path
) -> None:
    stack = embedded.start_for_run(tmp_path / "stack")
    services = stack.services
    environment = {
        "ACCEPTANCE_PLATFORM_URL": services.platform_url,
        "ACCEPTANCE_ADMIN_CLIENT_ID": "opentdf",
        "ACCEPTANCE_ADMIN_CLIENT_SECRET": services.credentials("admin").client_secret.reveal(),
        "ACCEPTANCE_STANDARD_CLIENT_ID": "opentdf-sdk",
        "ACCEPTANCE_STANDARD_CLIENT_SECRET": "not-this-one",
    }

    try:
        run = project.behave("--define", "profile=remote", environment=environment)
    finally:
        stack.stop()

    assert run.code == 1, run.text
    assert run.text.count('refused the client "opentdf-sdk" of the role "standard"') == 1
    assert "RED: nothing was run." in run.text
    assert run.evidence() == []


def test_a_run_is_remembered_with_the_digest_of_what_each_unit_depends_on(
    served: Project,
) -> None:
    served.behave("--define", "run_id=first")
    served.behave("--define", "run_id=second", "--name", "One holds")
    history = History(served.build / "history.sqlite")

    digests = history.input_digests()

    assert [run.id for run in history.runs()] == ["first", "second"]
    assert {outcome.status for outcome in history.last_outcomes().values()} == {Status.PASSED}
    assert len(set(digests.values())) == len(digests) == 3


MIXED = (
    "@req:BR-001 @cap:format=any\nFeature: Small\n"
    "  Scenario: Passes\n    Then it holds\n"
    "  Scenario: Errs\n    Then the environment is unfit\n"
    "  Rule: rows\n"
    "    Scenario Outline: <n> fail\n      Then it does not hold\n"
    "      Examples: numbers\n        | n |\n        | 1 |\n        | 2 |\n"
)


def unit_id(scenario: str) -> str:
    return f"features/small.feature:{scenario}#format=ztdf"


def test_a_list_of_units_is_run_in_its_order_until_one_fails(served: Project) -> None:
    served.feature(MIXED)
    wanted = ["errs", "n-fail:numbers.2", "n-fail:numbers.1", "passes"]
    (served.folder / "wanted").write_text("\n".join(map(unit_id, wanted)))

    run = served.behave("--define", "until_failure=wanted")

    assert run.code == 1
    ran = {record["unit_id"]: record["status"] for record in run.evidence() if record["begun"]}
    assert ran == {unit_id("errs"): "error", unit_id("n-fail:numbers.2"): "failed"}
    assert "2 planned but not run" in run.text


def test_a_list_whose_units_pass_is_green(served: Project) -> None:
    (served.folder / "wanted").write_text(unit_id("n-hold:numbers.2") + "\n")

    run = served.behave("--define", "until_failure=wanted")

    assert run.code == 0, run.text
    assert "GREEN: 1 of 1 units passed" in run.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("features/small.feature:of-yesterday#default", "does not plan, such as features/small"),
        (None, "cannot be read"),
    ],
)
def test_a_list_that_is_of_no_use_is_refused(
    project: Project, content: str | None, said: str
) -> None:
    if content is not None:
        (project.folder / "wanted").write_text(content)

    run = project.behave("--define", "until_failure=wanted")

    assert run.code == 2
    assert said in run.text


def ran_in_order(project: Project, *defines: str) -> tuple[str, list[str]]:
    """Return what a run printed, and its units in the order in which they began."""
    run = project.behave(*(part for define in defines for part in ("--define", define)))
    assert run.code == 0, run.text
    records = sorted(run.evidence(), key=lambda record: str(record["start_timestamp"]))
    units = [str(record["unit_id"]).partition("#")[0].rpartition(":")[2] for record in records]
    shutil.rmtree(project.artifacts)
    return run.text, units


def test_units_run_in_the_same_order_by_the_same_chance(served: Project) -> None:
    many = "".join(f"  Scenario: The {n}\n    Then it holds\n" for n in range(6))
    served.feature(f"@req:BR-001 @cap:format=any\nFeature: Small\n{many}")
    written = [f"the-{n}" for n in range(6)]

    text, stable = ran_in_order(served)
    told, first = ran_in_order(served, "order=random:7")
    _, again = ran_in_order(served, "order=random:7")

    assert stable == written
    assert "random" not in text
    assert told.count("random:7") == 3
    assert first == again
    assert first != written
    assert sorted(first) == written


def test_two_orders_are_one_too_many(project: Project) -> None:
    (project.folder / "wanted").write_text(unit_id("one-holds"))

    run = project.behave("--define", "until_failure=wanted", "--define", "order=random:7")

    assert run.code == 2
    assert "Leave one of them out" in run.text


def test_a_run_with_a_faulty_shim_is_watermarked_and_not_remembered(project: Project) -> None:
    run = project.behave("--define", "fault=labels-dropped")

    assert run.code == 0, run.text
    assert "FAULTS ON: labels-dropped: this run proves nothing" in run.text
    assert all(record["stack"]["faults"] == ["labels-dropped"] for record in run.evidence())
    assert not (project.build / "history.sqlite").exists()
