"""Where the time of a run went: what each unit spent on set-up, SDKs, the platform and ourselves.

A sink that adds up what a run records anyway: how long commands, exchanges and steps took. An
exchange of a Given, or of the tidying up after the last step, is set-up; any other is the
platform's. What a step took beyond its commands and exchanges is the scenario's own work; what a
unit took beyond its steps is the framework's.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from support.foundation.documents import Document, check
from support.foundation.errors import ConfigurationError
from support.foundation.files import write_atomically
from support.model.events import (
    Attached,
    AttachmentKind,
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
    UnitFinished,
    UnitStarted,
)
from support.model.unit import Unit

FILE_NAME = "costs.json"
PARTS: Mapping[str, str] = {
    "setup": "set-up and tidying up (policy, tokens, fixtures)",
    "sdk": "SDK processes",
    "platform": "requests of the scenarios to the platform",
    "scenario": "the scenarios' own work (files, comparisons, waits)",
    "framework": "framework, within units (hooks, evidence)",
    "between": "framework, between units (reports, next unit)",
    "stacks": "variants of the stack brought up and ended",
}
"""What the time of a run is split into, and what each part holds."""

_OF_UNITS = ("setup", "sdk", "platform", "scenario", "framework")
_PROCEDURE = re.compile(r"/policy\.[\w.]+/(\w+)$")
_MAKING = re.compile(r"(?:Create|Add|Assign|Import)[A-Z]")
_READING = re.compile(r"(?:Get|List)[A-Z]")
_CONTINUING = frozenset({"And", "But", "*"})
_SUCCESS = 200  # RFC 9110, section 15.3.1
_DIGITS = 6


@dataclass(slots=True)
class _Open:
    """A unit that is running: what is added up so far."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    calls: Counter[str] = field(default_factory=Counter)
    pending: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    objects: int = 0
    reads: Counter[str] = field(default_factory=Counter)
    keyword: str = "Given"


class CostMeter:
    """Adds up the costs of every attempt at a unit, and writes them when the run ends.

    Args:
        path: the file to write, `FILE_NAME` in the run's folder.
    """

    name = "costs"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: dict[tuple[str, int], _Open] = {}
        self._units: list[dict[str, Any]] = []
        self._commands: dict[str, list[float]] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._setup: Counter[str] = Counter()
        self._reads: Counter[str] = Counter()
        self._run_id = ""
        self._started_at: datetime | None = None
        self._last: tuple[datetime, frozenset[str]] | None = None
        self.report: dict[str, Any] = {}

    def handle(self, event: Event) -> None:
        """Take one event of the run."""
        if isinstance(event, RunStarted):
            self._run_id, self._started_at = event.run_id, event.at
            self._last = (event.at, frozenset())
        elif isinstance(event, UnitStarted):
            self._begin(event)
        elif isinstance(event, Attached):
            if event.kind in {AttachmentKind.COMMAND, AttachmentKind.EXCHANGE}:
                pending = self._open[event.unit_id, event.attempt].pending
                pending.append((event.kind.value, json.loads(event.data)))
        elif isinstance(event, StepFinished):
            self._step(self._open[event.unit_id, event.attempt], event)
        elif isinstance(event, UnitFinished):
            self._finish(event)
        elif isinstance(event, RunFinished):
            self._write(event.at)

    def close(self) -> None:
        """Nothing is left open."""

    def _begin(self, event: UnitStarted) -> None:
        self._open[event.unit.id, event.attempt] = _Open()
        if self._last is not None:
            before, needed = self._last
            part = "between" if needed == _needs(event.unit) else "stacks"
            self._seconds[part] += max(0.0, (event.at - before).total_seconds())

    def _step(self, unit: _Open, event: StepFinished) -> None:
        """Settle what happened in a step: it ended after what it did was recorded."""
        if event.keyword.strip() not in _CONTINUING:
            unit.keyword = event.keyword.strip()
        spent = self._settle(unit, is_setup=unit.keyword == "Given")
        unit.seconds["scenario"] += max(0.0, event.duration_seconds - spent)
        unit.seconds["steps"] += max(spent, event.duration_seconds)

    def _settle(self, unit: _Open, *, is_setup: bool) -> float:
        spent = 0.0
        for kind, record in unit.pending:
            seconds = float(record.get("duration_seconds", 0.0))
            spent += seconds
            part = "sdk" if kind == "command" else "setup" if is_setup else "platform"
            unit.seconds[part] += seconds
            unit.calls[part] += 1
            if kind == "command":
                self._commands.setdefault(_command(record), []).append(seconds)
            elif is_setup:
                _count(unit, record)
        unit.pending.clear()
        return spent

    def _finish(self, event: UnitFinished) -> None:
        unit = self._open.pop((event.unit.id, event.attempt))
        tidying = self._settle(unit, is_setup=True)
        wall = max(0.0, (event.at - event.started_at).total_seconds())
        unit.seconds["framework"] = max(0.0, wall - unit.seconds.pop("steps", 0.0) - tidying)
        self._last = (event.at, _needs(event.unit))
        if not event.outcome.status.ran:
            self._seconds["between"] += wall
            return
        for part in _OF_UNITS:
            self._seconds[part] += unit.seconds[part]
        self._setup.update(
            calls=unit.calls["policy"], objects=unit.objects, reads=unit.reads.total()
        )
        self._reads.update(unit.reads)
        self._units.append(
            {
                "unit_id": event.unit.id,
                "attempt": event.attempt,
                "seconds": _rounded(wall),
                **{part: _rounded(unit.seconds[part]) for part in _OF_UNITS},
                "calls": {part: unit.calls[part] for part in ("setup", "sdk", "platform")},
                "objects": unit.objects,
                "reads": unit.reads.total(),
            }
        )

    def _write(self, at: datetime) -> None:
        wall = max(0.0, (at - (self._started_at or at)).total_seconds())
        self.report = {
            "schema_version": 1,
            "run_id": self._run_id,
            "seconds": _rounded(wall),
            "parts": {part: _rounded(self._seconds[part]) for part in PARTS},
            "policy_setup": {
                **{name: self._setup[name] for name in ("calls", "objects", "reads")},
                "reads_by_procedure": dict(self._reads.most_common()),
            },
            "commands": {
                name: {"count": len(times), "seconds": _rounded(sum(times))}
                for name, times in sorted(self._commands.items(), key=lambda item: -sum(item[1]))
            },
            "units": sorted(self._units, key=lambda unit: (-unit["seconds"], unit["unit_id"])),
        }
        check(Document(self._path, self.report, {}), "costs")
        write_atomically(self._path, _text(self.report))


