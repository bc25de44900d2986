"""``policy.namespaces.NamespaceService``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.policy.assignments import assign_key, no_grant, remove_key, unimplemented
from support.embedded.policy.base import PolicyService, is_wanted, labels_of
from support.embedded.policy.paging import found, ordered, page
from support.embedded.policy.records import Action, Namespace
from support.embedded.policy.store import STANDARD_ACTIONS, find, missing

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.protocol import Message

SERVICE = "/policy.namespaces.NamespaceService"
PACKAGE = "policy.namespaces"
KIND = "namespace"
KEY_KIND = "kas_attribute_namespace_key_assignment"
GRANT_KIND = "kas_attribute_namespace_assignment"
SORT_KEYS = {
    1: lambda item: item.name,
    2: lambda item: item.fqn,
    3: lambda item: item.created,
    4: lambda item: item.updated,
}


@dataclass(frozen=True, slots=True)
class NamespaceService(PolicyService):
    """Namespaces."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/GetNamespace": self.get,
            f"{SERVICE}/ListNamespaces": self.list_page,
            f"{SERVICE}/CreateNamespace": self.create,
            f"{SERVICE}/UpdateNamespace": self.update,
            f"{SERVICE}/DeactivateNamespace": self.deactivate,
            f"{SERVICE}/AssignPublicKeyToNamespace": self.assign_public_key,
            f"{SERVICE}/RemovePublicKeyFromNamespace": self.remove_public_key,
            f"{SERVICE}/AssignKeyAccessServerToNamespace": unimplemented,
            f"{SERVICE}/RemoveKeyAccessServerFromNamespace": self.remove_grant,
        }

    def get(self, request: Message, _call: Call) -> Message:
        """Return one namespace by id or name; unlike elsewhere the name's case counts."""
        if request.fqn:
            matching = [item for item in self.store.namespaces.values() if item.fqn == request.fqn]
            if not matching:
                raise missing()
            record = matching[0]
        else:
            record = find(self.store.namespaces, request.id or request.namespace_id)
        response = self.response(f"{PACKAGE}.GetNamespaceResponse")
        response.namespace.CopyFrom(self.renderer.namespace(record))
        return response

    def list_page(self, request: Message, _call: Call) -> Message:
        """List namespaces by state, name, order and page."""
        chosen = [
            item
            for item in ordered(self.store.namespaces.values(), request.sort, SORT_KEYS)
            if is_wanted(request.state, active=item.active) and found(item.fqn, request.search)
        ]
        response = self.response(f"{PACKAGE}.ListNamespacesResponse")
        response.namespaces.extend(
            self.renderer.namespace(item)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def create(self, request: Message, call: Call) -> Message:
        """Create a namespace with its own standard actions."""
        response = self.response(f"{PACKAGE}.CreateNamespaceResponse")
        with self.change(call, "create", KIND) as change:
            name = request.name.lower()
            if any(item.name == name for item in self.store.namespaces.values()):
                self.store.refuse_taken()
            record = Namespace(name=name, labels=labels_of(request), **self.store.times())
            self.store.namespaces[record.id] = record
            for action_name in STANDARD_ACTIONS:
                action = Action(
                    name=action_name,
                    is_standard=True,
                    namespace_id=record.id,
                    **self.store.times(),
                )
                self.store.actions[action.id] = action
            response.namespace.CopyFrom(self.renderer.namespace(record))
            change.object_id, change.original = record.id, response.namespace
        return response

    def update(self, request: Message, call: Call) -> Message:
        """Change a namespace's labels."""
        response = self.response(f"{PACKAGE}.UpdateNamespaceResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.namespaces, request.id)
            change.original = self.renderer.namespace(record)
            self.update_labels(record, request)
            change.updated = self.renderer.namespace(record)
        response.namespace.id = record.id
        return response

    def deactivate(self, request: Message, call: Call) -> Message:
        """Deactivate a namespace and all that stands in it."""
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.namespaces, request.id)
            change.original = self.renderer.namespace(record)
            self.store.deactivate_namespace(record)
            change.updated = self.renderer.namespace(record)
        return self.response(f"{PACKAGE}.DeactivateNamespaceResponse")

    def assign_public_key(self, request: Message, call: Call) -> Message:
        """Let a key protect data of a namespace."""
        wanted = request.namespace_key
        response = self.response(f"{PACKAGE}.AssignPublicKeyToNamespaceResponse")
        with self.change(call, "create", KEY_KIND) as change:
            assign_key(self.store, self.store.namespaces, wanted.namespace_id, wanted.key_id)
            response.namespace_key.CopyFrom(wanted)
            change.object_id, change.original = wanted.key_id, response.namespace_key
        return response

    def remove_public_key(self, request: Message, call: Call) -> Message:
        """Take a key away from a namespace."""
        wanted = request.namespace_key
        response = self.response(f"{PACKAGE}.RemovePublicKeyFromNamespaceResponse")
        with self.change(call, "delete", KEY_KIND, wanted.key_id) as change:
            remove_key(self.store.namespaces, wanted.namespace_id, wanted.key_id)
            response.namespace_key.CopyFrom(wanted)
            change.original = response.namespace_key
        return response

    def remove_grant(self, request: Message, call: Call) -> Message:
        """Refuse to take a grant of old away, and record that somebody wanted it."""
        wanted = request.namespace_key_access_server
        with self.change(call, "delete", GRANT_KIND):
            raise no_grant(wanted.namespace_id, wanted.key_access_server_id)
