"""``policy.attributes.AttributesService``: definitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.policy.assignments import assign_key, no_grant, remove_key, unimplemented
from support.embedded.policy.base import PolicyService, is_wanted, labels_of, relation_invalid
from support.embedded.policy.paging import found, ordered, page
from support.embedded.policy.records import Attribute, Value
from support.embedded.policy.store import find, missing

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.protocol import Message

SERVICE = "/policy.attributes.AttributesService"
PACKAGE = "policy.attributes"
KIND = "attribute_definition"
KEY_KIND = "kas_attribute_definition_key_assignment"
GRANT_KIND = "kas_attribute_definition_assignment"
SORT_KEYS = {
    1: lambda item: item.name,
    2: lambda item: item.created,
    3: lambda item: item.updated,
}


@dataclass(frozen=True, slots=True)
class AttributeService(PolicyService):
    """Attribute definitions."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/GetAttribute": self.get,
            f"{SERVICE}/ListAttributes": self.list_page,
            f"{SERVICE}/CreateAttribute": self.create,
            f"{SERVICE}/UpdateAttribute": self.update,
            f"{SERVICE}/DeactivateAttribute": self.deactivate,
            f"{SERVICE}/AssignPublicKeyToAttribute": self.assign_public_key,
            f"{SERVICE}/RemovePublicKeyFromAttribute": self.remove_public_key,
            f"{SERVICE}/AssignKeyAccessServerToAttribute": unimplemented,
            f"{SERVICE}/RemoveKeyAccessServerFromAttribute": self.remove_grant,
        }

    def get(self, request: Message, _call: Call) -> Message:
        """Return one attribute by id or name; the name's case counts."""
        if request.fqn:
            matching = [
                item
                for item in self.store.attributes.values()
                if self.store.attribute_fqn(item) == request.fqn
            ]
            if not matching:
                raise missing()
            record = matching[0]
        else:
            record = find(self.store.attributes, request.id or request.attribute_id)
        response = self.response(f"{PACKAGE}.GetAttributeResponse")
        response.attribute.CopyFrom(self.renderer.attribute(record))
        return response

    def list_page(self, request: Message, _call: Call) -> Message:
        """List attributes by namespace (name or id), state, order and page."""
        wanted = request.namespace.lower()
        chosen = [
            item
            for item in ordered(self.store.attributes.values(), request.sort, SORT_KEYS)
            if is_wanted(request.state, active=item.active)
            and found(self.store.attribute_fqn(item), request.search)
            and (
                not wanted
                or wanted in {item.namespace_id, self.store.namespaces[item.namespace_id].name}
            )
        ]
        response = self.response(f"{PACKAGE}.ListAttributesResponse")
        response.attributes.extend(
            self.renderer.attribute(item)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def create(self, request: Message, call: Call) -> Message:
        """Create an attribute with values; their order is a hierarchy's order of rank."""
        response = self.response(f"{PACKAGE}.CreateAttributeResponse")
        with self.change(call, "create", KIND) as change:
            record = self._new(request)
            self.store.attributes[record.id] = record
            for name in request.values:
                value = Value(attribute_id=record.id, value=name.lower(), **self.store.times())
                self.store.values[value.id] = value
                record.value_ids.append(value.id)
            response.attribute.CopyFrom(self.renderer.attribute(record))
            change.object_id, change.original = record.id, response.attribute
        return response

    def _new(self, request: Message) -> Attribute:
        namespace = self.store.namespaces.get(request.namespace_id)
        if namespace is None:
            raise relation_invalid()
        name = request.name.lower()
        siblings = self.store.attributes_of(namespace)
        lowered = [value.lower() for value in request.values]
        if any(item.name == name for item in siblings) or len(set(lowered)) < len(lowered):
            self.store.refuse_taken()
        return Attribute(
            namespace_id=namespace.id,
            name=name,
            rule=request.rule,
            allow_traversal=request.allow_traversal.value,
            labels=labels_of(request),
            **self.store.times(),
        )

    def update(self, request: Message, call: Call) -> Message:
        """Change an attribute's labels."""
        response = self.response(f"{PACKAGE}.UpdateAttributeResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.attributes, request.id)
            change.original = self.renderer.attribute(record)
            self.update_labels(record, request)
            change.updated = self.renderer.attribute(record)
        response.attribute.id = record.id
        return response

    def deactivate(self, request: Message, call: Call) -> Message:
        """Deactivate an attribute and its values."""
        response = self.response(f"{PACKAGE}.DeactivateAttributeResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.attributes, request.id)
            change.original = self.renderer.attribute(record)
            self.store.deactivate_attribute(record)
            change.updated = self.renderer.attribute(record)
        response.attribute.id = record.id
        return response

    def assign_public_key(self, request: Message, call: Call) -> Message:
        """Let a key protect data of an attribute."""
        wanted = request.attribute_key
        response = self.response(f"{PACKAGE}.AssignPublicKeyToAttributeResponse")
        with self.change(call, "create", KEY_KIND) as change:
            assign_key(self.store, self.store.attributes, wanted.attribute_id, wanted.key_id)
            response.attribute_key.CopyFrom(wanted)
            change.object_id, change.original = wanted.attribute_id, response.attribute_key
        return response

    def remove_public_key(self, request: Message, call: Call) -> Message:
        """Take a key away from an attribute."""
        wanted = request.attribute_key
        response = self.response(f"{PACKAGE}.RemovePublicKeyFromAttributeResponse")
        with self.change(call, "delete", KEY_KIND, wanted.attribute_id) as change:
            remove_key(self.store.attributes, wanted.attribute_id, wanted.key_id)
            response.attribute_key.CopyFrom(wanted)
            change.original = response.attribute_key
        return response

    def remove_grant(self, request: Message, call: Call) -> Message:
        """Refuse to take a grant of old away, and record that somebody wanted it."""
        wanted = request.attribute_key_access_server
        with self.change(call, "delete", GRANT_KIND):
            raise no_grant(wanted.attribute_id, wanted.key_access_server_id)
