"""What behave's hooks do; environment.py calls one function each."""

from typing import Any

from behave.model import Scenario
from behave.runner import Context


def begin_scenario(context: Context, scenario: Scenario) -> None:
    """Open the unit's World."""
    context.world = _run(context).begin(scenario.unit)


def finish_scenario(context: Context, scenario: Scenario) -> None:
    """Record the unit's outcome."""
    _run(context).finish(scenario)


def _run(context: Context) -> Any:  # noqa: ANN401 -- behave's context is untyped
    return context.acceptance_run
