"""``policy.resourcemapping.ResourceMappingService``: groups of mappings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.policy.base import PolicyService, labels_of, relation_invalid
from support.embedded.policy.paging import page
from support.embedded.policy.records import ResourceGroup
from support.embedded.policy.store import find, missing

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.policy.store import PolicyStore
    from support.embedded.protocol import Message

SERVICE = "/policy.resourcemapping.ResourceMappingService"
PACKAGE = "policy.resourcemapping"
KIND = "resource_mapping_group"


def owner_of(store: PolicyStore, request: Message) -> str:
    """Return the namespace that a request names for a record to stand in, or nothing.

    Raises:
        ConnectError: An unknown id refers to nothing; an unknown name is not found.
    """
    if request.namespace_id:
        namespace = store.namespaces.get(request.namespace_id.lower())
        if namespace is None:
            raise relation_invalid()
        return namespace.id
    if request.namespace_fqn:
        wanted = request.namespace_fqn
        named = [item for item in store.namespaces.values() if item.fqn == wanted]
        if not named:
            raise missing()
        return named[0].id
    return ""


@dataclass(frozen=True, slots=True)
class ResourceGroupService(PolicyService):
    """Groups of resource mappings."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/GetResourceMappingGroup": self.get,
            f"{SERVICE}/ListResourceMappingGroups": self.list_page,
            f"{SERVICE}/CreateResourceMappingGroup": self.create,
            f"{SERVICE}/UpdateResourceMappingGroup": self.update,
            f"{SERVICE}/DeleteResourceMappingGroup": self.delete,
        }

    def get(self, request: Message, _call: Call) -> Message:
        """Return one group."""
        record = find(self.store.resource_groups, request.id)
        response = self.response(f"{PACKAGE}.GetResourceMappingGroupResponse")
        response.resource_mapping_group.CopyFrom(self.renderer.resource_group(record))
        return response

    def list_page(self, request: Message, _call: Call) -> Message:
        """List groups by namespace and page, newest first."""
        chosen = [
            item
            for item in reversed(self.store.resource_groups.values())
            if self.store.is_in_namespace(item.namespace_id, request)
        ]
        response = self.response(f"{PACKAGE}.ListResourceMappingGroupsResponse")
        response.resource_mapping_groups.extend(
            self.renderer.resource_group(item)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def create(self, request: Message, call: Call) -> Message:
        """Create a group in a namespace."""
        response = self.response(f"{PACKAGE}.CreateResourceMappingGroupResponse")
        with self.change(call, "create", KIND) as change:
            record = ResourceGroup(
                name=request.name.lower(),
                namespace_id=owner_of(self.store, request),
                labels=labels_of(request),
                **self.store.times(),
            )
            self._check_free(record, record.name, record.namespace_id)
            self.store.resource_groups[record.id] = record
            response.resource_mapping_group.CopyFrom(self.renderer.resource_group(record))
            change.object_id, change.original = record.id, response.resource_mapping_group
        return response

    def update(self, request: Message, call: Call) -> Message:
        """Rename a group, move it to another namespace, or change its labels."""
        response = self.response(f"{PACKAGE}.UpdateResourceMappingGroupResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.resource_groups, request.id)
            change.original = self.renderer.resource_group(record)
            namespace_id = owner_of(self.store, request) or record.namespace_id
            name = request.name.lower() or record.name
            self._check_free(record, name, namespace_id)
            self.update_labels(record, request)
            record.name, record.namespace_id = name, namespace_id
            self.touch(record)
            response.resource_mapping_group.CopyFrom(self.renderer.resource_group(record))
            change.updated = response.resource_mapping_group
        return response

    def delete(self, request: Message, call: Call) -> Message:
        """Delete a group; its mappings stay, without one."""
        response = self.response(f"{PACKAGE}.DeleteResourceMappingGroupResponse")
        with self.change(call, "delete", KIND, request.id):
            record = find(self.store.resource_groups, request.id)
            response.resource_mapping_group.CopyFrom(self.renderer.resource_group(record))
            self.store.delete_resource_group(record)
        return response

    def _check_free(self, record: ResourceGroup, name: str, namespace_id: str) -> None:
        if any(
            item is not record and (item.name, item.namespace_id) == (name, namespace_id)
            for item in self.store.resource_groups.values()
        ):
            self.store.refuse_taken()
