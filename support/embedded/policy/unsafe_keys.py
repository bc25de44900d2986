"""``policy.unsafe.UnsafeService``: changing and deleting keys that documents may need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.calls import invalid_argument, not_found
from support.embedded.faults import Fault
from support.embedded.policy.base import PolicyService, relation_invalid
from support.embedded.policy.kas_keys import KIND
from support.embedded.policy.key_material import MODE_PUBLIC_KEY_ONLY, MODE_REMOTE
from support.embedded.policy.store import find
from support.embedded.policy.unsafe import PACKAGE, SERVICE

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.policy.records import KasKey
    from support.embedded.protocol import Message

UNSPECIFIED = 0


@dataclass(frozen=True, slots=True)
class UnsafeKeyService(PolicyService):
    """Changes of keys that can make data unreadable."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/UnsafeUpdateKey": self.update,
            f"{SERVICE}/UnsafeDeleteKasKey": self.delete,
        }

    def update(self, request: Message, call: Call) -> Message:
        """Change who keeps the private part of a key that is kept elsewhere or nowhere."""
        response = self.response(f"{PACKAGE}.UnsafeUpdateKeyResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.keys, request.id)
            change.original = self._kept(record)
            mode, provider = request.target_key_mode, request.provider_config_id
            _check_update(record, mode, provider)
            if provider and provider not in self.store.providers:
                raise not_found("provider_config_id does not reference an existing provider config")
            record.mode = mode or record.mode
            record.provider_config_id = provider
            self.touch(record)
            change.updated = self._kept(record)
            response.key.CopyFrom(self.renderer.kas_key(record))
        return response

    def _kept(self, record: KasKey) -> Message:
        """Return who keeps a key, as the audit may know it."""
        message = self.renderer.new("KasKey")
        message.kas_uri = self.store.servers[record.kas_id].uri
        message.key.key_id, message.key.key_mode = record.kid, record.mode
        if record.provider_config_id:
            provider = self.store.providers[record.provider_config_id]
            told = message.key.provider_config
            told.id, told.name, told.manager = provider.id, provider.name, provider.manager
        return message

    def delete(self, request: Message, call: Call) -> Message:
        """Delete a key whose id and KAS are given as proof of intent, and its assignments.

        The base key cannot be deleted.
        """
        response = self.response(f"{PACKAGE}.UnsafeDeleteKasKeyResponse")
        with self.change(call, "delete", KIND, request.id) as change:
            record = find(self.store.keys, request.id)
            uri = self.store.servers[record.kas_id].uri
            response.key.kas_uri = uri
            response.key.key.id, response.key.key.key_id = record.id, record.kid
            change.original = response.key
            if Fault.KEY_DELETED_WITHOUT_PROOF not in self.store.faults:
                if uri != request.kas_uri:
                    raise invalid_argument("kas uri mismatch")
                if record.kid != request.kid:
                    raise invalid_argument("key id mismatch")
            if record.id == self.store.base_key_id:
                raise relation_invalid()
            self.store.delete_key(record)
        return response


def _check_update(record: KasKey, mode: int, provider: str) -> None:
    if record.mode not in {MODE_PUBLIC_KEY_ONLY, MODE_REMOTE}:
        raise invalid_argument("existing key mode cannot be updated")
    if mode == MODE_PUBLIC_KEY_ONLY:
        if provider:
            raise invalid_argument("provider_config_id must be empty for requested key mode")
        return
    if not provider:
        raise invalid_argument("provider_config_id is required for requested key mode")
    if mode == UNSPECIFIED and record.mode != MODE_REMOTE:
        raise invalid_argument(
            "existing key mode cannot receive provider_config_id update with unspecified key mode"
        )
