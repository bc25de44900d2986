"""One dispatcher between what happens in a run and the sinks that record it.

Every event is redacted here, once, so no sink ever holds a secret. A sink that fails is reported
and never fails a test: its events wait and are offered again in order; what it never takes is
written to a spill file, so that nothing is lost.
"""

import dataclasses
import json
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from support.foundation.redaction import Redactor
from support.model.events import Attached, Event, StepFinished, UnitFinished
from support.model.sink import Sink


@dataclasses.dataclass(slots=True)
class _Line:
    """A sink with the events that it has not taken yet."""

    sink: Sink
    waiting: deque[Event] = dataclasses.field(default_factory=deque)
    problem: str = ""


class Dispatcher:
    """Hands events to sinks in order.

    Args:
        sinks: where events go.
        redactor: takes secrets out of every text before any sink sees it.
        report: gets one message when a sink first fails, and one if it never recovers.
        spill_folder: where events go that a sink never took.
    """

    def __init__(
        self,
        sinks: Sequence[Sink],
        redactor: Redactor,
        report: Callable[[str], None],
        spill_folder: Path,
    ) -> None:
        self._lines = [_Line(sink) for sink in sinks]
        self._redactor = redactor
        self._report = report
        self._spill_folder = spill_folder
        self.failures: list[str] = []

    def emit(self, event: Event) -> None:
        """Redact an event and hand it to every sink."""
        clean = _redacted(event, self._redactor)
        for line in self._lines:
            line.waiting.append(clean)
            self._drain(line)

    def close(self) -> None:
        """Offer waiting events once more, close the sinks, and spill what is left."""
        for line in self._lines:
            self._drain(line)
            if line.waiting:
                self._spill(line)
            try:
                line.sink.close()
            except Exception as error:  # noqa: BLE001 -- one sink must not take the others down
                self._note(line, error)

    def _drain(self, line: _Line) -> None:
        try:
            while line.waiting:
                line.sink.handle(line.waiting[0])
                line.waiting.popleft()
        except Exception as error:  # noqa: BLE001 -- one sink must not take the others down
            self._note(line, error)

    def _note(self, line: _Line, error: Exception) -> None:
        if not line.problem:
            line.problem = f"{type(error).__name__}: {error}"
            message = f"The {line.sink.name} sink failed: {line.problem}. Its events are kept."
            self.failures.append(message)
            self._report(message)

    def _spill(self, line: _Line) -> None:
        target = self._spill_folder / f"unwritten-{line.sink.name.replace(' ', '-')}.jsonl"
        try:
            self._spill_folder.mkdir(parents=True, exist_ok=True)
            with target.open("w", encoding="utf-8") as file:
                for event in line.waiting:
                    file.write(json.dumps(_plain(event)) + "\n")
        except OSError as error:
            kept = f"and could not be written to {target} either ({error})"
        else:
            kept = f"and were written to {target}"
        self._report(
            f"{len(line.waiting)} events never reached the {line.sink.name} sink ({line.problem}) "
            f"{kept}."
        )


def _redacted(event: Event, redactor: Redactor) -> Event:
    if isinstance(event, StepFinished):
        return dataclasses.replace(event, error=redactor.text(event.error))
    if isinstance(event, Attached):
        return dataclasses.replace(event, data=redactor.data(event.data))
    if isinstance(event, UnitFinished):
        reason = redactor.text(event.outcome.reason)
        return dataclasses.replace(event, outcome=dataclasses.replace(event.outcome, reason=reason))
    return event


def _plain(event: Event) -> dict[str, Any]:
    return {"event": type(event).__name__, **json.loads(json.dumps(_values(event), default=_text))}


def _values(value: Any) -> Any:  # noqa: ANN401 -- any frozen value becomes plain JSON
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _values(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [_values(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _values(item) for key, item in value.items()}
    return value


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
