"""The rules about all features together: what nothing covers, and names used twice."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from support.linting.feature import FeatureFile
from support.linting.habit_rules import used_texts
from support.linting.project import Project
from support.specs.finding import Finding, at_node
from support.specs.phrases import Phrase


@dataclass(slots=True)
class Tally:
    """What the features seen so far name and use."""

    names: dict[str, str] = field(default_factory=dict)
    requirements: set[str] = field(default_factory=set)
    phrases: set[int] = field(default_factory=set)

    def add(self, file: FeatureFile, project: Project) -> Iterator[Finding]:
        """Count a feature; yield a finding when another one has its name."""
        for tags in {spec.tags for spec in file.specs}:
            self.requirements.update(t.removeprefix("req:") for t in tags if t[:4] == "req:")
        for _, keyword, texts in used_texts(file):
            for text in texts:
                number = project.vocabulary.match(keyword, text)
                if number is not None:
                    self.phrases.add(number)
        name = file.feature["name"]
        first = self.names.setdefault(name, file.path)
        if first != file.path:
            message = f'the feature "{name}" has the name of {first}. Rename one of them.'
            yield at_node("feature-name-duplicate", file.path, file.feature, message)


def check(tally: Tally, project: Project) -> Iterator[Finding]:
    """Yield what no feature covers, once all of them are counted."""
    yield from _uncovered(tally, project)
    yield from _unused(tally, project)


def _uncovered(tally: Tally, project: Project) -> Iterator[Finding]:
    path = project.shown(project.registry)
    lines = project.registry.read_text(encoding="utf-8").split("\n")
    for name, requirement in project.requirements.items():
        if name in tally.requirements:
            continue
        line, column = _first(lines, re.compile(rf"\bid:\s*[\"']?({name})\b"))
        message = f"no scenario is tagged @req:{name} ({requirement.title})."
        yield Finding("requirement-uncovered", path, line, column, len(name), message)


def _unused(tally: Tally, project: Project) -> Iterator[Finding]:
    for number, phrase in enumerate(project.vocabulary.phrases):
        if number not in tally.phrases:
            path = project.root / "steps" / f"{phrase.module}.py"
            place = _written(path, phrase)
            words = f"{phrase.keyword.capitalize()} {phrase.pattern}"
            message = f"no scenario uses this phrase: {words}. Use it, or remove it."
            yield Finding("step-unused", project.shown(path), *place, message)


def _written(path: Path, phrase: Phrase) -> tuple[int, int, int]:
    """Return line, column and length of the words of a phrase in its module."""
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Name(id=keyword), args=[ast.Constant(value=value) as words]) if (
                keyword,
                value,
            ) == (phrase.keyword, phrase.pattern):
                before = text.split("\n")[words.lineno - 1].encode()[: words.col_offset]
                source = ast.get_source_segment(text, words) or ""
                return words.lineno, len(before.decode()) + 1, len(source.partition("\n")[0])
    return phrase.line, 1, 1


def _first(lines: list[str], pattern: re.Pattern[str]) -> tuple[int, int]:
    for number, text in enumerate(lines, start=1):
        if match := pattern.search(text):
            return number, match.start(1) + 1
    return 1, 1
