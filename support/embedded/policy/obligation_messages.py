"""Obligations as messages of the protocol; what a message embeds depends on the procedure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.embedded.policy.obligation_records import obligation_fqn, obligation_value_fqn

if TYPE_CHECKING:
    from collections.abc import Collection

    from support.embedded.policy.obligation_records import (
        Obligation,
        ObligationTrigger,
        ObligationValue,
    )
    from support.embedded.policy.render import Renderer
    from support.embedded.protocol import Message


def definition_message(
    renderer: Renderer, record: Obligation, *, triggers: bool = True, values: bool = True
) -> Message:
    """Return a definition with its values and, if wanted, what triggers them."""
    store = renderer.store
    message = renderer.new("Obligation")
    message.id, message.name = record.id, record.name
    message.fqn = obligation_fqn(store, record)
    _namespace(renderer, record.namespace_id, message)
    if values:
        for value in store.obligations.values_of(record):
            added = message.values.add(id=value.id, value=value.value)
            added.fqn = obligation_value_fqn(store, value)
            if triggers:
                _add_triggers(renderer, value, added)
        renderer.metadata(record, message)
    return message


def value_message(
    renderer: Renderer, record: ObligationValue, *, made: Collection[str] = ()
) -> Message:
    """Return a value with its definition and its triggers.

    Triggers that were made with it, whose ids are in ``made``, are told like triggers alone.
    """
    store = renderer.store
    message = renderer.new("ObligationValue")
    message.id, message.value = record.id, record.value
    message.fqn = obligation_value_fqn(store, record)
    definition = store.obligations.definitions[record.obligation_id]
    message.obligation.CopyFrom(definition_message(renderer, definition, values=False))
    _add_triggers(renderer, record, message, made)
    renderer.metadata(record, message)
    return message


def trigger_message(
    renderer: Renderer, record: ObligationTrigger, *, alone: bool = True
) -> Message:
    """Return a trigger; alone it tells its obligation value, inside one it does not."""
    store = renderer.store
    message = renderer.new("ObligationTrigger")
    message.id = record.id
    if alone:
        value = store.obligations.values[record.value_id]
        message.obligation_value.id, message.obligation_value.value = value.id, value.value
        message.obligation_value.fqn = obligation_value_fqn(store, value)
        definition = store.obligations.definitions[value.obligation_id]
        inner = message.obligation_value.obligation
        inner.id, inner.name = definition.id, definition.name
        _namespace(renderer, definition.namespace_id, inner)
        renderer.metadata(record, message)
    action = store.actions[record.action_id]
    message.action.id, message.action.name = action.id, action.name
    attribute_value = store.values[record.attribute_value_id]
    message.attribute_value.id = attribute_value.id
    message.attribute_value.value = attribute_value.value
    message.attribute_value.fqn = store.value_fqn(attribute_value)
    _namespace(renderer, store.attributes[attribute_value.attribute_id].namespace_id, message)
    if record.client_id:
        message.context.add().pep.client_id = record.client_id
    return message


def _add_triggers(
    renderer: Renderer, record: ObligationValue, message: Message, made: Collection[str] = ()
) -> None:
    message.triggers.extend(
        trigger_message(renderer, trigger, alone=trigger.id in made)
        for trigger in renderer.store.obligations.triggers_of(record)
    )


def _namespace(renderer: Renderer, namespace_id: str, message: Message) -> None:
    namespace = renderer.store.namespaces[namespace_id]
    message.namespace.id, message.namespace.name = namespace.id, namespace.name
    message.namespace.fqn = namespace.fqn
