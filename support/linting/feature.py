"""A feature file as the rules see it: its lines, its elements with what they inherit, its specs."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from support.model.spec import Spec
from support.specs.finding import Node


@dataclass(frozen=True, slots=True)
class Element:
    """What may carry tags: a feature, a rule, a scenario or a table of examples.

    Attributes:
        kind: the key under which Gherkin keeps it.
        inherited: tags of what it stands in, outermost first.
    """

    kind: str
    node: Node
    inherited: tuple[Node, ...] = ()

    @property
    def tags(self) -> tuple[Node, ...]:
        """All tags that hold for it, outermost first."""
        return (*self.inherited, *self.node["tags"])


@dataclass(frozen=True, slots=True)
class Background:
    """The steps of a background, with the element that it belongs to."""

    node: Node


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario or outline, with the steps of backgrounds that run before its own."""

    element: Element
    background: tuple[Node, ...]

    @property
    def node(self) -> Node:
        """The scenario in the Gherkin document."""
        return self.element.node

    @property
    def holders(self) -> tuple[Element, ...]:
        """The elements whose tags hold for what runs: itself, or each of its example tables."""
        tags = self.element.tags
        tables = self.node["examples"]
        return tuple(Element("examples", table, tags) for table in tables) or (self.element,)


@dataclass(frozen=True)
class FeatureFile:
    """One feature file that parsed and has a feature."""

    path: str
    lines: tuple[str, ...]
    document: Node
    specs: tuple[Spec, ...]

    @cached_property
    def feature(self) -> Node:
        """The feature in the Gherkin document."""
        feature: Node = self.document["feature"]
        return feature

    @cached_property
    def parts(self) -> tuple[Element | Background | Scenario, ...]:
        """The feature, rules, backgrounds and scenarios, in the order of the file."""
        root = Element("feature", self.feature)
        return (root, *_parts(root, ()))

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """All scenarios."""
        return tuple(part for part in self.parts if isinstance(part, Scenario))

    @cached_property
    def backgrounds(self) -> tuple[Node, ...]:
        """All backgrounds."""
        return tuple(part.node for part in self.parts if isinstance(part, Background))

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """Everything that may carry tags."""
        found: list[Element] = []
        for part in self.parts:
            if isinstance(part, Element):
                found.append(part)
            elif isinstance(part, Scenario):
                found.append(part.element)
                found += [holder for holder in part.holders if holder is not part.element]
        return tuple(found)


def _parts(
    container: Element, background: tuple[Node, ...]
) -> Iterator[Element | Background | Scenario]:
    for child in container.node["children"]:
        if "background" in child:
            background = (*background, *child["background"]["steps"])
            yield Background(child["background"])
        elif "rule" in child:
            rule = Element("rule", child["rule"], container.tags)
            yield rule
            yield from _parts(rule, background)
        else:
            yield Scenario(Element("scenario", child["scenario"], container.tags), background)


def resolved_keywords(steps: tuple[Node, ...]) -> Iterator[tuple[Node, str]]:
    """Yield each step with given, when or then, in any language; And and * continue."""
    keyword = "given"
    for step in steps:
        keyword = _KEYWORDS.get(step["keywordType"], keyword)
        yield step, keyword


_KEYWORDS = {"Context": "given", "Action": "when", "Outcome": "then"}
