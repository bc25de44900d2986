"""behave's hooks: a line each; what they do is in support/execution."""

from behave.model import Scenario
from behave.runner import Context

from support.execution import hooks


def before_all(context: Context) -> None:
    """Make sure that the run is ours; behave's own before_all would log to the terminal twice."""
    hooks.check_runner(context)


def before_scenario(context: Context, scenario: Scenario) -> None:
    """Open the unit that this scenario stands for."""
    hooks.begin_scenario(context, scenario)


def after_scenario(context: Context, scenario: Scenario) -> None:
    """Record the unit's outcome."""
    hooks.finish_scenario(context, scenario)
