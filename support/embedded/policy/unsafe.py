"""``policy.unsafe.UnsafeService``: renaming, reactivating and deleting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from support.embedded.calls import invalid_argument
from support.embedded.faults import Fault
from support.embedded.policy.base import PolicyService
from support.embedded.policy.records import Attribute, Namespace, Value
from support.embedded.policy.store import find, missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.embedded.calls import Call, Handler
    from support.embedded.policy.base import Change
    from support.embedded.protocol import Message

SERVICE = "/policy.unsafe.UnsafeService"
PACKAGE = "policy.unsafe"
NAMESPACE = "namespace"
ATTRIBUTE = "attribute_definition"
VALUE = "attribute_value"

Activatable = TypeVar("Activatable", Namespace, Attribute, Value)


@dataclass(frozen=True, slots=True)
class UnsafeService(PolicyService):
    """Changes that can make data unreadable; the answers hold ids alone."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/UnsafeUpdateNamespace": self.update_namespace,
            f"{SERVICE}/UnsafeReactivateNamespace": self.reactivate_namespace,
            f"{SERVICE}/UnsafeDeleteNamespace": self.delete_namespace,
            f"{SERVICE}/UnsafeUpdateAttribute": self.update_attribute,
            f"{SERVICE}/UnsafeReactivateAttribute": self.reactivate_attribute,
            f"{SERVICE}/UnsafeDeleteAttribute": self.delete_attribute,
            f"{SERVICE}/UnsafeUpdateAttributeValue": self.update_value,
            f"{SERVICE}/UnsafeReactivateAttributeValue": self.reactivate_value,
            f"{SERVICE}/UnsafeDeleteAttributeValue": self.delete_value,
        }

    def update_namespace(self, request: Message, call: Call) -> Message:
        """Rename a namespace, and so every name below it."""
        with self.change(call, "update", NAMESPACE, request.id) as change:
            record = find(self.store.namespaces, request.id)
            change.original = self.renderer.namespace(record)
            name = request.name.lower()
            if any(item.name == name for item in self.store.namespaces.values()):
                self.store.refuse_taken()
            record.name = name
            self.touch(record)
            change.updated = self.renderer.namespace(record)
        return self._answer("UnsafeUpdateNamespaceResponse", NAMESPACE, record.id)

    def reactivate_namespace(self, request: Message, call: Call) -> Message:
        """Reactivate a namespace alone: what stands in it stays as it is."""
        with self.change(call, "update", NAMESPACE, request.id) as change:
            record = find(self.store.namespaces, request.id)
            self._reactivate(change, record, self.renderer.namespace)
        return self._answer("UnsafeReactivateNamespaceResponse", NAMESPACE, record.id)

    def delete_namespace(self, request: Message, call: Call) -> Message:
        """Delete a namespace whose name is given as proof of intent, and all that stands in it."""
        with self.change(call, "delete", NAMESPACE, request.id) as change:
            record = find(self.store.namespaces, request.id)
            if record.fqn != request.fqn:
                raise missing()
            change.original = self.renderer.namespace(record)
            self.store.delete_namespace(record)
        return self._answer("UnsafeDeleteNamespaceResponse", NAMESPACE, record.id)

    def update_attribute(self, request: Message, call: Call) -> Message:
        """Rename an attribute, change its rule, or reorder its values."""
        with self.change(call, "update", ATTRIBUTE, request.id) as change:
            record = find(self.store.attributes, request.id)
            change.original = self.renderer.attribute(record)
            self._rename_attribute(record, request.name.lower())
            if request.values_order:
                if sorted(request.values_order) != sorted(record.value_ids):
                    raise invalid_argument("resource relation invalid")
                record.value_ids = list(request.values_order)
            record.rule = request.rule or record.rule
            if request.HasField("allow_traversal"):
                record.allow_traversal = request.allow_traversal.value
            self.touch(record)
            change.updated = self.renderer.attribute(record)
        return self._answer("UnsafeUpdateAttributeResponse", "attribute", record.id)

    def _rename_attribute(self, record: Attribute, name: str) -> None:
        if not name or name == record.name:
            return
        siblings = self.store.attributes_of(self.store.namespaces[record.namespace_id])
        if any(item.name == name for item in siblings):
            self.store.refuse_taken()
        record.name = name

    def reactivate_attribute(self, request: Message, call: Call) -> Message:
        """Reactivate an attribute alone."""
        with self.change(call, "update", ATTRIBUTE, request.id) as change:
            record = find(self.store.attributes, request.id)
            self._reactivate(change, record, self.renderer.attribute)
        return self._answer("UnsafeReactivateAttributeResponse", "attribute", record.id)

    def delete_attribute(self, request: Message, call: Call) -> Message:
        """Delete an attribute whose name is given as proof of intent."""
        with self.change(call, "delete", ATTRIBUTE, request.id) as change:
            record = find(self.store.attributes, request.id)
            if self.store.attribute_fqn(record) != request.fqn:
                raise missing()
            change.original = self.renderer.attribute(record)
            self.store.delete_attribute(record)
        return self._answer("UnsafeDeleteAttributeResponse", "attribute", record.id)

    def update_value(self, request: Message, call: Call) -> Message:
        """Rename a value."""
        with self.change(call, "update", VALUE, request.id) as change:
            record = find(self.store.values, request.id)
            change.original = self.renderer.value(record)
            name = request.value.lower()
            siblings = self.store.values_of(self.store.attributes[record.attribute_id])
            if any(item.value == name for item in siblings if item is not record):
                self.store.refuse_taken()
            record.value = name
            self.touch(record)
            change.updated = self.renderer.value(record)
        return self._answer("UnsafeUpdateAttributeValueResponse", "value", record.id)

    def reactivate_value(self, request: Message, call: Call) -> Message:
        """Reactivate a value alone."""
        with self.change(call, "update", VALUE, request.id) as change:
            record = find(self.store.values, request.id)
            self._reactivate(change, record, self.renderer.value)
        return self._answer("UnsafeReactivateAttributeValueResponse", "value", record.id)

    def delete_value(self, request: Message, call: Call) -> Message:
        """Delete a value whose name is given as proof of intent."""
        with self.change(call, "delete", VALUE, request.id) as change:
            record = find(self.store.values, request.id)
            if self.store.value_fqn(record) != request.fqn:
                raise missing()
            change.original = self.renderer.value(record)
            self.store.delete_value(record)
        return self._answer("UnsafeDeleteAttributeValueResponse", "value", record.id)

    def _reactivate(
        self, change: Change, record: Activatable, render: Callable[[Activatable], Message]
    ) -> None:
        change.original = render(record)
        record.active = Fault.REACTIVATION_IGNORED not in self.store.faults
        self.touch(record)
        change.updated = render(record)

    def _answer(self, name: str, field: str, identifier: str) -> Message:
        response = self.response(f"{PACKAGE}.{name}")
        getattr(response, field).id = identifier
        return response
