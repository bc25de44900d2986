"""Findings for people: place, rule, message, and the line with a caret under what is meant."""

import unicodedata
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from support.linting.linter import Report, Reported
from support.linting.rules import Severity

# Rules whose warnings are a list rather than places to look at; they share one line.
FOLDED = ("requirement-uncovered",)

_WIDEST = 140
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}


def render(report: Report, console: Console) -> None:
    """Print all findings and the summary line."""
    render_findings((r for r in report.reported if r.finding.rule not in FOLDED), console)
    for rule in FOLDED:
        folded = [r for r in report.reported if r.finding.rule == rule]
        if folded:
            _print(console, _together(folded))
    _print(console, Text(summary(report)))


def render_findings(reported: Iterable[Reported], console: Console) -> None:
    """Print findings, each with its line where that is known."""
    for each in reported:
        _print(console, _heading(each))
        for line in _excerpt(each):
            _print(console, line)


def summary(report: Report) -> str:
    """Return what was linted and how much was found, in one line."""
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    looked = f"{report.features} {_many('feature', report.features)}"
    if report.profiles:
        looked += f" and {report.profiles} {_many('profile', report.profiles)}"
    found = [
        f"{errors} {_many('error', errors)}" if errors else "",
        f"{warnings} {_many('warning', warnings)}" if warnings else "",
    ]
    return f"{looked} linted: {', '.join(filter(None, found)) or 'nothing to mend'}."


def printable(text: str) -> str:
    """Return a text without characters that a terminal would act on; a tab is a blank."""
    return "".join(c if c.isprintable() else " " if c == "\t" else "�" for c in text)


def _many(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def _print(console: Console, text: Text) -> None:
    if console.is_terminal:
        console.print(text, soft_wrap=True, highlight=False)
    else:  # ten times as fast, where there may be tens of thousands of lines
        console.file.write(f"{text.plain}\n")


def _heading(reported: Reported) -> Text:
    finding = reported.finding
    place = f"{finding.path}:{finding.line}:{finding.column}: "
    return Text.assemble(
        (printable(place), "bold"),
        (f"{reported.severity} ", _STYLES[reported.severity]),
        (f"{finding.rule}: ", "cyan"),
        printable(finding.message.replace("\n", " ")),
    )


def _excerpt(reported: Reported) -> Iterator[Text]:
    """Yield the source line and a caret line, cut to what fits around the place."""
    source, finding = reported.source, reported.finding
    if not source.strip():
        return
    start = finding.column - 1
    length = max(1, min(finding.length, len(source) - start))
    first = max(0, min(start - _WIDEST // 2, len(source) - _WIDEST))
    shown = source[first : first + _WIDEST]
    length = min(length, max(1, first + len(shown) - start))
    marked = "^" + "~" * (_width(source[start : start + length]) - 1)
    yield Text(f"    {printable(shown)}")
    before = " " * (4 + sum(map(_cells, source[first:start])))
    yield Text.assemble(before, (marked, _STYLES[reported.severity]))


def _width(text: str) -> int:
    return max(1, sum(map(_cells, text)))


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _together(reported: Iterable[Reported]) -> Text:
    found = list(reported)
    first = found[0].finding
    names = ", ".join(
        r.source[r.finding.column - 1 : r.finding.column - 1 + r.finding.length] for r in found
    )
    return Text.assemble(
        (f"{first.path}:{first.line}:{first.column}: ", "bold"),
        (f"{found[0].severity} ", _STYLES[found[0].severity]),
        (f"{first.rule}: ", "cyan"),
        f"{len(found)} {_many('requirement', len(found))} without a scenario: {printable(names)}.",
    )
