"""``policy.registeredresources.RegisteredResourcesService``: values and what they are tied to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.calls import invalid_argument
from support.embedded.policy.base import PolicyService, labels_of, relation_invalid
from support.embedded.policy.paging import page
from support.embedded.policy.records import Action
from support.embedded.policy.registered_messages import resource_value_message
from support.embedded.policy.registered_records import (
    RegisteredResourceValue,
    ResourceName,
    find_by_name,
)
from support.embedded.policy.registered_resources import PACKAGE, SERVICE
from support.embedded.policy.store import find, missing, taken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.embedded.calls import Call, Handler
    from support.embedded.policy.records import Value
    from support.embedded.policy.registered_records import RegisteredResource
    from support.embedded.protocol import Message

KIND = "registered_resource_value"


@dataclass(frozen=True, slots=True)
class RegisteredValueService(PolicyService):
    """Values of registered resources."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/CreateRegisteredResourceValue": self.create,
            f"{SERVICE}/GetRegisteredResourceValue": self.get,
            f"{SERVICE}/GetRegisteredResourceValuesByFQNs": self.by_fqns,
            f"{SERVICE}/ListRegisteredResourceValues": self.list_page,
            f"{SERVICE}/UpdateRegisteredResourceValue": self.update,
            f"{SERVICE}/DeleteRegisteredResourceValue": self.delete,
        }

    def get(self, request: Message, _call: Call) -> Message:
        """Return one value by id or name."""
        if request.fqn:
            record = self._named(request.fqn)
        else:
            record = find(self.store.registered.values, request.id)
        response = self.response(f"{PACKAGE}.GetRegisteredResourceValueResponse")
        response.value.CopyFrom(resource_value_message(self.renderer, record))
        return response

    def by_fqns(self, request: Message, _call: Call) -> Message:
        """Return values by names; one bad name fails the whole call."""
        response = self.response(f"{PACKAGE}.GetRegisteredResourceValuesByFQNsResponse")
        for name in request.fqns:
            entry = response.fqn_value_map[name.lower()]
            entry.CopyFrom(resource_value_message(self.renderer, self._named(name)))
        return response

    def list_page(self, request: Message, _call: Call) -> Message:
        """List values, of one resource or of all, newest first."""
        chosen = [
            item
            for item in reversed(self.store.registered.values.values())
            if request.resource_id in {"", item.resource_id}
        ]
        response = self.response(f"{PACKAGE}.ListRegisteredResourceValuesResponse")
        response.values.extend(
            resource_value_message(self.renderer, item)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def create(self, request: Message, call: Call) -> Message:
        """Create a value and tie it to actions on attribute values."""
        response = self.response(f"{PACKAGE}.CreateRegisteredResourceValueResponse")
        with self.change(call, "create", KIND) as change:
            resource = self.store.registered.resources.get(request.resource_id)
            if resource is None:
                raise relation_invalid()
            value = request.value.lower()
            self._check_free(resource, value)
            record = RegisteredResourceValue(
                resource_id=resource.id,
                value=value,
                pairs=self._pairs(resource, request.action_attribute_values),
                labels=labels_of(request),
                **self.store.times(),
            )
            self.store.registered.values[record.id] = record
            response.value.CopyFrom(resource_value_message(self.renderer, record))
            change.object_id, change.original = record.id, response.value
        return response

    def update(self, request: Message, call: Call) -> Message:
        """Rename a value, tie it anew if something is given, or change its labels."""
        response = self.response(f"{PACKAGE}.UpdateRegisteredResourceValueResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.registered.values, request.id)
            change.original = resource_value_message(self.renderer, record)
            resource = self.store.registered.resources[record.resource_id]
            value = request.value.lower() or record.value
            if value != record.value:
                self._check_free(resource, value)
            pairs = self._pairs(resource, request.action_attribute_values)
            self.update_labels(record, request)
            record.value, record.pairs = value, pairs or record.pairs
            self.touch(record)
            response.value.CopyFrom(resource_value_message(self.renderer, record))
            change.updated = response.value
        return response

    def delete(self, request: Message, call: Call) -> Message:
        """Delete a value; the answer tells all of it."""
        response = self.response(f"{PACKAGE}.DeleteRegisteredResourceValueResponse")
        with self.change(call, "delete", KIND, request.id):
            record = find(self.store.registered.values, request.id)
            response.value.CopyFrom(resource_value_message(self.renderer, record))
            del self.store.registered.values[record.id]
        return response

    def _named(self, fqn: str) -> RegisteredResourceValue:
        name = ResourceName.parse(fqn)
        if name is None:
            raise ConnectError(Code.INTERNAL, "resource retrieval failed")
        record = find_by_name(self.store, name)
        if record is None:
            raise missing()
        return record

    def _check_free(self, resource: RegisteredResource, value: str) -> None:
        if any(item.value == value for item in self.store.registered.values_of(resource)):
            raise taken()

    def _pairs(
        self, resource: RegisteredResource, wanted: Iterable[Message]
    ) -> list[tuple[str, str]]:
        """Return the ids of actions and attribute values; those of a namespace stay in it."""
        pairs: list[tuple[str, str]] = []
        for message in wanted:
            action = self._action(message, resource)
            value = self._attribute_value(message, resource)
            owner = self.store.attributes[value.attribute_id].namespace_id
            apart = bool(resource.namespace_id) and owner != resource.namespace_id
            if apart or action.namespace_id != resource.namespace_id:
                raise invalid_argument("namespace mismatch")
            self.store.actions.setdefault(action.id, action)
            pairs.append((action.id, value.id))
        if len(set(pairs)) != len(pairs):
            raise taken()
        return pairs

    def _action(self, message: Message, resource: RegisteredResource) -> Action:
        if message.action_id:
            action = self.store.actions.get(message.action_id)
            if action is None:
                raise ConnectError(Code.INTERNAL, "resource creation failed")
            return action
        name, namespace_id = message.action_name.lower(), resource.namespace_id
        return self.store.action_by_name(name, namespace_id) or Action(
            name=name, namespace_id=namespace_id, **self.store.times()
        )

    def _attribute_value(self, message: Message, resource: RegisteredResource) -> Value:
        if message.attribute_value_id:
            known = self.store.values.get(message.attribute_value_id)
            if known is None:
                raise missing() if resource.namespace_id else relation_invalid()
            return known
        value = self.store.value_by_fqn(message.attribute_value_fqn)
        if value is None:
            raise missing()
        return value
