"""``policy.subjectmapping.SubjectMappingService``: subject condition sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.policy.base import PolicyService, labels_of
from support.embedded.policy.paging import found, ordered, page
from support.embedded.policy.records import ConditionSet
from support.embedded.policy.store import find

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.policy.store import PolicyStore
    from support.embedded.protocol import Message

SERVICE = "/policy.subjectmapping.SubjectMappingService"
PACKAGE = "policy.subjectmapping"
KIND = "condition_set"
SORT_KEYS = {1: lambda item: item.created, 2: lambda item: item.updated}


def new_condition_set(store: PolicyStore, wanted: Message, namespace_id: str) -> ConditionSet:
    """Return a record for a ``SubjectConditionSetCreate`` message, not stored yet."""
    return ConditionSet(
        subject_sets=list(wanted.subject_sets),
        namespace_id=namespace_id,
        labels=labels_of(wanted),
        **store.times(),
    )


@dataclass(frozen=True, slots=True)
class ConditionSetService(PolicyService):
    """Subject condition sets."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/GetSubjectConditionSet": self.get,
            f"{SERVICE}/ListSubjectConditionSets": self.list_page,
            f"{SERVICE}/CreateSubjectConditionSet": self.create,
            f"{SERVICE}/UpdateSubjectConditionSet": self.update,
            f"{SERVICE}/DeleteSubjectConditionSet": self.delete,
            f"{SERVICE}/DeleteAllUnmappedSubjectConditionSets": self.delete_unmapped,
        }

    def get(self, request: Message, _call: Call) -> Message:
        """Return one condition set."""
        record = find(self.store.condition_sets, request.id)
        response = self.response(f"{PACKAGE}.GetSubjectConditionSetResponse")
        response.subject_condition_set.CopyFrom(self.renderer.condition_set(record))
        return response

    def list_page(self, request: Message, _call: Call) -> Message:
        """List condition sets by namespace, order and page."""
        chosen = [
            item
            for item in ordered(self.store.condition_sets.values(), request.sort, SORT_KEYS)
            if self.store.is_in_namespace(item.namespace_id, request)
            and found(str(item.subject_sets), request.search)
        ]
        response = self.response(f"{PACKAGE}.ListSubjectConditionSetsResponse")
        response.subject_condition_sets.extend(
            self.renderer.condition_set(item)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def create(self, request: Message, call: Call) -> Message:
        """Create a condition set; equal ones may stand side by side."""
        response = self.response(f"{PACKAGE}.CreateSubjectConditionSetResponse")
        with self.change(call, "create", KIND) as change:
            namespace_id = self.store.namespace_id_of(request)
            record = new_condition_set(self.store, request.subject_condition_set, namespace_id)
            self.store.condition_sets[record.id] = record
            response.subject_condition_set.CopyFrom(self.renderer.condition_set(record))
            change.object_id, change.original = record.id, response.subject_condition_set
        return response

    def update(self, request: Message, call: Call) -> Message:
        """Change a condition set's conditions or labels."""
        response = self.response(f"{PACKAGE}.UpdateSubjectConditionSetResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.condition_sets, request.id)
            change.original = self.renderer.condition_set(record)
            self.update_labels(record, request)
            if request.subject_sets:
                record.subject_sets = list(request.subject_sets)
                self.touch(record)
            change.updated = self.renderer.condition_set(record)
        response.subject_condition_set.id = record.id
        return response

    def delete(self, request: Message, call: Call) -> Message:
        """Delete a condition set, and with it the mappings that use it."""
        response = self.response(f"{PACKAGE}.DeleteSubjectConditionSetResponse")
        with self.change(call, "delete", KIND, request.id):
            record = find(self.store.condition_sets, request.id)
            self.store.delete_condition_set(record)
        response.subject_condition_set.id = record.id
        return response

    def delete_unmapped(self, _request: Message, call: Call) -> Message:
        """Delete every condition set that no mapping uses."""
        used = {item.condition_set_id for item in self.store.subject_mappings.values()}
        response = self.response(f"{PACKAGE}.DeleteAllUnmappedSubjectConditionSetsResponse")
        for record in list(self.store.condition_sets.values()):
            if record.id not in used:
                with self.change(call, "delete", KIND, record.id):
                    self.store.delete_condition_set(record)
                response.subject_condition_sets.add(id=record.id)
        return response
