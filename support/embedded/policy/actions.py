"""``policy.actions.ActionService``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.calls import invalid_argument
from support.embedded.policy.base import PolicyService, labels_of
from support.embedded.policy.paging import page
from support.embedded.policy.records import Action
from support.embedded.policy.store import RESTRICTED, STANDARD_ACTIONS, find, missing

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.protocol import Message

SERVICE = "/policy.actions.ActionService"
PACKAGE = "policy.actions"
KIND = "action"


@dataclass(frozen=True, slots=True)
class ActionService(PolicyService):
    """Standard and custom actions."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/GetAction": self.get,
            f"{SERVICE}/ListActions": self.list_page,
            f"{SERVICE}/CreateAction": self.create,
            f"{SERVICE}/UpdateAction": self.update,
            f"{SERVICE}/DeleteAction": self.delete,
        }

    def get(self, request: Message, _call: Call) -> Message:
        """Return one action by id, or by name and namespace, with the mappings that use it."""
        if request.name:
            namespace_id = self.store.namespace_id_of(request)
            record = self.store.action_by_name(request.name, namespace_id)
            if record is None:
                raise missing()
        else:
            record = find(self.store.actions, request.id)
        response = self.response(f"{PACKAGE}.GetActionResponse")
        response.action.CopyFrom(self.renderer.action(record, metadata=True))
        return response

    def list_page(self, request: Message, _call: Call) -> Message:
        """List actions by namespace and page, newest first."""
        chosen = [
            item
            for item in reversed(self.store.actions.values())
            if self.store.is_in_namespace(item.namespace_id, request)
        ]
        response = self.response(f"{PACKAGE}.ListActionsResponse")
        for item in page(chosen, request.pagination, response.pagination):
            group = response.actions_standard if item.is_standard else response.actions_custom
            group.append(self.renderer.action(item, metadata=True))
        return response

    def create(self, request: Message, call: Call) -> Message:
        """Create a custom action."""
        response = self.response(f"{PACKAGE}.CreateActionResponse")
        with self.change(call, "create", KIND) as change:
            name, namespace_id = request.name.lower(), self.store.namespace_id_of(request)
            self._check_free(name, namespace_id)
            record = Action(
                name=name,
                namespace_id=namespace_id,
                labels=labels_of(request),
                **self.store.times(),
            )
            self.store.actions[record.id] = record
            response.action.CopyFrom(self.renderer.action(record, metadata=True))
            change.object_id, change.original = record.id, response.action
        return response

    def update(self, request: Message, call: Call) -> Message:
        """Rename a custom action or change its labels."""
        response = self.response(f"{PACKAGE}.UpdateActionResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.actions, request.id)
            if record.is_standard:
                # The platform looks for the custom actions alone.
                raise missing()
            change.original = self.renderer.action(record, metadata=True)
            if request.name and request.name.lower() != record.name:
                self._check_free(request.name.lower(), record.namespace_id)
                record.name = request.name.lower()
                self.touch(record)
            self.update_labels(record, request)
            response.action.CopyFrom(self.renderer.action(record, metadata=True))
            change.updated = response.action
        return response

    def delete(self, request: Message, call: Call) -> Message:
        """Delete a custom action; mappings, triggers and resources lose it."""
        response = self.response(f"{PACKAGE}.DeleteActionResponse")
        with self.change(call, "delete", KIND, request.id):
            record = self._custom(request.id)
            for mapping in self.store.subject_mappings.values():
                mapping.action_ids = [item for item in mapping.action_ids if item != record.id]
            for dynamic in self.store.dynamic_mappings.values():
                dynamic.action_ids = [item for item in dynamic.action_ids if item != record.id]
            del self.store.actions[record.id]
            self.store.forget_orphans()
        response.action.id = record.id
        return response

    def _custom(self, identifier: str) -> Action:
        record = find(self.store.actions, identifier)
        if record.is_standard:
            raise invalid_argument(RESTRICTED)
        return record

    def _check_free(self, name: str, namespace_id: str) -> None:
        if name in STANDARD_ACTIONS:
            raise invalid_argument(RESTRICTED)
        if self.store.action_by_name(name, namespace_id) is not None:
            self.store.refuse_taken()
