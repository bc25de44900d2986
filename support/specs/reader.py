"""Reading feature files into specs, without behave, so that planning stays pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from gherkin.ast_builder import AstBuilder
from gherkin.errors import CompositeParserException, ParserError
from gherkin.parser import Parser
from gherkin.stream.id_generator import IdGenerator

from support.foundation.errors import SpecificationError
from support.foundation.text import slug
from support.model.spec import ExampleRow, Spec, SpecStep

Node = dict[str, Any]

_PARSER_ERROR = re.compile(r"\((?P<place>\d+:\d+)\): (?P<what>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a scenario inherits from the feature and the rule that it stands in."""

    path: str
    feature_name: str
    rule_name: str
    tags: tuple[str, ...]
    background: tuple[SpecStep, ...]


def parse(path: str, text: str, ids: IdGenerator | None = None) -> Node:
    """Return the Gherkin document (Cucumber Messages' `GherkinDocument`) of a feature file.

    Args:
        path: the path that the document and its specs carry.
        text: the file's content.
        ids: gives node ids; hand in one generator for ids that are unique over several documents.

    Raises:
        SpecificationError: the text is not Gherkin; one problem per syntax error, with its line.
    """
    try:
        document = cast("Node", Parser(AstBuilder(ids)).parse(text))
    except CompositeParserException as error:
        raise SpecificationError(tuple(_located(path, e) for e in error.errors)) from error
    except ParserError as error:
        raise SpecificationError((_located(path, error),)) from error
    return {**document, "uri": path}


def _located(path: str, error: ParserError) -> str:
    """Return `file:line:column: what`, from the parser's own `(line:column): what`."""
    match = _PARSER_ERROR.match(str(error))
    return f"{path}:{match['place']}: {match['what']}" if match else f"{path}: {error}"


def read_text(path: Path) -> str:
    """Return the text of a feature file.

    Raises:
        SpecificationError: the file is not UTF-8, or cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        problem = f"{path}: not UTF-8 text (byte {error.start}). Save it as UTF-8."
    except OSError as error:
        problem = f"{path}: cannot be read: {error.strerror}."
    raise SpecificationError((problem,))


def specs_of(document: Node) -> Iterator[Spec]:
    """Yield one spec for each scenario and each example row of a Gherkin document."""
    feature = document.get("feature")
    if feature is None:
        return
    scope = _Scope(document["uri"], feature["name"], "", _tags(feature), ())
    yield from _children(feature, scope)


def scenario_names(document: Node) -> Iterator[str]:
    """Yield the name of each scenario as the file has it, that of an outline once."""
    feature = document.get("feature")
    for child in feature["children"] if feature else ():
        for inner in child["rule"]["children"] if "rule" in child else (child,):
            if "scenario" in inner:
                yield inner["scenario"]["name"]


def _children(container: Node, scope: _Scope) -> Iterator[Spec]:
    for child in container["children"]:
        if "background" in child:
            steps = (*scope.background, *_steps(child["background"]))
            scope = _Scope(scope.path, scope.feature_name, scope.rule_name, scope.tags, steps)
        elif "rule" in child:
            rule = child["rule"]
            tags = (*scope.tags, *_tags(rule))
            inner = _Scope(scope.path, scope.feature_name, rule["name"], tags, scope.background)
            yield from _children(rule, inner)
        elif child["scenario"]["examples"]:
            yield from _rows(child["scenario"], scope)
        else:
            yield _spec(child["scenario"], scope)


def _rows(scenario: Node, scope: _Scope) -> Iterator[Spec]:
    for examples in scenario["examples"]:
        if not examples.get("tableHeader", {}).get("cells"):
            continue  # told by the checks: a table of bars only has nothing to name a row by
        headings = _cells(examples["tableHeader"])
        for row in examples["tableBody"]:
            label = ExampleRow(slug(examples["name"] or "examples"), headings, _cells(row))
            yield _spec(scenario, scope, label, _tags(examples), row["location"]["line"])


def _spec(
    scenario: Node,
    scope: _Scope,
    row: ExampleRow | None = None,
    tags: tuple[str, ...] = (),
    line: int | None = None,
) -> Spec:
    label = f":{row.examples_name}.{slug(row.cells[0])}" if row else ""
    return Spec(
        id=f"{scope.path}:{slug(scenario['name'])}{label}",
        feature_path=scope.path,
        feature_name=scope.feature_name,
        rule_name=scope.rule_name,
        name=_filled(scenario["name"], row),
        line=line or scenario["location"]["line"],
        tags=(*scope.tags, *_tags(scenario), *tags),
        steps=tuple(
            SpecStep(step.keyword, _filled(step.text, row), step.line)
            for step in (*scope.background, *_steps(scenario))
        ),
        row=row,
        description=scenario["description"],
    )


def _filled(text: str, row: ExampleRow | None) -> str:
    if row is not None:
        for heading, cell in zip(row.headings, row.cells, strict=True):
            text = text.replace(f"<{heading}>", cell)
    return text


def _tags(node: Node) -> tuple[str, ...]:
    return tuple(tag["name"].removeprefix("@") for tag in node["tags"])


def _steps(node: Node) -> tuple[SpecStep, ...]:
    return tuple(
        SpecStep(step["keyword"].strip(), step["text"], step["location"]["line"])
        for step in node["steps"]
    )


def _cells(row: Node) -> tuple[str, ...]:
    return tuple(cell["value"] for cell in row["cells"])
