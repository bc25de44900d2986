"""The summary at the end of a run: verdict, requirements, failures, skips by reason.

`Tally` is a sink that counts; `render` turns what it counted into text for a terminal.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from support.model.events import Event, RunFinished, RunStarted, UnitFinished
from support.model.outcome import Outcome, Status
from support.model.severity import Severity
from support.model.unit import Unit
from support.model.waiver import Waiver
from support.reporting import costs

FAILURES_SHOWN = 20
UNITS_SHOWN = 3
REASON_LINES_SHOWN = 6
SECONDS_PER_MINUTE = 60

_COLUMNS = (
    (Status.PASSED, "green"),
    (Status.FAILED, "red"),
    (Status.WAIVED, "yellow"),
    (Status.ERROR, "red"),
    (Status.SKIPPED, "yellow"),
    (Status.NOT_APPLICABLE, "yellow"),
)


@dataclass(slots=True)
class Tally:
    """Counts outcomes. It sees a unit's last attempt last, and keeps that."""

    name: str = "summary"
    planned: tuple[Unit, ...] = ()
    faults: tuple[str, ...] = ()
    seed: int = 0
    order: str = "stable"
    outcomes: dict[str, tuple[Unit, Outcome]] = field(default_factory=dict)
    interrupted: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None
    sink_failures: dict[str, str] = field(default_factory=dict)

    def handle(self, event: Event) -> None:
        """Take one event of the run."""
        if isinstance(event, RunStarted):
            self.planned, self.faults = event.units, event.stack.faults
            self.seed, self.order = event.seed, event.order
            self.started_at = event.at
        elif isinstance(event, UnitFinished):
            self.outcomes[event.unit.id] = (event.unit, event.outcome)
        elif isinstance(event, RunFinished):
            self.interrupted = event.interrupted
            self.finished_at = event.at

    def close(self) -> None:
        """Nothing to write."""

    @property
    def missing(self) -> tuple[Unit, ...]:
        """Planned units that have no outcome."""
        return tuple(unit for unit in self.planned if unit.id not in self.outcomes)

    def count(self, status: Status) -> int:
        """Return how many units have a status."""
        return sum(outcome.status is status for _, outcome in self.outcomes.values())

    def problems(self) -> tuple[str, ...]:
        """Return why the run is red, one line each; nothing when it is green."""
        found = []
        failed, errors = self.count(Status.FAILED), self.count(Status.ERROR)
        if failed:
            found.append(f"{failed} failed")
        if errors:
            found.append(f"{errors} without a verdict (error)")
        urgent = {s: n for s, n in self.red_by_severity().items() if s is Severity.CRITICAL}
        found.extend(f"{count} of them {severity.value}" for severity, count in urgent.items())
        if self.missing:
            found.append(f"{len(self.missing)} planned but not run")
        if self.interrupted:
            found.append("the run was interrupted")
        if self.sink_failures:
            found.append(f"not everything was recorded ({', '.join(self.sink_failures)})")
        if not any(outcome.status.ran for _, outcome in self.outcomes.values()):
            found.append("nothing ran")
        return tuple(found)

    def red_by_severity(self) -> Counter[Severity]:
        """Return how many red units there are of each severity."""
        return Counter(u.severity for u, outcome in self.outcomes.values() if outcome.status.is_red)

    def as_data(self) -> dict[str, object]:
        """Return the counts as plain values, for machines."""
        return {
            "verdict": "red" if self.problems() else "green",
            "problems": list(self.problems()),
            "counts": {status.value: self.count(status) for status in Status},
            "not_run": len(self.missing),
            "faults": list(self.faults),
            "seed": self.seed,
            "order": self.order,
            "sink_failures": dict(self.sink_failures),
            "severities": {
                severity.value: count for severity, count in sorted(self.red_by_severity().items())
            },
            "requirements": {
                requirement: {status.value: counts[status] for status in Status if counts[status]}
                for requirement, counts in by_requirement(self).items()
            },
        }


def by_requirement(tally: Tally) -> Mapping[str, Counter[Status]]:
    """Return outcome counts per requirement, sorted; a unit counts for each that it names."""
    result: dict[str, Counter[Status]] = {}
    for unit, outcome in tally.outcomes.values():
        for requirement in unit.spec.requirement_ids:
            result.setdefault(requirement, Counter())[outcome.status] += 1
    return dict(sorted(result.items()))


