"""`acceptance prove`: whether scenarios notice when a promise is broken."""

import argparse
import json
import sys
import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT
from support.foundation.text import did_you_mean
from support.model.unit import Unit
from support.planning.preparation import prepare
from support.proving import proof, trial
from support.proving.proof import Catch
from support.proving.prover import Prover
from support.proving.trial import Verdict
from support.reporting.terminal import console as new_console
from support.specs import faults
from support.specs.faults import BrokenPromise
from tools.cli.exit_codes import EXIT_GREEN, EXIT_RED
from tools.cli.profile_loading import defined

FAULTS = ROOT / "features" / "faults.yaml"


def run(options: argparse.Namespace) -> int:
    """Prove, tell, and return the exit code: 1 when a fault is not caught."""
    people = new_console(sys.stderr if options.json else sys.stdout)
    chosen = _chosen(faults.load(FAULTS), options.fault, options.requirement)
    defines = {"profile": options.profile, **defined(options.define)}
    prepared = prepare(defines, sorted((ROOT / "features").rglob("*.feature")), _unheard)

    def attempt(units: Sequence[Unit], fault: str) -> Verdict:
        return trial.attempt(units, defines, fault)

    quick = prepared.sdks[0].id if prepared.sdks else ""
    prover = Prover(prepared.plan.units, quick, attempt, options.jobs, trial.end_all)
    begun = time.monotonic()
    count = prover.control(chosen)
    _say(people, f"control: {count} units pass without a fault ({_since(begun)})", "green")
    catches = prover.prove(chosen, _Teller(people, len(chosen)))
    if options.json:
        print(json.dumps(proof.as_json(catches), indent=2))  # noqa: T201 -- for machines
    elif people.is_terminal:
        people.print(_table(catches))
    missed = [catch for catch in catches if not catch.caught_by]
    _say(
        people,
        f"{len(catches) - len(missed)} of {len(catches)} faults caught ({_since(begun)})",
        "red" if missed else "green",
    )
    return EXIT_RED if missed else EXIT_GREEN


def _chosen(
    known: Sequence[BrokenPromise], names: Sequence[str], requirements: Sequence[str]
) -> list[BrokenPromise]:
    """Return the faults that were asked for, all of them by default.

    Raises:
        ConfigurationError: there is no such fault, or no fault of such a requirement.
    """
    by_name = {fault.name: fault for fault in known}
    for name in names:
        if name not in by_name:
            raise ConfigurationError(
                f'There is no fault "{name}".{did_you_mean(name, by_name)} docs/faults.md lists '
                "all of them."
            )
    with_faults = {fault.requirement for fault in known}
    for requirement in requirements:
        if requirement not in with_faults:
            raise ConfigurationError(
                f'There is no fault of a requirement "{requirement}".'
                f"{did_you_mean(requirement, with_faults)} docs/faults.md lists all of them."
            )
    if not names and not requirements:
        return list(known)
    return [f for f in known if f.name in names or f.requirement in requirements]


class _Teller:
    """Tells what becomes of each fault, as soon as it is known."""

    def __init__(self, people: Console, total: int) -> None:
        self._people = people
        self._total = total
        self._done = 0

    def __call__(self, catch: Catch) -> None:
        """Tell one line."""
        self._done += 1
        place = f"{self._done:>{len(str(self._total))}}/{self._total} {catch.requirement}"
        if catch.caught_by:
            _say(self._people, f"{place} {catch.name}: {catch.caught_by[0]}", "green")
        else:
            _say(self._people, f"{place} {catch.name}: NOT CAUGHT, {catch.reason}", "red")


def _table(catches: Sequence[Catch]) -> Table:
    table = Table(title="Faults", title_justify="left", box=None)
    for heading in ("requirement", "fault", "caught by"):
        table.add_column(heading)
    for catch in catches:
        caught = ", ".join(unit.partition("#")[0] for unit in catch.caught_by)
        table.add_row(catch.requirement, catch.name, caught or "[red]NOT CAUGHT[/]")
    return table


def _say(people: Console, line: str, style: str) -> None:
    people.print(line, style=style, highlight=False, soft_wrap=True, markup=False)
    people.file.flush()  # somebody may watch the file or the pipe


def _since(begun: float) -> str:
    return f"{time.monotonic() - begun:.0f} s"


def _unheard(_label: str, _text: str) -> None:
    """Say nothing: each trial says what it runs on."""
