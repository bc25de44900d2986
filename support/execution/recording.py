"""The formatter that turns behave's step results into events; it prints nothing."""

from behave.formatter.base import Formatter
from behave.model import Step

from support.execution.run import Run


class EventFormatter(Formatter):  # type: ignore[misc]  # behave ships no types
    """First among the formatters, so that the others show messages it has made fit to be shown.

    A formatter rather than a hook: behave calls no hook for undefined steps, and sets a step's
    message only after `after_step`.
    """

    name = "events"
    description = "turns step results into events"

    def __init__(self, run: Run) -> None:
        self._run = run
        self.stream = None

    def result(self, step: Step) -> None:
        """Record a step that came to its end."""
        self._run.step_finished(step)

    def close(self) -> None:
        """There is no stream to close."""
