"""Linting the artifacts of a run: findings out; nothing is printed and nothing is written."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.linting import artifact_checks, artifact_reports
from support.linting.artifact_run import ArtifactRun, read_run
from support.linting.linter import Reported
from support.linting.machine_output import FORMAT_VERSION, findings_as_json
from support.linting.rules import ARTIFACT_RULES, Severity
from support.specs.finding import Finding

Verify = Callable[[Path], Iterator[str]]
"""Yields what is wrong with the attestation of a run's folder."""


@dataclass(frozen=True, slots=True)
class ArtifactReport:
    """What was found in a run, ordered by file and place, and how much was looked at."""

    run: str
    reported: tuple[Reported, ...]
    records: int
    files: int

    def count(self, severity: Severity) -> int:
        """Return how many findings have a severity."""
        return sum(reported.severity is severity for reported in self.reported)

    @property
    def summary(self) -> str:
        """What was linted and how much was found, in one line."""
        found = f"{len(self.reported)} found" if self.reported else "nothing to mend"
        return f"{self.records} records and {self.files} files linted: {found}."

    def as_json(self) -> dict[str, Any]:
        """Return the report as `schemas/artifact-lint-report.schema.json` describes it."""
        return {
            "version": FORMAT_VERSION,
            "run": self.run,
            "records": self.records,
            "files": self.files,
            "errors": self.count(Severity.ERROR),
            "warnings": self.count(Severity.WARNING),
            "findings": findings_as_json(self.reported),
        }


def lint_artifacts(
    folder: Path,
    *,
    junit: Path | None = None,
    verify: Verify | None = None,
    chosen: Collection[str] = tuple(ARTIFACT_RULES),
) -> ArtifactReport:
    """Lint the artifacts of a run.

    Args:
        folder: the run's folder.
        junit: folder with the JUnit reports of the run; `junit` in the run's folder by default.
        verify: checks the attestation; without one, it is not judged.
        chosen: ids of the rules to judge; records that cannot be read are told in any case.
    """
    run = read_run(folder)
    wanted = {*chosen, "artifact-unreadable", "artifact-schema"}
    found = {f for f in _findings(run, junit or folder / "junit", verify) if f.rule in wanted}
    ordered = sorted(found, key=lambda f: (f.path, f.line, f.column, f.rule, f.message))
    reported = tuple(Reported(finding, "") for finding in ordered)  # no line: it may hold a secret
    return ArtifactReport(folder.resolve().name, reported, len(run.records), len(run.files))


def _findings(run: ArtifactRun, junit: Path, verify: Verify | None) -> Iterator[Finding]:
    yield from run.findings
    for check in (
        artifact_checks.planned,
        artifact_checks.files,
        artifact_checks.paths,
        artifact_checks.times,
        artifact_checks.secrets,
        artifact_reports.allure,
    ):
        yield from check(run)
    yield from artifact_reports.junit(run, junit)
    if verify is not None:
        for problem in verify(run.folder):
            yield Finding("artifact-attestation", "attestation.json", 1, 1, 1, problem)
