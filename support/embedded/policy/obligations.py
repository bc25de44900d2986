"""``policy.obligations.Service``: definitions and their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.policy.base import PolicyService, labels_of, namespace_of
from support.embedded.policy.obligation_messages import definition_message, value_message
from support.embedded.policy.obligation_records import (
    Obligation,
    ObligationValue,
    definition_by_fqn,
    obligation_fqn,
    obligation_value_fqn,
    value_by_fqn,
)
from support.embedded.policy.obligation_triggers import PACKAGE, SERVICE, TriggerWriter
from support.embedded.policy.paging import found, ordered, page
from support.embedded.policy.store import find, missing, taken

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.protocol import Message

DEFINITION = "obligation_definition"
VALUE = "obligation_value"


@dataclass(frozen=True, slots=True)
class ObligationService(PolicyService):
    """Obligation definitions and values."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/ListObligations": self.list_page,
            f"{SERVICE}/GetObligation": self.get,
            f"{SERVICE}/GetObligationsByFQNs": self.by_fqns,
            f"{SERVICE}/CreateObligation": self.create,
            f"{SERVICE}/UpdateObligation": self.update,
            f"{SERVICE}/DeleteObligation": self.delete,
            f"{SERVICE}/GetObligationValue": self.get_value,
            f"{SERVICE}/GetObligationValuesByFQNs": self.values_by_fqns,
            f"{SERVICE}/CreateObligationValue": self.create_value,
            f"{SERVICE}/UpdateObligationValue": self.update_value,
            f"{SERVICE}/DeleteObligationValue": self.delete_value,
        }

    def get(self, request: Message, _call: Call) -> Message:
        """Return one definition by id or name."""
        response = self.response(f"{PACKAGE}.GetObligationResponse")
        response.obligation.CopyFrom(definition_message(self.renderer, self._definition(request)))
        return response

    def list_page(self, request: Message, _call: Call) -> Message:
        """List definitions by namespace, name, order and page."""
        keys = {
            1: lambda item: item.name,
            2: lambda item: obligation_fqn(self.store, item),
            3: lambda item: item.created,
            4: lambda item: item.updated,
        }
        definitions = self.store.obligations.definitions.values()
        chosen = [
            item
            for item in ordered(definitions, request.sort, keys)
            if self.store.is_in_namespace(item.namespace_id, request)
            and found(obligation_fqn(self.store, item), request.search)
        ]
        response = self.response(f"{PACKAGE}.ListObligationsResponse")
        response.obligations.extend(
            definition_message(self.renderer, item)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def by_fqns(self, request: Message, _call: Call) -> Message:
        """Return the definitions of those names that are known."""
        response = self.response(f"{PACKAGE}.GetObligationsByFQNsResponse")
        for name in request.fqns:
            record = definition_by_fqn(self.store, name)
            if record is not None:
                entry = response.fqn_obligation_map[obligation_fqn(self.store, record)]
                entry.CopyFrom(definition_message(self.renderer, record))
        return response

    def create(self, request: Message, call: Call) -> Message:
        """Create a definition with values; its name must be free in the namespace."""
        response = self.response(f"{PACKAGE}.CreateObligationResponse")
        with self.change(call, "create", DEFINITION) as change:
            namespace_id, name = namespace_of(self.store, request), request.name.lower()
            self._check_free(namespace_id, name)
            names = [value.lower() for value in request.values]
            if len(set(names)) != len(names):
                raise taken()
            labels, times = labels_of(request), self.store.times()
            record = Obligation(namespace_id=namespace_id, name=name, labels=labels, **times)
            self.store.obligations.definitions[record.id] = record
            for value in names:
                added = ObligationValue(obligation_id=record.id, value=value, **times)
                self.store.obligations.values[added.id] = added
            message = definition_message(self.renderer, record, triggers=False)
            response.obligation.CopyFrom(message)
            change.object_id, change.original = record.id, response.obligation
        return response

    def update(self, request: Message, call: Call) -> Message:
        """Rename a definition or change its labels."""
        response = self.response(f"{PACKAGE}.UpdateObligationResponse")
        with self.change(call, "update", DEFINITION, request.id) as change:
            record = find(self.store.obligations.definitions, request.id)
            change.original = definition_message(self.renderer, record)
            name = request.name.lower() or record.name
            if name != record.name:
                self._check_free(record.namespace_id, name)
            self.update_labels(record, request)
            record.name = name
            self.touch(record)
            response.obligation.CopyFrom(definition_message(self.renderer, record))
            _tell_given_labels(response.obligation, request)
            change.updated = response.obligation
        return response

    def delete(self, request: Message, call: Call) -> Message:
        """Delete a definition with its values and their triggers."""
        response = self.response(f"{PACKAGE}.DeleteObligationResponse")
        with self.change(call, "delete", DEFINITION, request.id):
            record = self._definition(request)
            del self.store.obligations.definitions[record.id]
            self.store.forget_orphans()
        response.obligation.id = record.id
        return response

    def get_value(self, request: Message, _call: Call) -> Message:
        """Return one value by id or name."""
        response = self.response(f"{PACKAGE}.GetObligationValueResponse")
        response.value.CopyFrom(value_message(self.renderer, self._value(request)))
        return response

    def values_by_fqns(self, request: Message, _call: Call) -> Message:
        """Return the values of those names that are known."""
        response = self.response(f"{PACKAGE}.GetObligationValuesByFQNsResponse")
        for name in request.fqns:
            record = value_by_fqn(self.store, name)
            if record is not None:
                entry = response.fqn_value_map[obligation_value_fqn(self.store, record)]
                entry.CopyFrom(value_message(self.renderer, record))
        return response

    def create_value(self, request: Message, call: Call) -> Message:
        """Create a value with its triggers: all of it or nothing."""
        response = self.response(f"{PACKAGE}.CreateObligationValueResponse")
        with self.change(call, "create", VALUE) as change:
            definition = (
                definition_by_fqn(self.store, request.obligation_fqn)
                if request.obligation_fqn
                else self.store.obligations.definitions.get(request.obligation_id)
            )
            if definition is None:
                raise missing()
            value = request.value.lower()
            self._check_value_free(definition, value)
            record = ObligationValue(
                obligation_id=definition.id,
                value=value,
                labels=labels_of(request),
                **self.store.times(),
            )
            triggers = TriggerWriter(self.store).prepare(record, request.triggers)
            self.store.obligations.values[record.id] = record
            self.store.obligations.triggers.update(triggers)
            response.value.CopyFrom(value_message(self.renderer, record, made=triggers))
            change.object_id, change.original = record.id, response.value
        return response

    def update_value(self, request: Message, call: Call) -> Message:
        """Rename a value, replace its triggers if some are given, or change its labels."""
        response = self.response(f"{PACKAGE}.UpdateObligationValueResponse")
        with self.change(call, "update", VALUE, request.id) as change:
            tables = self.store.obligations
            record = find(tables.values, request.id)
            change.original = value_message(self.renderer, record)
            value = request.value.lower() or record.value
            if value != record.value:
                self._check_value_free(tables.definitions[record.obligation_id], value)
            triggers = TriggerWriter(self.store).prepare(record, request.triggers)
            self.update_labels(record, request)
            record.value = value
            if triggers:
                for old in tables.triggers_of(record):
                    del tables.triggers[old.id]
                tables.triggers.update(triggers)
            self.touch(record)
            response.value.CopyFrom(value_message(self.renderer, record, made=triggers))
            _tell_given_labels(response.value, request)
            change.updated = response.value
        return response

    def delete_value(self, request: Message, call: Call) -> Message:
        """Delete a value with its triggers."""
        response = self.response(f"{PACKAGE}.DeleteObligationValueResponse")
        with self.change(call, "delete", VALUE, request.id):
            record = self._value(request)
            del self.store.obligations.values[record.id]
            self.store.forget_orphans()
        response.value.id = record.id
        return response

    def _definition(self, request: Message) -> Obligation:
        if request.id:
            return find(self.store.obligations.definitions, request.id)
        record = definition_by_fqn(self.store, request.fqn)
        if record is None:
            raise missing()
        return record

    def _value(self, request: Message) -> ObligationValue:
        if request.id:
            return find(self.store.obligations.values, request.id)
        record = value_by_fqn(self.store, request.fqn)
        if record is None:
            raise missing()
        return record

    def _check_free(self, namespace_id: str, name: str) -> None:
        wanted = (namespace_id, name)
        definitions = self.store.obligations.definitions.values()
        if any((item.namespace_id, item.name) == wanted for item in definitions):
            raise taken()

    def _check_value_free(self, definition: Obligation, value: str) -> None:
        if any(item.value == value for item in self.store.obligations.values_of(definition)):
            raise taken()


def _tell_given_labels(message: Message, request: Message) -> None:
    """Leave the labels out of the answer to an update that gave none."""
    if not request.HasField("metadata"):
        message.metadata.labels.clear()
