"""`acceptance profile list|show|check|diff|new`: what profiles say, and whether it is sound."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from support.foundation import settings as foundation_settings
from support.foundation.errors import ConfigurationError
from support.planning.forecast import Forecast, Shift, inventory_here, shift
from support.profiles import profile as profiles
from support.profiles.effective import (
    Difference,
    EffectiveValue,
    differences,
    effective_values,
    shown,
)
from support.reporting.terminal import console as new_console
from tools.cli import profile_check, profile_new
from tools.cli.exit_codes import EXIT_GREEN
from tools.cli.profile_loading import Target, configure, defined, planned, target

UNITS_SHOWN = 20


def run(options: argparse.Namespace) -> int:
    """Carry out one action and return the exit code."""
    actions = {
        "list": _list,
        "show": _show,
        "diff": _diff,
        "check": profile_check.run,
        "new": profile_new.run,
    }
    return actions[options.action](options)


def _list(options: argparse.Namespace) -> int:
    folder = foundation_settings.from_environment().profiles
    rows = [_summary(Target(folder, name)) for name in profiles.available(folder)]
    if options.json:
        _print_json(rows)
        return EXIT_GREEN
    cells = [[str(row[name] or "-") for name in ("id", "stack", "extends", "told")] for row in rows]
    _print_rows(("profile", "stack", "extends", "description"), cells)
    return EXIT_GREEN


def _summary(meant: Target) -> dict[str, Any]:
    try:
        loaded = configure(meant, {}).profile
    except ConfigurationError as error:
        told = f"cannot be loaded: {error}"
        return {"id": meant.profile_id, "stack": None, "extends": None, "told": told}
    return {
        "id": loaded.id,
        "stack": loaded.stack,
        "extends": ", ".join(loaded.lineage[1:]) or None,
        "told": loaded.merged.value["config"].get("description", ""),
    }


def _show(options: argparse.Namespace) -> int:
    configuration = configure(target(options.profile), defined(options.define))
    values = effective_values(configuration.profile, configuration.settings)
    plan = planned(configuration)
    forecast = Forecast.of(plan)
    merged = configuration.profile.merged
    if options.json:
        _print_json(
            {
                "profile": configuration.profile.id,
                "lineage": list(merged.lineage),
                "files": [shown(str(path)) for path in merged.files],
                "values": [_plain(value) for value in values],
                "plan": {
                    "specs": forecast.specs,
                    "left_out": forecast.left_out,
                    "units": dict(forecast.units),
                    "notes": list(plan.notes),
                },
            }
        )
        return EXIT_GREEN
    _told(f"profile {' extends '.join(merged.lineage)}")
    rows = [(value.name, value.text, value.place) for value in values]
    _print_rows(("key", "value", "origin"), rows)
    _told(f"here: {forecast}")
    for note in plan.notes:
        _told(f"note: {note}")
    return EXIT_GREEN


def _diff(options: argparse.Namespace) -> int:
    defines = defined(options.define)
    left, right = (configure(target(name), defines) for name in (options.left, options.right))
    changed = differences(
        effective_values(left.profile, left.settings),
        effective_values(right.profile, right.settings),
    )
    # Each stack serves something else: its own is asked, so that the plans are those of real runs.
    moved = shift(
        planned(left, inventory_here(left.settings, left.profile, left.catalog)),
        planned(right, inventory_here(right.settings, right.profile, right.catalog)),
    )
    if options.json:
        _print_json(
            {
                "left": left.profile.id,
                "right": right.profile.id,
                "values": [
                    {
                        "name": change.name,
                        "left": _plain(change.left) if change.left else None,
                        "right": _plain(change.right) if change.right else None,
                    }
                    for change in changed
                ],
                "units": {
                    "added": list(moved.added),
                    "removed": list(moved.removed),
                    "changed": [list(entry) for entry in moved.changed],
                },
            }
        )
        return EXIT_GREEN
    _print_differences(left.profile.id, right.profile.id, changed)
    _print_shift(moved)
    return EXIT_GREEN


def _print_differences(left: str, right: str, changed: Sequence[Difference]) -> None:
    if not changed:
        _told("Every effective value is the same.")
        return
    rows = [(c.name, _with_origin(c.left), _with_origin(c.right)) for c in changed]
    _print_rows(("key", left, right), rows)


def _with_origin(value: EffectiveValue | None) -> str:
    return "-" if value is None else f"{value.text} [{value.place}]"


def _print_shift(moved: Shift) -> None:
    counts = f"+{len(moved.added)} -{len(moved.removed)} ~{len(moved.changed)}"
    _told(f"units: {counts} (added, removed, expected otherwise)")
    changed = [f"{name}: {before} -> {after}" for name, before, after in moved.changed]
    for mark, lines in (("+", moved.added), ("-", moved.removed), ("~", changed)):
        for line in lines[:UNITS_SHOWN]:
            _told(f"  {mark} {line}")
        if len(lines) > UNITS_SHOWN:
            _told(f"  {mark} and {len(lines) - UNITS_SHOWN} more; --json lists all")


def _print_rows(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table in a terminal; elsewhere a line per row, cells separated by tabs."""
    console = new_console()
    if not console.is_terminal:
        for row in (headings, *rows):
            _told("\t".join(row))
        return
    table = Table(header_style="bold", box=None)
    for index, heading in enumerate(headings):
        table.add_column(heading, no_wrap=index == 0, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _told(line: str) -> None:
    """Print a line as it is: a console would make blanks of its tabs."""
    sys.stdout.write(f"{line}\n")


def _plain(value: EffectiveValue) -> dict[str, Any]:
    return {
        "name": value.name,
        "value": value.value,
        "meaning": value.meaning,
        "origin": {"kind": value.origin.kind, "place": shown(value.origin.place)},
    }


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2))  # noqa: T201 -- for machines
