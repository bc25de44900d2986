"""Putting a plan into behave's model: each planned unit becomes a scenario of its own.

Clones are real behave scenarios, made by the constructor, so that every formatter, `--tags`,
`--name` and `file:line` treats them like written ones.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence

from behave.model import Feature, Row, Rule, Scenario, ScenarioOutline, Step, Tag

from support.foundation.errors import FrameworkError
from support.model.unit import Unit
from support.planning.planner import Plan

Place = tuple[str, int]


def expand(features: Sequence[Feature], plan: Plan, paths: Mapping[str, str]) -> None:
    """Replace each selected scenario by one clone per unit; the clone carries it as `unit`.

    A scenario that the plan leaves out is taken away, so that no formatter counts it.

    Args:
        features: behave's parsed features; changed in place.
        plan: the planned units, and what is left out.
        paths: the spec's feature path for each behave file name.

    Raises:
        FrameworkError: a scenario that behave would run is unknown to the plan.
    """
    by_place: dict[Place, list[Unit]] = {
        (left.spec.feature_path, left.spec.line): [] for left in plan.left_out
    }
    for unit in plan.units:
        by_place.setdefault((unit.spec.feature_path, unit.spec.line), []).append(unit)
    for feature in features:
        _expand_container(feature, by_place, paths[feature.filename])


def planned_scenarios(features: Sequence[Feature]) -> Iterator[tuple[Scenario, Unit]]:
    """Yield every scenario that stands for a unit, with the unit, in the order of the run."""
    for feature in features:
        for scenario in feature.walk_scenarios():
            unit = getattr(scenario, "unit", None)
            if unit is not None:
                yield scenario, unit


def _expand_container(
    container: Feature | Rule, by_place: Mapping[Place, list[Unit]], path: str
) -> None:
    container.run_items = list(_items(container.run_items, by_place, path))
    container.scenarios = [item for item in container.run_items if not isinstance(item, Rule)]


def _items(
    items: Sequence[Rule | Scenario], by_place: Mapping[Place, list[Unit]], path: str
) -> Iterator[Rule | Scenario]:
    for item in items:
        if isinstance(item, Rule):
            _expand_container(item, by_place, path)
            yield item
        elif isinstance(item, ScenarioOutline):
            item._scenarios = list(_items(item.scenarios, by_place, path))  # noqa: SLF001 -- no public setter
            yield item
        elif item.should_skip:  # deselected by file:line
            yield item
        else:
            units = by_place.get((path, item.line))
            if units is None:
                raise FrameworkError(f"{path}:{item.line}: {item.name} is not in the plan.")
            yield from (_clone(item, unit) for unit in units)


def _clone(base: Scenario, unit: Unit) -> Scenario:
    tags = [*base.tags, *(Tag(f"variant:{capability}", base.line) for capability in unit.variant)]
    clone = Scenario(
        base.filename,
        base.line,
        base.keyword,
        unit.title,
        tags,
        [_fresh(step) for step in base.steps],
        description=base.description,
        parent=base.parent,
        background=base.background,
        background_steps=[_fresh(step) for step in base.background_steps],
    )
    clone.feature = base.feature
    clone._row = _row(base, unit)  # noqa: SLF001 -- formatters read example cells from here
    clone.unit = unit
    return clone


def _row(base: Scenario, unit: Unit) -> Row:
    written = base._row  # noqa: SLF001 -- see _clone
    headings = [*(written.headings if written else ()), *(c.dimension for c in unit.variant)]
    cells = [*(written.cells if written else ()), *(c.value for c in unit.variant)]
    row = Row(headings, cells, base.line)
    if written is not None:
        row.index, row.id = written.index, written.id
    return row


def _fresh(step: Step) -> Step:
    table = copy.deepcopy(step.table)
    return Step(step.filename, step.line, step.keyword, step.step_type, step.name, step.text, table)
