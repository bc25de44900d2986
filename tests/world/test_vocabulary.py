"""The features and the step modules keep the rules of the house."""

import ast
from collections import Counter
from collections.abc import Iterator

import pytest

from support.foundation.settings import ROOT
from support.model.capability import Answer
from support.model.inventory import InstalledSdk, Inventory
from support.model.spec import Spec
from support.planning.planner import Basis, plan
from support.profiles import catalog, profile
from support.sdk.features import FEATURES
from support.specs import checks, reader, requirements
from support.specs.phrases import Phrase, Use, compiled, phrases, uses
from support.stack.options import OPTIONS
from tools.steps_catalogue import main

PATHS = sorted((ROOT / "features").rglob("*.feature"))
DOCUMENTS = [reader.parse(p.relative_to(ROOT).as_posix(), reader.read_text(p)) for p in PATHS]
SPECS = [spec for document in DOCUMENTS for spec in reader.specs_of(document)]
VOCABULARY = phrases(ROOT / "steps")
FIRST_SLICE = {1, 2, 3, 4, *range(6, 18), *range(21, 28), 31, 32, 33, 38, 39, 42}


def scenarios() -> dict[tuple[str, str], Spec]:
    """One spec for each scenario or outline, by its place and name without the example."""
    return {(spec.feature_path, spec.id.split(":")[1]): spec for spec in SPECS}


def keywords(spec: Spec) -> list[str]:
    """The keyword of each step, with `And` read as the one before."""
    meant: list[str] = []
    for step in spec.steps:
        meant.append(step.keyword if step.keyword in {"Given", "When", "Then"} else meant[-1])
    return meant


def test_features_have_no_fault_that_behave_would_let_pass() -> None:
    assert [problem for document in DOCUMENTS for problem in checks.problems_of(document)] == []


def test_names_of_scenarios_are_unique_over_all_features() -> None:
    names = Counter(name for _, name in scenarios())

    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("spec", scenarios().values(), ids=lambda spec: str(spec.id))
def test_a_scenario_states_conditions_then_one_event_then_what_is_observed(spec: Spec) -> None:
    meant = keywords(spec)

    assert len(meant) <= 12
    assert meant.count("When") == 1
    assert meant == sorted(meant, key=["Given", "When", "Then"].index)
    assert "Then" in meant


def test_every_step_is_defined_once_and_every_phrase_is_used() -> None:
    used = uses(SPECS, VOCABULARY)
    texts = {
        (keyword.lower(), step.text)
        for spec in SPECS
        for step, keyword in zip(spec.steps, keywords(spec), strict=True)
    }
    # With the library itself, so that the short cut of our own matching is held too.
    matches = {
        (keyword, text): [p for p in VOCABULARY if p.keyword == keyword and parsed(p, text)]
        for keyword, text in texts
    }

    assert [phrase.pattern for phrase, found in used.items() if not found] == []
    assert {text: found for text, found in matches.items() if len(found) != 1} == {}
    assert used == {
        phrase: [
            Use(step.text, spec)
            for spec in SPECS
            for step, keyword in zip(spec.steps, keywords(spec), strict=True)
            if phrase in matches[keyword.lower(), step.text]
        ]
        for phrase in VOCABULARY
    }


def parsed(phrase: Phrase, text: str) -> bool:
    return compiled(phrase.pattern).parse(text) is not None


def step_functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sorted((ROOT / "steps").glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                yield path.name, node


def test_step_functions_are_thin_and_have_names_of_their_own() -> None:
    functions = list(step_functions())
    names = Counter(function.name for _, function in functions)

    assert [name for name, count in names.items() if count > 1] == []
    # The docstring is one statement of the body.
    assert [f"{path}:{f.name}" for path, f in functions if len(f.body) > 5 + 1] == []


def test_the_catalogue_of_steps_is_up_to_date() -> None:
    assert main(["--check"]) == 0


def test_requirements_are_registered_and_the_first_slice_is_covered() -> None:
    registered = {entry.id for entry in requirements.load(ROOT / "features" / "requirements.yaml")}
    covered = {name for spec in SPECS for name in spec.requirement_ids}

    assert registered == {f"BR-{number:03}" for number in range(1, 43)}
    assert covered >= {f"BR-{number:03}" for number in FIRST_SLICE}


def test_go_and_python_give_enough_units_that_run() -> None:
    known = catalog.load(ROOT / "profiles" / "capability-catalog.yaml")
    chosen = profile.load(ROOT / "profiles", "embedded", known)
    answers = {"go": go_and_python(), "python": go_and_python("python")}
    inventory = Inventory(
        sdks=tuple(
            InstalledSdk(f"{language}-v1", language, "v1", "test", features)
            for language, features in answers.items()
        ),
        stack_features=(
            "expired-token",
            "foreign-audience-token",
            "foreign-issuer-token",
            "audit-log",
            "inactive-definitions",
            "golden-keys",
            "dpop-nonce",
            "people",
            "people-tokens",
            *OPTIONS,
        ),
    )

    units = plan(SPECS, Basis(chosen, known, inventory)).units

    counts = Counter(unit.expectation.disposition for unit in units)
    assert len(scenarios()) >= 50
    assert counts["run"] >= 170
    assert counts["error"] == 0


def go_and_python(language: str = "go") -> dict[str, Answer]:
    lacking = {
        *("assertions", "assertion_verification", "hexaflexible", "verifies_integrity"),
        *("ecwrap", "autoconfigure", "joins_parts"),
        *(name for name in FEATURES if name.startswith("mechanism")),
    }
    return {
        name: Answer("no" if language == "python" and name in lacking else "yes")
        for name in FEATURES
    }
