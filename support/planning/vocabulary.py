"""Which functions the steps of a spec call, by the phrases of a project's step modules."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from support.model.spec import Spec
from support.planning.imports import module_name
from support.planning.reach import STEPS, Node
from support.specs.phrases import Matcher, Phrase, phrases_of, with_keywords


@dataclass(frozen=True)
class Vocabulary:
    """The phrases of a project's steps, and which function each spec's steps call."""

    sources: Mapping[str, str]

    @cached_property
    def phrases(self) -> tuple[Phrase, ...]:
        """Every phrase.

        Raises:
            SyntaxError: a step module is not Python.
            ValueError: a step function has no docstring.
        """
        return tuple(
            phrase
            for path, text in self.sources.items()
            if path.startswith(f"{STEPS}/")
            for phrase in phrases_of(module_name(path).removeprefix(f"{STEPS}."), text)
        )

    @cached_property
    def _matcher(self) -> Matcher:
        return Matcher(self.phrases)

    def functions(self, spec: Spec) -> tuple[frozenset[Node], bool]:
        """Return the functions of a spec's steps, and whether each step has one."""
        found: set[Node] = set()
        complete = True
        for step, keyword in with_keywords(spec.steps):
            numbers = self._matcher.matches(keyword, step.text)
            found.update(function_of(self.phrases[number]) for number in numbers)
            complete = complete and bool(numbers)
        return frozenset(found), complete


def function_of(phrase: Phrase) -> Node:
    """Return the definition behind a phrase."""
    return f"{STEPS}.{phrase.module}", phrase.function
