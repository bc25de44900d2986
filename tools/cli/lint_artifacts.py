"""`acceptance lint artifacts RUN`: what is wrong with what a run left."""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from support.evidence.run_files import RUN
from support.evidence.sealing import ATTESTATION
from support.evidence.verification import verify
from support.foundation.errors import ConfigurationError
from support.foundation.settings import from_environment
from support.foundation.text import did_you_mean
from support.linting import machine_output, text_output
from support.linting.artifact_linter import ArtifactReport, lint_artifacts
from support.linting.artifact_run import run_folder
from support.linting.rules import ARTIFACT_RULES
from support.reporting.terminal import console as new_console
from tools.cli.exit_codes import EXIT_GREEN, EXIT_RED


def run(options: argparse.Namespace) -> int:
    """Lint one run and return the exit code."""
    folder = run_folder(options.run, from_environment().artifacts)
    junit = Path(options.junit) if options.junit else None
    if junit is not None and not junit.is_dir():
        raise ConfigurationError(f"--junit {junit} is no folder. Name that of `--junit-directory`.")
    report = lint_artifacts(folder, junit=junit, verify=_attested, chosen=_chosen(options.rule))
    _show(report, options.format)
    return EXIT_RED if report.reported else EXIT_GREEN


def _attested(folder: Path) -> Iterator[str]:
    """Yield what does not hold of the attestation; runs of before there was one have none."""
    if (folder / RUN).exists() or (folder / ATTESTATION).exists():
        yield from verify(folder).problems


def _chosen(names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if name not in ARTIFACT_RULES:
            raise ConfigurationError(
                f'There is no rule "{name}".{did_you_mean(name, ARTIFACT_RULES)} '
                "docs/lint-rules.md lists those of artifacts."
            )
    return tuple(names) or tuple(ARTIFACT_RULES)


def _show(report: ArtifactReport, form: str) -> None:
    if form == "json":
        print(json.dumps(report.as_json(), indent=2))  # noqa: T201 -- for machines
    elif form == "sarif":
        log = machine_output.sarif_log("acceptance lint artifacts", ARTIFACT_RULES, report.reported)
        print(json.dumps(log, indent=2))  # noqa: T201 -- for machines
    else:
        text_output.render_findings(report.reported, new_console())
        print(report.summary)  # noqa: T201
