"""The rules of tags: what is wrong with each, and which are missing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from support.linting.feature import Element, FeatureFile, Scenario
from support.linting.project import Project
from support.linting.text_rules import shortened
from support.model.capability import Capability
from support.profiles.catalog import ANY
from support.specs.finding import Edit, Finding, Node, at_node
from support.specs.tags import fault_of

_SELECTABLE = re.compile(r"[A-Za-z0-9._:=-]+")


def check(file: FeatureFile, project: Project) -> Iterator[Finding]:
    """Yield the findings about the tags of a feature."""
    for element in file.elements:
        yield from _each_tag(file, element, project)
        yield from _repeated(file, element)
        yield from _contradicting(file.path, element)
    for scenario in file.scenarios:
        yield from _missing(file.path, scenario)
    yield from _spacing(file)


def _name(tag: Node) -> str:
    return str(tag["name"]).removeprefix("@")


def _each_tag(file: FeatureFile, element: Element, project: Project) -> Iterator[Finding]:
    begins = {_begin(tag) for tag in element.node["tags"]}
    for tag in element.node["tags"]:
        fault = _fault(_name(tag), project)
        line, column = _begin(tag)
        if fault is None and (line, column + len(tag["name"])) in begins:
            fault = ("tag-characters", "behave reads it and what follows as one. Put a blank.")
        if fault is not None:
            rule, what = fault
            finding = at_node(rule, file.path, tag, f"tag {shortened(tag['name'])}: {what}")
            yield _with_fix(finding, project.near_tags.certain(_name(tag)))


def _fault(name: str, project: Project) -> tuple[str, str] | None:
    if name in project.near_tags.known:
        return None
    if fault := fault_of(name, project.requirements):
        return fault
    if name.startswith("cap:"):
        capability = Capability(*name.removeprefix("cap:").split("=", 1))
        problem = project.catalog.problem_with(capability)
        return ("capability-unknown", problem) if problem else None
    return _unselectable(name) or _near_miss(name, project)


def _unselectable(name: str) -> tuple[str, str] | None:
    if _SELECTABLE.fullmatch(name):
        return None
    wrong = "".join(dict.fromkeys(_SELECTABLE.sub("", name)))
    how = f'"{wrong}" cannot be selected everywhere. Use letters, digits and . _ : = - only.'
    return "tag-characters", how if wrong else "it has no name. Remove it."


def _near_miss(name: str, project: Project) -> tuple[str, str] | None:
    if meant := project.near_tags.nearest(name):
        return ("tag-near-miss", f'nobody reads it. Did you mean "@{meant}"?')
    return None


def _begin(tag: Node) -> tuple[int, int]:
    return tag["location"]["line"], tag["location"]["column"]


def _with_fix(finding: Finding, meant: str) -> Finding:
    if not meant:
        return finding
    return replace(finding, fix=Edit(finding.line, finding.column, finding.length, f"@{meant}"))


def _subject(name: str) -> str:
    """Return what a tag speaks about: tags of one subject replace or join each other."""
    family, separator, value = name.partition(":")
    return f"cap:{value.partition('=')[0]}" if separator and family == "cap" else family


def _repeated(file: FeatureFile, element: Element) -> Iterator[Finding]:
    """Find tags that hold already; one whose subject was changed in between means something."""
    holding: dict[str, dict[str, Node]] = {}
    for number, tag in enumerate(element.tags):
        name = _name(tag)
        same_subject = holding.setdefault(_subject(name), {})
        first = same_subject.get(name)
        own = number >= len(element.inherited)
        if first is not None and own:
            message = f"tag {shortened(tag['name'])} holds already (line {_begin(first)[0]})."
            found = at_node("tag-duplicate", file.path, tag, f"{message} Remove it.")
            yield replace(found, fix=_removal(tag, file.lines))
            continue
        if name.startswith("risk:") or name.endswith(f"={ANY}"):
            same_subject.clear()
        elif name.startswith("cap:"):
            same_subject.pop(f"{name.partition('=')[0]}={ANY}", None)
        same_subject[name] = tag


def _removal(tag: Node, lines: Sequence[str]) -> Edit | None:
    """Return the edit that takes a tag away with the blanks before it, or after the first one."""
    line, column = _begin(tag)
    text, start = lines[line - 1], column - 1
    end = start + len(tag["name"])
    if text[max(0, start - 1) : start].strip() or text[end : end + 1].strip():
        return None  # it hangs together with another tag
    before = start
    while before and text[before - 1].isspace():
        before -= 1
    if before:
        start = before
    else:  # the first one on its line
        while text[end : end + 1].isspace():
            end += 1
    return Edit(line, start + 1, end - start)


def _contradicting(path: str, element: Element) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for tag in element.node["tags"]:
        name = _name(tag)
        subject = _subject(name)
        other = seen.setdefault(subject, name)
        if other == name:
            continue
        either = (name.partition("=")[2], other.partition("=")[2])
        if subject == "risk":
            what = "a scenario has one risk. Keep one of them."
        elif subject.startswith("cap:") and ANY in either:
            what = "any includes every other value. Keep one of them."
        else:
            continue
        yield at_node("tag-contradiction", path, tag, f"tag @{name} contradicts @{other}: {what}")


def _missing(path: str, scenario: Scenario) -> Iterator[Finding]:
    """Find what no tag names; a table of examples may name what its scenario does not."""
    holders = [[_name(tag) for tag in holder.tags] for holder in scenario.holders]
    title = f'"{shortened(scenario.node["name"])}"'
    for rule, family, noun, example in (
        ("requirement-missing", "req", "requirement", "@req:BR-nnn"),
        ("capability-missing", "cap", "capability", "@cap:dimension=value"),
    ):
        names = [[n for n in tags if n.partition(":")[0] == family] for tags in holders]
        if not all(names):
            message = f"{title} names no {noun}. Tag it {example}."
            yield at_node(rule, path, scenario.node, message)


def _spacing(file: FeatureFile) -> Iterator[Finding]:
    lines = {tag["location"]["line"] for element in file.elements for tag in element.node["tags"]}
    for line in sorted(lines):
        text = file.lines[line - 1]
        length = len(text) - len(text.rstrip())
        if length:
            column = len(text) - length + 1
            message = "blanks at the end of a line of tags. Remove them."
            edit = Edit(line, column, length)
            yield Finding("tag-spacing", file.path, line, column, length, message, edit)
