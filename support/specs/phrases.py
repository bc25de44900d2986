"""The vocabulary of steps, read from the step modules themselves.

Step modules are read, not imported: only behave may import them.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import parse

from support.model.spec import Spec, SpecStep

KEYWORDS = ("given", "when", "then")
FOLLOWERS = ("and", "but", "*")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of the vocabulary, and the function behind it."""

    keyword: str
    pattern: str
    meaning: str
    module: str
    module_title: str
    function: str
    line: int


@dataclass(frozen=True, slots=True)
class Use:
    """One step of a scenario that a phrase matches."""

    text: str
    spec: Spec


def phrases(folder: Path) -> tuple[Phrase, ...]:
    """Return the phrases of all step modules, by module and then in the order of the source.

    Raises:
        ValueError: a step function has no docstring, so nobody could tell what it does.
    """
    found: list[Phrase] = []
    for path in sorted(folder.glob("*.py")):
        found.extend(phrases_of(path.stem, path.read_text(encoding="utf-8")))
    return tuple(found)


def phrases_of(module: str, text: str) -> Iterator[Phrase]:
    """Yield the phrases of one step module.

    Raises:
        ValueError: a step function has no docstring.
    """
    tree = ast.parse(text)
    title = (ast.get_docstring(tree) or module).splitlines()[0]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield from _phrases_of(node, module, title)


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
                meaning = " ".join(meaning.split())
                place = (function.name, function.lineno)
                yield Phrase(keyword, pattern, meaning, module, title, *place)


def uses(specs: Sequence[Spec], vocabulary: Sequence[Phrase]) -> dict[Phrase, list[Use]]:
    """Return the steps that each phrase matches, in the order of the specs."""
    parsers = [(phrase, parse.compile(phrase.pattern)) for phrase in vocabulary]
    found: dict[Phrase, list[Use]] = {phrase: [] for phrase in vocabulary}
    for spec in specs:
        for step, keyword in with_keywords(spec.steps):
            for phrase, parser in parsers:
                if phrase.keyword == keyword and parser.parse(step.text):
                    found[phrase].append(Use(step.text, spec))
    return found


def with_keywords(steps: Sequence[SpecStep]) -> Iterator[tuple[SpecStep, str]]:
    """Yield each step with given, when or then: And and But continue what stands before them."""
    keyword = "given"
    for step in steps:
        said = step.keyword.lower()
        keyword = keyword if said in FOLLOWERS else said
        yield step, keyword
