"""The event log: Cucumber Messages as NDJSON, one envelope per line, written as things happen.

Format: https://github.com/cucumber/messages. Pickles are ours: one per unit, since variants are
more than the Gherkin compiler knows of. The outcome of a unit is the result of a last hook step, so
that a unit that never reached its steps is no less visible.
"""

import base64
import errno
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import Any

import cucumber_messages as cm
from gherkin.stream.id_generator import IdGenerator

from support.model.events import (
    Attached,
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
    UnitFinished,
    UnitStarted,
)
from support.model.outcome import Status
from support.model.unit import Unit
from support.specs.reader import parse

PROTOCOL = "34.2.0"
OUTCOME_HOOK = "outcome"

_RESULTS = {
    "passed": cm.TestStepResultStatus.passed,
    "skipped": cm.TestStepResultStatus.skipped,
    "untested": cm.TestStepResultStatus.skipped,
    "undefined": cm.TestStepResultStatus.undefined,
    "pending": cm.TestStepResultStatus.pending,
}
_OUTCOMES = {
    Status.PASSED: cm.TestStepResultStatus.passed,
    Status.SKIPPED: cm.TestStepResultStatus.skipped,
    Status.NOT_APPLICABLE: cm.TestStepResultStatus.skipped,
}


@dataclass(slots=True)
class _Case:
    """The ids of one unit in the log, and how many of its steps have finished."""

    key: str
    steps: int
    finished: int = 0
    failed: bool = False


@dataclass(slots=True)
class _Totals:
    success: bool = True
    cases: dict[str, _Case] = field(default_factory=dict)


class MessagesLog:
    """Writes `messages.ndjson`.

    Args:
        path: the file to write; it is replaced.
        sources: text of each feature file by its path.
        version: version of this project, for the `meta` envelope.
    """

    name = "messages"

    def __init__(self, path: Path, sources: Mapping[str, str], version: str) -> None:
        self._path = path
        self._sources = sources
        self._version = version
        self._file: FileIO | None = None
        self._totals = _Totals()

    def handle(self, event: Event) -> None:
        """Append the envelopes of one event."""
        for envelope in self._envelopes(event):
            self._write(envelope)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _write(self, envelope: dict[str, Any]) -> None:
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = FileIO(self._path, "w")
        line = json.dumps(envelope, ensure_ascii=False).encode() + b"\n"
        end = self._file.tell()
        try:
            _write_whole(self._file, line)
        except OSError:
            self._file.truncate(end)  # a line cut short would spoil the whole log
            self._file.seek(end)
            raise

    def _envelopes(self, event: Event) -> Iterator[dict[str, Any]]:
        if isinstance(event, RunStarted):
            yield from self._run_started(event)
        elif isinstance(event, UnitStarted):
            yield self._unit_started(event)
        elif isinstance(event, StepFinished):
            yield from self._step_finished(event)
        elif isinstance(event, Attached):
            yield self._attached(event)
        elif isinstance(event, UnitFinished):
            yield from self._unit_finished(event)
        elif isinstance(event, RunFinished):
            finished = cm.TestRunFinished(
                success=self._totals.success and not event.interrupted,
                timestamp=_timestamp(event.at),
                test_run_started_id=event.run_id,
            )
            yield _envelope(cm.Envelope(test_run_finished=finished))

    def _run_started(self, event: RunStarted) -> Iterator[dict[str, Any]]:
        product = cm.Product
        meta = cm.Meta(
            cpu=product(name="unknown"),
            implementation=product(name="opentdf-acceptance", version=self._version),
            os=product(name="unknown"),
            protocol_version=PROTOCOL,
            runtime=product(name="behave"),
        )
        yield _envelope(cm.Envelope(meta=meta))
        hook = cm.Hook(
            id=OUTCOME_HOOK,
            name="outcome of the unit",
            source_reference=cm.SourceReference(uri="environment.py"),
        )
        yield _envelope(cm.Envelope(hook=hook))
        yield from self._cases(event)
        started = cm.TestRunStarted(timestamp=_timestamp(event.at), id=event.run_id)
        yield _envelope(cm.Envelope(test_run_started=started))

    def _cases(self, event: RunStarted) -> Iterator[dict[str, Any]]:
        generator = IdGenerator()
        nodes: dict[tuple[str, int], str] = {}
        for path in dict.fromkeys(unit.spec.feature_path for unit in event.units):
            text = self._sources[path]
            source = cm.Source(
                data=text, media_type=cm.SourceMediaType.text_x_cucumber_gherkin_plain, uri=path
            )
            yield _envelope(cm.Envelope(source=source))
            document = parse(path, text, generator)
            nodes.update({(path, line): node for line, node in _nodes(document)})
            yield {"gherkinDocument": document}
        for number, unit in enumerate(event.units):
            case = _Case(f"unit-{number}", len(unit.spec.steps))
            self._totals.cases[unit.id] = case
            yield _envelope(cm.Envelope(pickle=_pickle(case, unit, nodes)))
            steps = [
                cm.TestStep(id=f"{case.key}.{index}", pickle_step_id=f"{case.key}.pickle.{index}")
                for index in range(case.steps)
            ]
            last = cm.TestStep(id=f"{case.key}.outcome", hook_id=OUTCOME_HOOK)
            test_case = cm.TestCase(
                id=f"{case.key}.case", pickle_id=f"{case.key}.pickle", test_steps=[*steps, last]
            )
            yield _envelope(cm.Envelope(test_case=test_case))

    def _unit_started(self, event: UnitStarted) -> dict[str, Any]:
        case = self._totals.cases[event.unit.id]
        case.finished = 0
        started = cm.TestCaseStarted(
            attempt=event.attempt - 1,
            id=_attempt_id(case, event.attempt),
            test_case_id=f"{case.key}.case",
            timestamp=_timestamp(event.at),
        )
        return _envelope(cm.Envelope(test_case_started=started))

    def _step_finished(self, event: StepFinished) -> Iterator[dict[str, Any]]:
        case = self._totals.cases[event.unit_id]
        case.finished = event.index + 1
        status = _RESULTS.get(event.status, cm.TestStepResultStatus.failed)
        result = cm.TestStepResult(
            duration=_duration(event.duration_seconds), status=status, message=event.error or None
        )
        yield from _step(case, event.attempt, str(event.index), (event.at, result))

    def _attached(self, event: Attached) -> dict[str, Any]:
        case = self._totals.cases[event.unit_id]
        attachment = cm.Attachment(
            body=base64.b64encode(event.data).decode(),
            content_encoding=cm.AttachmentContentEncoding.base64,
            media_type=event.media_type,
            file_name=event.name,
            test_case_started_id=_attempt_id(case, event.attempt),
        )
        return _envelope(cm.Envelope(attachment=attachment))

    def _unit_finished(self, event: UnitFinished) -> Iterator[dict[str, Any]]:
        case = self._totals.cases[event.unit.id]
        nothing = cm.TestStepResult(duration=_duration(0), status=cm.TestStepResultStatus.skipped)
        for index in range(case.finished, case.steps):
            yield from _step(case, event.attempt, str(index), (event.at, nothing))
        outcome = event.outcome
        if outcome.status.is_red:
            self._totals.success = False
        result = cm.TestStepResult(
            duration=_duration(0),
            status=_OUTCOMES.get(outcome.status, cm.TestStepResultStatus.failed),
            message=outcome.reason or None,
        )
        yield from _step(case, event.attempt, "outcome", (event.at, result))
        finished = cm.TestCaseFinished(
            test_case_started_id=_attempt_id(case, event.attempt),
            timestamp=_timestamp(event.at),
            will_be_retried=False,
        )
        yield _envelope(cm.Envelope(test_case_finished=finished))


