from pathlib import Path

import pytest
from gherkin.stream.id_generator import IdGenerator
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.errors import SpecificationError
from support.model.spec import ExampleRow, Spec
from support.specs.reader import parse, read_text, specs_of

FEATURE = """\
@req:BR-001 @cap:format=any
Feature: Round trip
  Documents come back.

  Background:
    Given a platform

  @smoke
  Scenario: One opens
    When it is opened
    Then it is whole

  Rule: sizes matter
    Background:
      Given a size

    @risk:low
    Scenario Outline: A document of <size> opens
      When <size> is opened

      @slow
      Examples: odd sizes
        | size     | unit |
        | One byte | B    |
        | nothing  |      |
"""


def specs(text: str = FEATURE) -> tuple[Spec, ...]:
    return tuple(specs_of(parse("features/a.feature", text)))


def test_scenarios_and_rows_become_specs_with_stable_ids() -> None:
    assert [spec.id for spec in specs()] == [
        "features/a.feature:one-opens",
        "features/a.feature:a-document-of-size-opens:odd-sizes.one-byte",
        "features/a.feature:a-document-of-size-opens:odd-sizes.nothing",
    ]


def test_ids_do_not_depend_on_lines_or_row_order() -> None:
    first, second = "        | One byte | B    |\n", "        | nothing  |      |\n"
    moved = "# a comment\n\n" + FEATURE.replace(first + second, second + first)

    assert {spec.id for spec in specs(moved)} == {spec.id for spec in specs()}


def test_tags_are_inherited_in_order() -> None:
    plain, row, _ = specs()

    assert plain.tags == ("req:BR-001", "cap:format=any", "smoke")
    assert row.tags == ("req:BR-001", "cap:format=any", "risk:low", "slow")
    assert row.requirement_ids == ("BR-001",)


def test_rows_fill_names_and_steps_and_backgrounds_come_first() -> None:
    row = specs()[1]

    assert row.name == "A document of One byte opens"
    assert row.rule_name == "sizes matter"
    assert row.row == ExampleRow("odd-sizes", ("size", "unit"), ("One byte", "B"))
    assert [(step.keyword, step.text) for step in row.steps] == [
        ("Given", "a platform"),
        ("Given", "a size"),
        ("When", "One byte is opened"),
    ]
    assert FEATURE.splitlines()[row.line - 1].strip().startswith("| One byte")


def test_a_syntax_error_names_file_and_line() -> None:
    with pytest.raises(SpecificationError) as caught:
        parse("features/bad.feature", "Feature: x\n  Scenario: y\n    Given z\n    nonsense here\n")

    assert caught.value.problems[0].startswith("features/bad.feature:4:5: ")


def test_node_ids_are_unique_over_documents_with_one_generator() -> None:
    ids = IdGenerator()
    one, two = parse("a", FEATURE, ids), parse("b", FEATURE, ids)
    scenario = one["feature"]["children"][1]["scenario"]["id"]

    assert scenario != two["feature"]["children"][1]["scenario"]["id"]


def test_a_file_that_cannot_be_read_as_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.feature"
    path.write_bytes(b"Feature: \xff")

    with pytest.raises(SpecificationError, match=r"a\.feature: not UTF-8"):
        read_text(path)
    with pytest.raises(SpecificationError, match="cannot be read"):
        read_text(tmp_path)
    path.write_text(FEATURE)
    assert read_text(path) == FEATURE


def test_an_empty_file_has_no_specs() -> None:
    assert specs("# nothing\n") == ()


@given(st.text(max_size=300))
def test_any_text_is_specs_or_a_specification_error(text: str) -> None:
    try:
        found = specs("Feature: x\n" + text)
    except SpecificationError as error:
        assert error.problems  # noqa: PT017 -- both outcomes are right
    else:
        assert all(spec.id.startswith("features/a.feature:") for spec in found)
