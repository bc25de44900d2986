"""`acceptance sdk list|install`: which SDKs are here, what they can do, and building the shims."""

import argparse
import dataclasses
import json

from rich.table import Table

from support.foundation import settings
from support.reporting.terminal import console as new_console
from support.sdk.discovery import BUILT_SDKS, VERSIONS
from support.sdk.features import FEATURES
from support.sdk.shims import BUNDLED, Installed, install
from support.sdk.table import SdkRow, sdk_table
from tools.cli.exit_codes import EXIT_GREEN, EXIT_RED

# Built without being asked for: each takes well under a minute from warm caches.
QUICK_SHIMS = ("python", "go")

_MARKS = {"yes": "[green]yes[/]", "no": "no", "unknown": "[red]?[/]"}


def run(options: argparse.Namespace) -> int:
    """Carry out one action and return the exit code."""
    if options.action == "install":
        return _install(options.languages)
    return _list(as_json=options.json)


def _install(languages: list[str]) -> int:
    """Install shims; one that was asked for by name and cannot be built is an error."""
    console = new_console()
    refused = False
    for language in languages or _by_default():
        root = VERSIONS if "@" in language else BUILT_SDKS
        done = install(language, root, lambda line: console.print(line, markup=False))
        if isinstance(done, Installed):
            if done.seconds or languages:
                took = f"built in {done.seconds:.0f} s" if done.seconds else "was built already"
                console.print(f"{'SDK':<10} {done.sdk.id} {took}", highlight=False)
            continue
        text = f"{'SDK':<10} {language} left out: {done.reason.rstrip('.')}. {done.remedy}"
        console.print(text, highlight=False, markup=False, soft_wrap=True)
        refused = refused or language in languages
    return EXIT_RED if refused else EXIT_GREEN


def _by_default() -> list[str]:
    """Return the quick shims, and every slow one that was built before and may be out of date."""
    built = (path.name for path in BUILT_SDKS.glob("*") if any(path.glob("dist/*/cli.sh")))
    return list(dict.fromkeys((*QUICK_SHIMS, *sorted(name for name in built if name in BUNDLED))))


def _list(*, as_json: bool) -> int:
    rows = sdk_table(settings.from_environment().sdk_roots)
    if as_json:
        print(json.dumps([_plain(row) for row in rows], indent=2))  # noqa: T201 -- for machines
        return EXIT_GREEN if rows else EXIT_RED
    console = new_console()
    if not rows:
        console.print("No SDK is installed. `acceptance sdk install` builds the bundled shims.")
        return EXIT_RED
    console.print(_table(rows))
    for row in rows:
        for name, answer in row.capabilities.items():
            if answer.verdict == "unknown":
                console.print(f"? {row.id} {name}: {answer.reason}", markup=False)
    return EXIT_GREEN


def _plain(row: SdkRow) -> dict[str, object]:
    answers = {name: dataclasses.asdict(answer) for name, answer in row.capabilities.items()}
    return {
        "id": row.id,
        "language": row.language,
        "version": row.version,
        "origin": row.origin,
        "hidden": row.hidden,
        "capabilities": answers,
    }


def _table(rows: tuple[SdkRow, ...]) -> Table:
    """One column per SDK, one line per capability: narrow enough for a terminal."""
    table = Table(header_style="bold", box=None)
    table.add_column("capability", no_wrap=True)
    for row in rows:
        table.add_column(row.id + (" (hidden)" if row.hidden else ""))
    table.add_row("language", *(row.language for row in rows))
    table.add_row("version", *(row.version for row in rows))
    table.add_row("origin", *(str(row.origin) for row in rows))
    for name in FEATURES:
        answers = [row.capabilities.get(name) for row in rows]
        table.add_row(name, *(_MARKS[answer.verdict] if answer else "" for answer in answers))
    return table
