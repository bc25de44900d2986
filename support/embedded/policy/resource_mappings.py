"""``policy.resourcemapping.ResourceMappingService``: which words stand for which value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.calls import invalid_argument
from support.embedded.policy.base import PolicyService, labels_of, relation_invalid
from support.embedded.policy.paging import page
from support.embedded.policy.records import ResourceMapping
from support.embedded.policy.resource_groups import PACKAGE, SERVICE, owner_of
from support.embedded.policy.store import find, missing

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.protocol import Message

KIND = "resource_mapping"


@dataclass(frozen=True, slots=True)
class ResourceMappingService(PolicyService):
    """Mappings of terms to attribute values."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/GetResourceMapping": self.get,
            f"{SERVICE}/ListResourceMappings": self.list_page,
            f"{SERVICE}/ListResourceMappingsByGroupFqns": self.by_groups,
            f"{SERVICE}/CreateResourceMapping": self.create,
            f"{SERVICE}/UpdateResourceMapping": self.update,
            f"{SERVICE}/DeleteResourceMapping": self.delete,
        }

    def get(self, request: Message, _call: Call) -> Message:
        """Return one mapping."""
        record = find(self.store.resource_mappings, request.id)
        response = self.response(f"{PACKAGE}.GetResourceMappingResponse")
        response.resource_mapping.CopyFrom(self.renderer.resource_mapping(record))
        return response

    def list_page(self, request: Message, _call: Call) -> Message:
        """List mappings by group, namespace and page, newest first."""
        chosen = [
            item
            for item in reversed(self.store.resource_mappings.values())
            if self.store.is_in_namespace(item.namespace_id, request)
            and request.group_id.lower() in {"", item.group_id}
        ]
        response = self.response(f"{PACKAGE}.ListResourceMappingsResponse")
        response.resource_mappings.extend(
            self.renderer.resource_mapping(item)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def by_groups(self, request: Message, _call: Call) -> Message:
        """Return the mappings of groups by the groups' names; unknown ones are left out.

        Raises:
            ConnectError: ``not_found`` when no group has mappings.
        """
        response = self.response(f"{PACKAGE}.ListResourceMappingsByGroupFqnsResponse")
        for fqn in request.fqns:
            wanted = fqn.lower()
            found = [
                (group, item)
                for item in reversed(self.store.resource_mappings.values())
                if (group := self.store.resource_groups.get(item.group_id))
                and self.store.resource_group_fqn(group) == wanted
            ]
            if not found:
                continue
            entry = response.fqn_resource_mapping_groups[fqn]
            entry.group.CopyFrom(self.renderer.resource_group(found[0][0]))
            entry.mappings.extend(
                self.renderer.resource_mapping(item, group=False) for _, item in found
            )
        if not response.fqn_resource_mapping_groups:
            raise missing()
        return response

    def create(self, request: Message, call: Call) -> Message:
        """Create a mapping of terms to a value."""
        response = self.response(f"{PACKAGE}.CreateResourceMappingResponse")
        with self.change(call, "create", KIND) as change:
            namespace_id = self._namespace(request, request.group_id)
            record = ResourceMapping(
                value_id=self._value(request),
                terms=list(request.terms),
                group_id=request.group_id.lower(),
                namespace_id=namespace_id,
                labels=labels_of(request),
                **self.store.times(),
            )
            self.store.resource_mappings[record.id] = record
            response.resource_mapping.CopyFrom(self.renderer.resource_mapping(record))
            change.object_id, change.original = record.id, response.resource_mapping
        return response

    def update(self, request: Message, call: Call) -> Message:
        """Change what a mapping holds; what is not named stays."""
        response = self.response(f"{PACKAGE}.UpdateResourceMappingResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.resource_mappings, request.id)
            change.original = self.renderer.resource_mapping(record)
            group_id = request.group_id.lower()
            if not group_id and (request.namespace_id or request.namespace_fqn):
                group_id = record.group_id
            namespace_id = self._namespace(request, group_id)
            value_id = self._value(request) if request.attribute_value_id else record.value_id
            self.update_labels(record, request)
            record.value_id = value_id
            record.terms = list(request.terms) or record.terms
            record.group_id = request.group_id.lower() or record.group_id
            record.namespace_id = namespace_id or record.namespace_id
            self.touch(record)
            response.resource_mapping.CopyFrom(self.renderer.resource_mapping(record))
            change.updated = response.resource_mapping
        return response

    def delete(self, request: Message, call: Call) -> Message:
        """Delete a mapping."""
        response = self.response(f"{PACKAGE}.DeleteResourceMappingResponse")
        with self.change(call, "delete", KIND, request.id):
            record = find(self.store.resource_mappings, request.id)
            del self.store.resource_mappings[record.id]
        response.resource_mapping.id = record.id
        return response

    def _value(self, request: Message) -> str:
        value = self.store.values.get(request.attribute_value_id.lower())
        if value is None:
            raise relation_invalid()
        return value.id

    def _namespace(self, request: Message, group_id: str) -> str:
        """Return the namespace that a mapping stands in, which is that of its group if it has one.

        Raises:
            ConnectError: Another namespace is named, or something is unknown.
        """
        namespace_id = owner_of(self.store, request)
        if not group_id:
            return namespace_id
        group = find(self.store.resource_groups, group_id)
        if namespace_id and namespace_id != group.namespace_id:
            raise invalid_argument("namespace mismatch")
        return group.namespace_id
