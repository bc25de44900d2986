"""``policy.subjectmapping.SubjectMappingService``: mappings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.calls import invalid_argument
from support.embedded.policy.base import PolicyService, labels_of, relation_invalid
from support.embedded.policy.condition_sets import PACKAGE, SERVICE, new_condition_set
from support.embedded.policy.mapped_actions import chosen_actions, keep
from support.embedded.policy.paging import found, ordered, page
from support.embedded.policy.records import SubjectMapping
from support.embedded.policy.store import RESTRICTED, find, missing

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.policy.records import Action, ConditionSet, Value
    from support.embedded.protocol import Message

KIND = "subject_mapping"
SORT_KEYS = {1: lambda item: item.created, 2: lambda item: item.updated}


@dataclass(frozen=True, slots=True)
class SubjectMappingService(PolicyService):
    """Mappings of condition sets to actions on values."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/MatchSubjectMappings": self.match,
            f"{SERVICE}/GetSubjectMapping": self.get,
            f"{SERVICE}/ListSubjectMappings": self.list_page,
            f"{SERVICE}/CreateSubjectMapping": self.create,
            f"{SERVICE}/UpdateSubjectMapping": self.update,
            f"{SERVICE}/DeleteSubjectMapping": self.delete,
        }

    def match(self, request: Message, _call: Call) -> Message:
        """Return the mappings that ask for one of some properties."""
        selectors = {item.external_selector_value for item in request.subject_properties}
        response = self.response(f"{PACKAGE}.MatchSubjectMappingsResponse")
        for mapping in self.store.subject_mappings.values():
            value = self.store.values[mapping.value_id]
            conditions = self.store.condition_sets[mapping.condition_set_id]
            if self.store.is_value_active(value) and selectors & conditions.selectors():
                response.subject_mappings.append(
                    self.renderer.subject_mapping(mapping, metadata=False)
                )
        return response

    def get(self, request: Message, _call: Call) -> Message:
        """Return one mapping."""
        record = find(self.store.subject_mappings, request.id)
        response = self.response(f"{PACKAGE}.GetSubjectMappingResponse")
        response.subject_mapping.CopyFrom(self.renderer.subject_mapping(record))
        return response

    def list_page(self, request: Message, _call: Call) -> Message:
        """List mappings by namespace, order and page."""
        chosen = [
            item
            for item in ordered(self.store.subject_mappings.values(), request.sort, SORT_KEYS)
            if self.store.is_in_namespace(item.namespace_id, request)
            and found(self.store.value_fqn(self.store.values[item.value_id]), request.search)
        ]
        response = self.response(f"{PACKAGE}.ListSubjectMappingsResponse")
        response.subject_mappings.extend(
            self.renderer.subject_mapping(item)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def create(self, request: Message, call: Call) -> Message:
        """Create a mapping; an action that nobody knows yet comes into being."""
        response = self.response(f"{PACKAGE}.CreateSubjectMappingResponse")
        with self.change(call, "create", KIND) as change:
            namespace_id = self.store.namespace_id_of(request)
            value = self.store.values.get(request.attribute_value_id)
            if value is not None:
                self._check_alone(value)
            actions = chosen_actions(self.store, request.actions, namespace_id)
            conditions = self._conditions(request, namespace_id)
            if value is None:
                raise relation_invalid()
            self._check_namespaces(namespace_id, value, actions, conditions)
            if not self.store.is_value_active(value):
                raise missing()
            self.store.condition_sets.setdefault(conditions.id, conditions)
            record = SubjectMapping(
                value_id=value.id,
                condition_set_id=conditions.id,
                action_ids=keep(self.store, actions),
                namespace_id=namespace_id,
                labels=labels_of(request),
                **self.store.times(),
            )
            self.store.subject_mappings[record.id] = record
            response.subject_mapping.CopyFrom(self.renderer.subject_mapping(record))
            change.object_id, change.original = record.id, response.subject_mapping
        return response

    def _conditions(self, request: Message, namespace_id: str) -> ConditionSet:
        if request.existing_subject_condition_set_id:
            return find(self.store.condition_sets, request.existing_subject_condition_set_id)
        if request.HasField("new_subject_condition_set"):
            wanted = request.new_subject_condition_set
            return new_condition_set(self.store, wanted, namespace_id)
        raise ConnectError(Code.INTERNAL, "resource creation failed")

    def _check_alone(self, value: Value) -> None:
        """Refuse a mapping of a value whose attribute is mapped dynamically."""
        if self.store.dynamic_mappings_of(self.store.attributes[value.attribute_id]):
            raise invalid_argument(RESTRICTED)

    def _check_namespaces(
        self, namespace_id: str, value: Value, actions: list[Action], conditions: ConditionSet
    ) -> None:
        """Refuse a mapping whose parts stand in different namespaces."""
        owner = self.store.attributes[value.attribute_id].namespace_id
        parts = [conditions.namespace_id, *(action.namespace_id for action in actions)]
        if (namespace_id and owner != namespace_id) or any(part != namespace_id for part in parts):
            raise invalid_argument("namespace mismatch")

    def update(self, request: Message, call: Call) -> Message:
        """Change a mapping's condition set, actions or labels."""
        response = self.response(f"{PACKAGE}.UpdateSubjectMappingResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.subject_mappings, request.id)
            change.original = self.renderer.subject_mapping(record)
            self.update_labels(record, request)
            if request.subject_condition_set_id:
                conditions = self.store.condition_sets.get(request.subject_condition_set_id)
                if conditions is None:
                    raise relation_invalid()
                record.condition_set_id = conditions.id
                self.touch(record)
            if request.actions:
                actions = chosen_actions(self.store, request.actions, record.namespace_id)
                record.action_ids = keep(self.store, actions)
                self.touch(record)
            change.updated = self.renderer.subject_mapping(record)
        response.subject_mapping.id = record.id
        return response

    def delete(self, request: Message, call: Call) -> Message:
        """Delete a mapping."""
        response = self.response(f"{PACKAGE}.DeleteSubjectMappingResponse")
        with self.change(call, "delete", KIND, request.id):
            record = find(self.store.subject_mappings, request.id)
            self.store.delete_mapping(record)
        response.subject_mapping.id = record.id
        return response
