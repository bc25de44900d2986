"""Linting the text of one feature after the other."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from support.foundation.errors import SpecificationError
from support.linting import habit_rules, suppression, tag_rules, text_rules
from support.linting.feature import FeatureFile
from support.linting.plan_rules import PlanRules
from support.linting.project import Project
from support.linting.project_rules import Tally
from support.linting.rules import RULES
from support.specs import checks, reader
from support.specs.finding import Finding

_PLACE = re.compile(r"(?P<line>\d+):(?P<column>\d+): (?P<what>.*)", re.DOTALL)


class FeatureLinter:
    """Judges features and keeps a tally of them.

    Attributes:
        tally: what the features so far name and use.
    """

    def __init__(self, project: Project, chosen: Collection[str] = tuple(RULES)) -> None:
        self.tally = Tally()
        self._project = project
        self._chosen = chosen
        self._plan_rules = PlanRules(project)

    def findings(self, path: str, text: str) -> tuple[Finding, ...]:
        """Return what is wrong with a feature and no comment in it allows.

        Args:
            path: the file, as findings name it.
            text: its content, lines ended by a line feed only.
        """
        lines = tuple(text.split("\n"))
        if text.startswith("\ufeff"):
            message = "the file begins with a byte order mark. Save it as UTF-8 without one."
            return (Finding("not-gherkin", path, 1, 1, 1, message),)
        try:
            document = reader.parse(path, text)
        except SpecificationError as error:
            return tuple(_syntax(path, lines, problem) for problem in error.problems)
        specs = tuple(reader.specs_of(document))
        found = [_relocated(f, lines) for f in checks.findings_of(document, specs)]
        if document.get("feature") is not None:
            found += self._judged(FeatureFile(path, lines, document, specs))
        comments = [comment["location"]["line"] for comment in document["comments"]]
        return tuple(suppression.apply(path, lines, found, self._chosen, comments))

    def _judged(self, file: FeatureFile) -> Iterator[Finding]:
        yield from tag_rules.check(file, self._project)
        yield from self._plan_rules.check(file)
        yield from habit_rules.check(file, self._project)
        yield from text_rules.check(file)
        yield from self.tally.add(file, self._project)


def _syntax(path: str, lines: Sequence[str], problem: str) -> Finding:
    match = _PLACE.match(problem.removeprefix(f"{path}:"))
    if match is None:
        return Finding("not-gherkin", path, 1, 1, 1, problem.removeprefix(f"{path}: "))
    # The end of a file is on a line that is not there, and some errors have no column.
    line = min(max(1, int(match["line"])), len(lines))
    column = max(1, int(match["column"]))
    rest = lines[line - 1][column - 1 :].rstrip()
    return Finding("not-gherkin", path, line, column, max(1, len(rest)), match["what"])


def _relocated(finding: Finding, lines: Sequence[str]) -> Finding:
    """Return a finding about a description at its real line: Gherkin drops blank lines above."""
    if finding.rule != "swallowed-line":
        return finding
    shown = finding.message.split('"')[1]
    for number in range(finding.line, len(lines) + 1):
        text = lines[number - 1]
        if text.strip() == shown:
            return replace(finding, line=number, column=len(text) - len(text.lstrip()) + 1)
    return finding
