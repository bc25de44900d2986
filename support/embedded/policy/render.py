"""Records as messages of the protocol."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.faults import Fault
from support.embedded.policy.key_material import told_unsealed

if TYPE_CHECKING:
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
    from support.embedded.policy.store import PolicyStore
    from support.embedded.protocol import Message, Protocol

_HIDING = {
    "Namespace": Fault.NAMESPACE_KEY_NOT_SERVED,
    "Attribute": Fault.DEFINITION_KEY_NOT_SERVED,
    "Value": Fault.VALUE_KEY_NOT_SERVED,
}


@dataclass(frozen=True, slots=True)
class Renderer:
    """Makes messages; what a message embeds depends on the procedure, so the caller says."""

    protocol: Protocol
    store: PolicyStore

    def new(self, name: str) -> Message:
        """Return an empty message of the ``policy`` package."""
        return self.protocol.message(f"policy.{name}")()

    def metadata(self, record: Record, into: Message) -> None:
        """Fill in when a record came into being and its labels."""
        into.metadata.created_at.FromDatetime(record.created.replace(tzinfo=None))
        into.metadata.updated_at.FromDatetime(record.updated.replace(tzinfo=None))
        into.metadata.labels.update(record.labels)

    def namespace(self, record: Namespace, *, metadata: bool = True) -> Message:
        """Return a namespace."""
        message = self.new("Namespace")
        message.id, message.name, message.fqn = record.id, record.name, record.fqn
        message.active.value = record.active
        message.kas_keys.extend(self.assigned_keys(record))
        if metadata:
            self.metadata(record, message)
        return message

    def attribute(
        self,
        record: Attribute,
        *,
        metadata: bool = True,
        mappings: bool = False,
        active_values_only: bool = False,
    ) -> Message:
        """Return an attribute definition with its namespace and values, and what is asked for."""
        message = self.new("Attribute")
        message.id, message.name, message.rule = record.id, record.name, record.rule
        message.fqn = self.store.attribute_fqn(record)
        message.active.value = record.active
        message.allow_traversal.value = record.allow_traversal
        namespace = self.store.namespaces[record.namespace_id]
        self._namespace_reference(namespace.id, message)
        message.namespace.kas_keys.extend(self.assigned_keys(namespace))
        message.kas_keys.extend(self.assigned_keys(record))
        message.values.extend(
            self.value(value, metadata=False, mappings=mappings)
            for value in self.store.values_of(record)
            if value.active or not active_values_only
        )
        if metadata:
            self.metadata(record, message)
        return message

    def value(
        self,
        record: Value,
        *,
        metadata: bool = True,
        attribute: bool = False,
        mappings: bool = False,
    ) -> Message:
        """Return a value; its attribute and its subject mappings if asked for."""
        message = self.new("Value")
        message.id, message.value = record.id, record.value
        message.fqn = self.store.value_fqn(record)
        message.active.value = record.active
        message.kas_keys.extend(self.assigned_keys(record))
        if attribute:
            message.attribute.id = record.attribute_id
        if mappings:
            message.subject_mappings.extend(
                self.subject_mapping(mapping, value=False, metadata=False)
                for mapping in self.store.subject_mappings.values()
                if mapping.value_id == record.id
            )
        if metadata:
            self.metadata(record, message)
        return message

    def action(self, record: Action, *, metadata: bool = False) -> Message:
        """Return an action."""
        message = self.new("Action")
        message.id, message.name = record.id, record.name
        self._namespace_reference(record.namespace_id, message)
        if metadata:
            self.metadata(record, message)
        return message

    def condition_set(self, record: ConditionSet, *, metadata: bool = True) -> Message:
        """Return a subject condition set."""
        message = self.new("SubjectConditionSet")
        message.id = record.id
        message.subject_sets.extend(record.subject_sets)
        self._namespace_reference(record.namespace_id, message)
        if metadata:
            self.metadata(record, message)
        return message

    def subject_mapping(
        self, record: SubjectMapping, *, value: bool = True, metadata: bool = True
    ) -> Message:
        """Return a subject mapping with its condition set, its actions and, if asked, its value."""
        message = self.new("SubjectMapping")
        message.id = record.id
        if value:
            mapped = self.store.values[record.value_id]
            message.attribute_value.CopyFrom(self.value(mapped, metadata=False))
        conditions = self.store.condition_sets[record.condition_set_id]
        message.subject_condition_set.CopyFrom(self.condition_set(conditions, metadata=metadata))
        message.actions.extend(
            self.action(self.store.actions[identifier]) for identifier in record.action_ids
        )
        self._namespace_reference(record.namespace_id, message)
        if metadata:
            self.metadata(record, message)
        return message

    def resource_group(self, record: ResourceGroup, *, metadata: bool = True) -> Message:
        """Return a group of resource mappings."""
        message = self.new("ResourceMappingGroup")
        message.id, message.name, message.namespace_id = record.id, record.name, record.namespace_id
        message.fqn = self.store.resource_group_fqn(record)
        if metadata:
            self.metadata(record, message)
        return message

    def resource_mapping(self, record: ResourceMapping, *, group: bool = True) -> Message:
        """Return a resource mapping with the names of its value and its namespace."""
        message = self.new("ResourceMapping")
        message.id = record.id
        value = self.store.values[record.value_id]
        message.attribute_value.id, message.attribute_value.value = value.id, value.value
        message.attribute_value.fqn = self.store.value_fqn(value)
        message.terms.extend(record.terms)
        if group and record.group_id:
            owner = self.store.resource_groups[record.group_id]
            message.group.CopyFrom(self.resource_group(owner, metadata=False))
        self._namespace_reference(record.namespace_id, message)
        self.metadata(record, message)
        return message

    def dynamic_mapping(self, record: DynamicMapping) -> Message:
        """Return a dynamic mapping with its attribute, its actions and its condition set."""
        message = self.new("DynamicValueMapping")
        message.id = record.id
        attribute = self.attribute(self.store.attributes[record.attribute_id])
        message.attribute_definition.CopyFrom(attribute)
        message.value_resolver.subject_external_selector_value = record.selector
        message.value_resolver.operator = record.operator
        if record.condition_set_id:
            conditions = self.store.condition_sets[record.condition_set_id]
            message.subject_condition_set.CopyFrom(self.condition_set(conditions))
        message.actions.extend(
            self.action(self.store.actions[identifier]) for identifier in record.action_ids
        )
        self._namespace_reference(record.namespace_id, message)
        self.metadata(record, message)
        return message

    def server(self, record: KeyAccessServer) -> Message:
        """Return a registered KAS with its active keys."""
        message = self.new("KeyAccessServer")
        message.id, message.uri, message.name = record.id, record.uri, record.name
        message.source_type = record.source_type
        message.public_key.SetInParent()
        if record.public_key is not None:
            message.public_key.CopyFrom(record.public_key)
        message.kas_keys.extend(
            self.simple_key(key) for key in self.store.keys.values() if key.kas_id == record.id
        )
        self.metadata(record, message)
        return message

    def assigned_keys(self, owner: Namespace | Attribute | Value) -> list[Message]:
        """Return the short form of the keys that protect data of a namespace and so on."""
        if _HIDING[type(owner).__name__] in self.store.faults:
            return []
        return [self.simple_key(self.store.keys[identifier]) for identifier in owner.key_ids]

    def simple_key(self, record: KasKey) -> Message:
        """Return a key as clients use it: where, which, and the public part."""
        message = self.new("SimpleKasKey")
        message.kas_id = record.kas_id
        message.kas_uri = self.store.servers[record.kas_id].uri
        message.public_key.algorithm = record.algorithm
        message.public_key.kid = record.kid
        message.public_key.pem = record.pem
        return message

    def kas_key(self, record: KasKey, *, manager: bool = True) -> Message:
        """Return a key as administrators see it; lists leave out the manager of its provider."""
        message = self.new("KasKey")
        message.kas_id = record.kas_id
        message.kas_uri = self.store.servers[record.kas_id].uri
        key = message.key
        key.id, key.key_id, key.legacy = record.id, record.kid, record.legacy
        key.key_algorithm, key.key_status, key.key_mode = (
            record.algorithm,
            record.status,
            record.mode,
        )
        key.public_key_ctx.pem = base64.b64encode(record.pem.encode()).decode()
        if record.private_key is not None:
            key.private_key_ctx.CopyFrom(record.private_key)
            if Fault.PRIVATE_KEY_TOLD in self.store.faults:
                sealed = record.private_key.wrapped_key
                key.private_key_ctx.wrapped_key = told_unsealed(sealed, self.store.root_key)
        if record.provider_config_id:
            provider = self.provider(self.store.providers[record.provider_config_id])
            key.provider_config.CopyFrom(provider)
            if not manager:
                key.provider_config.ClearField("manager")
        self.metadata(record, key)
        return message

    def provider(self, record: ProviderConfig) -> Message:
        """Return a provider of keys."""
        message = self.new("KeyProviderConfig")
        message.id, message.name, message.manager = record.id, record.name, record.manager
        message.config_json = record.config
        self.metadata(record, message)
        return message

    def _namespace_reference(self, namespace_id: str, message: Message) -> None:
        if namespace_id:
            namespace = self.store.namespaces[namespace_id]
            message.namespace.id = namespace.id
            message.namespace.name = namespace.name
            message.namespace.fqn = namespace.fqn
