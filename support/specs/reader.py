"""Reading feature files into specs, without behave, so that planning stays pure."""

from collections.abc import Iterator, Sequence
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
        raise SpecificationError(tuple(f"{path}: {e}" for e in error.errors)) from error
    except ParserError as error:
        raise SpecificationError((f"{path}: {error}",)) from error
    return {**document, "uri": path}


def read(root: Path, paths: Sequence[Path]) -> tuple[Spec, ...]:
    """Return the specs of the given feature files, in the order of the files and of their lines.

    Raises:
        SpecificationError: a file is not Gherkin, or not UTF-8.
    """
    specs: list[Spec] = []
    for path in paths:
        inside = root in path.resolve().parents
        name = path.resolve().relative_to(root).as_posix() if inside else str(path)
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise SpecificationError((f"{name}: not UTF-8 text ({error.reason}).",)) from error
        specs.extend(specs_of(parse(name, text)))
    return tuple(specs)


def specs_of(document: Node) -> Iterator[Spec]:
    """Yield one spec for each scenario and each example row of a Gherkin document."""
    feature = document.get("feature")
    if feature is None:
        return
    scope = _Scope(document["uri"], feature["name"], "", _tags(feature), ())
    yield from _children(feature, scope)


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
        if "tableHeader" not in examples:
            continue
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
