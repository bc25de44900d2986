"""Which registered keys protect data of a namespace, an attribute or a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.faults import Fault
from support.embedded.policy.base import relation_invalid
from support.embedded.policy.store import find, missing, taken

if TYPE_CHECKING:
    from support.embedded.calls import Call
    from support.embedded.policy.store import PolicyStore
    from support.embedded.protocol import Message

KEY_STATUS_ACTIVE = 1


class Assignable(Protocol):
    """A record that keys can be assigned to."""

    key_ids: list[str]


A = TypeVar("A", bound=Assignable)


def assign_key(store: PolicyStore, table: dict[str, A], owner_id: str, key_id: str) -> None:
    """Assign a key.

    Raises:
        ConnectError: The key is unknown, rotated out or assigned already, or the owner is unknown.
    """
    key = find(store.keys, key_id)
    if key.status != KEY_STATUS_ACTIVE:
        # The platform has no error of its own for that, so it is one of the server (0.25.0).
        raise ConnectError(Code.INTERNAL, "resource creation failed")
    owner = table.get(owner_id)
    if owner is None:
        raise relation_invalid()
    if key.id in owner.key_ids:
        raise taken()
    if Fault.ASSIGNMENT_FORGOTTEN not in store.faults:
        owner.key_ids.append(key.id)


def remove_key(table: dict[str, A], owner_id: str, key_id: str) -> None:
    """Take an assigned key away.

    Raises:
        ConnectError: ``not_found`` when it is not assigned.
    """
    owner = table.get(owner_id)
    if owner is None or key_id not in owner.key_ids:
        raise missing()
    owner.key_ids.remove(key_id)


def unimplemented(_request: Message, _call: Call) -> Message:
    """Refuse the grants of old, which key assignments have replaced in the platform too."""
    raise ConnectError(
        Code.UNIMPLEMENTED,
        "this compatibility stub will be removed entirely in the following release",
    )


def no_grant(*identifiers: str) -> ConnectError:
    """Return the refusal to take a grant of old away: as none can be made, none is ever found."""
    try:
        for identifier in identifiers:
            UUID(identifier)
    except ValueError:
        return ConnectError(Code.INVALID_ARGUMENT, "invalid UUID")
    return missing()
