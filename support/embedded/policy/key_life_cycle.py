"""``policy.kasregistry.KeyAccessServerRegistryService``: rotation, base key, and what keys protect.

A change that is refused changes nothing: everything is checked before anything is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.faults import Fault
from support.embedded.policy.base import PolicyService
from support.embedded.policy.kas_keys import KIND, STATUS_ACTIVE, is_meant, key_of, new_key
from support.embedded.policy.kas_registry import PACKAGE, SERVICE
from support.embedded.policy.key_material import MODE_PUBLIC_KEY_ONLY
from support.embedded.policy.paging import page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.embedded.calls import Call, Handler
    from support.embedded.policy.records import Attribute, KasKey, Namespace, Value
    from support.embedded.protocol import Message

STATUS_ROTATED = 2


@dataclass(frozen=True, slots=True)
class KeyLifeCycleService(PolicyService):
    """What becomes of keys, and of what they protect."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/RotateKey": self.rotate,
            f"{SERVICE}/SetBaseKey": self.set_base_key,
            f"{SERVICE}/GetBaseKey": self.get_base_key,
            f"{SERVICE}/ListKeyMappings": self.list_mappings,
            f"{SERVICE}/ListKeyAccessServerGrants": self.list_grants,
        }

    def rotate(self, request: Message, call: Call) -> Message:
        """Put a new key in the place of another: what the old one protects, the new one does."""
        response = self.response(f"{PACKAGE}.RotateKeyResponse")
        named = request.WhichOneof("active_key") == "key"
        object_id = request.key.kid if named else request.id
        with self.change(call, "rotate", KIND, object_id) as change:
            old = key_of(self.store, request.key if named else request.id)
            change.original = self._told(old)
            new = new_key(self.store, request.new_key, old.kas_id, request.new_key.algorithm)
            if self.store.base_key_id == old.id and new.mode == MODE_PUBLIC_KEY_ONLY:
                raise ConnectError(Code.INTERNAL, "key rotation failed")
            self._exchange(old, new, response.rotated_resources)
            response.kas_key.CopyFrom(self.renderer.kas_key(new))
            response.rotated_resources.rotated_out_key.CopyFrom(self.renderer.kas_key(old))
            change.updated = self._told_rotation(old, new, response.rotated_resources)
        return response

    def _exchange(self, old: KasKey, new: KasKey, moved: Message) -> None:
        faults = self.store.faults
        if Fault.ROTATION_KEEPS_OLD_KEY not in faults:
            old.status = STATUS_ROTATED
        self.touch(old)
        self.store.keys[new.id] = new
        if self.store.base_key_id == old.id and Fault.BASE_KEY_OUTLIVES_ROTATION not in faults:
            self.store.base_key_id = new.id
        if Fault.ROTATION_FORGETS_ASSIGNMENTS in faults:
            return
        for kind, owner, fqn in self._assigned(old):
            owner.key_ids[owner.key_ids.index(old.id)] = new.id
            getattr(moved, f"{_ROTATED[kind]}_mappings").add(id=owner.id, fqn=fqn)

    def _told(self, key: KasKey) -> Message:
        message = self.renderer.new("KasKey")
        message.kas_id = key.kas_id
        message.key.key_id, message.key.key_status = key.kid, key.status
        return message

    def _told_rotation(self, old: KasKey, new: KasKey, moved: Message) -> Message:
        told = self.response(f"{PACKAGE}.RotateKeyResponse")
        told.rotated_resources.CopyFrom(moved)
        told.rotated_resources.rotated_out_key.CopyFrom(self._told(old))
        told.kas_key.CopyFrom(self._told(new))
        return told

    def set_base_key(self, request: Message, call: Call) -> Message:
        """Make a key the one that protects whatever no other key does."""
        response = self.response(f"{PACKAGE}.SetBaseKeyResponse")
        named = request.WhichOneof("active_key") == "key"
        object_id = request.key.kid if named else request.id
        with self.change(call, "update", KIND, object_id) as change:
            key = key_of(self.store, request.key if named else request.id)
            if key.mode == MODE_PUBLIC_KEY_ONLY or key.status != STATUS_ACTIVE:
                # The platform has no error of its own for that (0.25.0).
                raise ConnectError(Code.INTERNAL, "resource update failed")
            if self.store.base_key_id:
                previous = self.renderer.simple_key(self.store.keys[self.store.base_key_id])
                response.previous_base_key.CopyFrom(previous)
                change.original = previous
            self.store.base_key_id = key.id
            self.store.first_base_key_id = self.store.first_base_key_id or key.id
            response.new_base_key.CopyFrom(self.renderer.simple_key(key))
            change.updated = response.new_base_key
        return response

    def get_base_key(self, _request: Message, _call: Call) -> Message:
        """Return the base key; a platform has none until somebody sets one."""
        response = self.response(f"{PACKAGE}.GetBaseKeyResponse")
        if self.store.base_key_id:
            key = self.store.keys[self.store.base_key_id]
            response.base_key.CopyFrom(self.renderer.simple_key(key))
        return response

    def list_mappings(self, request: Message, _call: Call) -> Message:
        """List what keys protect: of one key, or of all that protect anything; newest first."""
        wanted = self._wanted(request)
        mappings = [
            mapping
            for key in reversed(self.store.keys.values())
            if wanted(key) and (mapping := self._mapping(key)) is not None
        ]
        response = self.response(f"{PACKAGE}.ListKeyMappingsResponse")
        response.key_mappings.extend(page(mappings, request.pagination, response.pagination))
        return response

    def _wanted(self, request: Message) -> Callable[[KasKey], bool]:
        match request.WhichOneof("identifier"):
            case "id":
                return lambda key: key.id == request.id.lower()
            case "key":
                asked = request.key
                return lambda key: (
                    key.kid == asked.kid and is_meant(self.store.servers[key.kas_id], asked)
                )
            case _:
                return lambda _key: True

    def _mapping(self, key: KasKey) -> Message | None:
        assigned = list(self._assigned(key))
        if not assigned:
            return None
        mapping = self.renderer.protocol.message(f"{PACKAGE}.KeyMapping")()
        mapping.kid, mapping.kas_uri = key.kid, self.store.servers[key.kas_id].uri
        for kind, owner, fqn in assigned:
            getattr(mapping, f"{kind}_mappings").add(id=owner.id, fqn=fqn)
        return mapping

    def _assigned(self, key: KasKey) -> Iterator[tuple[str, Namespace | Attribute | Value, str]]:
        """Yield all that a key protects, with its kind and name."""
        for space in self.store.namespaces.values():
            if key.id in space.key_ids:
                yield "namespace", space, space.fqn
        for attribute in self.store.attributes.values():
            if key.id in attribute.key_ids:
                yield "attribute", attribute, self.store.attribute_fqn(attribute)
        for value in self.store.values.values():
            if key.id in value.key_ids:
                yield "value", value, self.store.value_fqn(value)

    def list_grants(self, request: Message, _call: Call) -> Message:
        """List registered KAS; grants of old can no longer be made, so each has none."""
        chosen = [
            server
            for server in self.store.servers.values()
            if (not request.kas_id or server.id == request.kas_id)
            and (not request.kas_uri or server.uri == request.kas_uri)
            and (not request.kas_name or server.name == request.kas_name)
        ]
        response = self.response(f"{PACKAGE}.ListKeyAccessServerGrantsResponse")
        for server in page(chosen, request.pagination, response.pagination):
            told = response.grants.add().key_access_server
            told.id, told.uri, told.name = server.id, server.uri, server.name
            told.public_key.SetInParent()
            if server.public_key is not None:
                told.public_key.CopyFrom(server.public_key)
        return response


_ROTATED = {
    "namespace": "namespace",
    "attribute": "attribute_definition",
    "value": "attribute_value",
}
"""What a rotation calls the kinds of things that keys protect."""