def _write_whole(file: FileIO, line: bytes) -> None:
    if file.write(line) != len(line):  # what a raw file does when the disk fills up half-way
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file.name))


def _attempt_id(case: _Case, attempt: int) -> str:
    return f"{case.key}.attempt-{attempt}"


def _step(
    case: _Case, attempt: int, step: str, finished: tuple[datetime, cm.TestStepResult]
) -> Iterator[dict[str, Any]]:
    at, result = finished
    started = cm.TestStepStarted(
        test_case_started_id=_attempt_id(case, attempt),
        test_step_id=f"{case.key}.{step}",
        timestamp=_timestamp(at),
    )
    yield _envelope(cm.Envelope(test_step_started=started))
    ended = cm.TestStepFinished(
        test_case_started_id=_attempt_id(case, attempt),
        test_step_id=f"{case.key}.{step}",
        test_step_result=result,
        timestamp=_timestamp(at),
    )
    yield _envelope(cm.Envelope(test_step_finished=ended))


def _pickle(case: _Case, unit: Unit, nodes: dict[tuple[str, int], str]) -> cm.Pickle:
    spec = unit.spec
    path = spec.feature_path
    return cm.Pickle(
        ast_node_ids=[nodes[path, spec.line]],
        id=f"{case.key}.pickle",
        language="en",
        name=unit.title,
        steps=[
            cm.PickleStep(
                ast_node_ids=[nodes[path, step.line]],
                id=f"{case.key}.pickle.{index}",
                text=step.text,
            )
            for index, step in enumerate(spec.steps)
        ],
        tags=[
            cm.PickleTag(ast_node_id=nodes[path, spec.line], name=f"@{tag}")
            for tag in dict.fromkeys(spec.tags)
        ],
        uri=path,
    )


def _nodes(node: Any) -> Iterator[tuple[int, str]]:  # noqa: ANN401 -- any part of a Gherkin tree
    """Yield line and id of every node of a Gherkin document, tags aside."""
    if isinstance(node, dict):
        if "id" in node and "location" in node:
            yield node["location"]["line"], node["id"]
        for key, value in node.items():
            if key != "tags":
                yield from _nodes(value)
    elif isinstance(node, list):
        for item in node:
            yield from _nodes(item)


def _envelope(envelope: cm.Envelope) -> dict[str, Any]:
    plain: dict[str, Any] = cm.message_converter.to_dict(envelope)
    return plain


def _timestamp(at: datetime) -> cm.Timestamp:
    return cm.Timestamp(seconds=int(at.timestamp()), nanos=at.microsecond * 1000)


def _duration(seconds: float) -> cm.Duration:
    whole = int(seconds)
    return cm.Duration(seconds=whole, nanos=int((seconds - whole) * 1_000_000_000))
