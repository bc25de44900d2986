"""An administrator at work: what was created, what is done to it, and what it is found to be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from support.foundation.errors import SpecificationError
from support.platform import administration as policy
from support.platform.administration import Administrator, Kind, Thing
from support.platform.connect import Answer
from support.platform.policy import Namespace, Rule, condition_set
from support.world.labels import Labels
from support.world.words import meaning_of, unknown

KINDS: Mapping[str, Kind] = {
    "namespace": policy.NAMESPACE,
    "attribute": policy.ATTRIBUTE,
    "value": policy.VALUE,
    "action": policy.ACTION,
    "condition set": policy.CONDITION_SET,
    "subject mapping": policy.SUBJECT_MAPPING,
    "resource mapping": policy.RESOURCE_MAPPING,
    "resource mapping group": policy.RESOURCE_GROUP,
    "entitlement": policy.CONDITION_SET,
}
"""Kinds of policy objects by the words that scenarios use, with `a`, `an` or `the` before them."""

VERBS: Mapping[str, str] = {
    "creates": "create",
    "created": "create",
    "labels": "label",
    "labelled": "label",
    "deactivates": "deactivate",
    "deactivated": "deactivate",
    "reactivates": "reactivate",
    "reactivated": "reactivate",
    "renames": "rename",
    "renamed": "rename",
    "deletes": "delete",
    "deleted": "delete",
}
"""What administrators do, and have done."""

ACTIVE, INACTIVE, GONE = "active", "inactive", "gone"
LABELLED = "active and labelled"
LABEL = {"reviewed": "yes"}
TOPIC = "topic"  # the attribute in which values stand that a scenario names none for
TOO_LONG = "a name of 254 letters"
_SEPARATORS = ('" to "', '" confirmed as "')


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done to a policy object.

    Attributes:
        verb: what is done, such as `create`.
        kind: of the object.
        name: what the scenario calls the object.
        other: a second name, which renaming and confirming need.
    """

    verb: str
    kind: Kind
    name: str
    other: str | None = None


