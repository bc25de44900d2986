"""The obligations of one scenario, by the words that it uses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from support.platform.connect import Answer
from support.platform.obligations import ObligationAuthor, Trigger, definition_fqn, obligation_fqn
from support.platform.shape import member, members, text
from support.world.expectations import expect_contains
from support.world.labels import NEVER_MADE, Labels
from support.world.words import in_words, unknown, words_in

DEFINITION = "handling"
NOBODY_KNOWS = "an obligation nobody knows"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


class Obligations:
    """What clients have to fulfil in this scenario; all of it are values of one definition.

    Attributes:
        fulfillable: full names of what the reader's client says that it can fulfil.
    """

    def __init__(self, author: ObligationAuthor, labels: Labels) -> None:
        self._author = author
        self._labels = labels
        self._ids: dict[str, str] = {}
        self._triggers: list[tuple[str, str, Trigger]] = []
        self.fulfillable: tuple[str, ...] = ()
        self.deeds: Mapping[str, Callable[[], Answer]] = {
            "make the obligation again": lambda: self._make(DEFINITION),
            "make the obligation again in capital letters": lambda: self._make(DEFINITION.upper()),
            "make an obligation whose name begins with a hyphen": lambda: self._make("-handling"),
            "make an obligation in an unknown namespace": lambda: author.create(
                f"https://not-{labels.namespace.name}", DEFINITION
            ),
            "add the same value to the obligation again": lambda: author.create_value(
                self._definition, self._first[0].upper()
            ),
            "require it again for the same action and label": self._again,
            "require it again through one client alone": lambda: self._again(client_id="someone"),
            "require it for an unknown label": lambda: self._again(
                value_fqn=f"{self._first[2].value_fqn}-not"
            ),
            "require it for the label in capital letters": lambda: self._again(
                value_fqn=self._first[2].value_fqn.upper()
            ),
            "require it for an action that has no name": lambda: self._again(action=""),
            "require it for an unknown action": self._require_unknown_action,
            "require an unknown obligation": lambda: author.add_trigger(
                self.fqn(NOBODY_KNOWS), self._first[2]
            ),
            "remove an unknown obligation": lambda: author.remove_value(self.fqn(NOBODY_KNOWS)),
        }
        self.changes: Mapping[str, Callable[[], Answer]] = {
            "it is no longer required": lambda: author.remove_trigger(self._first[1]),
            "the value of the obligation is removed": lambda: author.remove_value(
                self.fqn(self._first[0])
            ),
            "the obligation is removed": lambda: author.remove(self._definition),
            "it is required for updating instead": self._require_for_updating,
        }

    def require(self, action: str, labels: str, names: str, client_id: str | None = None) -> None:
        """Require obligations for an action on what carries any of the labels.

        Raises:
            SpecificationError: a label is not known.
            EnvironmentUnfitError: the platform refuses.
        """
        triggers = [Trigger(action, value.fqn, client_id) for value in self._labels.find(labels)]
        for name in words_in(names):
            if name in self._ids:
                for trigger in triggers:
                    self._add(name, trigger)
            else:
                self._add_value(name, triggers)

    def fqn(self, name: str) -> str:
        """Return the full name of an obligation; one in capital letters gives all of it in such.

        Raises:
            SpecificationError: no step has required it.
        """
        if name == NOBODY_KNOWS:
            return obligation_fqn(self._labels.namespace.fqn, DEFINITION, NEVER_MADE)
        if name.lower() not in self._ids:
            unknown(name, (*self._ids, NOBODY_KNOWS), "an obligation of this scenario")
        whole = obligation_fqn(self._labels.namespace.fqn, DEFINITION, name.lower())
        return whole if name == name.lower() else whole.upper().replace("HTTPS", "https")

    def declare(self, names: str) -> None:
        """Let the reader's client say what it can fulfil."""
        self.fulfillable = self.fqns(names)

    def fqns(self, names: str) -> tuple[str, ...]:
        """Return the full names of a list of obligations."""
        return tuple(self.fqn(name) for name in words_in(names))

    @property
    def all_fqns(self) -> tuple[str, ...]:
        """The full names of all obligations of this scenario."""
        return tuple(self.fqn(name) for name in self._ids)

    def told(self, fqns: Sequence[str]) -> str:
        """Return a list of full names as scenarios write it, in the order of the alphabet."""
        names = {self.fqn(name): name for name in self._ids}
        return in_words(names.get(fqn, fqn) for fqn in fqns)

    def _add_value(self, name: str, triggers: Sequence[Trigger]) -> None:
        if not self._ids:
            self._make(DEFINITION).required("create an obligation")
        where = "CreateObligationValue"
        answer = self._author.create_value(self._definition, name, triggers)
        stored = member(where, answer.required(f"create the obligation {name}"), "value")
        self._ids[name] = text(where, stored, "id")
        ids = [text(where, entry, "id") for entry in members(where, stored, "triggers")]
        self._triggers += [
            (name, identifier, trigger) for identifier, trigger in zip(ids, triggers, strict=True)
        ]

    def _add(self, name: str, trigger: Trigger) -> None:
        where = "AddObligationTrigger"
        body = self._author.add_trigger(self.fqn(name), trigger).required(f"require {name}")
        self._triggers.append((name, text(where, member(where, body, "trigger"), "id"), trigger))

    def _make(self, name: str) -> Answer:
        return self._author.create(self._labels.namespace.fqn, name)

    @property
    def _definition(self) -> str:
        return definition_fqn(self._labels.namespace.fqn, DEFINITION)

    @property
    def _first(self) -> tuple[str, str, Trigger]:
        """The first thing that is required: its name, the trigger's id, and the trigger."""
        if not self._triggers:
            unknown("it", (), "an obligation that a step before has required")
        return self._triggers[0]

    def _again(self, **changed: str) -> Answer:
        name, _, trigger = self._first
        return self._author.add_trigger(self.fqn(name), replace(trigger, **changed))

    def _require_unknown_action(self) -> Answer:
        name, _, trigger = self._first
        request = {**trigger.request(), "action": {"id": UNKNOWN_ID}}
        return self._author.add_trigger(self.fqn(name), request)

    def _require_for_updating(self) -> Answer:
        name, _, trigger = self._first
        instead = Trigger("update", trigger.value_fqn, trigger.client_id)
        return self._author.change_value(self._ids[name], triggers=[instead])


def expect_named(what: str, said: str, fqns: Sequence[str]) -> None:
    """Expect that something that was said names every one of some obligations."""
    expect_contains(f"What {what} names", [fqn for fqn in fqns if fqn in said], fqns)