def read(folder: Path) -> dict[str, Any]:
    """Read the costs of a run.

    Args:
        folder: the run's folder, `artifacts/<run>`.

    Raises:
        ConfigurationError: the run has left none, or they break their schema.
    """
    path = folder / FILE_NAME
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path} does not exist: the run did not come to its end, or is older than this "
            "report. Name the folder of a run that has ended with --run artifacts/<run>."
        ) from None
    except ValueError as error:
        raise ConfigurationError(f"{path} is no JSON ({error}). Run the units again.") from error
    check(Document(path, value, {}), "costs")
    return dict(value)


def lines(report: Mapping[str, Any], slowest: int = 0) -> Iterator[str]:
    """Yield the report as lines of text: the parts, and the slowest units if any are wanted."""
    total = report["seconds"] or 1.0
    named = report["parts"]
    rest = max(0.0, report["seconds"] - sum(named.values()))
    yield f"Where the time went ({report['seconds']:.1f} s, {len(report['units'])} units ran)"
    for part, seconds in sorted(named.items(), key=lambda item: -item[1]):
        yield f"{seconds:>9.1f} s {seconds / total:>6.1%}  {PARTS[part]}"
    yield f"{rest:>9.1f} s {rest / total:>6.1%}  the rest"
    yield from _details(report)
    for unit in report["units"][:slowest]:
        split = ", ".join(f"{part} {unit[part]:.2f}" for part in _OF_UNITS)
        yield f"{unit['seconds']:>9.2f} s  {unit['unit_id']}  ({split})"


def _details(report: Mapping[str, Any]) -> Iterator[str]:
    commands = report["commands"]
    if commands:
        yield "SDK calls: " + "; ".join(
            f"{name} {known['count']} of {known['seconds'] / known['count']:.2f} s"
            for name, known in commands.items()
        )
    policy = report["policy_setup"]
    if policy["objects"]:
        shown = ", ".join(f"{name} {count}" for name, count in policy["reads_by_procedure"].items())
        yield (
            f"Policy set-up: {policy['objects']} objects made, {policy['reads']} reads "
            f"({(policy['objects'] + policy['reads']) / policy['objects']:.2f} round trips an "
            f"object){': ' if shown else ''}{shown}"
        )


def _count(unit: _Open, record: Mapping[str, Any]) -> None:
    """Count the calls by which policy is set up: what they make, and what they only read."""
    found = _PROCEDURE.search(str(record.get("url", "")))
    if found is None:
        return
    unit.calls["policy"] += 1
    if _MAKING.match(found[1]):
        unit.objects += record.get("status") == _SUCCESS
    elif _READING.match(found[1]):
        unit.reads[found[1]] += 1


def _command(record: Mapping[str, Any]) -> str:
    """Return whose command it was and what it did: `go decrypt`."""
    arguments: Iterable[str] = record.get("arguments") or ()
    given = list(arguments)
    for index, argument in enumerate(given):
        path = Path(argument)
        if path.name == "cli.sh":
            language = path.parts[-4] if "dist" in path.parts[-3:-2] else path.parent.name
            return " ".join((language, *given[index + 1 : index + 2]))
    return Path(given[0]).name if given else "unknown"


def _needs(unit: Unit) -> frozenset[str]:
    return frozenset(tag for tag in unit.spec.tags if tag.startswith("needs:"))


def _rounded(seconds: float) -> float:
    return round(seconds, _DIGITS)


def _text(report: Mapping[str, Any]) -> str:
    """Return the report as JSON with a line for each unit, so that a large one stays readable."""
    head = json.dumps({**report, "units": []}, indent=2, ensure_ascii=False)
    units = ",\n    ".join(json.dumps(unit, ensure_ascii=False) for unit in report["units"])
    return (
        head.replace('"units": []', f'"units": [\n    {units}\n  ]' if units else '"units": []')
        + "\n"
    )
