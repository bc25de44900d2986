"""``policy.obligations.Service``: what triggers the values of obligations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.calls import invalid_argument
from support.embedded.policy.base import PolicyService, labels_of
from support.embedded.policy.obligation_messages import trigger_message
from support.embedded.policy.obligation_records import ObligationTrigger, value_by_fqn
from support.embedded.policy.paging import page
from support.embedded.policy.records import Action
from support.embedded.policy.store import find, missing, taken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.embedded.calls import Call, Handler
    from support.embedded.policy.obligation_records import ObligationValue
    from support.embedded.policy.records import Value
    from support.embedded.policy.store import PolicyStore
    from support.embedded.protocol import Message

SERVICE = "/policy.obligations.Service"
PACKAGE = "policy.obligations"
KIND = "obligation_trigger"


@dataclass(frozen=True, slots=True)
class TriggerWriter:
    """Makes triggers from requests, and refuses those whose parts do not fit."""

    store: PolicyStore

    def prepare(
        self, value: ObligationValue, wanted: Iterable[Message]
    ) -> dict[str, ObligationTrigger]:
        """Return the triggers that a value is to have, not stored yet.

        Raises:
            ConnectError: One of them is refused, and so none is to be stored.
        """
        made = [self.make(value, message) for message in wanted]
        if len({trigger.key for trigger in made}) != len(made):
            raise taken()
        return {trigger.id: trigger for trigger in made}

    def make(self, value: ObligationValue, wanted: Message) -> ObligationTrigger:
        """Return a trigger for an action on an attribute value; both stand in one namespace.

        An action that is given by name and that nobody knows yet comes into being.

        Raises:
            ConnectError: ``not_found`` or ``invalid_argument``.
        """
        attribute_value = self._attribute_value(wanted.attribute_value)
        owner = self.store.attributes[attribute_value.attribute_id].namespace_id
        return ObligationTrigger(
            value_id=value.id,
            action_id=self._action(wanted.action, owner).id,
            attribute_value_id=attribute_value.id,
            client_id=wanted.context.pep.client_id,
            **self.store.times(),
        )

    def _attribute_value(self, identifier: Message) -> Value:
        if identifier.id:
            return find(self.store.values, identifier.id)
        record = self.store.value_by_fqn(identifier.fqn)
        # Here the name's case counts.
        if record is None or self.store.value_fqn(record) != identifier.fqn:
            raise missing()
        return record

    def _action(self, identifier: Message, namespace_id: str) -> Action:
        if identifier.id:
            action = find(self.store.actions, identifier.id)
            if action.namespace_id != namespace_id:
                raise invalid_argument("namespace mismatch")
            return action
        known = self.store.action_by_name(identifier.name, namespace_id)
        if known is not None:
            return known
        name = identifier.name.lower()
        made = Action(name=name, namespace_id=namespace_id, **self.store.times())
        self.store.actions[made.id] = made
        return made


@dataclass(frozen=True, slots=True)
class ObligationTriggerService(PolicyService):
    """Triggers of obligation values."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/GetObligationTrigger": self.get,
            f"{SERVICE}/AddObligationTrigger": self.add,
            f"{SERVICE}/RemoveObligationTrigger": self.remove,
            f"{SERVICE}/ListObligationTriggers": self.list_page,
        }

    def get(self, request: Message, _call: Call) -> Message:
        """Return one trigger."""
        record = find(self.store.obligations.triggers, request.id)
        response = self.response(f"{PACKAGE}.GetObligationTriggerResponse")
        response.trigger.CopyFrom(trigger_message(self.renderer, record))
        return response

    def add(self, request: Message, call: Call) -> Message:
        """Let an action on an attribute value trigger an obligation value."""
        response = self.response(f"{PACKAGE}.AddObligationTriggerResponse")
        with self.change(call, "create", KIND) as change:
            record = TriggerWriter(self.store).make(self._value(request), request)
            record.labels = labels_of(request)
            triggers = self.store.obligations.triggers
            if any(item.key == record.key for item in triggers.values()):
                raise taken()
            triggers[record.id] = record
            response.trigger.CopyFrom(trigger_message(self.renderer, record))
            change.object_id, change.original = record.id, response.trigger
        return response

    def remove(self, request: Message, call: Call) -> Message:
        """Remove a trigger."""
        response = self.response(f"{PACKAGE}.RemoveObligationTriggerResponse")
        with self.change(call, "delete", KIND, request.id):
            record = find(self.store.obligations.triggers, request.id)
            del self.store.obligations.triggers[record.id]
        response.trigger.id = record.id
        return response

    def list_page(self, request: Message, _call: Call) -> Message:
        """List triggers by the namespace of their attribute values, newest first."""
        chosen = [
            item
            for item in reversed(self.store.obligations.triggers.values())
            if self.store.is_in_namespace(self._namespace_id(item), request)
        ]
        response = self.response(f"{PACKAGE}.ListObligationTriggersResponse")
        response.triggers.extend(
            trigger_message(self.renderer, item)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def _value(self, request: Message) -> ObligationValue:
        wanted = request.obligation_value
        if wanted.id:
            return find(self.store.obligations.values, wanted.id)
        record = value_by_fqn(self.store, wanted.fqn)
        if record is None:
            raise missing()
        return record

    def _namespace_id(self, trigger: ObligationTrigger) -> str:
        attribute_id = self.store.values[trigger.attribute_value_id].attribute_id
        return self.store.attributes[attribute_id].namespace_id
