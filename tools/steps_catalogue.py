"""Writes docs/steps.md: every phrase that a scenario may use, from the step modules themselves.

    python -m tools.steps_catalogue            writes it
    python -m tools.steps_catalogue --check    says whether it is up to date, and writes nothing

Step modules are read, not imported: only behave may import them.
"""

import argparse
import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import parse

from support.foundation.settings import ROOT
from support.model.spec import Spec, SpecStep
from support.specs import reader

KEYWORDS = ("given", "when", "then")
FOLLOWERS = ("and", "but", "*")
HEADER = """\
# Steps

For authors of scenarios: every phrase, what it does, one example and where it is used. Words in
braces are yours to choose. Generated from `steps/` by `python -m tools.steps_catalogue`.
"""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of the vocabulary."""

    keyword: str
    pattern: str
    meaning: str
    module: str
    module_title: str


@dataclass(frozen=True, slots=True)
class Use:
    """One step of a scenario that a phrase matches."""

    text: str
    feature_path: str


def phrases(folder: Path) -> tuple[Phrase, ...]:
    """Return the phrases of all step modules, by module and then in the order of the source.

    Raises:
        ValueError: a step function has no docstring, so nobody could tell what it does.
    """
    found: list[Phrase] = []
    for path in sorted(folder.glob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        title = (ast.get_docstring(module) or path.stem).splitlines()[0]
        for node in module.body:
            if isinstance(node, ast.FunctionDef):
                found.extend(_phrases_of(node, path.stem, title))
    return tuple(found)


def _phrases_of(function: ast.FunctionDef, module: str, title: str) -> Iterator[Phrase]:
    for decorator in function.decorator_list:
        match decorator:
            case ast.Call(func=ast.Name(id=keyword), args=[ast.Constant(value=str(pattern))]) if (
                keyword in KEYWORDS
            ):
                meaning = ast.get_docstring(function)
                if not meaning:
                    raise ValueError(
                        f"steps/{module}.py:{function.lineno}: {function.name} has no docstring. "
                        "Say in one sentence what the step does."
                    )
                yield Phrase(keyword, pattern, " ".join(meaning.split()), module, title)


def uses(specs: Sequence[Spec], vocabulary: Sequence[Phrase]) -> dict[Phrase, list[Use]]:
    """Return the steps that each phrase matches, in the order of the specs."""
    parsers = [(phrase, parse.compile(phrase.pattern)) for phrase in vocabulary]
    found: dict[Phrase, list[Use]] = {phrase: [] for phrase in vocabulary}
    for spec in specs:
        keyword = "given"
        for step in spec.steps:
            keyword = _meant(step, keyword)
            for phrase, parser in parsers:
                if phrase.keyword == keyword and parser.parse(step.text):
                    found[phrase].append(Use(step.text, spec.feature_path))
    return found


def _meant(step: SpecStep, before: str) -> str:
    keyword = step.keyword.lower()
    return before if keyword in FOLLOWERS else keyword


def render(used: dict[Phrase, list[Use]]) -> str:
    """Return the catalogue as Markdown."""
    lines = [HEADER]
    titles = {phrase.module: phrase.module_title for phrase in used}
    for module, title in titles.items():
        lines += [f"## {title.rstrip('.')}", "", f"`steps/{module}.py`", ""]
        lines += ["| phrase | what it does | example | used in |", "| --- | --- | --- | --- |"]
        lines += [_row(phrase, found) for phrase, found in used.items() if phrase.module == module]
        lines.append("")
    return "\n".join(lines)


def _row(phrase: Phrase, found: Sequence[Use]) -> str:
    keyword = phrase.keyword.capitalize()
    example = f"{keyword} {found[0].text}" if found else "(not used)"
    features = sorted({use.feature_path.removeprefix("features/") for use in found})
    cells = (f"**{keyword}** {phrase.pattern}", phrase.meaning, example, ", ".join(features))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def catalogue(root: Path) -> str:
    """Return the catalogue of a project's steps and features."""
    specs = [
        spec
        for path in sorted((root / "features").rglob("*.feature"))
        for spec in reader.specs_of(
            reader.parse(path.relative_to(root).as_posix(), reader.read_text(path))
        )
    ]
    return render(uses(specs, phrases(root / "steps")))


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Write or check docs/steps.md, and return the exit code: 1 when a check finds it stale."""
    parser = argparse.ArgumentParser(prog="python -m tools.steps_catalogue", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    wants_check = parser.parse_args(arguments).check
    target = root / "docs" / "steps.md"
    text = catalogue(root)
    if not wants_check:
        target.write_text(text, encoding="utf-8")
        return 0
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(
        f"{target} does not tell what steps/ and features/ hold now. Run "
        "`python -m tools.steps_catalogue` and commit the result.\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
