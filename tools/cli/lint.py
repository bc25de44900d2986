"""`acceptance lint tags|docs`: what is wrong with features and profiles, and the rules' page."""

import argparse
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from support.foundation.errors import ConfigurationError
from support.foundation.files import write_atomically
from support.foundation.settings import ROOT
from support.foundation.text import did_you_mean
from support.linting import machine_output, page, text_output
from support.linting import project as projects
from support.linting.fixing import mended
from support.linting.linter import Report, lint
from support.linting.project import Project
from support.linting.rules import RULES, Severity
from support.linting.targets import collect
from support.proving import page as faults_page
from support.proving import proof
from support.reporting.terminal import console as new_console
from support.specs.faults import load as load_faults
from tools.cli import lint_artifacts
from tools.cli.exit_codes import EXIT_GREEN, EXIT_RED

RULES_PAGE = "docs/lint-rules.md"
FAULTS_PAGE = "docs/faults.md"


def run(options: argparse.Namespace) -> int:
    """Carry out one action and return the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # features may hold what a terminal cannot show
    if options.action == "artifacts":
        return lint_artifacts.run(options)
    root = Path(options.root) if options.root else ROOT
    if options.action == "docs":
        return _docs(root, check=options.check)
    if options.list_rules:
        return _list_rules()
    return _tags(options, root)


def _tags(options: argparse.Namespace, root: Path) -> int:
    chosen = _chosen(options.rule)
    if options.dry_run and not options.fix:
        raise ConfigurationError("--dry-run shows what --fix would change. Give --fix as well.")
    project = projects.load(root)
    paths = [Path(path) for path in options.paths] or [project.features, project.profile_folder]
    changes = _fix(paths, project, chosen, dry_run=options.dry_run) if options.fix else 0
    if options.dry_run:
        return EXIT_RED if changes else EXIT_GREEN
    report = lint(paths, project, chosen)
    _show(report, options)
    if options.sarif:
        _write_sarif(Path(options.sarif), report)
    failed = report.count(Severity.ERROR) or (options.strict and report.reported)
    return EXIT_RED if failed else EXIT_GREEN


def _chosen(names: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of the rules to judge.

    Raises:
        ConfigurationError: there is no such rule.
    """
    for name in names:
        if name not in RULES:
            raise ConfigurationError(
                f'There is no rule "{name}".{did_you_mean(name, RULES)} '
                "`acceptance lint tags --list-rules` lists all of them."
            )
    return tuple(names) or tuple(RULES)


def _fix(paths: Sequence[Path], project: Project, chosen: Sequence[str], *, dry_run: bool) -> int:
    """Mend the files, or print the change; return how many files it concerns."""
    count = 0
    for change in mended(collect(paths, project).features, project, chosen):
        count += 1
        if dry_run:
            sys.stdout.write(change.diff())
            continue
        try:
            change.write()
        except OSError as error:
            raise ConfigurationError(
                f"{change.shown}: cannot be written: {error.strerror}. Mend it by hand."
            ) from error
        sys.stderr.write(f"mended {change.shown}\n")
    return count


def _show(report: Report, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(machine_output.as_json(report), indent=2))  # noqa: T201 -- for machines
    elif options.github:
        for line in machine_output.as_annotations(report):
            print(line)  # noqa: T201 -- for GitHub Actions
        print(text_output.summary(report))  # noqa: T201
    else:
        text_output.render(report, new_console())


def _write_sarif(path: Path, report: Report) -> None:
    try:
        write_atomically(path, json.dumps(machine_output.as_sarif(report), indent=2) + "\n")
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be written: {error.strerror}. Name another file with --sarif."
        ) from error


def _list_rules() -> int:
    width = max(map(len, RULES))
    for rule in RULES.values():
        marks = "".join((" refused" * rule.refused, " fixable" * rule.fixable))
        print(f"{rule.id:<{width}}  {rule.severity:<8} {rule.title}{marks and f' ({marks[1:]})'}")  # noqa: T201
    return EXIT_GREEN


def _docs(root: Path, *, check: bool) -> int:
    stale = [
        path
        for path, text in _pages(root).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        if check:
            sys.stderr.write(
                f"{path} does not tell what it is written from any more. Run `acceptance lint "
                "docs` and commit the result.\n"
            )
        else:
            write_atomically(path, _pages(root)[path])
    return EXIT_RED if check and stale else EXIT_GREEN


def _pages(root: Path) -> dict[Path, str]:
    """Return the pages that are written from other files, and what they should hold."""
    pages = {root / RULES_PAGE: page.render()}
    faults = root / "features" / "faults.yaml"
    if faults.exists():
        kept = root / "docs" / "faults.json"
        catches = proof.load(kept) if kept.exists() else ()
        pages[root / FAULTS_PAGE] = faults_page.render(load_faults(faults), catches)
    return pages
