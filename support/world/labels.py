"""The attributes of one scenario, in a namespace of its own, by the words that it uses."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from support.determinism.streams import FreshNames
from support.platform.connect import ACCEPTED, Answer
from support.platform.policy import Attribute, Namespace, PolicyAuthor, Rule, Value
from support.world.words import RULES, meaning_of, unknown, words_in

NEVER_MADE = "never-made"
UNLISTED = "unlisted "
"""Before a label such as `team/sales`: the attribute is known, and has no such value."""
UNKNOWN_LABELS: Mapping[str, Callable[[Namespace, Attribute, Value], str]] = {
    "an unknown value": lambda space, attribute, _: (
        f"{space.fqn}/attr/{attribute.name}/value/{NEVER_MADE}"
    ),
    "an unknown attribute": lambda space, _, value: (
        f"{space.fqn}/attr/{NEVER_MADE}/value/{value.name}"
    ),
    "an unknown namespace": lambda space, attribute, value: (
        f"https://not-{space.name}/attr/{attribute.name}/value/{value.name}"
    ),
}
"""Labels that the platform does not know: names of a known one, wrong in exactly one part."""


class Labels:
    """What documents of a scenario may be labelled with.

    A label is written `project/apollo`, or just `apollo` where one attribute has that value.
    Where names are enough, it may also be one of `UNKNOWN_LABELS`.
    `names` are the namespaces that this scenario asked for; `fresh` gives names of any kind.
    """

    def __init__(self, fresh: FreshNames, author: PolicyAuthor, prefix: str) -> None:
        self.fresh = fresh
        self._author = author
        self._prefix = prefix
        self._attributes: dict[str, Attribute] = {}
        self.names: list[str] = []
        self._owned: list[Namespace] = []
        self._condition_sets: list[str] = []
        self._entitlements: dict[str, str] = {}
        self._spaces: dict[str, Namespace] = {}
        self._further: list[Callable[[], Answer]] = []

    @cached_property
    def namespace(self) -> Namespace:
        """The scenario's namespace, created when first needed."""
        created = self._author.create_namespace(self.fresh_name())
        self.own(created)
        return created

    def own(self, namespace: Namespace) -> None:
        """Note a namespace that this scenario made, to be removed with the others."""
        self._owned.append(namespace)

    def own_condition_set(self, identifier: str) -> None:
        """Note a condition set that this scenario made, to be removed with the others."""
        self._condition_sets.append(identifier)

    def also_remove(self, remove: Callable[[], Answer]) -> None:
        """Note how to remove something of this scenario that stands in none of its namespaces."""
        self._further.append(remove)

    def remove_all(self) -> tuple[str, ...]:
        """Remove what this scenario made, and return what the platform would not remove.

        A platform that lives longer than a run would grow slower with every scenario otherwise.
        """
        answers = [self._author.remove_namespace(namespace) for namespace in self._owned]
        answers += [self._author.remove_condition_set(entry) for entry in self._condition_sets]
        answers += [remove() for remove in self._further]
        self._further.clear()
        self._owned.clear()
        self._condition_sets.clear()
        return tuple(
            f"{answer.code}: {answer.message}"
            for answer in answers
            if answer.code not in {ACCEPTED, "not_found"}
        )

    def elsewhere(self) -> Value:
        """Return a value in a further namespace of this scenario."""
        space = self._author.create_namespace(self.fresh_name())
        self.own(space)
        made = self._author.create_attribute(space, "elsewhere", Rule.ANY_OF, ("there",))
        return made.values["there"]

    def fresh_name(self) -> str:
        """Return the name of a namespace that nobody has used.

        It tells which unit made it, and is new on every run where the platform lives longer than
        a run.
        """
        token = self.fresh.token("namespace")
        name = f"{self._prefix}-{self.fresh.unit_mark}-{token}.example"
        self.names.append(name)
        return name

    def define(self, name: str, rule: str, values: str) -> None:
        """Create an attribute; `rule` is one of the words `any of`, `all of`, `hierarchy`.

        Raises:
            SpecificationError: the rule is not known.
            EnvironmentUnfitError: the platform refuses.
        """
        meant = meaning_of(rule, RULES, "a rule of attributes")
        self._attributes[name] = self._author.create_attribute(
            self.namespace, name, meant, words_in(values)
        )

    def define_in(self, space: str, name: str, rule: str, values: str) -> None:
        """Create an attribute in a further namespace, whose labels are `space/attribute/value`.

        Raises:
            SpecificationError: the rule is not known.
            EnvironmentUnfitError: the platform refuses.
        """
        if space not in self._spaces:
            self._spaces[space] = self._author.create_namespace(self.fresh_name())
            self.own(self._spaces[space])
        meant = meaning_of(rule, RULES, "a rule of attributes")
        made = self._author.create_attribute(self._spaces[space], name, meant, words_in(values))
        self._attributes[f"{space}/{name}"] = made

    def space(self, name: str) -> Namespace:
        """Return a further namespace of this scenario.

        Raises:
            SpecificationError: it has no attribute.
        """
        return meaning_of(name, self._spaces, "a namespace that this scenario has made")

    def attribute_named(self, name: str) -> Attribute:
        """Return an attribute of this scenario.

        Raises:
            SpecificationError: it was not made.
        """
        return meaning_of(name, self._attributes, "an attribute of this scenario")

    def forget_later(self, condition_set_id: str) -> None:
        """Note a condition set that this scenario made, to be removed with the others."""
        self._condition_sets.append(condition_set_id)

    def let_values_be_missing(self) -> None:
        """Let the attributes of the scenario answer for values that they lack.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        for attribute in self._attributes.values():
            self._author.allow_traversal(attribute)

    def adopt(self, attributes: Mapping[str, Attribute]) -> None:
        """Let this scenario use attributes that somebody else made, and removes."""
        self._attributes.update(attributes)

    def entitle_where(
        self, selector: str, wanted: str, labels: str, actions: Sequence[str] = ("read",)
    ) -> None:
        """Allow whoever has a property some actions on what carries any of the labels.

        Raises:
            SpecificationError: a label is not known.
            EnvironmentUnfitError: the platform refuses.
        """
        for value in self.find(labels):
            made = self._author.entitle_where(value, selector, wanted, actions)
            self._condition_sets.append(made)

    def entitle_under(self, subject_sets: Sequence[Mapping[str, object]], labels: str) -> None:
        """Allow whoever meets a condition set to read what carries any of the labels.

        Raises:
            SpecificationError: a label is not known.
            EnvironmentUnfitError: the platform refuses.
        """
        for value in self.find(labels):
            made = self._author.entitle_under(value, subject_sets, ("read",))
            self._condition_sets.append(made)

    def label_of(self, fqn: str) -> str | None:
        """Return the label of this scenario that a name of a value stands for, if there is one."""
        return next(
            (
                label
                for attribute in self._attributes.values()
                for label, value in attribute.values.items()
                if value.fqn == fqn
            ),
            None,
        )

    def entitle(
        self, client_id: str, labels: str, actions: Sequence[str], space: str | None = None
    ) -> None:
        """Allow a client some actions on what carries any of the labels.

        Args:
            client_id: whom.
            labels: what the documents carry.
            actions: names of actions.
            space: the namespace that this is a matter of; none by default.

        Raises:
            SpecificationError: a label or the namespace is not known.
            EnvironmentUnfitError: the platform refuses.
        """
        namespace = None if space is None else self.space(space)
        for value in self.find(labels):
            made = self._author.entitle(value, client_id, actions, namespace)
            self._condition_sets.append(made)
            self._entitlements[value.name] = made

    def has(self, label: str) -> bool:
        """Tell whether a label is one of exactly one attribute of this scenario."""
        return len(self._matching(label)) == 1

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute of a name, if this scenario made one."""
        return self._attributes.get(name)

    @property
    def attribute_ids(self) -> tuple[str, ...]:
        """The attributes of this scenario."""
        return tuple(entry.id for entry in self._attributes.values())

    @property
    def by_fqn(self) -> Mapping[str, str]:
        """Every label of this scenario, as `project/apollo`, by its full name."""
        return {
            value.fqn: f"{name}/{value.name}"
            for name, entry in self._attributes.items()
            for value in entry.values.values()
        }

    def entitlement(self, label: str) -> str | None:
        """Return the condition set that entitles to a label, if there is one."""
        return self._entitlements.get(label)

    def entitle_to_all(self, client_id: str, attribute: str, actions: Sequence[str]) -> None:
        """Allow a client some actions on what carries any value of an attribute.

        Raises:
            SpecificationError: the attribute is not known.
            EnvironmentUnfitError: the platform refuses.
        """
        found = meaning_of(attribute, self._attributes, "an attribute of this scenario")
        for value in found.values.values():
            self._condition_sets.append(self._author.entitle(value, client_id, actions))

    def find(self, labels: str) -> tuple[Value, ...]:
        """Return the values of a list of labels.

        Raises:
            SpecificationError: a label is not known, or two attributes have it.
        """
        return tuple(self._find_one(label) for label in words_in(labels))

    def fqns(self, labels: str) -> tuple[str, ...]:
        """Return the names under which documents carry the labels.

        Raises:
            SpecificationError: a label is not known, or two attributes have it.
        """
        return tuple(self._fqn(label) for label in words_in(labels))

    def identifier(self, level: str, label: str) -> str:
        """Return the id of the value of a label, of its attribute, or of the namespace.

        Raises:
            SpecificationError: the label is not known.
        """
        if level == "namespace":
            return self.namespace.id
        value = self._find_one(label)
        if level == "value":
            return value.id
        owners = (a for a in self._attributes.values() if value in a.values.values())
        return next(owners).id

    def described(self, fqn: str) -> str:
        """Return what the scenario calls the value, attribute or namespace of a full name."""
        for name, attribute in self._attributes.items():
            for value in attribute.values.values():
                if value.fqn == fqn:
                    return value.name
                if value.fqn.partition("/value/")[0] == fqn:
                    return name
        return "the namespace" if self._owned and fqn == self.namespace.fqn else fqn

    def _fqn(self, label: str) -> str:
        if label.startswith(UNLISTED):
            name, _, value = label.removeprefix(UNLISTED).rpartition("/")
            attribute = self.attribute_named(name)
            return f"{self.namespace.fqn}/attr/{attribute.name}/value/{value}"
        misname = UNKNOWN_LABELS.get(label)
        if misname is None or not self._attributes:
            return self._find_one(label).fqn
        attribute = next(iter(self._attributes.values()))
        return misname(self.namespace, attribute, next(iter(attribute.values.values())))

    def _find_one(self, label: str) -> Value:
        found = self._matching(label)
        if len(found) != 1:
            known = tuple(
                f"{name}/{value}"
                for name, entry in self._attributes.items()
                for value in entry.values
            )
            unknown(label, known, "a label of exactly one attribute of this scenario")
        return found[0]

    def _matching(self, label: str) -> list[Value]:
        return [
            value
            for name, attribute in self._attributes.items()
            for value in attribute.values.values()
            if label in {value.name, f"{name}/{value.name}"}
        ]
