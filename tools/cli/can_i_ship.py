"""`acceptance can-i-ship`: may a version of an SDK ship against a platform, by recorded results."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from support.evidence import shipping, shipping_page
from support.evidence.shipping import JUDGED, Answer, Result, Verdict
from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT
from support.foundation.text import did_you_mean, listed
from support.reporting.terminal import console as new_console
from support.world import golden
from tools.cli.exit_codes import EXIT_GREEN, EXIT_RED

PAGE = ROOT / "docs" / "versions.md"
DATA = ROOT / "docs" / "versions.json"

_STYLES = {Answer.YES: "[green]yes[/]", Answer.NO: "[red]no[/]", Answer.UNKNOWN: "unknown"}


def run(options: argparse.Namespace) -> int:
    """Judge what was asked for, and return the exit code: 0 when every answer is yes."""
    if options.check:
        return _check()
    folders = [Path(folder) for folder in options.run]
    results = shipping.of_runs(folders) if folders else shipping_page.load(DATA)
    if options.write:
        DATA.write_text(shipping_page.dump(results), "utf-8")
        PAGE.write_text(page(results), "utf-8")
    chosen = _chosen(shipping_page.verdicts(results), options)
    if options.json:
        print(json.dumps([_plain(verdict) for verdict in chosen], indent=2))  # noqa: T201 -- output
    else:
        _show(chosen)
    may = all(verdict.answer is Answer.YES for verdict in chosen)
    return EXIT_GREEN if may else EXIT_RED


def page(results: tuple[Result, ...]) -> str:
    """Return docs/versions.md as it has to be."""
    return shipping_page.render(results, [asdict(entry) for entry in golden.record()])


def _check() -> int:
    if PAGE.read_text("utf-8") == page(shipping_page.load(DATA)):
        return EXIT_GREEN
    new_console().print(f"{PAGE} is not what its data say: acceptance can-i-ship --write")
    return EXIT_RED


def _chosen(found: list[Verdict], options: argparse.Namespace) -> list[Verdict]:
    """Return the verdicts that were asked for.

    Raises:
        ConfigurationError: nothing was recorded of it, which is no yes.
    """
    chosen = [
        verdict
        for verdict in found
        if _fits(verdict.sdk, options.sdk, options.version)
        and (not options.platform or verdict.platform.startswith(options.platform))
    ]
    if not chosen:
        wanted = "-".join(filter(None, (options.sdk, options.version))) or "any version"
        known = dict.fromkeys(verdict.sdk for verdict in found)
        platforms = dict.fromkeys(verdict.platform for verdict in found)
        raise ConfigurationError(
            f"Nothing is recorded of {wanted} on {options.platform or 'any platform'}."
            f"{did_you_mean(wanted, known)} Recorded: {listed(known)}, on {listed(platforms)}."
        )
    return chosen


def _fits(sdk: str, language: str | None, version: str | None) -> bool:
    found_language, _, found_version = sdk.partition("-v")
    wanted = (version or found_version).removeprefix("v")
    return (language or found_language) == found_language and wanted == found_version


def _plain(verdict: Verdict) -> dict[str, object]:
    return {
        "sdk": verdict.sdk,
        "platform": verdict.platform,
        "may_ship": verdict.answer.value,
        "requirements": {name: answer.value for name, answer in verdict.by_requirement.items()},
        "why": list(verdict.why),
    }


def _show(chosen: list[Verdict]) -> None:
    console = new_console()
    table = Table(header_style="bold", box=None)
    for heading in ("platform", "version", "may ship", *JUDGED):
        table.add_column(heading)
    for verdict in chosen:
        answers = (_STYLES[verdict.by_requirement[requirement]] for requirement in JUDGED)
        table.add_row(verdict.platform, verdict.sdk, _STYLES[verdict.answer], *answers)
    console.print(table)
    for verdict in chosen:
        for line in verdict.why:
            text = f"{verdict.sdk} on {verdict.platform}: {line}"
            console.print(text, markup=False, highlight=False, soft_wrap=True)
