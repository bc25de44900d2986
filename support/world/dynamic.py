"""Entitlements to whichever value of an attribute a person's own property names."""

import re
from collections.abc import Mapping

from support.foundation.errors import SpecificationError
from support.platform.connect import Answer
from support.platform.policy import Comparison, DynamicMapping, PolicyAuthor
from support.platform.shape import member, text
from support.world.labels import Labels
from support.world.people import selector_of
from support.world.words import words_in

_WHERE = "CreateDynamicValueMapping"

_COMPARISON = re.compile(r"(is|is part of) their (\w+)")
_COMPARISONS: Mapping[str, Comparison] = {
    "is": Comparison.IS,
    "is part of": Comparison.IS_PART_OF,
}
_GATE = re.compile(r'(\w+) is "([^"]+)"')

REASONS: Mapping[str, tuple[str, str]] = {
    "its values are ranked": ("invalid_argument", "enum value invalid"),
    "the two ways exclude each other": (
        "invalid_argument",
        "intended action would violate a restriction",
    ),
    "its parts stand in different namespaces": ("invalid_argument", "namespace mismatch"),
}
"""Why the platform refuses policy, by the words that scenarios use: error code, and its message."""


class Dynamic:
    """Writes dynamic mappings for people whom the identity provider knows."""

    def __init__(self, labels: Labels, author: PolicyAuthor, reader_id: str) -> None:
        self._labels = labels
        self._author = author
        self._reader_id = reader_id

    def entitle(self, actions: str, attribute: str, comparison: str, gate: str = "") -> None:
        """Allow people some actions on the values of an attribute that a property names.

        Args:
            actions: names of actions.
            attribute: of this scenario.
            comparison: `is their group`, or `is part of their group`; likewise for others.
            gate: what people have to be besides, such as `clearance is "secret"`.

        Raises:
            SpecificationError: something is written in another way.
            EnvironmentUnfitError: the platform refuses.
        """
        answer = self.try_to_entitle(actions, attribute, comparison, gate)
        body = answer.required(f"entitle people dynamically to {attribute}")
        mapping = member(_WHERE, body, "dynamicValueMapping")
        if gate:
            made = member(_WHERE, mapping, "subjectConditionSet")
            self._labels.forget_later(text(_WHERE, made, "id"))

    def try_to_entitle(
        self, actions: str, attribute: str, comparison: str, gate: str = ""
    ) -> Answer:
        """Return the answer to such a mapping, whatever it is; arguments as for `entitle`."""
        how, selected = _parts(
            _COMPARISON, comparison, "`is their group`, `is part of their group`"
        )
        condition = None
        if gate:
            name, value = _parts(_GATE, gate, '`clearance is "secret"`')
            condition = (selector_of(name), value)
        mapping = DynamicMapping(
            selector_of(selected), _COMPARISONS[how], words_in(actions), condition
        )
        return self._author.map_dynamically(
            self._labels.namespace, self._labels.attribute_named(attribute), mapping
        )

    def try_to_entitle_reader(self, actions: str, labels: str, space: str) -> Answer:
        """Return the answer to a mapping for the reader that belongs to a namespace."""
        value = self._labels.find(labels)[0]
        condition = (".clientId", self._reader_id)
        namespace = self._labels.space(space)
        return self._author.try_to_entitle(value, condition, words_in(actions), namespace)


def _parts(form: re.Pattern[str], written: str, known: str) -> tuple[str, str]:
    found = form.fullmatch(written)
    if found is None:
        raise SpecificationError((f'"{written}" is not understood here. Write it as in {known}.',))
    return found.group(1), found.group(2)


def why_refused(answer: Answer) -> str:
    """Return why the platform refused policy, or that it did not, in the words of scenarios."""
    if answer.accepted:
        return "nothing: it was accepted"
    told = (answer.code, answer.message.removeprefix(f"{answer.code}: "))
    known = {facts: word for word, facts in REASONS.items()}
    return known.get(told, f"{answer.code}: {answer.message}")
