"""Failures that a profile accepts for a while, and how urgent the others are."""

import json

from tests.execution.conftest import Finished, Project, scenario

WAIVER = """\
policies:
  waivers:
    - test: "{test}"
      reason: known since the last release
      owner: the SDK team
      expires: {expires}
"""


def with_waiver(project: Project, test: str = "The one", expires: str = "2999-12-31") -> str:
    folder = project.folder / "profiles" / "lenient"
    folder.mkdir(parents=True)
    (folder / "capabilities.yaml").write_text("capabilities: {format: [ztdf]}\n")
    (folder / "config.yaml").write_text("config: {stack: embedded}\n")
    (folder / "policies.yaml").write_text(WAIVER.format(test=test, expires=expires))
    return "lenient"


def behave_leniently(project: Project, profile: str) -> Finished:
    defines = ("--define", f"profile={profile}", "--define", "profiles=profiles")
    return project.behave(*defines)


def test_a_waived_failure_is_shown_and_is_not_red(served: Project) -> None:
    served.feature(scenario("Given a platform", "When something is done", "Then it does not hold"))

    run = behave_leniently(served, with_waiver(served))

    assert run.code == 0, run.text
    assert run.statuses() == ["waived"]
    assert "1 waived: known since the last release (the SDK team, until 2999-12-31)" in run.text


def test_a_waiver_that_has_ended_or_fits_nothing_waives_nothing(served: Project) -> None:
    served.feature(scenario("Given a platform", "When something is done", "Then it does not hold"))

    run = behave_leniently(served, with_waiver(served, expires="2020-01-01"))

    assert run.code == 1
    assert run.statuses() == ["failed"]
    assert "policies.yaml:3: the waiver ended on 2020-01-01" in run.text


def test_a_waiver_whose_test_passes_is_reported(served: Project) -> None:
    served.feature(scenario("Given a platform", "When something is done", "Then it holds"))

    run = behave_leniently(served, with_waiver(served, test="The *"))

    assert run.code == 0, run.text
    assert run.statuses() == ["passed"]
    assert "1 passed though waived, so the waiver can go" in run.text


def test_a_waived_failure_does_not_hide_another(served: Project) -> None:
    text = scenario("Given a platform", "When something is done", "Then it does not hold")
    served.feature(text + "\n" + text.partition("\n\n")[2].replace("The one", "Another"))

    run = behave_leniently(served, with_waiver(served))

    assert run.code == 1
    assert run.statuses() == ["failed", "waived"]


def test_a_failure_shows_its_severity_the_most_urgent_first(served: Project) -> None:
    served.feature(scenario("Given a platform", "When something is done", "Then it does not hold"))

    run = served.behave()

    assert "failed high" in run.text
    record = json.loads((served.build / "last-run.json").read_text())
    assert record["severities"] == {"high": 1}
