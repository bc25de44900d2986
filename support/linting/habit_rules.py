"""The rules of Gherkin habits: how scenarios are built, and whether their steps exist."""

import re
from collections.abc import Iterator, Sequence

from support.linting.feature import FeatureFile, Scenario, resolved_keywords
from support.linting.project import Project
from support.specs.finding import Finding, Node, at_node

MOST_STEPS = 12

_PLACEHOLDER = re.compile(r"<([^<>]+)>")
_CONTINUING = ("Conjunction", "Unknown")


def check(file: FeatureFile, project: Project) -> Iterator[Finding]:
    """Yield the findings about backgrounds, scenarios and outlines."""
    for background in file.backgrounds:
        yield from _leading(file.path, background)
        yield from _eventful(file.path, background)
    for scenario in file.scenarios:
        yield from _leading(file.path, scenario.node)
        yield from _order(file.path, scenario.node)
        yield from _length(file.path, scenario)
        yield from _idle_columns(file.path, scenario.node)
    yield from _undefined(file, project)


def _leading(path: str, block: Node) -> Iterator[Finding]:
    first = block["steps"][0] if block["steps"] else None
    if first and first["keywordType"] in _CONTINUING:
        keyword = first["keyword"].strip()
        message = f'"{keyword}" continues nothing here. Begin with Given, When or Then.'
        yield at_node("leading-and", path, first, message)


def _eventful(path: str, background: Node) -> Iterator[Finding]:
    for step in background["steps"]:
        if step["keywordType"] == "Action":
            message = "a When in a background. Say the state that it leads to, as a Given."
            yield at_node("background-when", path, step, message)
        elif step["keywordType"] == "Outcome":
            message = "a Then in a background. Give the check a scenario of its own."
            yield at_node("background-then", path, step, message)


def _order(path: str, scenario: Node) -> Iterator[Finding]:
    seen: list[str] = []
    for step in scenario["steps"]:
        kind = step["keywordType"]
        if kind == "Action" and "Action" in seen:
            message = "another When. Write a second scenario, or And when it is one action."
            yield at_node("several-whens", path, step, message)
        elif kind == "Context" and ("Action" in seen or "Outcome" in seen):
            message = "a Given after When or Then. Move it up, or write a second scenario."
            yield at_node("given-after-when", path, step, message)
        seen.append(kind)


def _length(path: str, scenario: Scenario) -> Iterator[Finding]:
    own, before = len(scenario.node["steps"]), len(scenario.background)
    if own + before > MOST_STEPS:
        counted = f" ({before} of them in backgrounds)" if before else ""
        message = (
            f'"{scenario.node["name"]}" has {own + before} steps{counted}; {MOST_STEPS} can be '
            "followed. Say less, or split it."
        )
        yield at_node("scenario-too-long", path, scenario.node, message)


def _idle_columns(path: str, scenario: Node) -> Iterator[Finding]:
    if not scenario["examples"]:
        return
    used = {name for text in _texts(scenario) for name in _PLACEHOLDER.findall(text)}
    for examples in scenario["examples"]:
        header = examples.get("tableHeader")
        for cell in (header["cells"] if header else ())[1:]:
            if cell["value"] not in used:
                line, column = cell["location"]["line"], cell["location"]["column"]
                message = (
                    f'no step and no name uses the column "{cell["value"]}". '
                    f"Use <{cell['value']}>, or remove the column."
                )
                length = max(1, len(cell["value"]))
                yield Finding("column-unused", path, line, column, length, message)


def _texts(scenario: Node) -> Iterator[str]:
    """Yield every text of an outline in which behave fills in cells."""
    yield scenario["name"]
    yield from (tag["name"] for tag in scenario["tags"])
    yield from (examples["name"] for examples in scenario["examples"])
    yield from (tag["name"] for examples in scenario["examples"] for tag in examples["tags"])
    for step in scenario["steps"]:
        yield step["text"]
        if "docString" in step:
            yield step["docString"]["content"]
        for row in step.get("dataTable", {}).get("rows", ()):
            yield from (cell["value"] for cell in row["cells"])


def _undefined(file: FeatureFile, project: Project) -> Iterator[Finding]:
    reported: set[int] = set()
    for step, keyword, texts in used_texts(file):
        if step["location"]["line"] in reported:
            continue
        for text in texts:
            if project.vocabulary.match(keyword, text) is None:
                near = project.vocabulary.nearest(keyword, text)
                message = (
                    f'no phrase for "{keyword.capitalize()} {text}".{near} '
                    "docs/steps.md lists all phrases."
                )
                yield at_node("step-undefined", file.path, step, message)
                reported.add(step["location"]["line"])
                break


def used_texts(file: FeatureFile) -> Iterator[tuple[Node, str, Sequence[str]]]:
    """Yield each step with its keyword and every text that it has: one, or one for each row."""
    for scenario in file.scenarios:
        rows = tuple(_rows(scenario.node))
        for step, keyword in resolved_keywords((*scenario.background, *scenario.node["steps"])):
            text = step["text"]
            if rows and "<" in text:
                yield step, keyword, tuple(dict.fromkeys(_filled(text, row) for row in rows))
            else:
                yield step, keyword, (text,)


def _rows(scenario: Node) -> Iterator[dict[str, str]]:
    for examples in scenario["examples"]:
        header = examples.get("tableHeader")
        if header:
            names = [cell["value"] for cell in header["cells"]]
            for row in examples["tableBody"]:
                yield dict(zip(names, (cell["value"] for cell in row["cells"]), strict=True))


def _filled(text: str, row: dict[str, str]) -> str:
    for name, value in row.items():
        text = text.replace(f"<{name}>", value)
    return text
