"""The actions that a mapping entitles to: known ones by id or name, and new ones by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.embedded.policy.base import relation_invalid
from support.embedded.policy.records import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.embedded.policy.store import PolicyStore
    from support.embedded.protocol import Message


def chosen_actions(
    store: PolicyStore, wanted: Iterable[Message], namespace_id: str
) -> list[Action]:
    """Return the actions of a request, each once; new ones are not stored yet.

    Raises:
        ConnectError: ``invalid_argument``, an id is unknown.
    """
    chosen: dict[str, Action] = {}
    for message in wanted:
        if message.id:
            action = store.actions.get(message.id)
            if action is None:
                raise relation_invalid()
        else:
            action = store.action_by_name(message.name, namespace_id) or Action(
                name=message.name.lower(), namespace_id=namespace_id, **store.times()
            )
        chosen.setdefault(action.name, action)
    return list(chosen.values())


def keep(store: PolicyStore, actions: Iterable[Action]) -> list[str]:
    """Store the actions that are new, and return the ids of all."""
    return [store.actions.setdefault(action.id, action).id for action in actions]
