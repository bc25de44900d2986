"""Linting: files and folders in, findings out; nothing is printed and nothing is written."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from support.foundation.errors import SpecificationError
from support.linting import profile_rules, project_rules, suppression
from support.linting.feature_linter import FeatureLinter
from support.linting.project import Project
from support.linting.rules import ARTIFACT_RULES, RULES, Rule, Severity
from support.linting.targets import Targets, collect
from support.linting.text_rules import shortened
from support.specs import reader
from support.specs.finding import Finding

# Judged whatever rules are chosen: without them, a file that nobody could read would look clean.
ALWAYS = ("unreadable-file", "not-gherkin", "profile-broken")

LONGEST_MESSAGE = 1_000  # of what somebody wrote where a word was expected


@dataclass(frozen=True, slots=True)
class Reported:
    """A finding with the line that it points at."""

    finding: Finding
    source: str

    @property
    def rule(self) -> Rule:
        """The rule that is broken."""
        return RULES.get(self.finding.rule) or ARTIFACT_RULES[self.finding.rule]

    @property
    def severity(self) -> Severity:
        """Error, or warning where the rule or the circumstances are mild."""
        return Severity.WARNING if self.finding.mild else self.rule.severity


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, ordered by file and place, and how many files were looked at."""

    reported: tuple[Reported, ...]
    features: int
    profiles: int

    def count(self, severity: Severity) -> int:
        """Return how many findings have a severity."""
        return sum(reported.severity is severity for reported in self.reported)


@dataclass(slots=True)
class _Linter:
    project: Project
    chosen: Collection[str]
    found: list[Reported] = field(default_factory=list)
    seen: set[Finding] = field(default_factory=set)  # profiles inherit waivers with their places
    features: FeatureLinter = field(init=False)

    def __post_init__(self) -> None:
        self.features = FeatureLinter(self.project, self.chosen)

    def take(self, lines: Sequence[str], findings: Iterable[Finding]) -> None:
        """Keep the chosen findings of one file, in the order of their places."""
        wanted = [f for f in findings if f.rule in self.chosen or f.rule in ALWAYS]
        for finding in sorted(set(wanted) - self.seen, key=_place):
            self.seen.add(finding)
            source = lines[finding.line - 1] if finding.line <= len(lines) else ""
            message = shortened(finding.message, LONGEST_MESSAGE)
            self.found.append(Reported(replace(finding, message=message), source))

    def feature(self, path: Path) -> None:
        """Lint one feature file."""
        shown = self.project.shown(path)
        try:
            text = reader.read_text(path)
        except SpecificationError as error:
            what = str(error).removeprefix(f"{path}: ")
            self.take((), [Finding("unreadable-file", shown, 1, 1, 1, what)])
            return
        lines = tuple(text.split("\n"))
        self.take(lines, self.features.findings(shown, text))

    def whole(self) -> None:
        """Judge all features together."""
        modules = sorted((self.project.root / "steps").glob("*.py"))
        findings = project_rules.check(self.features.tally, self.project)
        self._others([self.project.registry, *modules], findings)

    def profile(self, folder: Path) -> None:
        """Lint one profile."""
        findings = profile_rules.check(folder, self.project, datetime.now(UTC).date())
        self._others(sorted(folder.glob("*.yaml")), findings)

    def _others(self, files: Sequence[Path], findings: Iterable[Finding]) -> None:
        """Keep findings in files that are no features, unless a comment there allows them."""
        by_path: dict[str, list[Finding]] = {self.project.shown(file): [] for file in files}
        for finding in findings:
            by_path.setdefault(finding.path, []).append(finding)
        for shown, found in by_path.items():
            lines = self._lines(shown)
            comments = [n for n, text in enumerate(lines, start=1) if text.lstrip()[:1] == "#"]
            self.take(lines, suppression.apply(shown, lines, found, self.chosen, comments))

    def _lines(self, shown: str) -> tuple[str, ...]:
        try:
            return tuple(reader.read_text(self.project.root / shown).split("\n"))
        except SpecificationError:
            return ()  # told as what makes the profile broken


def lint(
    paths: Sequence[Path],
    project: Project,
    chosen: Collection[str] = tuple(RULES),
) -> Report:
    """Lint files and folders.

    Args:
        paths: feature files, profile folders, or folders that hold some.
        project: what they are judged by.
        chosen: ids of the rules to judge; files that cannot be read are told in any case.
    """
    targets: Targets = collect(paths, project)
    linter = _Linter(project, chosen)
    for finding in targets.findings:
        linter.take((), [finding])
    for path in targets.features:
        linter.feature(path)
    if targets.whole:
        linter.whole()
    for folder in targets.profiles:
        linter.profile(folder)
    return Report(tuple(linter.found), len(targets.features), len(targets.profiles))


def _place(finding: Finding) -> tuple[int, int, str, str]:
    return finding.line, finding.column, finding.rule, finding.message
