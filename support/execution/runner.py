"""The behave runner: expands the plan into behave's model and runs it on a stack."""

import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from behave.configuration import Configuration
from behave.model import Feature, Scenario
from behave.reporter.summary import AbstractSummaryReporter
from behave.runner import Runner

from support.determinism.order import Order
from support.execution import closing, narrowing, opening, ordering, repairs
from support.execution.capturing import RedactingCaptureController
from support.execution.expansion import expand, planned_scenarios
from support.execution.ordering import put_in_order
from support.execution.recording import EventFormatter
from support.execution.redacting import redacted_output
from support.foundation.errors import AcceptanceError, ConfigurationError, SpecificationError
from support.foundation.interrupts import terminated_like_interrupted
from support.foundation.redaction import Redactor
from support.foundation.settings import from_environment
from support.model.outcome import Status
from support.model.unit import Unit
from support.planning.preparation import Preparation, prepare, spec_path
from support.services.redacting import redactor_of, shown

EXIT_WRONG_USE = 2
NOT_RUN = frozenset({"skip", "not_applicable", "error"})


class AcceptanceRunner(Runner):  # type: ignore[misc]  # behave ships no types
    """Runs each planned unit as a scenario of its own, and turns errors into one clear message."""

    def __init__(self, config: Configuration) -> None:
        super().__init__(config)
        self._wanted: tuple[str, ...] | None = None
        self._order = Order()
        repairs.apply()
        self.capture_controller = RedactingCaptureController(config)
        self.redactor = Redactor()

    def make_redactor(self) -> Redactor:
        """Return what takes secrets out of all that this run shows or writes.

        Raises:
            ConfigurationError: a setting is wrong.
        """
        return redactor_of(from_environment(_defines(self.config.userdata)))

    def run(self) -> bool:
        """Run behave; return whether the run is red."""
        try:
            self.redactor = self.capture_controller.redactor = self.make_redactor()
        except ConfigurationError as error:
            _say(shown(str(error)))
            raise SystemExit(EXIT_WRONG_USE) from None
        with redacted_output(self.redactor, self.config.outputs):
            return self._run()

    def _run(self) -> bool:
        try:
            with terminated_like_interrupted():
                return bool(super().run())
        except SpecificationError as error:
            for problem in error.problems:
                _say(problem)
            _say(f"RED: {len(error.problems)} problem(s) in the features; nothing was run.")
            return True
        except ConfigurationError as error:
            _say(str(error))
            raise SystemExit(EXIT_WRONG_USE) from None
        except AcceptanceError as error:
            _say(str(error))
            _say("RED: nothing was run.")
            return True
        except KeyboardInterrupt:
            _say("RED: interrupted before anything was run.")
            return True
        except Exception:  # noqa: BLE001 -- Python would print it, and a secret in its message
            _say(traceback.format_exc())
            _say("RED: the run broke off. Please report it.")
            return True

    def setup_capture(self, name: str | None = None) -> None:
        """Begin a new capture, with behave's bookmark of the last one forgotten."""
        super().setup_capture(name=name)
        repairs.reset_step_capture(self)

    def run_with_paths(self) -> bool:
        """Check features and plan before behave parses, so that our messages come first."""
        locations = (str(location.filename) for location in self.feature_locations())
        files = dict.fromkeys(name for name in locations if not self.config.exclude(name))
        defines, paths = _defines(self.config.userdata), list(map(Path, files))
        self.preparation = prepare(defines, paths, opening.header_line)
        settings = self.preparation.settings
        self._wanted = narrowing.wanted(settings)
        self._order = ordering.wanted(settings)
        return bool(super().run_with_paths())

    def run_model(self, features: Sequence[Feature] | None = None) -> bool:
        """Expand the plan, bring up the stack, run behave, and close what was opened."""
        del features  # behave calls this without; the parsed features are self.features
        preparation = self.preparation
        names = {f.filename: spec_path(Path(f.filename)) for f in self.features}
        expand(self.features, preparation.plan, names)
        if self._wanted is not None:
            narrowing.narrow(self.features, self._wanted)
        put_in_order(self.features, self._order)
        selected = self._selected()
        opening.announce([unit for _, unit in selected], opening.header_line)
        if self._order.seed is not None:
            opening.header_line("order", str(self._order))
        self.config.reporters = [r for r in self.config.reporters if not _is_summary(r)]
        if self.config.dry_run:
            red = bool(super().run_model())
            _say("Dry run: nothing was run.")
            return red
        return self._run_selected(preparation, selected)

    def _selected(self) -> list[tuple[Scenario, Unit]]:
        chosen = [
            (scenario, unit)
            for scenario, unit in planned_scenarios(self.features)
            if scenario.should_run(self.config)
        ]
        if not chosen:
            raise SpecificationError(
                (
                    (
                        "Nothing is selected: no scenario matches the paths, tags and names "
                        f"given and what profile {self.preparation.profile.id} selects. A run "
                        "that proves nothing is not green; check --tags, --name and the profile."
                    ),
                )
            )
        return chosen

    def _run_selected(
        self, preparation: Preparation, selected: Sequence[tuple[Scenario, Unit]]
    ) -> bool:
        units = tuple(unit for _, unit in selected)
        session = opening.open_session(preparation, units, self._order, self.redactor)
        failed = True
        try:
            for scenario, unit in selected:
                if unit.expectation.disposition in NOT_RUN:
                    scenario.should_skip = True
                    scenario.skip_reason = unit.expectation.reason
            session.run.ends_with_failure = self._wanted is not None
            self.context.acceptance_run = session.run
            self.formatters.insert(0, EventFormatter(session.run))
            failed = bool(super().run_model())
        finally:
            for _, unit in selected:
                if unit.expectation.disposition in NOT_RUN:
                    session.run.settle(unit)
            red = closing.close_session(session, interrupted=self.aborted)
        if session.tally.count(Status.WAIVED):  # behave calls a waived failure a failure
            failed = self.aborted or bool(self.hook_failures)
        return failed or red


def _is_summary(reporter: object) -> bool:
    """Tell whether a reporter is behave's summary, which ours replaces.

    behave counts what it ran; we judge it. Two summaries would contradict each other, and behave's
    counts features as failed in a dry run.
    """
    return isinstance(reporter, AbstractSummaryReporter)


def _defines(userdata: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in userdata.items()}


def _say(message: str) -> None:
    print(message, file=sys.stderr)  # noqa: T201 -- the one message of a run that cannot run
