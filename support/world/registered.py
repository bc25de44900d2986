"""The registered resources of one scenario, by the words that it uses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from support.platform.connect import Answer
from support.platform.registered import RegisteredAuthor, Tie, registered_fqn
from support.platform.shape import member, text
from support.world.labels import NEVER_MADE, Labels
from support.world.words import meaning_of, unknown

INTRODUCTION = "the registered resource "


@dataclass(frozen=True, slots=True)
class _Registered:
    """A value of a registered resource as the platform stored it."""

    namespace: str
    name: str
    value: str
    resource_id: str
    value_id: str
    ties: tuple[Tie, ...]

    @property
    def fqn(self) -> str:
        return registered_fqn(self.namespace, self.name, self.value)


FORMS: Mapping[str, Callable[[_Registered], str]] = {
    "its full name": lambda known: known.fqn,
    "its full name in capital letters": lambda known: (
        known.fqn.upper().replace("HTTPS", "https").replace("/REG_RES/", "/reg_res/")
    ),
    "the older form of its name": lambda known: registered_fqn("", known.name, known.value),
    "an unknown value": lambda known: registered_fqn(known.namespace, known.name, NEVER_MADE),
    "an unknown name": lambda known: registered_fqn(known.namespace, NEVER_MADE, known.value),
    "an unknown namespace": lambda known: registered_fqn(
        f"not-{known.namespace}", known.name, known.value
    ),
    "a malformed name": lambda known: f"https://{known.namespace}/{known.name}/{known.value}",
}
"""What a request may call a registered resource."""


class Registered:
    """Registers resources and knows them by the names that a scenario gives them."""

    def __init__(self, author: RegisteredAuthor, labels: Labels) -> None:
        self._author = author
        self._labels = labels
        self._known: dict[str, _Registered] = {}
        self.deeds: Mapping[str, Callable[[], Answer]] = {
            "register the resource again": lambda: self._again(self._first.name),
            "register the resource again in capital letters": lambda: self._again(
                self._first.name.upper()
            ),
            "register a resource whose name ends with a hyphen": lambda: self._again("printers-"),
            "register a resource in an unknown namespace": lambda: author.create(
                self._first.name, f"https://not-{self._first.namespace}"
            ),
            "add the same value to the registered resource again": lambda: author.create_value(
                self._first.resource_id, self._first.value.upper(), ()
            ),
            "tie the registered resource to an unknown label": lambda: self._tie_to(
                (Tie("read", f"{self._first.ties[0].value_fqn}-not"),)
            ),
            "tie the registered resource to the same label twice": lambda: self._tie_to(
                (self._first.ties[0], self._first.ties[0])
            ),
            "tie the registered resource to a label of another namespace": self._tie_elsewhere,
            "remove an unknown registered resource": lambda: author.remove(
                "00000000-0000-4000-8000-000000000000"
            ),
        }
        self.changes: Mapping[str, Callable[[], Answer]] = {
            "the value of the registered resource is removed": lambda: author.remove_value(
                self._first.value_id
            ),
            "the registered resource is removed": lambda: author.remove(self._first.resource_id),
        }

    def register(
        self, name: str, rows: Sequence[Mapping[str, str]], *, namespaced: bool = True
    ) -> None:
        """Register a resource, written `printers/hall`, and tie it to actions on labels.

        One of a further namespace of the scenario is written `acme/printers/hall`.

        Raises:
            SpecificationError: the name has another form, or a label or namespace is not known.
            EnvironmentUnfitError: the platform refuses.
        """
        first, *others = name.split("/")
        further = len(others) > 1
        resource, slash, value = (name.removeprefix(f"{first}/") if further else name).partition(
            "/"
        )
        if not slash or not value:
            unknown(name, ("printers/hall",), "a registered resource and a value of it")
        ties = tuple(
            Tie(row["action"], found.fqn)
            for row in rows
            for found in self._labels.find(row["label"])
        )
        space = self._labels.space(first) if further else self._labels.namespace
        place = space.fqn if namespaced else None
        if not namespaced:
            # Its name has to be free on the whole platform.
            resource = f"{resource}-{self._labels.fresh.token('registered resource')}"
        where = "CreateRegisteredResource"
        made = self._author.create(resource, place).required(f"register {name}")
        identifier = text(where, member(where, made, "resource"), "id")
        if not namespaced:
            self._labels.also_remove(lambda: self._author.remove(identifier))
        answer = self._author.create_value(identifier, value, ties)
        stored = member(where, answer.required(f"add the value {value}"), "value")
        self._known[name] = _Registered(
            space.name if namespaced else "",
            resource,
            value,
            identifier,
            text(where, stored, "id"),
            ties,
        )

    def fqn(self, name: str, form: str = "its full name") -> str:
        """Return what a request calls a registered resource.

        Raises:
            SpecificationError: no step registered it, or the form is not known.
        """
        if name not in self._known:
            unknown(name, tuple(self._known), "a registered resource of this scenario")
        return meaning_of(form, FORMS, "a form of names")(self._known[name])

    @property
    def _first(self) -> _Registered:
        if not self._known:
            unknown("it", (), "a registered resource of this scenario")
        return next(iter(self._known.values()))

    def _again(self, name: str) -> Answer:
        place = self._labels.namespace.fqn if self._first.namespace else None
        return self._author.create(name, place)

    def _tie_to(self, ties: Sequence[Tie]) -> Answer:
        return self._author.create_value(self._first.resource_id, NEVER_MADE, ties)

    def _tie_elsewhere(self) -> Answer:
        return self._tie_to((Tie("read", self._labels.elsewhere().fqn),))
