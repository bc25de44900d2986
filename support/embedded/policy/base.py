"""What all policy services share: records, messages, labels, and the audit of changes."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.audit import event
from support.embedded.calls import invalid_argument
from support.embedded.faults import Fault
from support.embedded.policy.store import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.embedded.calls import Call
    from support.embedded.policy.records import Record
    from support.embedded.policy.render import Renderer
    from support.embedded.policy.store import PolicyStore
    from support.embedded.protocol import Message

EXTEND = 1
REPLACE = 2
ACTIVE = 1
INACTIVE = 2


def relation_invalid() -> ConnectError:
    """Return the error for an id that refers to nothing."""
    return invalid_argument("resource relation invalid")


@dataclass(slots=True)
class Change:
    """What the audit must know of a change; a service fills it in while it works."""

    object_id: str = ""
    original: Message | None = None
    updated: Message | None = None


@dataclass(frozen=True, slots=True)
class PolicyService:
    """Base of the policy services."""

    renderer: Renderer

    @property
    def store(self) -> PolicyStore:
        """The records."""
        return self.renderer.store

    def response(self, name: str) -> Message:
        """Return an empty message by its full name."""
        return self.renderer.protocol.message(name)()

    @contextlib.contextmanager
    def change(self, call: Call, action: str, kind: str, object_id: str = "") -> Iterator[Change]:
        """Record a change in the audit trail, with its result, whatever comes of it."""
        record = Change(object_id)
        try:
            yield record
        except ConnectError:
            call.trail.add("policy crud", self._event(call, (action, "error"), kind, record))
            raise
        call.trail.add("policy crud", self._event(call, (action, "success"), kind, record))

    def _event(
        self, call: Call, action: tuple[str, str], kind: str, record: Change
    ) -> dict[str, Any]:
        content = event(
            action,
            {
                "type": kind,
                "id": record.object_id,
                "name": "",
                "attributes": {"assertions": None, "attrs": None, "permissions": None},
            },
            actor={"attributes": [], "id": call.trail.actor_id},
            client=call.trail.client_info("policy"),
        )
        if action[1] == "success" and record.original is not None:
            original = self._audited(record.original)
            content["original"] = original
            if record.updated is not None:
                content["updated"] = {**original, **self._audited(record.updated)}
        return content

    def _audited(self, message: Message) -> dict[str, Any]:
        data = self.renderer.protocol.to_dict(message)
        metadata = data.get("metadata")
        if isinstance(metadata, dict):
            metadata.pop("createdAt", None)
            metadata.pop("updatedAt", None)
            if not metadata:
                del data["metadata"]
        return data

    def touch(self, record: Record) -> None:
        """Note that a record has changed."""
        record.updated = self.store.clock.now()

    def update_labels(self, record: Record, request: Message) -> None:
        """Extend or replace the labels of a record as an update asks.

        Raises:
            ConnectError: ``internal`` when labels come without saying what to do with them.
        """
        faulty = Fault.UPDATE_CHANGES_NOTHING in self.store.faults
        if faulty or not request.HasField("metadata"):
            return
        labels = dict(request.metadata.labels)
        if request.metadata_update_behavior == EXTEND:
            record.labels = {**record.labels, **labels}
        elif request.metadata_update_behavior == REPLACE:
            record.labels = labels
        else:
            raise ConnectError(Code.INTERNAL, "resource update failed")
        self.touch(record)


def namespace_of(store: PolicyStore, request: Message) -> str:
    """Return the id of the namespace that a new record is to stand in, or nothing.

    Raises:
        ConnectError: No namespace has that id, or exactly that name.
    """
    if request.namespace_id and request.namespace_id not in store.namespaces:
        raise relation_invalid()
    if request.namespace_fqn != request.namespace_fqn.lower():
        raise missing()
    return store.namespace_id_of(request)


def labels_of(request: Message) -> dict[str, str]:
    """Return the labels that a create request brings."""
    return dict(request.metadata.labels)


def is_wanted(state: int, *, active: bool) -> bool:
    """Tell whether a list that asks for a state (``common.ActiveStateEnum``) shows a record."""
    if state in {0, ACTIVE}:
        return active
    return not active if state == INACTIVE else True
