"""`acceptance evidence`: verify, show, compare, open and recover the evidence of runs."""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from support.artifacts.reading import open_artifact
from support.evidence import comparison, recovery, sealing, showing, signing_key, verification
from support.evidence.reading import records_in
from support.evidence.verification import Verdict
from support.foundation import settings as foundation_settings
from support.foundation.errors import ConfigurationError
from support.foundation.text import listed
from support.reporting.terminal import console as new_console
from tools.cli.exit_codes import EXIT_GREEN, EXIT_RED


def run(options: argparse.Namespace) -> int:
    """Do what was asked for, and return the exit code."""
    folder = Path(options.run)
    if not folder.is_dir():
        raise ConfigurationError(
            f"{folder}: there is no such run. Name the folder of one: artifacts/<run>."
        )
    return _ACTIONS[options.action](folder, options)


def _verify(folder: Path, options: argparse.Namespace) -> int:
    key = signing_key.public_key(Path(options.key)) if options.key else None
    verdict = verification.verify(folder, key)
    if options.json:
        print(json.dumps(asdict(verdict), indent=2))  # noqa: T201 -- output
    else:
        _say(_told(verdict))
    return EXIT_RED if verdict.problems else EXIT_GREEN


def _told(verdict: Verdict) -> Iterable[str]:
    yield from (f"PROBLEM  {problem}" for problem in verdict.problems)
    yield from (f"note     {note}" for note in verdict.notes)
    found = (
        f"{verdict.records} records of {verdict.units} planned units, {verdict.files} files, "
        f"key {verdict.key[:16] or 'unknown'}"
    )
    if verdict.problems:
        yield f"BROKEN: {len(verdict.problems)} problem(s) in {verdict.run_id} ({found})"
    else:
        yield f"VERIFIED: {verdict.run_id} is whole and unaltered ({found})"


def _show(folder: Path, options: argparse.Namespace) -> int:
    lines = showing.unit_lines(folder, options.unit) if options.unit else showing.run_lines(folder)
    _say(lines)
    return EXIT_GREEN


def _diff(folder: Path, options: argparse.Namespace) -> int:
    found = list(comparison.differences(folder, Path(options.other)))
    _say(found or ["The two runs do not differ."])
    return EXIT_RED if found else EXIT_GREEN


def _open(folder: Path, options: argparse.Namespace) -> int:
    name = _file(folder, options.file)
    with open_artifact(folder, name) as content:
        if options.to:
            with Path(options.to).open("xb") as kept:
                shutil.copyfileobj(content, kept)
        else:
            shutil.copyfileobj(content, sys.stdout.buffer)
    return EXIT_GREEN


def _file(folder: Path, wanted: str) -> str:
    """Return the one file of a run whose name ends so.

    Raises:
        ConfigurationError: there is none, or several.
    """
    names = [file["path"] for _, record in records_in(folder) for file in record["files"]]
    if wanted in names:
        return wanted
    found = [name for name in names if name.endswith(wanted)]
    if len(found) != 1:
        seen = f"{len(found)} files: {listed(found[:5])}" if found else "no file"
        raise ConfigurationError(
            f"{folder}: {wanted!r} is the end of {seen}. Name one as `acceptance evidence show "
            "RUN --unit TEXT` lists it."
        )
    return str(found[0])


def _recover(folder: Path, options: argparse.Namespace) -> int:
    del options
    count = recovery.recover(folder)
    sealing.seal(folder, foundation_settings.from_environment())
    _say([f"{folder}: {count} record(s) made, and sealed"])
    return EXIT_GREEN


def _say(lines: Iterable[str]) -> None:
    console = new_console()
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


_ACTIONS: Mapping[str, Callable[[Path, argparse.Namespace], int]] = {
    "verify": _verify,
    "show": _show,
    "diff": _diff,
    "open": _open,
    "recover": _recover,
}
