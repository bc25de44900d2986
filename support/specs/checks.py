"""What behave lets pass in silence and we do not: the run is red before anything runs."""

import re
from collections.abc import Iterator, Sequence

from support.foundation.text import did_you_mean, slug
from support.model.spec import Spec
from support.specs.finding import Finding, Node, at_node
from support.specs.reader import specs_of

_STEP_WORDS = ("Given", "When", "Then", "And", "But")
_BLOCK_WORDS = ("Background", "Scenario", "Scenario Outline", "Examples", "Rule", "Feature")
# Ordinary words that begin a description and merely resemble a step keyword.
_ORDINARY = {"the", "them", "there", "these", "they", "any", "an", "but", "bit", "hen"}
_PLACEHOLDER = re.compile(r"<([^<>\s][^<>]*)>")
_FIRST_WORD = re.compile(r"\s*(?P<word>[A-Za-z]+)(?P<colon>:?)")


def problems_of(document: Node) -> tuple[str, ...]:
    """Return one line for each fault of a Gherkin document: `file:line: what, and the mend`."""
    return tuple(finding.text for finding in findings_of(document, tuple(specs_of(document))))


def findings_of(document: Node, specs: Sequence[Spec]) -> tuple[Finding, ...]:
    """Return the faults of a Gherkin document.

    Args:
        document: what `support.specs.reader.parse` returns.
        specs: the specs in it.
    """
    path, feature = document["uri"], document.get("feature")
    if feature is None:
        message = "the file has no Feature. Write one, or remove the file."
        return (Finding("feature-empty", path, 1, 1, 1, message),)
    found = list(_container_findings(path, feature))
    if not specs and not found:
        message = "the feature has no scenario. Write one, or remove the file."
        found.append(Finding("feature-empty", path, 1, 1, 1, message))
    return (*found, *_duplicates(path, feature, specs))


def _container_findings(path: str, container: Node) -> Iterator[Finding]:
    yield from _swallowed(path, container)
    for child in container["children"]:
        if "rule" in child:
            yield from _container_findings(path, child["rule"])
        elif "background" in child:
            yield from _swallowed(path, child["background"])
        else:
            yield from _scenario_findings(path, child["scenario"])


def _scenario_findings(path: str, scenario: Node) -> Iterator[Finding]:
    name = scenario["name"]
    yield from _swallowed(path, scenario)
    if not scenario["steps"]:
        message = f'the scenario "{name}" has no steps, so it would prove nothing.'
        yield at_node("scenario-without-steps", path, scenario, message)
    elif not any(step["keywordType"] == "Outcome" for step in scenario["steps"]):
        message = f'the scenario "{name}" has no Then, so it could not fail.'
        yield at_node("scenario-without-then", path, scenario, message)
    outline = "Outline" in scenario["keyword"] or "Template" in scenario["keyword"]
    placeholders = any(_PLACEHOLDER.search(step["text"]) for step in scenario["steps"])
    tables = [examples.get("tableBody", []) for examples in scenario["examples"]]
    rows = [row for table in tables for row in table if row["cells"]]
    if (outline or placeholders or scenario["examples"]) and not rows:
        message = f'the outline "{name}" has no example rows, so nothing would run.'
        yield at_node("outline-without-rows", path, scenario, message)
    for examples in scenario["examples"]:
        yield from _swallowed(path, examples)
        yield from _unfilled(path, scenario, examples)


def _unfilled(path: str, scenario: Node, examples: Node) -> Iterator[Finding]:
    """Find placeholders for which a table has no column."""
    header = examples.get("tableHeader")
    columns = {cell["value"] for cell in header["cells"]} if header else set()
    texts = [scenario["name"], *(step["text"] for step in scenario["steps"])]
    for name in dict.fromkeys(n for text in texts for n in _PLACEHOLDER.findall(text)):
        if header and name not in columns:
            message = f"the table has no column for <{name}>.{did_you_mean(name, columns)}"
            yield at_node("placeholder-without-column", path, header, message)


def _swallowed(path: str, node: Node) -> Iterator[Finding]:
    """Find description lines that were meant as a step or a block, such as `Givven a reader`."""
    line = node["location"]["line"]
    # A feature or a rule tells a story in free words; steps can only be meant below them.
    step_words = () if "children" in node else _STEP_WORDS
    for offset, text in enumerate((node.get("description") or "").split("\n"), start=1):
        match = _FIRST_WORD.match(text)
        if match is None or match["word"].lower() in _ORDINARY:
            continue
        known = _BLOCK_WORDS if match["colon"] else step_words
        if meant := did_you_mean(match["word"].capitalize(), known):
            shown = text.strip()
            message = (
                f'"{shown}" is read as description, not as a step.'
                f"{meant} Reword the description if it is meant as one."
            )
            column = match.start("word") + 1
            yield Finding("swallowed-line", path, line + offset, column, len(shown), message)


def _duplicates(path: str, feature: Node, specs: Sequence[Spec]) -> Iterator[Finding]:
    lines: dict[str, int] = {}
    twice: set[str] = set()
    for scenario in _scenarios(feature):
        name = scenario["name"]
        if name in lines:
            twice.add(f"{path}:{slug(name)}")
            message = f'the name "{name}" is used twice (first on line {lines[name]}).'
            yield at_node("scenario-name-duplicate", path, scenario, message)
        lines.setdefault(name, scenario["location"]["line"])
    nodes = {node["location"]["line"]: node for node in _runnable(feature)}
    rows: dict[str, Spec] = {}
    for spec in specs:
        first = rows.setdefault(spec.id, spec)
        if first is spec or spec.id.removesuffix(_row_label(spec)) in twice:
            continue  # the first of its kind, or told above
        what = f'example row "{spec.row.cells[0]}"' if spec.row else f'scenario "{spec.name}"'
        message = (
            f"the {what} cannot be told apart from line {first.line}; "
            "scenarios differ by name, rows by their examples' name and first cell."
        )
        yield at_node("scenario-id-duplicate", path, nodes[spec.line], message)


def _row_label(spec: Spec) -> str:
    return f":{spec.row.examples_name}.{slug(spec.row.cells[0])}" if spec.row else ""


def _scenarios(container: Node) -> Iterator[Node]:
    for child in container["children"]:
        if "rule" in child:
            yield from _scenarios(child["rule"])
        elif "scenario" in child:
            yield child["scenario"]


def _runnable(feature: Node) -> Iterator[Node]:
    """Yield every node that a spec may be made of: scenarios and example rows."""
    for scenario in _scenarios(feature):
        yield scenario
        for examples in scenario["examples"]:
            yield from examples.get("tableBody", ())
