"""One dispatcher between what happens in a run and the sinks that record it.

Every event is redacted here, once, so no sink ever holds a secret. A sink that fails is reported
and never fails a test; what it did not take is written to a spill file, so that nothing is lost. An
event is offered to a sink once: after a failure nobody knows how much of it was done.
"""

import dataclasses
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from support.foundation.redaction import Redactor
from support.model.events import (
    Attached,
    Event,
    RunStarted,
    StepFinished,
    UnitFinished,
    UnitStarted,
)
from support.model.sink import Sink
from support.model.unit import Unit


class Dispatcher:
    """Hands events to sinks in order.

    Args:
        sinks: where events go.
        redactor: takes secrets out of every text before any sink sees it.
        report: gets one message when a sink first fails, and one at the end if events were spilled.
        spill_folder: where events go that a sink did not take.

    Attributes:
        failures: the first failure of each sink that had one.
    """

    def __init__(
        self,
        sinks: Sequence[Sink],
        redactor: Redactor,
        report: Callable[[str], None],
        spill_folder: Path,
    ) -> None:
        self._sinks = tuple(sinks)
        self._redactor = redactor
        self._report = report
        self._spill = _Spill(spill_folder)
        self.failures: dict[str, str] = {}
        self._units: dict[str, Unit] = {}

    def emit(self, event: Event) -> None:
        """Redact an event and hand it to every sink."""
        clean = self._redacted(event)
        for sink in self._sinks:
            try:
                sink.handle(clean)
            except Exception as error:  # noqa: BLE001 -- one sink must not take the others down
                self._spill.add(sink.name, clean)
                self._note(sink, error)

    def close(self) -> None:
        """Close the sinks, and say where the events are that some of them did not take."""
        for sink in self._sinks:
            try:
                sink.close()
            except Exception as error:  # noqa: BLE001 -- one sink must not take the others down
                self._note(sink, error)
        for message in self._spill.close():
            self._report(message)

    def _redacted(self, event: Event) -> Event:
        clean, change = self._redactor.text, dataclasses.replace
        match event:
            case RunStarted():
                event = change(event, units=tuple(map(self._unit, event.units)))
            case UnitStarted():
                event = change(event, unit=self._unit(event.unit))
            case StepFinished():
                event = change(event, text=clean(event.text), error=clean(event.error))
            case Attached():
                data = self._redactor.data(event.data)
                event = change(event, name=clean(event.name), data=data)
            case UnitFinished():
                outcome = change(event.outcome, reason=clean(event.outcome.reason))
                event = change(event, unit=self._unit(event.unit), outcome=outcome)
            case _:
                pass
        return event

    def _unit(self, unit: Unit) -> Unit:
        """Return a unit without secrets in what a feature file says of it; its id stays."""
        known = self._units.get(unit.id)
        if known is None:
            known = self._units[unit.id] = _clean(unit, self._redactor)
        return known

    def _note(self, sink: Sink, error: Exception) -> None:
        if sink.name not in self.failures:
            message = f"{type(error).__name__}: {error}"
            self.failures[sink.name] = self._redactor.text(message)
            self._report(f"The {sink.name} sink failed: {self.failures[sink.name]}")


class _Spill:
    """Keeps events that sinks did not take, at the first place that takes them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[str, int] = {}
        self._in_memory: dict[str, list[str]] = {}

    def add(self, sink: str, event: Event) -> None:
        line = json.dumps(_plain(event)) + "\n"
        try:
            self._append(self._folder, sink, line)
        except OSError:
            self._in_memory.setdefault(sink, []).append(line)

    def close(self) -> Iterator[str]:
        """Try the temporary folder for what the spill folder did not take; yield what to say."""
        if self._kept:
            counts = ", ".join(f"{count} of {sink}" for sink, count in self._kept.items())
            yield f"Events that sinks did not take ({counts}) are in {self._folder}"
        for sink, lines in self._in_memory.items():
            elsewhere = Path(tempfile.gettempdir()) / f"acceptance-{self._folder.name}"
            try:
                self._append(elsewhere, sink, "".join(lines))
            except OSError as error:
                yield f"{len(lines)} events of the {sink} sink could not be kept: {error}"
            else:
                yield f"{len(lines)} events that the {sink} sink did not take are in {elsewhere}"

    def _append(self, folder: Path, sink: str, text: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"unwritten-{sink.replace(' ', '-')}.jsonl"
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
        self._kept[sink] = self._kept.get(sink, 0) + text.count("\n")


def _clean(unit: Unit, redactor: Redactor) -> Unit:
    spec = unit.spec
    texts = [spec.name, spec.feature_name, spec.description, *(step.text for step in spec.steps)]
    texts += spec.row.cells if spec.row else ()
    whole = "\n".join(texts)
    if redactor.text(whole) == whole:
        return unit
    row = spec.row
    if row is not None:
        row = dataclasses.replace(row, cells=tuple(map(redactor.text, row.cells)))
    clean = dataclasses.replace(
        spec,
        name=redactor.text(spec.name),
        feature_name=redactor.text(spec.feature_name),
        description=redactor.text(spec.description),
        steps=tuple(dataclasses.replace(s, text=redactor.text(s.text)) for s in spec.steps),
        row=row,
    )
    return dataclasses.replace(unit, spec=clean)


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