class Administration:
    """Does what scenarios say an administrator does, in namespaces of the scenario's own."""

    def __init__(self, administrator: Administrator, labels: Labels) -> None:
        self._administrator = administrator
        self._labels = labels
        self._things: list[Thing] = []
        self._suffix = ""
        self._verbs: Mapping[str, Callable[[Deed], Answer]] = {
            "create": self._create,
            "label": self._label,
            "deactivate": self._deactivate,
            "reactivate": self._reactivate,
            "rename": self._rename,
            "delete": self._delete,
        }

    def attempt(self, deed: str, names: str) -> Answer:
        """Do something; a refusal is an answer like any other.

        Args:
            deed: verb and kind, such as `creates a namespace` or `deleted the value`.
            names: the name, and after `" to "` or `" confirmed as "` a second one.

        Raises:
            SpecificationError: the verb, the kind or the name is not known.
        """
        done = self._read(deed, names)
        return self._verbs[done.verb](done)

    def ensure(self, deed: str, names: str) -> None:
        """Do something that the scenario builds on.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        self.attempt(deed, names).required(f'do what the scenario says: {deed} "{names}"')

    def state(self, described: str, name: str) -> str:
        """Return what something is found to be: active, labelled, inactive or gone.

        Raises:
            SpecificationError: the kind is not known, or the scenario made nothing of that name.
        """
        kind = _kind_in(described)
        known = self._known(kind, name)
        if known is None:
            made = tuple(entry.name for entry in self._things if entry.kind is kind)
            unknown(name, made, f"the name of a {kind.key} of this scenario")
        found = self._administrator.read(kind, known.id)
        is_listed = known.id in self._listed(kind)
        if found is None:
            return f"{GONE}, but listed" if is_listed else GONE
        if found.name != known.name:
            return f'called "{self._called(found)}"'
        state = ACTIVE if found.is_active else INACTIVE
        if found.is_active != is_listed:
            return f"{state}, but {'' if is_listed else 'not '}listed"
        return LABELLED if dict(found.labels) == LABEL and found.is_active else state

    def _create(self, deed: Deed) -> Answer:
        name = "a" * 254 if deed.name == TOO_LONG else deed.name
        answer, made = self._administrator.create(deed.kind, self._message(deed.kind, name))
        if made is not None:
            self._things.append(made)
            if deed.kind is policy.NAMESPACE:
                self._labels.own(Namespace(made.id, made.name, made.fqn))
            if deed.kind is policy.SUBJECT_MAPPING:
                self._labels.own_condition_set(self._administrator.conditions_of(answer))
        return answer

    def _message(self, kind: Kind, name: str) -> dict[str, object]:
        """Return the request that creates something of a name."""
        by_kind: Mapping[str, Callable[[], dict[str, object]]] = {
            "Namespace": lambda: {"name": self._host(name)},
            "Attribute": lambda: {**self._placed, "name": name, "rule": Rule.ANY_OF.value},
            "AttributeValue": lambda: {"attributeId": self._topic.id, "value": name},
            "SubjectConditionSet": lambda: {
                **self._placed,
                "subjectConditionSet": _whoever_is(name),
            },
            "SubjectMapping": lambda: {
                "attributeValueId": self._value(name),
                "actions": [{"name": "read"}],
                "newSubjectConditionSet": _whoever_is(name),
            },
            "ResourceMapping": lambda: {
                "attributeValueId": self._value("mapped"),
                "terms": [name, f"{name}-too"],
            },
        }
        return by_kind.get(kind.noun, lambda: {**self._placed, "name": name})()

    def _label(self, deed: Deed) -> Answer:
        return self._administrator.label(deed.kind, self._id(deed), LABEL)

    def _deactivate(self, deed: Deed) -> Answer:
        return self._administrator.deactivate(deed.kind, self._id(deed))

    def _reactivate(self, deed: Deed) -> Answer:
        return self._administrator.reactivate(deed.kind, self._id(deed))

    def _rename(self, deed: Deed) -> Answer:
        name = deed.other or ""
        if deed.kind is policy.NAMESPACE:
            name = self._host(name)
        answer = self._administrator.rename(deed.kind, self._id(deed), name)
        known = self._known(deed.kind, deed.name)
        if answer.accepted and known is not None:
            renamed = self._administrator.read(deed.kind, known.id)
            if renamed is not None:
                self._things.append(renamed)
                if deed.kind is policy.NAMESPACE:
                    self._labels.own(Namespace(renamed.id, renamed.name, renamed.fqn))
        return answer

    def _delete(self, deed: Deed) -> Answer:
        known = self._known(deed.kind, deed.name)
        confirmation = known.fqn if known else f"https://{deed.name}.example"
        if deed.other is not None:
            confirmation = confirmation.replace(deed.name, deed.other)
        return self._administrator.delete(deed.kind, self._id(deed), confirmation)

    def _id(self, deed: Deed) -> str:
        """Return the id of something, or one that nothing has where the scenario made no such."""
        known = self._known(deed.kind, deed.name)
        return known.id if known else self._labels.fresh.identifier("never made")

    def _known(self, kind: Kind, name: str) -> Thing | None:
        """Return what the scenario calls by a name, the last of that name first."""
        for entry in reversed(self._things):
            if entry.kind is kind and self._called(entry) == name:
                return entry
        return self._labelled(kind, name)

    def _labelled(self, kind: Kind, name: str) -> Thing | None:
        """Return what was made by the steps about labels, or stands in every namespace."""
        labels = self._labels
        if kind is policy.ACTION:
            identifier: str | None = self._administrator.action_id(name, labels.namespace.id)
            return Thing(kind, identifier, name, "") if identifier else None
        if kind is policy.ATTRIBUTE:
            attribute = labels.attribute(name)
            fqn = f"{labels.namespace.fqn}/attr/{name}"
            return Thing(kind, attribute.id, name, fqn) if attribute else None
        if not labels.has(name):
            return None
        value, identifier = labels.find(name)[0], labels.entitlement(name)
        known = {
            policy.NAMESPACE: Thing(
                kind, labels.namespace.id, labels.namespace.name, labels.namespace.fqn
            ),
            policy.VALUE: Thing(kind, value.id, value.name, value.fqn),
            **({policy.CONDITION_SET: Thing(kind, identifier, name, "")} if identifier else {}),
        }
        return known.get(kind)

    def _listed(self, kind: Kind) -> frozenset[str]:
        if kind is policy.VALUE:
            return self._administrator.values_of(self._topic.id) | frozenset(
                value
                for entry in self._labels.attribute_ids
                for value in self._administrator.values_of(entry)
            )
        if kind is policy.ATTRIBUTE:
            return self._administrator.listed(kind, {"namespace": self._labels.namespace.id})
        placed = kind in {policy.ACTION, policy.CONDITION_SET, policy.RESOURCE_GROUP}
        return self._administrator.listed(kind, self._placed if placed else {})

    @property
    def _placed(self) -> dict[str, object]:
        return {"namespaceId": self._labels.namespace.id}

    @property
    def _topic(self) -> Thing:
        """The attribute in which values stand; created when first needed."""
        known = self._known(policy.ATTRIBUTE, TOPIC)
        if known is None:
            self.ensure("created an attribute", TOPIC)
            known = self._known(policy.ATTRIBUTE, TOPIC)
        if known is None:
            raise SpecificationError((f"The attribute {TOPIC} was renamed before it was needed.",))
        return known

    def _value(self, name: str) -> str:
        """Return the id of a value, which is created if there is none."""
        known = self._known(policy.VALUE, name)
        if known is None:
            self.ensure("created a value", name)
            known = self._known(policy.VALUE, name.lower())
        return known.id if known else self._labels.fresh.identifier("never made")

    def _host(self, name: str) -> str:
        """Return a host name that nobody else has: the scenario's own ending is added."""
        if not self._suffix:
            self._suffix = f".{self._labels.fresh_name()}"
        return f"{name}{self._suffix}"

    def _called(self, entry: Thing) -> str:
        """Return what the scenario calls something: a namespace without the ending."""
        return entry.name.removesuffix(self._suffix) if self._suffix else entry.name

    def _read(self, deed: str, names: str) -> Deed:
        kind = _kind_in(deed)
        verb = meaning_of(deed.split(maxsplit=1)[0], VERBS, "something that administrators do")
        for separator in _SEPARATORS:
            if separator in names:
                name, _, other = names.partition(separator)
                return Deed(verb, kind, name, other)
        return Deed(verb, kind, names)


def _kind_in(text: str) -> Kind:
    """Return the kind that words end with, such as `the attribute` or `the namespace of`."""
    text = text.removesuffix(" of")
    fitting = [word for word in KINDS if f" {text}".endswith(f" {word}")]
    if not fitting:
        unknown(text, tuple(KINDS), "something with a kind of policy object at its end")
    return KINDS[max(fitting, key=len)]


def _whoever_is(name: str) -> dict[str, object]:
    """Return the conditions that hold for the client of a name."""
    return condition_set(".clientId", name)
