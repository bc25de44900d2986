"""A person of whom a request itself says everything, by claims, and what the platform decides."""

import re
from collections.abc import Sequence

from support.foundation.errors import SpecificationError
from support.platform.decisions import Claimant
from support.world.labels import Labels
from support.world.questions import Questions
from support.world.words import NOTHING, words_in

_LIST_OF = "list of "
_NUMBER = "number "
_AND = re.compile(r"\s+and\s+")
_FORM = (
    "claims are written as in `department: engineering, groups: list of engineering and sales`; "
    "`nothing` stands for none, also in a list"
)
_SELECTORS = {"the ": ".{}", "among the ": ".{}[]"}


class Claims:
    """What is claimed of the person of this scenario."""

    def __init__(self, labels: Labels, questions: Questions) -> None:
        self._labels = labels
        self._questions = questions
        self._claimed: dict[str, object] = {}
        self._brought: list[dict[str, object]] = []

    def put(self, text: str) -> None:
        """Let the person be one of whom this is claimed.

        Raises:
            SpecificationError: the text has another form.
        """
        self._claimed = claims_in(text)

    def bring(self, actions: str, labels: str) -> None:
        """Let the person bring entitlements to some actions on what carries the labels.

        Raises:
            SpecificationError: a label is not known.
        """
        self._brought += [
            {"attribute_value_fqn": fqn, "actions": list(words_in(actions))}
            for fqn in self._labels.fqns(labels)
        ]

    def entitle(self, what: str, value: str, actions: str, labels: str) -> None:
        """Allow whoever has a property some actions on what carries the labels.

        Raises:
            SpecificationError: the property is written in another way, or a label is not known.
            EnvironmentUnfitError: the platform refuses.
        """
        self._labels.entitle_where(selector_in(what), value, labels, words_in(actions))

    def ask(self, action: str, needs: str) -> None:
        """Ask whether the person may do something with one document."""
        claims = dict(self._claimed)
        if self._brought:
            claims["direct_entitlements"] = self._brought
        self._questions.ask_about(Claimant(claims), action, needs)


def claims_in(text: str) -> dict[str, object]:
    """Return claims that a scenario writes in words.

    Raises:
        SpecificationError: the text has another form.
    """
    if text.strip() == NOTHING:
        return {}
    claims: dict[str, object] = {}
    for part in text.split(","):
        name, separator, value = part.partition(":")
        if not separator or not name.strip():
            raise SpecificationError((f'"{part.strip()}" is no claim: {_FORM}.',))
        claims[name.strip()] = _value(value.strip())
    return claims


def selector_in(what: str) -> str:
    """Return where a property stands: `the department`, or `among the groups` for a list.

    Raises:
        SpecificationError: the property is written in another way.
    """
    for prefix, form in _SELECTORS.items():
        if what.startswith(prefix):
            return form.format(what.removeprefix(prefix))
    problem = f'"{what}" is no property: write `the department`, or `among the groups` for a list.'
    raise SpecificationError((problem,))


def _value(text: str) -> object:
    if text.startswith(_LIST_OF):
        listed: Sequence[str] = _AND.split(text.removeprefix(_LIST_OF).strip())
        return [] if listed == [NOTHING] else list(listed)
    if text.startswith(_NUMBER):
        return float(text.removeprefix(_NUMBER))
    return text
