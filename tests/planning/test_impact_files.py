"""What each kind of file touches on the shipped features."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from support.foundation.git import Change
from support.model.spec import SpecStep
from support.model.unit import Unit
from support.model.variant import Variant
from support.planning.impact import Impact, Target
from support.planning.inputs import SDK_DIMENSIONS
from support.planning.project import read_project
from support.specs import reader
from tests.planning.changing import (
    changed,
    impact_of,
    shipped_project,
    shipped_target,
    text_of,
)

ROUND_TRIP = "features/tdf/round_trip.feature"
ANY_OF = "features/authorization/any_of.feature"

SMALL = """\
@req:BR-001 @cap:format=any
Feature: Small

  Background:
    Given a document that holds a short note

  Scenario: One
    Given these key envelopes
      | envelope | needs |
      | report   | apollo |
    When the reader opens the document
    Then the document opens with its original content

  Scenario Outline: <n> more
    When the reader opens the document
    Then access is refused because <reason>
      \"\"\"
      a text
      \"\"\"

    Examples: numbers
      | n | reason |
      | 1 | one |
      | 2 | two |
"""
ONE = "features/small.feature:one"
ROWS = ("features/small.feature:n-more:numbers.1", "features/small.feature:n-more:numbers.2")


def with_small(now: str | None, before: str = SMALL) -> Impact:
    return impact_of(
        Change("features/small.feature", before, now), target=units_of_small(before, now or before)
    )


def units_of_small(*texts: str) -> Target:
    path = "features/small.feature"
    specs = {s.id: s for text in texts for s in reader.specs_of(reader.parse(path, text))}
    return Target(tuple(Unit(spec, Variant()) for spec in specs.values()), "embedded")


def selected_specs(found: Impact) -> set[str]:
    return {unit_id.partition("#")[0] for unit_id in found.selected}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("the document opens with its", "the document does open with its", {ONE}),
        ("| report   | apollo |", "| report   | gemini |", {ONE}),
        ("a text", "another text", set(ROWS)),
        ("| 2 | two |", "| 2 | three |", {ROWS[1]}),
        ("    Given a document that holds a short note", "    Given nothing", {ONE, *ROWS}),
        ("@req:BR-001 @cap", "@req:BR-001 @risk:high @cap", {ONE, *ROWS}),
        ("  Scenario: One", "  # a remark\n\n  @smoke\n  Scenario: One", {ONE}),
        ("Scenario: One", "Scenario: Other", {"features/small.feature:other"}),
        ("      | 1 | one |\n", "      | 3 | one |\n", {ROWS[0].replace(".1", ".3")}),
        ("Feature: Small\n", "Feature: Small\n  A description of it.\n", set()),
        ("      | 1 | one |\n      | 2 | two |\n", "      | 2 | two |\n      | 1 | one |\n", set()),
    ],
)
def test_a_feature_touches_the_scenarios_that_state_something_else(
    old: str, new: str, expected: set[str]
) -> None:
    assert old in SMALL

    found = with_small(SMALL.replace(old, new))

    assert selected_specs(found) == expected
    assert bool(found.unrelated) is not bool(expected)


def test_a_new_feature_touches_all_its_scenarios() -> None:
    found = with_small(SMALL, "")

    assert selected_specs(found) == {ONE, *ROWS}
    assert found.reasons(f"{ONE}#default") == ("features/small.feature: the scenario is new",)


def test_a_feature_that_could_not_be_read_before_touches_all_its_scenarios() -> None:
    found = impact_of(
        Change("features/small.feature", "Scenario without a feature", SMALL),
        target=units_of_small(SMALL),
    )

    assert selected_specs(found) == {ONE, *ROWS}


def test_a_feature_that_cannot_be_read_touches_everything() -> None:
    found = impact_of(changed(ROUND_TRIP, "Scenario without a feature"))

    assert len(found.selected) == len(shipped_target().units)
    assert found.everything == (f"{ROUND_TRIP} is not valid Gherkin, so no run can start",)


def test_a_removed_feature_leaves_nothing_to_run() -> None:
    found = with_small(None)

    assert found.selected == {}
    assert found.unrelated == {
        "features/small.feature": "the file was removed: no unit of it is left"
    }


@pytest.mark.parametrize(
    "path",
    [
        "docs/faults.md",
        "README.md",
        "CHANGELOG.md",
        "Makefile",
        "LICENSE",
        ".gitignore",
        ".ci/run",
        "benchmarks/rewrap.py",
        "tests/conftest.py",
        "tools/cli/report.py",
        "profiles/remote/config.yaml",
    ],
)
def test_what_no_unit_depends_on_touches_nothing_and_says_why(path: str) -> None:
    found = impact_of(changed(path, text_of(path) + "\n# more\n"))

    assert found.selected == {}
    assert found.everything == ()
    assert found.unrelated[path].endswith(": no unit depends on it")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("pyproject.toml", "which configures every run"),
        ("requirements.lock", "which changes the libraries of every run"),
        ("profiles/capability-catalog.yaml", "which defines what every tag means"),
        ("profiles/embedded/policies.yaml", "which belongs to the profile"),
        ("environment.py", "every run"),
        ("support/embedded/kas.py", "every run executes it"),
        ("schemas/evidence.schema.json", "every run executes it"),
        ("support/embedded/protocol.binpb", "every run executes it"),
    ],
)
def test_what_every_run_depends_on_touches_everything(path: str, reason: str) -> None:
    more = "def before_tag(context, tag):\n    pass\n" if path == "environment.py" else "KEY = 1\n"

    found = impact_of(changed(path, text_of(path) + more))

    assert len(found.selected) == len(shipped_target().units)
    assert any(reason in text for text in found.everything), found.everything


@pytest.mark.parametrize("path", ["strange.toml", "deploy/values.yaml", "features/data.csv"])
def test_what_nobody_knows_touches_everything_and_says_so(path: str) -> None:
    found = impact_of(Change(path, None, "new"))

    assert len(found.selected) == len(shipped_target().units)
    assert found.everything == (f"{path} changed, and nothing tells which units depend on it",)


def test_a_schema_touches_whoever_reads_it() -> None:
    found = impact_of(changed("schemas/manifest.schema.json", "{}"))

    assert 0 < len(found.selected) < len(shipped_target().units) / 4
    assert "BR-004" in found.requirements()


def test_a_file_that_has_the_name_of_another_is_not_that_file() -> None:
    found = impact_of(Change("tests/data/capability-catalog.yaml", None, "dimensions: {}"))

    assert found.selected == {}


def test_a_schema_that_only_tools_read_touches_nothing() -> None:
    project = replace(shipped_project(), tools={"tools/a.py": 'load("odd.schema.json")'})

    found = impact_of(Change("schemas/odd.schema.json", None, "{}"), project=project)

    assert found.selected == {}
    assert found.unrelated["schemas/odd.schema.json"].startswith("only tools read it")


def test_a_base_profile_touches_everything_and_another_profile_nothing() -> None:
    target = shipped_target()
    derived = Target(target.units, "small", bases=("embedded",))

    found = impact_of(changed("profiles/embedded/config.yaml", "config: {}"), target=derived)
    other = impact_of(changed("profiles/remote/config.yaml", "config: {}"), target=derived)

    assert len(found.selected) == len(target.units)
    assert other.selected == {}


def test_a_requirement_touches_its_own_units() -> None:
    path = "features/requirements.yaml"
    text = text_of(path)
    statement = "Any supported client opens what any other made, byte for byte."
    assert statement in text

    found = impact_of(changed(path, text.replace(statement, "Something else.")))

    expected = {u.id for u in shipped_target().units if "BR-001" in u.spec.requirement_ids}
    assert set(found.selected) == expected
    assert found.requirements()["BR-001"] == (f"{path}: BR-001 changed",)


@pytest.mark.parametrize("now", ["requirements: [1]", "a: [", "", None])
def test_requirements_that_cannot_be_compared_touch_everything(now: str | None) -> None:
    found = impact_of(changed("features/requirements.yaml", now))

    assert len(found.selected) == len(shipped_target().units)
    assert "cannot be compared" in found.everything[0]


def test_a_remark_in_the_requirements_touches_nothing() -> None:
    path = "features/requirements.yaml"

    assert impact_of(changed(path, text_of(path) + "# more\n")).selected == {}


def uses(language: str) -> Callable[[Unit], bool]:
    sdk = f"{language}-v1"
    return lambda unit: sdk in {unit.variant.get("encrypt_sdk"), unit.variant.get("decrypt_sdk")}


def test_a_shim_touches_the_units_of_its_language() -> None:
    found = impact_of(changed("tools/sdk/rust/cli.sh", "exit 1\n"))

    expected = {unit.id for unit in shipped_target().units if uses("rust")(unit)}
    assert expected
    assert set(found.selected) == expected


def test_the_shim_of_the_default_sdk_touches_units_that_name_no_sdk_but_use_one() -> None:
    found = impact_of(changed("tools/sdk/go/main.go", "package main\n"))

    named = {unit.id for unit in shipped_target().units if uses("go")(unit)}
    more = set(found.selected) - named
    assert named < set(found.selected)
    for unit in shipped_target().units:
        if unit.id in more:  # what it does not name, the first SDK does for it
            assert None in {unit.variant.get("encrypt_sdk"), unit.variant.get("decrypt_sdk")}
    decisions = {u.id for u in shipped_target().units if u.spec.feature_path == ANY_OF}
    without = {u.id for u in shipped_target().units if not u.variant.id.count("_sdk=")}
    assert decisions & without
    assert not decisions & without & set(found.selected)


def test_a_shim_touches_units_whose_sdk_is_not_installed_yet() -> None:
    target = shipped_target()
    missing = [u for u in target.units if "java" in {c.value for c in u.variant}]
    assert missing

    found = impact_of(Change("tools/sdk/java/cli.sh", None, "exit 0"))

    assert set(found.selected) == {unit.id for unit in missing}


def test_an_sdk_that_is_not_that_of_the_last_run_touches_its_units() -> None:
    target = shipped_target()
    last = {"go-v1": "go now", "python-v1": "python before", "rust-v1": "rust now"}
    known = {unit.id: last for unit in target.units}
    again = Target(
        target.units,
        target.profile_id,
        inventory=target.inventory,
        default_sdk="go-v1",
        last_sdk_digests=known,
    )

    found = impact_of(target=again)

    expected = {unit.id for unit in target.units if uses("python")(unit)}
    assert set(found.selected) == expected
    reasons = {reason for texts in found.selected.values() for reason in texts}
    assert reasons == {"the SDK python-v1 is not the one of the unit's last run"}


def test_two_impacts_make_one() -> None:
    one = impact_of(changed(ROUND_TRIP, text_of(ROUND_TRIP).replace("Then", "But", 1)))
    two = impact_of(changed("docs/faults.md", "less"), changed("tools/sdk/rust/cli.sh", "x"))

    both = one.merged(two)

    assert set(both.selected) == set(one.selected) | set(two.selected)
    assert list(both.requirements()) == sorted({*one.requirements(), *two.requirements()})
    assert "docs/faults.md" in both.unrelated
    assert both.title == f"{one.title}; {two.title}"


def test_a_shim_touches_units_whose_steps_are_not_known() -> None:
    target = shipped_target()
    spec = replace(target.units[0].spec, steps=(SpecStep("Given", "something unheard of", 1),))
    unknown = replace(target, units=(Unit(spec, Variant()),))

    found = impact_of(changed("tools/sdk/go/main.go", "package main\n"), target=unknown)

    assert len(found.selected) == 1


def test_a_shim_touches_all_units_that_may_use_it_when_steps_cannot_be_read() -> None:
    target = replace(shipped_target(), units=shipped_target().units[:50])
    broken = replace(shipped_project(), sources={"steps/access.py": "x = ("})

    found = impact_of(
        changed("tools/sdk/go/main.go", "package main\n"), target=target, project=broken
    )

    whole = {u.id for u in target.units if None in {u.variant.get(d) for d in SDK_DIMENSIONS}}
    assert whole | {unit.id for unit in target.units if uses("go")(unit)} == set(found.selected)


@pytest.mark.parametrize(
    ("settings", "runner"),
    [
        ('[tool.behave]\nrunner = "support.run:Runner"\n', ("support.run", "Runner")),
        ("[tool.behave]\n", None),
        ("[tool.", None),
        (None, None),
    ],
)
def test_a_project_is_read_without_running_it(
    tmp_path: Path, settings: str | None, runner: tuple[str, str] | None
) -> None:
    for name in ("steps/a.py", "support/b/c.py", "tools/d.py", "tests/e.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("raise SystemExit\n")
    if settings is not None:
        (tmp_path / "pyproject.toml").write_text(settings)

    project = read_project(tmp_path)

    assert set(project.sources) == {"steps/a.py", "support/b/c.py"}
    assert set(project.tools) == {"tools/d.py"}
    assert project.runner == runner
