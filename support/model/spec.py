"""A spec: one scenario, or one example row of an outline, as the feature file states it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpecStep:
    """One step as written: keyword with its trailing blank removed, text, line."""

    keyword: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """The example row that makes a spec out of an outline."""

    examples_name: str
    headings: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """A scenario or an example row, with the tags of feature, rule, scenario and examples.

    Attributes:
        id: `<feature path>:<scenario slug>[:<examples name>.<slug of the first cell>]`,
            independent of line numbers and row order.
        line: line of the scenario, or of the example row.
        tags: effective tags without `@`, in order of appearance.
    """

    id: str
    feature_path: str
    feature_name: str
    rule_name: str
    name: str
    line: int
    tags: tuple[str, ...]
    steps: tuple[SpecStep, ...]
    row: ExampleRow | None = None
    description: str = ""

    @property
    def requirement_ids(self) -> tuple[str, ...]:
        """The `@req:` values in order of appearance; the first gives the evidence path."""
        return tuple(dict.fromkeys(t.removeprefix("req:") for t in self.tags if t[:4] == "req:"))