def render(
    console: Console,
    tally: Tally,
    titles: Mapping[str, str],
    where: Sequence[tuple[str, str]],
    spent: Mapping[str, Any] | None = None,
) -> None:
    """Print the summary.

    Args:
        console: a terminal gets colours; a pipe gets the same text without.
        tally: what happened.
        titles: title by requirement id.
        where: pairs of a label and a path: where to look for more.
        spent: where the time went, as `CostMeter` reports it.
    """
    console.print()
    console.print(_requirements(tally, titles))
    for line in (*_skips(tally), *_waived(tally), *_failures(tally)):
        console.print(line, highlight=False, soft_wrap=True)
    if spent and spent["units"]:
        for line in costs.lines(spent):
            console.print(line, highlight=False, soft_wrap=True, markup=False)
        console.print()
    if tally.order != "stable":
        console.print(f"{'order':<10} {tally.order} (--define order={tally.order} repeats it)")
    for label, path in where:
        console.print(f"{label:<10} {path}", highlight=False, soft_wrap=True, markup=False)
    if tally.faults:
        faults = ", ".join(tally.faults)
        console.print(
            f"[bold red]FAULTS ON: {escape(faults)}: this run proves nothing about the platform.[/]"
        )
    console.print(_verdict(tally), highlight=False, soft_wrap=True)


def _requirements(tally: Tally, titles: Mapping[str, str]) -> Table:
    table = Table(title="Requirements", title_justify="left", header_style="bold", box=None)
    table.add_column("requirement", no_wrap=True)
    table.add_column("title", max_width=52)
    columns = [c for c in _COLUMNS if c[0] is not Status.WAIVED or tally.count(Status.WAIVED)]
    for status, _ in columns:
        table.add_column(status.value.replace("_", " "), justify="right")
    for requirement, counts in by_requirement(tally).items():
        cells = [
            f"[{colour}]{counts[status]}[/]" if counts[status] else "·"
            for status, colour in columns
        ]
        table.add_row(requirement, escape(titles.get(requirement, "")), *cells)
    return table


def _skips(tally: Tally) -> Iterator[str]:
    reasons: Counter[tuple[str, str]] = Counter()
    for _, outcome in tally.outcomes.values():
        if outcome.status in {Status.SKIPPED, Status.NOT_APPLICABLE}:
            reasons[outcome.status.value.replace("_", " "), outcome.reason] += 1
    if reasons:
        yield "\n[bold]Not run, for a declared reason[/]"
    for (status, reason), count in sorted(reasons.items()):
        yield f"[yellow]{count:>5} {status}[/]: {escape(reason)}"


def _waived(tally: Tally) -> Iterator[str]:
    """Show what waivers accepted, and which of them accepted nothing although their tests ran."""
    used: Counter[Waiver] = Counter()
    passed: Counter[Waiver] = Counter()
    for unit, outcome in tally.outcomes.values():
        if unit.waiver is not None:
            used[unit.waiver] += outcome.status is Status.WAIVED
            passed[unit.waiver] += outcome.status is Status.PASSED
    if passed or used:
        yield "\n[bold]Waivers[/]"
    for waiver, count in used.items():
        if count:
            yield f"[yellow]{count:>5} waived[/]: {escape(str(waiver))}"
        elif passed[waiver]:
            yield (
                f"[yellow]{passed[waiver]:>5} passed[/] though waived, so the waiver can go: "
                f"{escape(f'{waiver.where}: {waiver}')}"
            )


def _failures(tally: Tally) -> Iterator[str]:
    """Show each different failure once, the most urgent first, with the units it happened to."""
    units: dict[tuple[Severity, Status, str], list[str]] = {}
    red = [(u, outcome) for u, outcome in tally.outcomes.values() if outcome.status.is_red]
    for unit, outcome in sorted(red, key=lambda pair: pair[0].severity.rank):
        name = f"{unit.id}  (line {unit.spec.line})"
        units.setdefault((unit.severity, outcome.status, outcome.reason.strip()), []).append(name)
    if units:
        yield "\n[bold]Failures[/]"
    for (severity, status, reason), names in list(units.items())[:FAILURES_SHOWN]:
        yield from _failure(f"{status.value} {severity.value}", reason, names)
    if len(units) > FAILURES_SHOWN:
        yield f"       … and {len(units) - FAILURES_SHOWN} more; every one has its evidence."
    yield ""


def _failure(kind: str, reason: str, names: Sequence[str]) -> Iterator[str]:
    for name in names[:UNITS_SHOWN]:
        yield f"[red]{kind:>6}[/] {escape(name)}"
    if len(names) > UNITS_SHOWN:
        yield f"       … and {len(names) - UNITS_SHOWN} more units, with the same message:"
    for line in reason.splitlines()[:REASON_LINES_SHOWN]:
        yield f"       {escape(line)}"


def _verdict(tally: Tally) -> str:
    ran = sum(outcome.status.ran for _, outcome in tally.outcomes.values())
    passed = tally.count(Status.PASSED)
    problems = tally.problems()
    counts = f"{passed} of {ran} units passed, {len(tally.outcomes) - ran} not run{_took(tally)}"
    if problems:
        return f"[bold red]RED[/]: {', '.join(problems)} ({counts})"
    return f"[bold green]GREEN[/]: {counts}"


def _took(tally: Tally) -> str:
    if tally.started_at is None or tally.finished_at is None:
        return ""
    seconds = max(0.0, (tally.finished_at - tally.started_at).total_seconds())
    minutes, rest = divmod(round(seconds), SECONDS_PER_MINUTE)
    return f", in {minutes} min {rest} s" if minutes else f", in {seconds:.1f} s"
