"""The rule of technical texts: what belongs to the code behind a step, not to its words."""

import re
from collections.abc import Iterator
from functools import lru_cache

from support.linting.feature import FeatureFile
from support.specs.finding import Finding, Node

# Conservative on purpose: each form is one that no ordinary sentence has. Order matters, the first
# form that fits names what was found.
_FORMS = {
    "a fully qualified name": r"https?://[^\s\"'<>]+/(?:attr|obl|act|resm)/[^\s\"'<>]+",
    "an address": r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>]*",
    "a UUID": r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
    "an IP address": r"\b\d{1,3}(?:\.\d{1,3}){3}\b",
    "JSON": r"\{\s*[\"'][^\"']+[\"']\s*:|\[\s*(?:\{|\"[^\"]*\"\s*,)",
    "a token": r"\beyJ[A-Za-z0-9_-]{8,}",
    "a file path": r"(?<![\w<>/.])(?:~|\.{1,2})?/(?:[\w.-]+/)+[\w.-]+|\b[A-Za-z]:\\[\w.\\-]+",
    "a status code": r"\b(?:HTTP|status(?: code)?|code)\s+[1-5]\d\d\b",
    "a port": r"\bport\s+\d{2,5}\b|\blocalhost:\d{2,5}\b|\b[\w-]+(?:\.[\w-]+)+:\d{2,5}\b",
    "a digest": r"\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{16,}\b",
    "encoded bytes": r"(?<![\w+/=-])(?=[\w+/]*\d)(?=[\w+/]*[a-z])(?=[\w+/]*[A-Z])[\w+/]{32,}=*",
}
SHOWN_CHARACTERS = 60
LOOKED_AT_CHARACTERS = 2_000  # a longer text is no sentence, and made to keep us busy

_PATTERN = re.compile(
    "|".join(f"(?P<form{number}>{form})" for number, form in enumerate(_FORMS.values()))
)
_NAMES = tuple(_FORMS)
# Every form has one of these, or a word of sixteen characters: most texts need no closer look.
_WORTH_A_LOOK = re.compile(r"[:/{\[\\]|\d|\w{16}")


def check(file: FeatureFile) -> Iterator[Finding]:
    """Yield a finding for each technical text in a name, a step or a table."""
    for node, text in _texts(file):
        if found := technical(text):
            what, start, length = found
            line, column = _position(file, node, text)
            shown = shortened(text[start : start + length])
            message = (
                f'"{shown}" is {what}. Name what it stands for; the code behind the step '
                "knows the rest."
            )
            yield Finding("technical-text", file.path, line, column + start, length, message)


@lru_cache(maxsize=50_000)
def technical(text: str) -> tuple[str, int, int] | None:
    """Return what a text holds that is technical, with its offset and length, or None."""
    if not _WORTH_A_LOOK.search(text):
        return None
    match = _PATTERN.search(text, 0, LOOKED_AT_CHARACTERS)
    if match is None:
        return None
    number = int((match.lastgroup or "form0").removeprefix("form"))
    return _NAMES[number], match.start(), match.end() - match.start()


def shortened(text: str, longest: int = SHOWN_CHARACTERS) -> str:
    """Return a text as messages quote it."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def _texts(file: FeatureFile) -> Iterator[tuple[Node, str]]:
    for background in file.backgrounds:
        yield from _of_steps(background)
    for scenario in file.scenarios:
        yield scenario.node, scenario.node["name"]
        yield from _of_steps(scenario.node)
        for examples in scenario.node["examples"]:
            for row in examples.get("tableBody", ()):
                yield from ((cell, cell["value"]) for cell in row["cells"])


def _of_steps(block: Node) -> Iterator[tuple[Node, str]]:
    for step in block["steps"]:
        yield step, step["text"]
        for row in step.get("dataTable", {}).get("rows", ()):
            yield from ((cell, cell["value"]) for cell in row["cells"])


def _position(file: FeatureFile, node: Node, text: str) -> tuple[int, int]:
    """Return line and column at which a text begins."""
    line, column = node["location"]["line"], node["location"]["column"]
    at = file.lines[line - 1].find(text, column - 1)
    return line, at + 1 if at >= 0 else column
