"""One run: the plan, the stack it runs on, and what becomes of each unit.

Knows behave only as objects handed in; the hooks in environment.py and the runner call it.
"""

import contextlib
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from behave.model import Scenario, Step
from behave.model_type import Status as BehaveStatus

from support.embedded.options import SEVERAL_KAS
from support.execution.audit_trail import AuditTrail
from support.execution.observers import command_data, exchange_data
from support.execution.redacting import redact_exception
from support.execution.stacks import Place, Stacks
from support.foundation.dispatcher import Dispatcher
from support.foundation.errors import AcceptanceError, EnvironmentUnfitError
from support.foundation.http import HttpSession
from support.foundation.redaction import Redactor
from support.model.events import (
    Attached,
    AttachmentKind,
    StepFinished,
    UnitFinished,
    UnitStarted,
)
from support.model.outcome import Outcome, Status
from support.model.unit import Unit
from support.planning.grouping import options_of
from support.planning.planner import Plan
from support.sdk.warm import WarmSdks
from support.stack.running import RunningStack
from support.world.machine import Machine, Shared
from support.world.world import World

_PLANNED = {
    "skip": Status.SKIPPED,
    "not_applicable": Status.NOT_APPLICABLE,
    "error": Status.ERROR,
}


@dataclass(slots=True)
class _Attempt:
    """The unit that is running now."""

    unit: Unit
    place: Place
    world: World
    started_at: datetime
    audit: AuditTrail
    steps: int = 0
    errors: list[str] = field(default_factory=list)


