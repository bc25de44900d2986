"""`acceptance parity`: run the same units on two stacks, and tell what differs."""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from support.evidence import answers, observations, outcomes, parity, parity_page
from support.evidence.answers import AnswerVerdict, Difference
from support.evidence.parity import Pair, Verdict
from support.evidence.parity_page import Words
from support.foundation import process
from support.foundation.errors import ConfigurationError, EnvironmentUnfitError
from support.foundation.progress import reporting
from support.foundation.settings import ROOT, build_environment
from support.foundation.text import did_you_mean, listed
from support.model.records import CommandRecord
from support.planning.preparation import CATALOG, PROFILES, REQUIREMENTS
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles
from support.profiles.catalog import Catalog
from support.reporting.terminal import console as new_console
from support.specs import requirements
from tools.cli.exit_codes import EXIT_GREEN, EXIT_RED

PAGE = ROOT / "docs" / "parity.md"
BASE = "embedded"
TIME_LIMIT_SECONDS = 3600.0
_COMPLETED = frozenset({0, 1})  # behave's exit codes for a run that came to its end


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: a profile, and the folder of its run."""

    profile_id: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Compared:
    """Two runs beside each other."""

    left: Side
    right: Side
    pairs: Sequence[Pair]
    units: Verdict
    answers: AnswerVerdict

    @property
    def ran(self) -> int:
        """How many units have a verdict on both sides."""
        return sum(pair.embedded == pair.there == "passed" for pair in self.pairs)

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that is to be mended, one line each."""
        return (*self.units.problems, *self.answers.problems)


def run(options: argparse.Namespace) -> int:
    """Compare, tell, and return the exit code."""
    _check_names(options)
    catalog = catalogs.load(CATALOG)
    with tempfile.TemporaryDirectory(prefix="acceptance-parity-") as folder:
        left = _side(options.left, options.left_run, options, Path(folder), "left")
        right = _side(options.right, options.right_run, options, Path(folder), "right")
        compared = compare(left, right, catalog, whole=_is_whole(options))
        if options.keep:
            shutil.copytree(folder, options.keep, dirs_exist_ok=True)
    if not compared.ran:
        raise EnvironmentUnfitError(
            f"No unit passed on both sides, so nothing was compared: {options.left} and "
            f"{options.right} have {len(compared.pairs)} units together. Check the profiles and "
            "what was asked for."
        )
    if options.json:
        print(json.dumps(as_json(compared), indent=2))  # noqa: T201 -- for machines
    else:
        _show(compared)
    return EXIT_RED if compared.problems else EXIT_GREEN


def _is_whole(options: argparse.Namespace) -> bool:
    return not (options.paths or options.tags)


def _check_names(options: argparse.Namespace) -> None:
    known = sorted(profiles.available(PROFILES))
    for side in ("left", "right"):
        profile_id = getattr(options, side)
        if profile_id not in known:
            raise ConfigurationError(
                f'--{side}: there is no profile "{profile_id}".{did_you_mean(profile_id, known)} '
                f"Known: {listed(known)}."
            )


def _side(
    profile_id: str,
    run_folder: str | None,
    options: argparse.Namespace,
    folder: Path,
    name: str,
) -> Side:
    """Return a side, whose units are run unless the folder of a run is named."""
    if run_folder:
        return Side(profile_id, Path(run_folder))
    run_id = f"{name}-{profile_id}"
    tags = [part for expression in options.tags for part in ("--tags", expression)]
    with reporting(f"Running profile {profile_id}", _tell):
        record = behave(profile_id, run_id, folder, [*options.paths, *tags])
    if record.exit_code not in _COMPLETED or not (folder / run_id).is_dir():
        said = (record.stderr.strip() or record.stdout.strip())[-2000:]
        raise EnvironmentUnfitError(f"Profile {profile_id} did not run: {said}")
    return Side(profile_id, folder / run_id)


