"""What behave's hooks do; environment.py calls one function each."""

from typing import Any

from behave.model import Scenario
from behave.runner import Context

from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT


def begin_scenario(context: Context, scenario: Scenario) -> None:
    """Open the unit's World; without a stack there is none, and nothing to run."""
    run = _run(context)
    try:
        world = None if run.is_over else run.begin(scenario.unit)
    except Exception as error:
        run.not_begun(scenario.unit, error)
        raise
    if world is None:
        scenario.skip()
    context.world = world


def finish_scenario(context: Context, scenario: Scenario) -> None:
    """Record the unit's outcome."""
    _run(context).finish(scenario)


def check_runner(context: Context) -> None:
    """Refuse to run under another runner than ours.

    Raises:
        ConfigurationError: behave did not find our settings, as from another folder.
    """
    if not hasattr(context, "acceptance_run"):
        raise ConfigurationError(
            "behave did not read this project's pyproject.toml, which names its runner. Run it in "
            f"the project's folder: cd {ROOT} && behave …"
        )


def _run(context: Context) -> Any:  # noqa: ANN401 -- behave's context is untyped
    return context.acceptance_run
