from hypothesis import given
from hypothesis import strategies as st

from support.evidence.facts import environment, scenario_text

SOURCE = '''\
@req:BR-001
Feature: A

  Background:
    Given a platform

  @smoke
  Scenario: One
    Given a text
      """
      Scenario: in a text
      """
    Then it holds

  # about the next
  @req:BR-002
  Scenario Outline: Two
    Then <n> holds

    Examples: numbers
      | n |
      | 1 |

  Rule: R
    Example: Three
      Then it holds
'''


def line_of(text: str) -> int:
    return [line.strip() for line in SOURCE.splitlines()].index(text) + 1


def test_a_scenario_is_cut_out_of_its_feature() -> None:
    one = scenario_text(SOURCE, line_of("Scenario: One"))
    row = scenario_text(SOURCE, line_of("| 1 |"))
    three = scenario_text(SOURCE, line_of("Example: Three"))

    assert one.startswith("  Scenario: One\n")
    assert one.endswith('      """\n    Then it holds\n')
    assert "Scenario: in a text" in one
    assert row.startswith("  Scenario Outline: Two\n")
    assert row.endswith("| 1 |\n")
    assert three == "    Example: Three\n      Then it holds\n"


def test_where_no_scenario_is_there_is_no_text() -> None:
    assert not scenario_text(SOURCE, 1)
    assert not scenario_text(SOURCE, line_of("Rule: R"))
    assert not scenario_text("", 5)


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_no_source_breaks_it(source: str, line: int) -> None:
    scenario_text(source, line)


def test_the_environment_names_no_machine() -> None:
    assert environment().keys() == {"system", "machine", "python", "packages_digest"}