def behave(profile_id: str, run_id: str, folder: Path, selection: Sequence[str]) -> CommandRecord:
    """Run what is selected of a profile; its evidence is in `folder`/`run_id`."""
    return process.run(
        [
            *(sys.executable, "-m", "behave", "-f", "null", *selection),
            *("--define", f"profile={profile_id}", "--define", f"run_id={run_id}"),
            *("--define", f"artifacts={folder}"),
        ],
        environment=build_environment(),
        time_limit_seconds=TIME_LIMIT_SECONDS,
        working_directory=ROOT,
    )


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def compare(left: Side, right: Side, catalog: Catalog, *, whole: bool) -> Compared:
    """Compare two runs, and hold what differs against what docs/parity.md accepts.

    Args:
        left: one side; rows of the page are about differences from the profile `embedded`.
        right: the other side.
        catalog: knows the dimensions.
        whole: whether everything was run, so that a row which accepts nothing is stale.
    """
    registry = {entry.id for entry in requirements.load(REQUIREMENTS)}
    words = Words.of(catalog, profiles.available(PROFILES), registry)
    of_page = left.profile_id == BASE
    rows = parity_page.read(PAGE, words) if of_page else ()
    answer_rows = [
        row
        for row in (parity_page.read_answers(PAGE, words) if of_page else ())
        if right.profile_id in row.profiles
    ]
    records = [outcomes.last_attempts(side.folder) for side in (left, right)]
    pairs = parity.compare(*(outcomes.of_records(each, catalog) for each in records))
    units = parity.judge(pairs, rows, right.profile_id)
    found = answers.judge(
        pairs,
        observations.of_run(left.folder, records[0]),
        observations.of_run(right.folder, records[1]),
        answer_rows,
    )
    if not whole:  # what was not asked for cannot show a difference
        units = Verdict(units.listed, units.unlisted, ())
        found = AnswerVerdict(found.compared, found.listed, found.unlisted, ())
    return Compared(left, right, pairs, units, found)


def as_json(compared: Compared) -> Mapping[str, Any]:
    """Return the comparison for machines (schemas/parity-report.schema.json)."""
    accepted = (*compared.units.listed, *compared.answers.listed)
    return {
        "left": compared.left.profile_id,
        "right": compared.right.profile_id,
        "units": len(compared.pairs),
        "passed_on_both": compared.ran,
        "accepted": len(accepted),
        "differences": [
            *(_unit_json(pair) for pair in compared.units.unlisted),
            *(_answer_json(item) for item in compared.answers.unlisted),
        ],
        "stale_rows": [str(row) for row in (*compared.units.stale, *compared.answers.stale)],
    }


def _unit_json(pair: Pair) -> Mapping[str, Any]:
    return {
        "unit_id": pair.unit.unit_id,
        "requirements": list(pair.unit.requirements),
        "facet": "outcome",
        "left": [pair.embedded],
        "right": [pair.there],
    }


def _answer_json(item: Difference) -> Mapping[str, Any]:
    return {
        "unit_id": item.pair.unit.unit_id,
        "requirements": list(item.pair.unit.requirements),
        "facet": item.facet,
        "left": list(item.left),
        "right": list(item.right),
    }


def _show(compared: Compared) -> None:
    console = new_console()
    left, right = compared.left.profile_id, compared.right.profile_id
    differences = [*compared.units.unlisted, *compared.answers.unlisted]
    if differences:
        table = Table("requirement", "unit", "what", left, right, title="Units that differ")
        for pair in compared.units.unlisted:
            named = ", ".join(pair.unit.requirements)
            table.add_row(named, pair.unit.unit_id, "outcome", pair.embedded, pair.there)
        for item in compared.answers.unlisted:
            named = ", ".join(item.pair.unit.requirements)
            shown = ("; ".join(side) or "-" for side in (item.left, item.right))
            table.add_row(named, item.pair.unit.unit_id, item.facet, *shown)
        console.print(table)
    for row in (*compared.units.stale, *compared.answers.stale):
        console.print(f"stale: {row}", style="yellow", markup=False)
    accepted = len(compared.units.listed) + len(compared.answers.listed)
    console.print(
        f"{len(compared.pairs)} units of {left} and {right}: {compared.ran} passed on both, "
        f"{accepted} differences accepted by docs/parity.md, {len(differences)} not.",
        markup=False,
    )
