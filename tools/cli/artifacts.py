"""`acceptance artifacts`: reading the files of runs, keeping runs, clearing up."""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

from support.artifacts import collecting, keeping
from support.artifacts.collecting import Found, Judgement
from support.artifacts.keeping import Keeping, Retention
from support.artifacts.reading import open_artifact, paths_of, restore
from support.evidence import recovery, run_files
from support.foundation import settings as all_settings
from support.foundation.errors import ConfigurationError
from support.foundation.settings import Settings
from support.foundation.text import did_you_mean
from support.reporting.terminal import console as new_console
from tools.cli.exit_codes import EXIT_GREEN, EXIT_RED


def run(options: argparse.Namespace) -> int:
    """Do what was asked for, and return the exit code."""
    return _ACTIONS[options.action](options, all_settings.from_environment())


def _list(options: argparse.Namespace, settings: Settings) -> int:
    judged = collecting.judge(tuple(collecting.find_runs(settings.artifacts)), datetime.now(UTC))
    if options.json:
        _print_json([_as_json(each) for each in judged])
        return EXIT_GREEN
    table = Table("run", "profile", "MB", "labels", "next", "why")
    for each in judged:
        said = each.run.keeping
        table.add_row(
            each.run.id,
            said.profile_id if said else "",
            f"{collecting.size_of(each.run.folder) / 1e6:.1f}",
            ", ".join(said.labels) if said else "",
            each.deed,
            each.reason,
        )
    new_console().print(table)
    return EXIT_GREEN


def _as_json(each: Judgement) -> Mapping[str, object]:
    said = each.run.keeping
    return {
        "run_id": each.run.id,
        "profile_id": said.profile_id if said else None,
        "began_at": each.run.began_at.isoformat(),
        "bytes": collecting.size_of(each.run.folder),
        "labels": list(said.labels) if said else [],
        "next": each.deed,
        "reason": each.reason,
    }


def _show(options: argparse.Namespace, settings: Settings) -> int:
    paths = paths_of(find_run(settings, options.run))
    if options.json:
        _print_json(list(paths))
    else:
        sys.stdout.writelines(f"{path}\n" for path in paths)
    return EXIT_GREEN


def _cat(options: argparse.Namespace, settings: Settings) -> int:
    folder = find_run(settings, options.run)
    try:
        with open_artifact(folder, options.path) as content:
            shutil.copyfileobj(content, sys.stdout.buffer)
    except FileNotFoundError:
        known = paths_of(folder)
        raise ConfigurationError(
            f"The run {folder.name} has no file {options.path!r}."
            f"{did_you_mean(options.path, known)} `acceptance artifacts show` lists all."
        ) from None
    sys.stdout.buffer.flush()
    return EXIT_GREEN


def _unpack(options: argparse.Namespace, settings: Settings) -> int:
    count = restore(find_run(settings, options.run), Path(options.folder))
    sys.stdout.write(f"{count} files are in {options.folder}\n")
    return EXIT_GREEN


def _label(options: argparse.Namespace, settings: Settings) -> int:
    folder = find_run(settings, options.run)
    with keeping.changing(folder.parent):
        said = keeping.read(folder) or _unsaid(folder)
        change = said.without if options.remove else said.labelled
        keeping.write(folder, change(options.label))
    return EXIT_GREEN


def _unsaid(folder: Path) -> Keeping:
    began_at = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    return Keeping(folder.name, "unknown", began_at, Retention())


def _collect(options: argparse.Namespace, settings: Settings) -> int:
    now = datetime.now(UTC)
    done = tuple(
        collecting.collect(
            settings.artifacts, now, dry_run=options.dry_run, make_whole=_complete_evidence
        )
    )
    if options.json:
        _print_json({"dry_run": options.dry_run, "done": [asdict(each) for each in done]})
    else:
        for each in done:
            size = f", {each.freed_bytes / 1e6:.1f} MB" if each.freed_bytes else ""
            sys.stdout.write(f"{each.deed:<7} {each.name}: {each.reason}{size}\n")
        if options.dry_run:
            sys.stdout.write("Nothing was done: this only says what would be.\n")
    return EXIT_RED if any(each.deed == "failed" for each in done) else EXIT_GREEN


def _complete_evidence(run_folder: Path) -> None:
    if (run_folder / run_files.RUN).exists():  # runs of before left nothing to do it from
        recovery.recover(run_folder)


def find_run(settings: Settings, name: str) -> Path:
    """Return the folder of a run that somebody named.

    Raises:
        ConfigurationError: there is none.
    """
    for folder in (settings.artifacts / name, Path(name)):
        if folder.is_dir() and any(_is(run, folder) for run in _beside(folder)):
            return folder.resolve()
    known = [run.id for run in collecting.find_runs(settings.artifacts)]
    raise ConfigurationError(
        f"There is no run {name!r} in {settings.artifacts}, nor at that path."
        f"{did_you_mean(name, known)} `acceptance artifacts list` shows all."
    )


def _beside(folder: Path) -> tuple[Found, ...]:
    return tuple(collecting.find_runs(folder.resolve().parent))


def _is(run: Found, folder: Path) -> bool:
    return run.folder == folder.resolve()


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


_ACTIONS: Mapping[str, Callable[[argparse.Namespace, Settings], int]] = {
    "list": _list,
    "show": _show,
    "cat": _cat,
    "unpack": _unpack,
    "label": _label,
    "gc": _collect,
}
