"""Repairs of behave 1.3.3: each with the reason, and a test that fails once it is not needed."""

import time
import types

import behave
import behave.model
from behave.capture import CaptureBookmark
from behave.formatter.progress import ProgressFormatterBase
from behave.model_type import Status
from behave.runner import ModelRunner

REPAIRED_VERSION = "1.3.3"


def apply() -> None:
    """Apply the repairs that are not a matter of one runner; harmless when applied twice."""
    if behave.__version__ != REPAIRED_VERSION:
        return
    # Durations come from time.time(), so a scenario that freezes the clock would last for years.
    offset, counter = time.time() - time.perf_counter(), time.perf_counter
    behave.model.time = types.SimpleNamespace(time=lambda: offset + counter())
    # A cleanup error aborts a run with the progress formatter: KeyError in its table of dots.
    ProgressFormatterBase.dot_status.setdefault(Status.cleanup_error, "C")


def reset_step_capture(runner: ModelRunner) -> None:
    """Forget where the last scenario's output ended.

    Without it `step.captured` loses output from the second scenario on, since the bookmark of the
    delta is never moved back to the start of the new capture.
    """
    if behave.__version__ == REPAIRED_VERSION:
        runner.capture_controller.delta_bookmark = CaptureBookmark()
