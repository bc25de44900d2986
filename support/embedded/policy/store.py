"""The policy store: records by id, and the questions that every policy service asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.faults import Fault
from support.embedded.policy.obligation_records import ObligationTables
from support.embedded.policy.records import (
    Action,
    Attribute,
    ConditionSet,
    DynamicMapping,
    KasKey,
    KeyAccessServer,
    Namespace,
    ProviderConfig,
    Record,
    ResourceGroup,
    ResourceMapping,
    SubjectMapping,
    Value,
)
from support.embedded.policy.registered_records import RegisteredTables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from support.embedded.clock import Clock
    from support.embedded.faults import Fault
    from support.embedded.protocol import Message

RESTRICTED = "intended action would violate a restriction"
STANDARD_ACTIONS = ("create", "read", "update", "delete")
R = TypeVar("R", bound=Record)


def missing() -> ConnectError:
    """Return the error for an unknown id, name or FQN."""
    return ConnectError(Code.NOT_FOUND, "resource not found")


def taken() -> ConnectError:
    """Return the error for a name that is in use."""
    return ConnectError(Code.ALREADY_EXISTS, "resource unique field violation")


@dataclass(slots=True)
class PolicyStore:
    """All policy, in memory; insertion order is creation order."""

    clock: Clock
    faults: frozenset[Fault] = frozenset()
    root_key: bytes = b""
    namespaces: dict[str, Namespace] = field(default_factory=dict)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    condition_sets: dict[str, ConditionSet] = field(default_factory=dict)
    subject_mappings: dict[str, SubjectMapping] = field(default_factory=dict)
    resource_groups: dict[str, ResourceGroup] = field(default_factory=dict)
    resource_mappings: dict[str, ResourceMapping] = field(default_factory=dict)
    dynamic_mappings: dict[str, DynamicMapping] = field(default_factory=dict)
    servers: dict[str, KeyAccessServer] = field(default_factory=dict)
    keys: dict[str, KasKey] = field(default_factory=dict)
    providers: dict[str, ProviderConfig] = field(default_factory=dict)
    base_key_id: str = ""
    obligations: ObligationTables = field(default_factory=ObligationTables)
    registered: RegisteredTables = field(default_factory=RegisteredTables)
    deleted_mappings: list[tuple[SubjectMapping, ConditionSet]] = field(default_factory=list)
    first_base_key_id: str = ""

    def __post_init__(self) -> None:
        for name in STANDARD_ACTIONS:
            action = Action(name=name, is_standard=True, **self.times())
            self.actions[action.id] = action

    def refuse_taken(self) -> None:
        """Refuse a name that is in use.

        Raises:
            ConnectError: ``already_exists``.
        """
        if Fault.DUPLICATE_NAME_ACCEPTED not in self.faults:
            raise taken()

    def times(self) -> dict[str, Any]:
        """Return the time fields of a record that comes into being now."""
        now = self.clock.now()
        return {"created": now, "updated": now}

    def attribute_fqn(self, attribute: Attribute) -> str:
        """Return an attribute's fully qualified name."""
        return f"{self.namespaces[attribute.namespace_id].fqn}/attr/{attribute.name}"

    def value_fqn(self, value: Value) -> str:
        """Return a value's fully qualified name."""
        return f"{self.attribute_fqn(self.attributes[value.attribute_id])}/value/{value.value}"

    def resource_group_fqn(self, group: ResourceGroup) -> str:
        """Return a resource mapping group's fully qualified name."""
        return f"{self.namespaces[group.namespace_id].fqn}/resm/{group.name}"

    def namespace_by_fqn(self, fqn: str) -> Namespace | None:
        """Return the namespace of a name, in any case."""
        wanted = fqn.lower()
        return _first(item for item in self.namespaces.values() if item.fqn == wanted)

    def attribute_by_fqn(self, fqn: str) -> Attribute | None:
        """Return the attribute of a name, in any case."""
        wanted = fqn.lower()
        return _first(
            item for item in self.attributes.values() if self.attribute_fqn(item) == wanted
        )

    def value_by_fqn(self, fqn: str) -> Value | None:
        """Return the value of a name, in any case."""
        definition, separator, name = fqn.lower().partition("/value/")
        attribute = self.attribute_by_fqn(definition) if separator else None
        if attribute is None:
            return None
        return _first(value for value in self.values_of(attribute) if value.value == name)

    def values_of(self, attribute: Attribute) -> list[Value]:
        """Return an attribute's values in their order, which a hierarchy's ranks follow."""
        return [self.values[identifier] for identifier in attribute.value_ids]

    def dynamic_mappings_of(self, attribute: Attribute) -> list[DynamicMapping]:
        """Return the dynamic mappings of an attribute."""
        return [
            item for item in self.dynamic_mappings.values() if item.attribute_id == attribute.id
        ]

    def attributes_of(self, namespace: Namespace) -> list[Attribute]:
        """Return the attributes of a namespace."""
        return [item for item in self.attributes.values() if item.namespace_id == namespace.id]

    def is_value_active(self, value: Value) -> bool:
        """Tell whether a value, its attribute and its namespace are all active."""
        attribute = self.attributes[value.attribute_id]
        return value.active and self.is_attribute_active(attribute)

    def is_attribute_active(self, attribute: Attribute) -> bool:
        """Tell whether an attribute and its namespace are active."""
        return attribute.active and self.namespaces[attribute.namespace_id].active

    def action_by_name(self, name: str, namespace_id: str = "") -> Action | None:
        """Return the action of a name; without a namespace, one that belongs to none."""
        wanted = name.lower()
        return _first(
            action
            for action in self.actions.values()
            if action.name == wanted and action.namespace_id == namespace_id
        )

    def namespace_id_of(self, request: Message) -> str:
        """Return the namespace that a request names by id or FQN, or nothing.

        Raises:
            ConnectError: The namespace is unknown.
        """
        if request.namespace_id:
            return find(self.namespaces, request.namespace_id).id
        if request.namespace_fqn:
            namespace = self.namespace_by_fqn(request.namespace_fqn)
            if namespace is None:
                raise missing()
            return namespace.id
        return ""

    def is_in_namespace(self, namespace_id: str, request: Message) -> bool:
        """Tell whether a list that may name a namespace by id or FQN shows a record of another."""
        if request.namespace_id:
            return bool(namespace_id == request.namespace_id)
        if request.namespace_fqn:
            namespace = self.namespace_by_fqn(request.namespace_fqn)
            return namespace is not None and namespace.id == namespace_id
        return True

    def deactivate_namespace(self, namespace: Namespace) -> None:
        """Deactivate a namespace with its attributes and their values."""
        for attribute in self.attributes_of(namespace):
            self.deactivate_attribute(attribute)
        namespace.active = self._stays_active
        namespace.updated = self.clock.now()

    def deactivate_attribute(self, attribute: Attribute) -> None:
        """Deactivate an attribute with its values."""
        now = self.clock.now()
        attribute.active, attribute.updated = self._stays_active, now
        for value in self.values_of(attribute):
            self.deactivate_value(value)

    def deactivate_value(self, value: Value) -> None:
        """Deactivate a value."""
        value.active, value.updated = self._stays_active, self.clock.now()

    @property
    def _stays_active(self) -> bool:
        """Whether deactivating does nothing, which is a fault."""
        return Fault.DEACTIVATION_IGNORED in self.faults

    def delete_namespace(self, namespace: Namespace) -> None:
        """Delete a namespace with all that stands in it."""
        for attribute in self.attributes_of(namespace):
            self.delete_attribute(attribute)
        for conditions in list(self.condition_sets.values()):
            if conditions.namespace_id == namespace.id:
                self.delete_condition_set(conditions)
        for group in list(self.resource_groups.values()):
            if group.namespace_id == namespace.id:
                self.delete_resource_group(group)
        self.resource_mappings = {
            item.id: item
            for item in self.resource_mappings.values()
            if item.namespace_id != namespace.id
        }
        self.actions = {
            item.id: item for item in self.actions.values() if item.namespace_id != namespace.id
        }
        del self.namespaces[namespace.id]
        self.forget_orphans()

    def forget_orphans(self) -> None:
        """Remove the obligations and registered resources of what is gone."""
        self.obligations.forget_orphans(self)
        self.registered.forget_orphans(self)

    def delete_attribute(self, attribute: Attribute) -> None:
        """Delete an attribute with its values."""
        for value in self.values_of(attribute):
            self.delete_value(value)
        for mapping in self.dynamic_mappings_of(attribute):
            del self.dynamic_mappings[mapping.id]
        del self.attributes[attribute.id]

    def delete_condition_set(self, record: ConditionSet) -> None:
        """Delete a condition set with the mappings that use it."""
        mapped = [
            item.id for item in self.subject_mappings.values() if item.condition_set_id == record.id
        ]
        for identifier in mapped:
            self.delete_mapping(self.subject_mappings[identifier])
        self.dynamic_mappings = {
            key: item
            for key, item in self.dynamic_mappings.items()
            if item.condition_set_id != record.id
        }
        del self.condition_sets[record.id]

    def delete_mapping(self, record: SubjectMapping) -> None:
        """Delete a subject mapping."""
        del self.subject_mappings[record.id]
        if Fault.DELETED_MAPPING_ENTITLES in self.faults:
            self.deleted_mappings.append((record, self.condition_sets[record.condition_set_id]))

    def delete_resource_group(self, record: ResourceGroup) -> None:
        """Delete a group of resource mappings, which stay."""
        for mapping in self.resource_mappings.values():
            if mapping.group_id == record.id:
                mapping.group_id = ""
        del self.resource_groups[record.id]

    def owners_of_keys(self) -> tuple[Mapping[str, Namespace | Attribute | Value], ...]:
        """Return all that keys can be assigned to: namespaces, attributes, values."""
        return self.namespaces, self.attributes, self.values

    def delete_key(self, key: KasKey) -> None:
        """Delete a key with all its assignments."""
        for table in self.owners_of_keys():
            for owner in table.values():
                if key.id in owner.key_ids:
                    owner.key_ids.remove(key.id)
        del self.keys[key.id]

    def delete_value(self, value: Value) -> None:
        """Delete a value with its subject and resource mappings."""
        self.resource_mappings = {
            item.id: item for item in self.resource_mappings.values() if item.value_id != value.id
        }
        mapped = [item.id for item in self.subject_mappings.values() if item.value_id == value.id]
        for identifier in mapped:
            del self.subject_mappings[identifier]
        self.attributes[value.attribute_id].value_ids.remove(value.id)
        del self.values[value.id]
        self.forget_orphans()


def find(table: dict[str, R], identifier: str) -> R:
    """Return a record by id.

    Raises:
        ConnectError: ``not_found``.
    """
    try:
        return table[identifier.lower()]
    except KeyError:
        raise missing() from None


def _first(items: Iterable[R]) -> R | None:
    return next(iter(items), None)
