"""Registered resources as messages of the protocol; what one embeds depends on the procedure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.embedded.policy.registered_records import name_of

if TYPE_CHECKING:
    from support.embedded.policy.registered_records import (
        RegisteredResource,
        RegisteredResourceValue,
    )
    from support.embedded.policy.render import Renderer
    from support.embedded.protocol import Message


def resource_message(renderer: Renderer, record: RegisteredResource) -> Message:
    """Return a resource with its values and what they are tied to."""
    message = renderer.new("RegisteredResource")
    message.id, message.name = record.id, record.name
    _namespace(renderer, record.namespace_id, message)
    for value in renderer.store.registered.values_of(record):
        added = message.values.add(id=value.id, value=value.value)
        added.fqn = name_of(renderer.store, value).fqn
        _add_pairs(renderer, value, added, namespaces=True)
    renderer.metadata(record, message)
    return message


def resource_value_message(renderer: Renderer, record: RegisteredResourceValue) -> Message:
    """Return a value with its resource and what it is tied to."""
    message = renderer.new("RegisteredResourceValue")
    message.id, message.value = record.id, record.value
    message.fqn = name_of(renderer.store, record).fqn
    resource = renderer.store.registered.resources[record.resource_id]
    message.resource.id, message.resource.name = resource.id, resource.name
    _namespace(renderer, resource.namespace_id, message.resource)
    _add_pairs(renderer, record, message, namespaces=False)
    renderer.metadata(record, message)
    return message


def _add_pairs(
    renderer: Renderer, record: RegisteredResourceValue, message: Message, *, namespaces: bool
) -> None:
    store = renderer.store
    for action_id, value_id in record.pairs:
        action, value = store.actions[action_id], store.values[value_id]
        pair = message.action_attribute_values.add()
        pair.action.id, pair.action.name = action.id, action.name
        if namespaces:
            _namespace(renderer, action.namespace_id, pair.action)
        pair.attribute_value.id, pair.attribute_value.value = value.id, value.value
        pair.attribute_value.fqn = store.value_fqn(value)


def _namespace(renderer: Renderer, namespace_id: str, message: Message) -> None:
    if namespace_id:
        namespace = renderer.store.namespaces[namespace_id]
        message.namespace.id, message.namespace.name = namespace.id, namespace.name
        message.namespace.fqn = namespace.fqn
