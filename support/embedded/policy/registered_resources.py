"""``policy.registeredresources.RegisteredResourcesService``: resources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.policy.base import PolicyService, labels_of, namespace_of
from support.embedded.policy.paging import found, ordered, page
from support.embedded.policy.registered_messages import resource_message
from support.embedded.policy.registered_records import (
    RegisteredResource,
    RegisteredResourceValue,
)
from support.embedded.policy.store import find, missing, taken

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.protocol import Message

SERVICE = "/policy.registeredresources.RegisteredResourcesService"
PACKAGE = "policy.registeredresources"
KIND = "registered_resource"
SORT_KEYS = {
    1: lambda item: item.name,
    2: lambda item: item.created,
    3: lambda item: item.updated,
}


@dataclass(frozen=True, slots=True)
class RegisteredResourceService(PolicyService):
    """Registered resources."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/CreateRegisteredResource": self.create,
            f"{SERVICE}/GetRegisteredResource": self.get,
            f"{SERVICE}/ListRegisteredResources": self.list_page,
            f"{SERVICE}/UpdateRegisteredResource": self.update,
            f"{SERVICE}/DeleteRegisteredResource": self.delete,
        }

    def get(self, request: Message, _call: Call) -> Message:
        """Return one resource by id, or by name: one of no namespace comes before others."""
        if request.name:
            matching = [
                item
                for item in self.store.registered.resources.values()
                if item.name == request.name.lower()
                and self.store.is_in_namespace(item.namespace_id, request)
            ]
            if not matching:
                raise missing()
            record = min(matching, key=lambda item: bool(item.namespace_id))
        else:
            record = find(self.store.registered.resources, request.id)
        response = self.response(f"{PACKAGE}.GetRegisteredResourceResponse")
        response.resource.CopyFrom(resource_message(self.renderer, record))
        return response

    def list_page(self, request: Message, _call: Call) -> Message:
        """List resources by namespace, name, order and page."""
        chosen = [
            item
            for item in ordered(self.store.registered.resources.values(), request.sort, SORT_KEYS)
            if self.store.is_in_namespace(item.namespace_id, request)
            and found(item.name, request.search)
        ]
        response = self.response(f"{PACKAGE}.ListRegisteredResourcesResponse")
        response.resources.extend(
            resource_message(self.renderer, item)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def create(self, request: Message, call: Call) -> Message:
        """Create a resource with values; its name must be free in the namespace, or in none."""
        response = self.response(f"{PACKAGE}.CreateRegisteredResourceResponse")
        with self.change(call, "create", KIND) as change:
            namespace_id, name = namespace_of(self.store, request), request.name.lower()
            self._check_free(namespace_id, name)
            values = [value.lower() for value in request.values]
            if len(set(values)) != len(values):
                raise taken()
            labels, times = labels_of(request), self.store.times()
            record = RegisteredResource(
                namespace_id=namespace_id, name=name, labels=labels, **times
            )
            self.store.registered.resources[record.id] = record
            for value in values:
                added = RegisteredResourceValue(resource_id=record.id, value=value, **times)
                self.store.registered.values[added.id] = added
            response.resource.CopyFrom(resource_message(self.renderer, record))
            change.object_id, change.original = record.id, response.resource
        return response

    def update(self, request: Message, call: Call) -> Message:
        """Rename a resource or change its labels; the answer tells only what was given."""
        response = self.response(f"{PACKAGE}.UpdateRegisteredResourceResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.registered.resources, request.id)
            change.original = resource_message(self.renderer, record)
            name = request.name.lower()
            if name and name != record.name:
                self._check_free(record.namespace_id, name)
            self.update_labels(record, request)
            record.name = name or record.name
            self.touch(record)
            response.resource.id, response.resource.name = record.id, name
            if request.HasField("metadata"):
                response.resource.metadata.labels.update(record.labels)
            change.updated = response.resource
        return response

    def delete(self, request: Message, call: Call) -> Message:
        """Delete a resource with its values."""
        response = self.response(f"{PACKAGE}.DeleteRegisteredResourceResponse")
        with self.change(call, "delete", KIND, request.id):
            record = find(self.store.registered.resources, request.id)
            del self.store.registered.resources[record.id]
            self.store.forget_orphans()
        response.resource.id = record.id
        return response

    def _check_free(self, namespace_id: str, name: str) -> None:
        wanted = (namespace_id, name)
        resources = self.store.registered.resources.values()
        if any((item.namespace_id, item.name) == wanted for item in resources):
            raise taken()
