"""``policy.attributes.AttributesService``: values, and the look-ups that SDKs make by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.calls import invalid_argument
from support.embedded.decisions import Rule
from support.embedded.faults import Fault
from support.embedded.policy.assignments import assign_key, no_grant, remove_key, unimplemented
from support.embedded.policy.attributes import PACKAGE, SERVICE
from support.embedded.policy.base import PolicyService, labels_of, relation_invalid
from support.embedded.policy.records import Value
from support.embedded.policy.store import find, missing

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.policy.records import Attribute, Namespace
    from support.embedded.protocol import Message

KIND = "attribute_value"
KEY_KIND = "kas_attribute_value_key_assignment"
GRANT_KIND = "kas_attribute_value_assignment"
LIST_VALUES_REMOVED = "deprecated: ListAttributeValues has been removed. Use GetAttribute instead"


@dataclass(frozen=True, slots=True)
class ValueService(PolicyService):
    """Attribute values."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/GetAttributeValue": self.get,
            f"{SERVICE}/ListAttributeValues": self.list_page,
            f"{SERVICE}/GetAttributeValuesByFqns": self.by_fqns,
            f"{SERVICE}/GetKeyMappingsByFqns": self.keys_by_fqns,
            f"{SERVICE}/GetEntitleableAttributesByFqns": self.entitleable_by_fqns,
            f"{SERVICE}/CreateAttributeValue": self.create,
            f"{SERVICE}/UpdateAttributeValue": self.update,
            f"{SERVICE}/DeactivateAttributeValue": self.deactivate,
            f"{SERVICE}/AssignPublicKeyToValue": self.assign_public_key,
            f"{SERVICE}/RemovePublicKeyFromValue": self.remove_public_key,
            f"{SERVICE}/AssignKeyAccessServerToValue": unimplemented,
            f"{SERVICE}/RemoveKeyAccessServerFromValue": self.remove_grant,
        }

    def get(self, request: Message, _call: Call) -> Message:
        """Return one value by id or name; the name's case counts."""
        if request.fqn:
            record = self.store.value_by_fqn(request.fqn)
            if record is None or self.store.value_fqn(record) != request.fqn:
                raise missing()
        else:
            record = find(self.store.values, request.id or request.value_id)
        response = self.response(f"{PACKAGE}.GetAttributeValueResponse")
        response.value.CopyFrom(self.renderer.value(record, attribute=True))
        return response

    def list_page(self, _request: Message, _call: Call) -> Message:
        """Refuse: the platform has removed this procedure."""
        raise ConnectError(Code.UNIMPLEMENTED, LIST_VALUES_REMOVED)

    def by_fqns(self, request: Message, _call: Call) -> Message:
        """Return attributes and values by names; one bad name fails the whole call."""
        response = self.response(f"{PACKAGE}.GetAttributeValuesByFqnsResponse")
        for name in request.fqns:
            attribute, value = self._resolve(name)
            entry = response.fqn_attribute_values[name.lower()]
            entry.attribute.CopyFrom(
                self.renderer.attribute(
                    attribute, metadata=False, mappings=True, active_values_only=True
                )
            )
            entry.attribute.namespace.active.value = True
            if value is not None:
                entry.value.CopyFrom(self.renderer.value(value, metadata=False, mappings=True))
        return response

    def keys_by_fqns(self, request: Message, _call: Call) -> Message:
        """Return the keys to wrap with, by names of values: the nearest level that has some."""
        response = self.response(f"{PACKAGE}.GetKeyMappingsByFqnsResponse")
        for name in request.fqns:
            attribute, value = self._resolve(name)
            namespace = self.store.namespaces[attribute.namespace_id]
            levels: list[Namespace | Attribute | Value] = [
                *([value] if value else []),
                attribute,
                namespace,
            ]
            if Fault.DEFINITION_KEY_BEFORE_VALUE_KEY in self.store.faults:
                levels.reverse()
            mapping = response.fqn_key_mappings[name.lower()]
            mapping.rule = attribute.rule
            told = (self.renderer.assigned_keys(level) for level in levels)
            mapping.keys.extend(next((keys for keys in told if keys), []))
        return response

    def entitleable_by_fqns(self, request: Message, _call: Call) -> Message:
        """Return what decisions need of values, by names: the rule, and who is entitled."""
        response = self.response(f"{PACKAGE}.GetEntitleableAttributesByFqnsResponse")
        for name in request.fqns:
            attribute, value = self._resolve(name)
            own = self.store.attribute_fqn(attribute)
            if own not in response.definitions:
                namespace = self.store.namespaces[attribute.namespace_id]
                definition = response.definitions[own]
                definition.rule = attribute.rule
                definition.namespace.id = namespace.id
                definition.namespace.name = namespace.name
                definition.namespace.fqn = namespace.fqn
                if attribute.rule == Rule.HIERARCHY:  # what is above a value entitles to it, too
                    for one in self.store.values_of(attribute):
                        if one.active:
                            self._entitleable(one, definition.values.add())
            entry = response.fqn_entitleable_attributes[name.lower()]
            entry.definition_fqn, entry.value.fqn = own, name.lower()
            if value is not None:
                self._entitleable(value, entry.value)
        return response

    def _entitleable(self, record: Value, message: Message) -> None:
        told = self.renderer.value(record, metadata=False, mappings=True)
        message.fqn, message.value_id = told.fqn, told.id
        message.subject_mappings.extend(told.subject_mappings)

    def _resolve(self, name: str) -> tuple[Attribute, Value | None]:
        """Return what a name stands for; a traversable attribute answers for missing values."""
        value = self.store.value_by_fqn(name)
        if value is None:
            definition, separator, rest = name.lower().partition("/value/")
            attribute = self.store.attribute_by_fqn(definition) if separator and rest else None
            traversed = Fault.MISSING_VALUE_WITHOUT_DEFINITION not in self.store.faults
            if attribute is None or not (attribute.allow_traversal and traversed):
                raise missing()
        else:
            attribute = self.store.attributes[value.attribute_id]
        if not self.store.is_attribute_active(attribute):
            raise missing()
        if value is not None and not value.active:
            raise invalid_argument("inactive attribute value")
        return attribute, value

    def create(self, request: Message, call: Call) -> Message:
        """Create a value, last in its attribute's order."""
        response = self.response(f"{PACKAGE}.CreateAttributeValueResponse")
        with self.change(call, "create", KIND) as change:
            attribute = self.store.attributes.get(request.attribute_id)
            if attribute is None:
                raise relation_invalid()
            name = request.value.lower()
            if any(item.value == name for item in self.store.values_of(attribute)):
                self.store.refuse_taken()
            record = Value(
                attribute_id=attribute.id,
                value=name,
                labels=labels_of(request),
                **self.store.times(),
            )
            self.store.values[record.id] = record
            attribute.value_ids.append(record.id)
            response.value.CopyFrom(self.renderer.value(record, attribute=True))
            change.object_id, change.original = record.id, response.value
        return response

    def update(self, request: Message, call: Call) -> Message:
        """Change a value's labels."""
        response = self.response(f"{PACKAGE}.UpdateAttributeValueResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.values, request.id)
            change.original = self.renderer.value(record, attribute=True)
            self.update_labels(record, request)
            change.updated = self.renderer.value(record, attribute=True)
        response.value.id = record.id
        return response

    def deactivate(self, request: Message, call: Call) -> Message:
        """Deactivate a value."""
        response = self.response(f"{PACKAGE}.DeactivateAttributeValueResponse")
        with self.change(call, "delete", KIND, request.id) as change:
            record = find(self.store.values, request.id)
            change.original = self.renderer.value(record, attribute=True)
            self.store.deactivate_value(record)
            change.updated = self.renderer.value(record, attribute=True)
        response.value.id = record.id
        response.value.active.value = record.active
        return response

    def assign_public_key(self, request: Message, call: Call) -> Message:
        """Let a key protect data of a value."""
        wanted = request.value_key
        response = self.response(f"{PACKAGE}.AssignPublicKeyToValueResponse")
        with self.change(call, "create", KEY_KIND) as change:
            assign_key(self.store, self.store.values, wanted.value_id, wanted.key_id)
            response.value_key.CopyFrom(wanted)
            change.object_id, change.original = wanted.value_id, response.value_key
        return response

    def remove_public_key(self, request: Message, call: Call) -> Message:
        """Take a key away from a value."""
        wanted = request.value_key
        response = self.response(f"{PACKAGE}.RemovePublicKeyFromValueResponse")
        with self.change(call, "delete", KEY_KIND, wanted.value_id) as change:
            remove_key(self.store.values, wanted.value_id, wanted.key_id)
            response.value_key.CopyFrom(wanted)
            change.original = response.value_key
        return response

    def remove_grant(self, request: Message, call: Call) -> Message:
        """Refuse to take a grant of old away, and record that somebody wanted it."""
        wanted = request.value_key_access_server
        with self.change(call, "delete", GRANT_KIND):
            raise no_grant(wanted.value_id, wanted.key_access_server_id)
