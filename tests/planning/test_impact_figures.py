"""How much a change selects of the shipped features, on a machine with three SDKs."""

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache

import pytest

from support.foundation.git import Change
from support.foundation.settings import ROOT
from support.specs.phrases import phrases, uses
from tests.planning.changing import (
    changed,
    functions_of,
    impact_of,
    python_files,
    sabotaged,
    shipped_specs,
    shipped_target,
    text_of,
)

SEED = 20261123
DIFFS = 30
MEDIAN_SHARE = 0.35
SECONDS = 1.0
TRACED = 5
"""How much slower Python may be while its coverage is measured."""

Draw = Callable[[random.Random], Change]


def one_function(draw: random.Random, folder: str) -> Change:
    """Draw a module of a folder, and one of its functions that behaves differently."""
    path = draw.choice([p for p in python_files(folder) if "def " in text_of(p)])
    return changed(path, sabotaged(text_of(path), draw.choice(functions_of(path))))


def one_line(draw: random.Random, paths: Sequence[str], mark: str) -> Change:
    """Draw a file, and a line of it that says something else behind a mark."""
    path = draw.choice(paths)
    lines = text_of(path).splitlines(keepends=True)
    at = draw.choice([number for number, line in enumerate(lines) if mark in line])
    lines[at] = lines[at].replace(mark, f"{mark}more ", 1)
    return changed(path, "".join(lines))


def files(pattern: str) -> list[str]:
    return sorted(p.relative_to(ROOT).as_posix() for p in ROOT.glob(pattern) if p.is_file())


KINDS: tuple[Draw, ...] = (
    lambda draw: one_line(draw, files("features/**/*.feature"), " the "),
    lambda draw: one_function(draw, "steps"),
    lambda draw: one_function(draw, "support/world"),
    lambda draw: one_function(draw, "support/platform"),
    lambda draw: one_function(draw, "support/sdk"),
    lambda draw: one_function(draw, draw.choice(["support/embedded", "support/stack"])),
    lambda draw: one_function(
        draw, draw.choice(["support/execution", "support/planning", "support/reporting"])
    ),
    lambda draw: one_line(draw, files("profiles/*/*.yaml"), ": "),
    lambda draw: one_line(draw, ["features/requirements.yaml"], 'title: "'),
    lambda draw: one_line(draw, files("tools/sdk/*/*.*"), " "),
    lambda draw: one_line(draw, files("docs/*.md"), " "),
    lambda draw: one_function(draw, draw.choice(["tests/world", "tests/planning", "tools/cli"])),
)
"""The kinds of places that people change, each as often as any other."""


def synthetic_diffs(seed: int = SEED) -> list[Change]:
    """Draw diffs of one place each: the kinds in turn; file, function and line by the seed."""
    draw = random.Random(seed)  # noqa: S311 -- seeded, so that everybody draws the same
    return [KINDS[number % len(KINDS)](draw) for number in range(DIFFS)]


def share_of(diff: Change) -> float:
    return len(impact_of(diff).selected) / len(shipped_target().units)


def test_the_median_diff_selects_a_third_of_the_units_at_most() -> None:
    shares = sorted(share_of(diff) for diff in synthetic_diffs())

    assert statistics.median(shares) <= MEDIAN_SHARE, shares


@cache
def specs_by_function() -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for phrase, places in uses(shipped_specs(), phrases(ROOT / "steps")).items():
        specs = found.setdefault((phrase.module, phrase.function), set())
        specs.update(use.spec.id for use in places)
    return found


def vocabulary() -> list[tuple[str, str]]:
    return sorted({(phrase.module, phrase.function) for phrase in phrases(ROOT / "steps")})


@pytest.mark.parametrize(("module", "function"), vocabulary())
def test_a_changed_step_selects_at_most_twice_the_units_that_use_it(
    module: str, function: str
) -> None:
    specs = specs_by_function()[module, function]
    users = {unit.id for unit in shipped_target().units if unit.spec.id in specs}
    path = f"steps/{module}.py"

    impact = impact_of(changed(path, sabotaged(text_of(path), function)))

    assert users <= set(impact.selected)
    assert len(impact.selected) <= 2 * len(users)


@pytest.mark.parametrize("path", ["support/world/documents.py", "support/platform/connect.py"])
def test_the_analysis_is_quick(path: str) -> None:
    change = changed(path, sabotaged(text_of(path)))
    shipped_target()

    def seconds() -> float:
        begun = time.process_time()
        impact_of(change)
        return time.process_time() - begun

    limit = SECONDS * (TRACED if sys.gettrace() else 1)
    assert min(seconds() for _ in range(5)) < limit
