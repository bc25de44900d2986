"""``policy.dynamicvaluemapping.DynamicValueMappingService``.

After ``service/policy/dynamicvaluemapping`` and ``service/policy/db`` of the platform's source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.calls import invalid_argument
from support.embedded.decisions import Rule
from support.embedded.policy.base import PolicyService, labels_of
from support.embedded.policy.condition_sets import new_condition_set
from support.embedded.policy.mapped_actions import chosen_actions, keep
from support.embedded.policy.paging import ordered, page
from support.embedded.policy.records import DynamicMapping
from support.embedded.policy.store import RESTRICTED, find, missing

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.policy.records import Action, Attribute, ConditionSet
    from support.embedded.protocol import Message

PACKAGE = "policy.dynamicvaluemapping"
SERVICE = f"/{PACKAGE}.DynamicValueMappingService"
KIND = "dynamic_value_mapping"
SORT_KEYS = {1: lambda item: item.created, 2: lambda item: item.updated}


@dataclass(frozen=True, slots=True)
class DynamicMappingService(PolicyService):
    """Mappings that entitle to whichever value a subject's own property names."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/GetDynamicValueMapping": self.get,
            f"{SERVICE}/ListDynamicValueMappings": self.list_page,
            f"{SERVICE}/CreateDynamicValueMapping": self.create,
            f"{SERVICE}/UpdateDynamicValueMapping": self.update,
            f"{SERVICE}/DeleteDynamicValueMapping": self.delete,
        }

    def get(self, request: Message, _call: Call) -> Message:
        """Return one mapping."""
        record = find(self.store.dynamic_mappings, request.id)
        response = self.response(f"{PACKAGE}.GetDynamicValueMappingResponse")
        response.dynamic_value_mapping.CopyFrom(self.renderer.dynamic_mapping(record))
        return response

    def list_page(self, request: Message, _call: Call) -> Message:
        """List mappings by namespace, attribute, order and page."""
        wanted = request.attribute_definition_id.lower()
        chosen = [
            item
            for item in ordered(self.store.dynamic_mappings.values(), request.sort, SORT_KEYS)
            if self.store.is_in_namespace(item.namespace_id, request)
            and wanted in {"", item.attribute_id}
        ]
        response = self.response(f"{PACKAGE}.ListDynamicValueMappingsResponse")
        response.dynamic_value_mappings.extend(
            self.renderer.dynamic_mapping(item)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def create(self, request: Message, call: Call) -> Message:
        """Create a mapping on an attribute whose values have no mapping of their own."""
        response = self.response(f"{PACKAGE}.CreateDynamicValueMappingResponse")
        with self.change(call, "create", KIND) as change:
            attribute = self._attribute(request)
            namespace_id = self.store.namespace_id_of(request)
            actions = chosen_actions(self.store, request.actions, namespace_id)
            conditions = self._conditions(request, namespace_id)
            _check_namespaces(namespace_id, attribute, actions, conditions)
            if conditions is not None:
                self.store.condition_sets.setdefault(conditions.id, conditions)
            record = DynamicMapping(
                attribute_id=attribute.id,
                selector=request.value_resolver.subject_external_selector_value,
                operator=request.value_resolver.operator,
                action_ids=keep(self.store, actions),
                condition_set_id=conditions.id if conditions else "",
                namespace_id=namespace_id,
                labels=labels_of(request),
                **self.store.times(),
            )
            self.store.dynamic_mappings[record.id] = record
            response.dynamic_value_mapping.CopyFrom(self.renderer.dynamic_mapping(record))
            change.object_id, change.original = record.id, response.dynamic_value_mapping
        return response

    def update(self, request: Message, call: Call) -> Message:
        """Change a mapping's resolver, condition set, actions or labels."""
        response = self.response(f"{PACKAGE}.UpdateDynamicValueMappingResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.dynamic_mappings, request.id)
            change.original = self.renderer.dynamic_mapping(record)
            self.update_labels(record, request)
            if request.HasField("value_resolver"):
                record.selector = request.value_resolver.subject_external_selector_value
                record.operator = request.value_resolver.operator
            if request.subject_condition_set_id:
                wanted = find(self.store.condition_sets, request.subject_condition_set_id)
                record.condition_set_id = wanted.id
            if request.actions:
                actions = chosen_actions(self.store, request.actions, record.namespace_id)
                record.action_ids = keep(self.store, actions)
            self.touch(record)
            response.dynamic_value_mapping.CopyFrom(self.renderer.dynamic_mapping(record))
            change.updated = response.dynamic_value_mapping
        return response

    def delete(self, request: Message, call: Call) -> Message:
        """Delete a mapping."""
        response = self.response(f"{PACKAGE}.DeleteDynamicValueMappingResponse")
        with self.change(call, "delete", KIND, request.id):
            record = find(self.store.dynamic_mappings, request.id)
            del self.store.dynamic_mappings[record.id]
        response.dynamic_value_mapping.id = record.id
        return response

    def _attribute(self, request: Message) -> Attribute:
        """Return the attribute of a request, if it can have a dynamic mapping."""
        if request.attribute_definition_id:
            attribute = find(self.store.attributes, request.attribute_definition_id)
        else:
            found = self.store.attribute_by_fqn(request.attribute_definition_fqn)
            if found is None:
                raise missing()
            attribute = found
        if attribute.rule == Rule.HIERARCHY:
            raise invalid_argument("enum value invalid")
        values = set(attribute.value_ids)
        if any(item.value_id in values for item in self.store.subject_mappings.values()):
            raise invalid_argument(RESTRICTED)
        return attribute

    def _conditions(self, request: Message, namespace_id: str) -> ConditionSet | None:
        if request.existing_subject_condition_set_id:
            return find(self.store.condition_sets, request.existing_subject_condition_set_id)
        if request.HasField("new_subject_condition_set"):
            wanted = request.new_subject_condition_set
            return new_condition_set(self.store, wanted, namespace_id)
        return None


def _check_namespaces(
    namespace_id: str, attribute: Attribute, actions: list[Action], conditions: ConditionSet | None
) -> None:
    """Refuse a mapping whose parts stand in different namespaces."""
    parts = [action.namespace_id for action in actions]
    if conditions is not None:
        parts.append(conditions.namespace_id)
    elsewhere = bool(namespace_id) and attribute.namespace_id != namespace_id
    if elsewhere or any(part != namespace_id for part in parts):
        raise invalid_argument("namespace mismatch")
