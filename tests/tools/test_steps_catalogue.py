from pathlib import Path

import pytest

from support.specs.phrases import phrases
from tools.steps_catalogue import catalogue, main

STEPS = '''\
"""What happens at sea."""

from behave import given, then


@given("a ship | boat of {size}")
def given_a_ship(context, size):
    """Launch it."""


@then("it sinks")
def then_it_sinks(context):
    """Watch it."""


def helper():
    """Not a step."""
'''
FEATURE = """\
Feature: Sea
  Scenario: One
    Given a ship | boat of 3 m
    And a ship | boat of 4 m
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one step module and one feature."""
    for name in ("steps", "features", "docs"):
        (tmp_path / name).mkdir()
    (tmp_path / "steps" / "sea.py").write_text(STEPS)
    (tmp_path / "features" / "sea.feature").write_text(FEATURE)
    return tmp_path


def test_each_phrase_has_its_meaning_an_example_and_its_places(root: Path) -> None:
    rows = [line for line in catalogue(root).splitlines() if line.startswith("| **")]

    ship, sinking = rows
    assert ship.startswith(r"| **Given** a ship \| boat of {size} | Launch it. |")
    assert ship.endswith(r"| Given a ship \| boat of 3 m | sea.feature |")
    assert sinking == "| **Then** it sinks | Watch it. | (not used) |  |"


def test_a_check_compares_and_writes_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = root / "docs" / "steps.md"

    assert main(["--check"], root) == 1
    assert not target.exists()
    assert main([], root) == 0
    assert main(["--check"], root) == 0
    target.write_text("stale")
    assert main(["--check"], root) == 1
    assert "python -m tools.steps_catalogue" in capsys.readouterr().err


def test_a_step_without_a_docstring_is_an_error(root: Path) -> None:
    (root / "steps" / "land.py").write_text("@when('x')\ndef when_x(context): ...\n")

    with pytest.raises(ValueError, match=r"steps/land\.py:2: when_x has no docstring"):
        phrases(root / "steps")
