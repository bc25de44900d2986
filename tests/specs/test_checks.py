import pytest

from support.specs.checks import problems_of
from support.specs.reader import parse


def problems(text: str) -> tuple[str, ...]:
    return problems_of(parse("f.feature", text))


GOOD = """\
Feature: Reading
  The reader opens documents. Given enough time, any document.

  Background:
    Given a platform

  Scenario: One
    Then the document opens

  Scenario Outline: Some <n>
    Then <n> open
    Examples:
      | n |
      | 1 |
      | 2 |
"""


def test_a_good_feature_has_no_problem() -> None:
    assert problems(GOOD) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "f.feature:1: the file has no Feature"),
        ("Feature: x\n", "f.feature:1: the feature has no scenario"),
        ("Feature: x\n  Scenario: y\n", 'f.feature:2: the scenario "y" has no steps'),
        (
            "Feature: x\n  Scenario: y\n    Givven a reader\n    Then it opens\n",
            'f.feature:3: "Givven a reader" is read as description, not as a step. Did you mean "',
        ),
        (
            "Feature: x\n  Backgroud:\n  Scenario: y\n    Then it opens\n",
            'f.feature:2: "Backgroud:" is read as description, not as a step. Did you mean "Back',
        ),
        (
            "Feature: x\n  Scenario: y\n    When it is opened\n",
            'f.feature:2: the scenario "y" has no Then, so it could not fail',
        ),
        (
            "Feature: x\n  Scenario Outline: <m> y\n    Then <nn>\n    Examples:\n      | n |\n",
            "f.feature:5: the table has no column for <m>",
        ),
        (
            "Feature: x\n  Scenario Outline: y\n    Then <nn>\n    Examples:\n      | n |\n",
            "f.feature:5: the table has no column for <nn>",
        ),
        (
            "Feature: x\n  Scenario Outline: y\n    Then <n>\n",
            'f.feature:2: the outline "y" has no example rows',
        ),
        (
            "Feature: x\n  Scenario: y\n    Then <n> opens\n",
            'f.feature:2: the outline "y" has no example rows',
        ),
        (
            "Feature: x\n  Scenario Outline: y\n    Then <n>\n    Examples:\n      | n |\n",
            'f.feature:2: the outline "y" has no example rows',
        ),
        (
            "Feature: x\n  Scenario Outline: y\n    Then a\n    Examples:\n      |\n      |\n",
            'f.feature:2: the outline "y" has no example rows',
        ),
        (
            "Feature: x\n  Scenario: y\n    Then a\n  Rule: r\n    Scenario: y\n      Then b\n",
            'f.feature:5: the name "y" is used twice (first on line 2)',
        ),
        (
            "Feature: x\n  Scenario: a b\n    Then a\n  Scenario: a-b\n    Then b\n",
            'f.feature:4: the scenario "a-b" cannot be told apart from line 2',
        ),
        (
            "Feature: x\n  Scenario Outline: y\n    Then <n>\n    Examples:\n"  # noqa: ISC004
            "      | n | m |\n      | 1 | 2 |\n      | 1 | 3 |\n",
            'f.feature:7: the example row "1" cannot be told apart from line 6',
        ),
        (
            "Feature: x\n  Rule: r\n    Scenario: y\n",
            'f.feature:3: the scenario "y" has no steps',
        ),
    ],
)
def test_what_behave_would_let_pass_is_told(text: str, expected: str) -> None:
    found = problems(text)

    assert [problem for problem in found if problem.startswith(expected)], found


@pytest.mark.parametrize("line", ["The reader waits.", "They open it.", "Any reader may.", "- a"])
def test_ordinary_descriptions_are_left_alone(line: str) -> None:
    assert problems(f"Feature: x\n  Scenario: y\n    {line}\n    Then it opens\n") == ()
