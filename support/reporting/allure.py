"""Allure results, one per attempt, written by allure-python-commons from the run's events.

allure-behave itself, on behave 1.3.3, loses scenarios under a Rule and shows failing hooks as
skipped or passed; from events neither can happen. The variant is part of every identity, so that
Allure's history never merges two variants: `historyId` is the unit's, and each dimension and cell
is a parameter.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import (
    Attachment,
    Label,
    Parameter,
    StatusDetails,
    TestResult,
    TestStepResult,
)

from support.model.events import (
    Attached,
    Event,
    RunStarted,
    StepFinished,
    UnitFinished,
    UnitStarted,
)
from support.model.outcome import Status
from support.model.severity import Severity
from support.model.unit import Unit

_STATUS = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.ERROR: "broken",
    Status.SKIPPED: "skipped",
    Status.NOT_APPLICABLE: "skipped",
    Status.WAIVED: "failed",
}
_STEP_STATUS = {"passed": "passed", "failed": "failed", "skipped": "skipped"}
_SEVERITY = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "normal",
    Severity.LOW: "minor",
}
_EXTENSIONS = {"application/json": "json", "text/plain": "txt", "image/png": "png"}


@dataclass(slots=True)
class _Open:
    """An attempt that has no outcome yet."""

    result: TestResult
    texts: dict[str, list[bytes]] = field(default_factory=dict)


class AllureResults:
    """Writes `*-result.json` and attachments into a folder that `allure generate` reads.

    Args:
        folder: the folder to write.
        titles: title of each requirement by its id; results are grouped by requirement.
    """

    name = "allure"

    def __init__(self, folder: Path, titles: Mapping[str, str]) -> None:
        self._folder = folder
        self._titles = titles
        self._files: AllureFileLogger | None = None
        self._open: dict[tuple[str, int], _Open] = {}

    def handle(self, event: Event) -> None:
        """Take one event of the run."""
        if isinstance(event, RunStarted):
            self._files = AllureFileLogger(str(self._folder))
            _write_environment(self._folder, event)
        elif isinstance(event, UnitStarted):
            result = _started(event.unit, event.at, self._titles)
            self._open[event.unit.id, event.attempt] = _Open(result)
        elif isinstance(event, StepFinished):
            self._open[event.unit_id, event.attempt].result.steps.append(_step(event))
        elif isinstance(event, Attached):
            self._attach(self._open[event.unit_id, event.attempt], event)
        elif isinstance(event, UnitFinished):
            self._finish(event)

    def close(self) -> None:
        """Nothing is left open: every result was written when its attempt ended."""

    @property
    def _logger(self) -> AllureFileLogger:
        if self._files is None:
            raise ValueError("A unit began before the run did.")
        return self._files

    def _attach(self, attempt: _Open, event: Attached) -> None:
        if event.kind in {"command", "exchange", "audit"}:
            attempt.texts.setdefault(f"{event.kind}s", []).append(event.data)
        else:
            self._keep(attempt.result, event.name, event.media_type, event.data)

    def _keep(self, result: TestResult, name: str, media_type: str, data: bytes) -> None:
        source = f"{uuid.uuid4()}-attachment.{_EXTENSIONS.get(media_type, 'bin')}"
        self._logger.report_attached_data(data, source)
        result.attachments.append(Attachment(name=name, source=source, type=media_type))

    def _finish(self, event: UnitFinished) -> None:
        attempt = self._open.pop((event.unit.id, event.attempt))
        for name, lines in attempt.texts.items():
            self._keep(attempt.result, name, "text/plain", b"\n".join(lines) + b"\n")
        result = attempt.result
        result.status = _STATUS[event.outcome.status]
        if event.outcome.reason:
            first_line = event.outcome.reason.splitlines()[0]
            result.statusDetails = StatusDetails(
                known=event.outcome.status is Status.WAIVED or None,
                message=first_line,
                trace=event.outcome.reason,
            )
        result.stage = "finished"
        result.stop = _milliseconds(event.at)
        self._logger.report_result(result)


def _started(unit: Unit, at: datetime, titles: Mapping[str, str]) -> TestResult:
    spec = unit.spec
    requirement = spec.requirement_ids[0]
    return TestResult(
        uuid=str(uuid.uuid4()),
        name=unit.title,
        fullName=spec.id,
        testCaseId=_digest(spec.id),
        historyId=_digest(unit.id),
        description=spec.description.strip() or None,
        labels=list(_labels(unit)),
        parameters=list(_parameters(unit)),
        titlePath=[f"{requirement} {titles.get(requirement, '')}".strip(), spec.feature_name],
        start=_milliseconds(at),
    )


def _labels(unit: Unit) -> Iterator[Label]:
    spec = unit.spec
    yield Label(name="framework", value="opentdf-acceptance")
    yield Label(name="language", value="gherkin")
    yield Label(name="feature", value=spec.feature_name)
    for requirement in spec.requirement_ids:
        yield Label(name="epic", value=requirement)
        yield Label(name="story", value=f"{requirement} {spec.feature_name}")
    for tag in dict.fromkeys(spec.tags):
        yield Label(name="tag", value=tag)
    yield Label(name="severity", value=_SEVERITY[unit.severity])


def _parameters(unit: Unit) -> Iterator[Parameter]:
    for capability in unit.variant:
        yield Parameter(name=capability.dimension, value=capability.value)
    row = unit.spec.row
    if row is not None:
        yield Parameter(name="example", value=f"{row.examples_name}.{row.cells[0]}")
        for heading, cell in zip(row.headings, row.cells, strict=True):
            yield Parameter(name=heading, value=cell)


def _step(event: StepFinished) -> TestStepResult:
    stop = _milliseconds(event.at)
    details = StatusDetails(message=event.error) if event.error else None
    return TestStepResult(
        name=f"{event.keyword} {event.text}",
        status=_STEP_STATUS.get(event.status, "broken"),
        statusDetails=details,
        stage="finished",
        start=stop - int(event.duration_seconds * 1000),
        stop=stop,
    )


def _write_environment(folder: Path, event: RunStarted) -> None:
    lines = {
        "profile": event.profile_id,
        "stack": event.stack.name,
        "platform": event.stack.platform_version,
        "faults": ", ".join(event.stack.faults) or "none",
        "sdks": ", ".join(sdk.id for sdk in event.inventory.sdks) or "none",
        "commit": event.commit_sha,
        "run": event.run_id,
    }
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{name}={value}{os.linesep}" for name, value in lines.items())
    (folder / "environment.properties").write_text(text, encoding="utf-8")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
