"""Writing policy: namespaces, attributes, values and who is entitled to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from support.platform.connect import Answer, ConnectClient
from support.platform.shape import JsonObject, member, members, text, unexpected

NAMESPACES = "policy.namespaces.NamespaceService"
ATTRIBUTES = "policy.attributes.AttributesService"
UNSAFE = "policy.unsafe.UnsafeService"
SUBJECT_MAPPINGS = "policy.subjectmapping.SubjectMappingService"


class Rule(StrEnum):
    """How the values of one attribute on a document combine."""

    ANY_OF = "ATTRIBUTE_RULE_TYPE_ENUM_ANY_OF"
    ALL_OF = "ATTRIBUTE_RULE_TYPE_ENUM_ALL_OF"
    HIERARCHY = "ATTRIBUTE_RULE_TYPE_ENUM_HIERARCHY"


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace as the platform stored it."""

    id: str
    name: str
    fqn: str


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an attribute; `fqn` is the name that documents carry."""

    id: str
    name: str
    fqn: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute with its values, the highest first where the rule is a hierarchy."""

    id: str
    name: str
    rule: Rule
    values: Mapping[str, Value]


def stored_namespace(where: str, body: JsonObject) -> Namespace:
    """Return the namespace in an answer.

    Raises:
        EnvironmentUnfitError: the answer has another shape.
    """
    found = member(where, body, "namespace")
    return Namespace(
        text(where, found, "id"), text(where, found, "name"), text(where, found, "fqn")
    )


class PolicyAuthor:
    """Writes policy with the token of a role that may."""

    def __init__(self, connect: ConnectClient, token: str) -> None:
        self._connect = connect
        self._token = token

    def create_namespace(self, name: str) -> Namespace:
        """Create a namespace; `name` is a host name that nobody uses yet.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        where = "CreateNamespace"
        body = self._call(NAMESPACES, where, {"name": name}).required(f"create namespace {name}")
        return stored_namespace(where, body)

    def create_attribute(
        self, namespace: Namespace, name: str, rule: Rule, values: Sequence[str]
    ) -> Attribute:
        """Create an attribute with its values; a hierarchy names the highest value first.

        Raises:
            EnvironmentUnfitError: the platform refuses, or stores something else.
        """
        where = "CreateAttribute"
        message = {
            "namespaceId": namespace.id,
            "name": name,
            "rule": rule.value,
            "values": list(values),
        }
        body = self._call(ATTRIBUTES, where, message).required(f"create attribute {name}")
        found = member(where, body, "attribute")
        stored = {
            text(where, value, "value"): Value(
                text(where, value, "id"), text(where, value, "value"), text(where, value, "fqn")
            )
            for value in members(where, found, "values")
        }
        if list(stored) != list(values) or found.get("rule") != rule.value:
            unexpected(where, found, f"{rule.value} with the values {list(values)} in this order")
        return Attribute(text(where, found, "id"), name, rule, stored)

    def entitle(self, value: Value, client_id: str, actions: Sequence[str]) -> str:
        """Allow a client some actions on what carries `value`; return the condition set's id.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        return self.entitle_where(value, ".clientId", client_id, actions)

    def entitle_where(
        self, value: Value, selector: str, wanted: str, actions: Sequence[str]
    ) -> str:
        """Allow whoever has a property some actions on `value`; return the condition set's id.

        Args:
            value: what documents carry.
            selector: path into what is known of somebody, such as `.attributes.group[]`.
            wanted: what the property has to be.
            actions: names of actions.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        where = "CreateSubjectMapping"
        message = {
            "attributeValueId": value.id,
            "actions": [{"name": action} for action in actions],
            "newSubjectConditionSet": {"subjectSets": [_holds(selector, wanted)]},
        }
        body = self._call(SUBJECT_MAPPINGS, where, message).required(
            f"entitle whoever has {selector} {wanted} to {value.fqn}"
        )
        mapping = member(where, body, "subjectMapping")
        return text(where, member(where, mapping, "subjectConditionSet"), "id")

    def remove_namespace(self, namespace: Namespace) -> Answer:
        """Remove a namespace for good, with its attributes and who is entitled to them."""
        message = {"id": namespace.id, "fqn": namespace.fqn}
        return self._call(UNSAFE, "UnsafeDeleteNamespace", message)

    def remove_condition_set(self, condition_set_id: str) -> Answer:
        """Remove a condition set that no mapping uses any more."""
        return self._call(SUBJECT_MAPPINGS, "DeleteSubjectConditionSet", {"id": condition_set_id})

    def _call(self, service: str, method: str, message: Mapping[str, object]) -> Answer:
        return self._connect.call(service, method, message, token=self._token)


def _holds(selector: str, wanted: str) -> dict[str, object]:
    """Return the subject set that holds where a property is what is wanted, and nowhere else."""
    condition = {
        "subjectExternalSelectorValue": selector,
        "operator": "SUBJECT_MAPPING_OPERATOR_ENUM_IN",
        "subjectExternalValues": [wanted],
    }
    group = {"booleanOperator": "CONDITION_BOOLEAN_TYPE_ENUM_AND", "conditions": [condition]}
    return {"conditionGroups": [group]}
