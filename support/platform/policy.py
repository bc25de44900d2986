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
DYNAMIC_MAPPINGS = "policy.dynamicvaluemapping.DynamicValueMappingService"


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


class Comparison(StrEnum):
    """How a dynamic mapping compares the value on a document with a property of somebody."""

    IS = "SUBJECT_MAPPING_OPERATOR_ENUM_IN"
    IS_PART_OF = "SUBJECT_MAPPING_OPERATOR_ENUM_IN_CONTAINS"


@dataclass(frozen=True, slots=True)
class DynamicMapping:
    """Entitles to the values of an attribute that a property names.

    Attributes:
        selector: path to the property.
        gate: a selector, and what that property has to be for the mapping to hold at all.
    """

    selector: str
    comparison: Comparison
    actions: tuple[str, ...]
    gate: tuple[str, str] | None = None


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

    def entitle(
        self,
        value: Value,
        client_id: str,
        actions: Sequence[str],
        namespace: Namespace | None = None,
    ) -> str:
        """Allow a client some actions on what carries `value`; return the condition set's id.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        body = self.try_to_entitle(value, (".clientId", client_id), actions, namespace).required(
            f"entitle the client {client_id} to {value.fqn}"
        )
        return _condition_set_id("CreateSubjectMapping", body, "subjectMapping")

    def try_to_entitle(
        self,
        value: Value,
        condition: tuple[str, str],
        actions: Sequence[str],
        namespace: Namespace | None = None,
    ) -> Answer:
        """Send a mapping and return the answer, whatever it is.

        Args:
            value: what documents carry.
            condition: a selector, and what the property has to be.
            actions: names of actions.
            namespace: where the mapping is to belong; nowhere by default.
        """
        return self._map(value, condition_set(*condition), actions, namespace)

    def map_dynamically(
        self, namespace: Namespace, attribute: Attribute, mapping: DynamicMapping
    ) -> Answer:
        """Entitle to whichever value of an attribute a property names; return the answer.

        The mapping belongs to the attribute's namespace: released platforms do without, but the
        protocol demands it since 0.44.
        """
        message = {
            "namespaceId": namespace.id,
            "attributeDefinitionId": attribute.id,
            "valueResolver": {
                "subjectExternalSelectorValue": mapping.selector,
                "operator": mapping.comparison.value,
            },
            "actions": [{"name": action} for action in mapping.actions],
        }
        if mapping.gate is not None:
            message["newSubjectConditionSet"] = condition_set(*mapping.gate)
        return self._call(DYNAMIC_MAPPINGS, "CreateDynamicValueMapping", message)

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
        body = self.try_to_entitle(value, (selector, wanted), actions).required(
            f"entitle whoever has {selector} {wanted} to {value.fqn}"
        )
        return _condition_set_id("CreateSubjectMapping", body, "subjectMapping")

    def allow_traversal(self, attribute: Attribute) -> None:
        """Let an attribute answer for values that it lacks, so that they can be defined later.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        message = {"id": attribute.id, "allowTraversal": True}
        self._call(UNSAFE, "UnsafeUpdateAttribute", message).required(
            f"let values of {attribute.name} be missing"
        )

    def entitle_under(
        self, value: Value, subject_sets: Sequence[Mapping[str, object]], actions: Sequence[str]
    ) -> str:
        """Allow whoever meets a condition set some actions on `value`; return the set's id.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        answer = self._map(value, {"subjectSets": list(subject_sets)}, actions)
        body = answer.required(f"entitle to {value.fqn}")
        return _condition_set_id("CreateSubjectMapping", body, "subjectMapping")

    def remove_namespace(self, namespace: Namespace) -> Answer:
        """Remove a namespace for good, with its attributes and who is entitled to them."""
        message = {"id": namespace.id, "fqn": namespace.fqn}
        return self._call(UNSAFE, "UnsafeDeleteNamespace", message)

    def remove_condition_set(self, condition_set_id: str) -> Answer:
        """Remove a condition set that no mapping uses any more."""
        return self._call(SUBJECT_MAPPINGS, "DeleteSubjectConditionSet", {"id": condition_set_id})

    def _map(
        self,
        value: Value,
        conditions: Mapping[str, object],
        actions: Sequence[str],
        namespace: Namespace | None = None,
    ) -> Answer:
        message = {
            "attributeValueId": value.id,
            "actions": [{"name": action} for action in actions],
            "newSubjectConditionSet": conditions,
            **({"namespaceId": namespace.id} if namespace else {}),
        }
        return self._call(SUBJECT_MAPPINGS, "CreateSubjectMapping", message)

    def _call(self, service: str, method: str, message: Mapping[str, object]) -> Answer:
        return self._connect.call(service, method, message, token=self._token)


def _condition_set_id(where: str, body: JsonObject, mapping: str) -> str:
    found = member(where, member(where, body, mapping), "subjectConditionSet")
    return text(where, found, "id")


def condition_set(selector: str, wanted: str) -> dict[str, object]:
    """Return the condition set that is met where a property is what is wanted, and nowhere else."""
    condition = {
        "subjectExternalSelectorValue": selector,
        "operator": "SUBJECT_MAPPING_OPERATOR_ENUM_IN",
        "subjectExternalValues": [wanted],
    }
    group = {"booleanOperator": "CONDITION_BOOLEAN_TYPE_ENUM_AND", "conditions": [condition]}
    return {"subjectSets": [{"conditionGroups": [group]}]}
