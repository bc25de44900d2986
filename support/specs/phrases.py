"""The vocabulary of steps, read from the step modules themselves.

Step modules are read, not imported: only behave may import them.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
    matcher = Matcher(vocabulary)
    found: dict[Phrase, list[Use]] = {phrase: [] for phrase in vocabulary}
    for spec in specs:
        for step, keyword in with_keywords(spec.steps):
            for number in matcher.matches(keyword, step.text):
                found[vocabulary[number]].append(Use(step.text, spec))
    return found


class Matcher:
    """Finds the phrases that a step is; remembers each text that it was asked for."""

    def __init__(self, vocabulary: Sequence[Phrase]) -> None:
        self._phrases: dict[str, list[tuple[int, str, parse.Parser]]] = {}
        self._known: dict[tuple[str, str], tuple[int, ...]] = {}
        for number, phrase in enumerate(vocabulary):
            known = (number, _opening(phrase.pattern), compiled(phrase.pattern))
            self._phrases.setdefault(phrase.keyword, []).append(known)

    def matches(self, keyword: str, text: str) -> tuple[int, ...]:
        """Return the numbers of the phrases that a step is, in order: one, if all is well.

        Args:
            keyword: given, when or then.
            text: the step's text, placeholders filled in.
        """
        asked = (keyword, text)
        if asked not in self._known:
            self._known[asked] = tuple(self._found(keyword, text))
        return self._known[asked]

    def _found(self, keyword: str, text: str) -> Iterator[int]:
        # Most phrases do not even begin like the text, which takes a hundredth of parsing to see.
        plain = _plain(text) if text.isascii() else ""
        for number, opening, parser in self._phrases.get(keyword, ()):
            if (not plain or plain.startswith(opening)) and parser.parse(text):
                yield number


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> parse.Parser:
    """Return the parser of a pattern."""
    return parse.compile(pattern)


def _opening(pattern: str) -> str:
    """Return what every ASCII text begins with that a pattern matches, as `_plain` writes it."""
    literal = pattern.partition("{")[0].partition("}")[0]
    return _plain(literal) if literal.isascii() else ""


def _plain(text: str) -> str:
    """Return a text without what parse may ignore: case, and how wide a blank is."""
    return " ".join(text.split()).lower()


def with_keywords(steps: Sequence[SpecStep]) -> Iterator[tuple[SpecStep, str]]:
    """Yield each step with given, when or then: And and But continue what stands before them."""
    keyword = "given"
    for step in steps:
        said = step.keyword.lower()
        keyword = keyword if said in FOLLOWERS else said
        yield step, keyword
