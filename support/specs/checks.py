"""What behave lets pass in silence and we do not: the run is red before anything runs."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from support.foundation.text import did_you_mean
from support.model.spec import Spec
from support.specs.reader import specs_of

Node = dict[str, Any]

_STEP_WORDS = ("Given", "When", "Then", "And", "But")
_BLOCK_WORDS = ("Background", "Scenario", "Scenario Outline", "Examples", "Rule", "Feature")
# Ordinary words that begin a description and merely resemble a step keyword.
_ORDINARY = {"the", "them", "there", "these", "they", "any", "an", "but", "bit", "hen"}
_PLACEHOLDER = re.compile(r"<([^<>\s][^<>]*)>")
_FIRST_WORD = re.compile(r"\s*(?P<word>[A-Za-z]+)(?P<colon>:?)")


def problems_of(document: Node) -> tuple[str, ...]:
    """Return one line for each fault of a Gherkin document: `file:line: what, and the mend`."""
    path, feature = document["uri"], document.get("feature")
    if feature is None:
        return (f"{path}:1: the file has no Feature. Write one, or remove the file.",)
    found = list(_container_problems(path, feature))
    specs = tuple(specs_of(document))
    if not specs and not found:
        found.append(f"{path}:1: the feature has no scenario. Write one, or remove the file.")
    return (*found, *_duplicates(path, feature, specs))


def _container_problems(path: str, container: Node) -> Iterator[str]:
    yield from _swallowed(path, container)
    for child in container["children"]:
        if "rule" in child:
            yield from _container_problems(path, child["rule"])
        elif "background" in child:
            yield from _swallowed(path, child["background"])
        else:
            yield from _scenario_problems(path, child["scenario"])


def _scenario_problems(path: str, scenario: Node) -> Iterator[str]:
    at = f"{path}:{scenario['location']['line']}"
    yield from _swallowed(path, scenario)
    if not scenario["steps"]:
        yield f'{at}: the scenario "{scenario["name"]}" has no steps, so it would prove nothing.'
    elif not any(step["keywordType"] == "Outcome" for step in scenario["steps"]):
        yield f'{at}: the scenario "{scenario["name"]}" has no Then, so it could not fail.'
    outline = "Outline" in scenario["keyword"] or "Template" in scenario["keyword"]
    placeholders = any(_PLACEHOLDER.search(step["text"]) for step in scenario["steps"])
    rows = [row for examples in scenario["examples"] for row in examples.get("tableBody", [])]
    if (outline or placeholders or scenario["examples"]) and not rows:
        yield f'{at}: the outline "{scenario["name"]}" has no example rows, so nothing would run.'
    for examples in scenario["examples"]:
        yield from _swallowed(path, examples)
        yield from _unfilled(path, scenario, examples)


def _unfilled(path: str, scenario: Node, examples: Node) -> Iterator[str]:
    """Find placeholders for which a table has no column."""
    header = examples.get("tableHeader")
    columns = {cell["value"] for cell in header["cells"]} if header else set()
    texts = [scenario["name"], *(step["text"] for step in scenario["steps"])]
    for name in dict.fromkeys(n for text in texts for n in _PLACEHOLDER.findall(text)):
        if header and name not in columns:
            near = did_you_mean(name, columns)
            yield (
                f"{path}:{header['location']['line']}: the table has no column for <{name}>.{near}"
            )


def _swallowed(path: str, node: Node) -> Iterator[str]:
    """Find description lines that were meant as a step or a block, such as `Givven a reader`."""
    line = node["location"]["line"]
    # A feature or a rule tells a story in free words; steps can only be meant below them.
    step_words = () if "children" in node else _STEP_WORDS
    for offset, text in enumerate((node.get("description") or "").splitlines(), start=1):
        match = _FIRST_WORD.match(text)
        if match is None or match["word"].lower() in _ORDINARY:
            continue
        known = _BLOCK_WORDS if match["colon"] else step_words
        if meant := did_you_mean(match["word"].capitalize(), known):
            yield (
                f'{path}:{line + offset}: "{text.strip()}" is read as description, not as a step.'
                f"{meant} Reword the description if it is meant as one."
            )


def _duplicates(path: str, feature: Node, specs: Sequence[Spec]) -> Iterator[str]:
    lines: dict[str, int] = {}
    for name, line in _names(feature):
        if name in lines:
            first_line = lines[name]
            yield f'{path}:{line}: the name "{name}" is used twice (first on line {first_line}).'
        lines.setdefault(name, line)
    rows: dict[str, Spec] = {}
    for spec in specs:
        first = rows.setdefault(spec.id, spec)
        if first is not spec:
            what = f'example row "{spec.row.cells[0]}"' if spec.row else f'scenario "{spec.name}"'
            yield (
                f"{path}:{spec.line}: the {what} cannot be told apart from line {first.line}; "
                "scenarios differ by name, rows by their examples' name and first cell."
            )


def _names(container: Node) -> Iterable[tuple[str, int]]:
    for child in container["children"]:
        if "rule" in child:
            yield from _names(child["rule"])
        elif "scenario" in child:
            yield child["scenario"]["name"], child["scenario"]["location"]["line"]