class Run:
    """Opens a World for each unit, and turns what behave saw into outcomes and events."""

    def __init__(
        self,
        plan: Plan,
        stacks: Stacks,
        sdks: WarmSdks,
        dispatcher: Dispatcher,
        redactor: Redactor,
        *,
        run_id: str = "",
    ) -> None:
        self.plan = plan
        self.stacks = stacks
        self._sdks = sdks
        self._dispatcher = dispatcher
        self._redactor = redactor
        self._run_id = run_id
        self._current: _Attempt | None = None
        self._has_failure = False
        self.ends_with_failure = False

    @property
    def is_over(self) -> bool:
        """Whether no further unit is wanted: the run was to end with the first that fails."""
        return self.ends_with_failure and self._has_failure

    def settle(self, unit: Unit) -> None:
        """Record the outcome that the plan already knows: a unit that is not run."""
        expected = unit.expectation
        self._record_unrun(unit, Outcome(_PLANNED[expected.disposition], expected.reason))

    def begin(self, unit: Unit) -> World | None:
        """Open a unit: a World of its own, on a stack that is known to be alive.

        Returns:
            None when the stack is gone; the unit then has its outcome already.
        """
        problem = self.stacks.problem(unit)
        if problem:
            self._record_unrun(unit, Outcome(Status.ERROR, problem))
            self.stacks.done(unit)
            return None
        place = self.stacks.of(unit)
        services = place.stack.services
        services.keep_alive()
        machine = self._machine(unit, place.stack)
        profile = self.plan.profile
        world = World(
            unit,
            services,
            self._sdks.of([value.value for value in unit.variant]),
            machine,
            Shared(
                place.people,
                profile.namespace_prefix,
                profile.allow_writes,
                profile.seed,
                "" if place.stack.fresh else self._run_id,
            ),
        )
        world.data.seed_this_process()
        now = _now()
        audit = AuditTrail(place.stack.audit_logs.values())
        self._current = _Attempt(unit, place, world, now, audit)
        self._dispatcher.emit(UnitStarted(now, unit))
        return world

    def not_begun(self, unit: Unit, error: Exception) -> None:
        """Record a unit that could not be opened, so that it has evidence, too."""
        reason = f"The unit could not be opened: {type(error).__name__}: {error}"
        self._record_unrun(unit, Outcome(Status.ERROR, reason))

    def step_finished(self, step: Step) -> None:
        """Record a step, and make its message fit to be shown: no secret, no needless traceback."""
        attempt = self._attempt()
        message = step.error_message or ""
        if isinstance(step.exception, AcceptanceError):
            message = f"{type(step.exception).__name__}: {step.exception}"
        message = self._redactor.text(message)
        if step.error_message:
            step.error_message = message
        if step.exception is not None:  # JUnit reports show its own words
            step.exception = redact_exception(step.exception, self._redactor)
        if step.status is BehaveStatus.undefined:
            message = "no step definition matches this text"
        self._dispatcher.emit(
            StepFinished(
                at=_now(),
                unit_id=attempt.unit.id,
                index=attempt.steps,
                keyword=step.keyword,
                text=step.name,
                status=step.status.name,
                duration_seconds=step.duration,
                error=message,
            )
        )
        attempt.steps += 1
        if message:
            attempt.errors.append(f"{step.keyword} {step.name}\n{message}")
        self._attach_output(step)

    def finish(self, scenario: Scenario) -> None:
        """Record the outcome of the unit that is running, if one is."""
        if self._current is None:
            return
        attempt = self._current
        self._current = None
        if scenario.error_message:
            scenario.error_message = self._redactor.text(scenario.error_message)
        with contextlib.suppress(EnvironmentUnfitError):  # no platform, nothing left to clean up
            attempt.world.close()
        for record in attempt.audit.records(attempt.world.correlation):
            self._attach(attempt.unit, AttachmentKind.AUDIT, "audit", "application/json", record)
        outcome = self._outcome(attempt, scenario)
        self._has_failure = self._has_failure or outcome.status is Status.FAILED
        self._dispatcher.emit(
            UnitFinished(_now(), attempt.unit, outcome, started_at=attempt.started_at)
        )
        attempt.world.machine.http.close()
        shutil.rmtree(attempt.world.machine.workspace, ignore_errors=True)
        self.stacks.done(attempt.unit)

    def _record_unrun(self, unit: Unit, outcome: Outcome) -> None:
        now = _now()
        self._dispatcher.emit(UnitStarted(now, unit))
        self._dispatcher.emit(UnitFinished(now, unit, outcome, started_at=now))

    def _outcome(self, attempt: _Attempt, scenario: Scenario) -> Outcome:
        """Judge an attempt; whatever is neither a clear pass nor a clear failure is an error."""
        status, problem = scenario.status, _died(attempt.place.stack)
        if status is BehaveStatus.passed and attempt.steps and not problem:
            return Outcome(Status.PASSED)
        reason = "\n".join(attempt.errors) or scenario.error_message or ""
        if problem:  # also where every step passed: what was seen was not of a whole stack
            reason = problem
        elif status is BehaveStatus.passed:
            reason = "No step ran, so nothing was proved."
        elif status is BehaveStatus.failed:
            return _failed(attempt.unit, reason)
        elif status is BehaveStatus.skipped:
            reason = (
                f"The scenario skipped itself ({scenario.skip_reason or 'no reason given'}). Skips "
                "are declared in the profile's policies.yaml, never decided by a step."
            )
        return Outcome(Status.ERROR, reason or f"behave says {status.name}")

    def _machine(self, unit: Unit, stack: RunningStack) -> Machine:
        def attach(kind: AttachmentKind, name: str, media_type: str, data: bytes) -> None:
            self._attach(unit, kind, name, media_type, data)

        return Machine(
            workspace=Path(tempfile.mkdtemp(prefix="acceptance-unit-")),
            http=HttpSession(
                observer=lambda record: attach(
                    AttachmentKind.EXCHANGE,
                    "exchange",
                    "application/json",
                    exchange_data(record, self._redactor),
                ),
                networks=stack.services.networks,
            ),
            observe_command=lambda record: attach(
                AttachmentKind.COMMAND,
                "command",
                "application/json",
                command_data(record, self._redactor),
            ),
            attach=attach,
            command_time_limit_seconds=self.plan.profile.limits.command_seconds,
            audit_logs=_audit_logs(unit, stack),
            logs=stack.logs,
            maintenance=stack.maintenance,
        )

    def _attach(
        self, unit: Unit, kind: AttachmentKind, name: str, media_type: str, data: bytes
    ) -> None:
        self._dispatcher.emit(Attached(_now(), unit.id, kind, name, media_type, data))

    def _attach_output(self, step: Step) -> None:
        """Keep what a step printed or logged."""
        text = "".join(
            part
            for capture in step.captured.captures
            for part in (capture.stdout, capture.stderr, capture.log)
            if part
        )
        if text:
            data = f"{step.keyword} {step.name}\n{text}\n".encode()
            self._attach(self._attempt().unit, AttachmentKind.LOG, "output", "text/plain", data)

    def _attempt(self) -> _Attempt:
        if self._current is None:
            raise RuntimeError("No unit is running.")
        return self._current


def _audit_logs(unit: Unit, stack: RunningStack) -> dict[str, Path]:
    """Return the logs that a unit's calls leave audit records in.

    Further key access services are there on some stacks whether a unit asks for them or not.
    """
    logs = stack.audit_logs
    wanted = logs if SEVERAL_KAS in options_of(unit) else {"default"}
    return {name: path for name, path in logs.items() if name in wanted}


def _failed(unit: Unit, reason: str) -> Outcome:
    """Return the outcome of a failure: waived, where the profile accepts it for now."""
    if unit.waiver is None:
        return Outcome(Status.FAILED, reason)
    return Outcome(Status.WAIVED, f"waived: {unit.waiver}\n{reason}")


def _died(stack: RunningStack) -> str:
    """Return what of a stack is gone, or an empty string; one that cannot tell has a problem."""
    try:
        return stack.problem()
    except AcceptanceError as error:
        return str(error)


def _now() -> datetime:
    return datetime.now(UTC)
