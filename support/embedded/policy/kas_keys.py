"""``policy.kasregistry.KeyAccessServerRegistryService``: keys of registered KAS.

Here keys are registered, listed and found. Rotation, base key and mappings belong to key
management.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.calls import invalid_argument
from support.embedded.policy.base import PolicyService, labels_of, relation_invalid
from support.embedded.policy.kas_registry import PACKAGE, SERVICE
from support.embedded.policy.paging import found, ordered, page
from support.embedded.policy.records import KasKey
from support.embedded.policy.store import find, missing, taken

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.policy.records import KeyAccessServer
    from support.embedded.protocol import Message

KIND = "kas_registry_keys"
STATUS_ACTIVE = 1
SORT_KEYS = {
    1: lambda item: item.kid,
    2: lambda item: item.created,
    3: lambda item: item.updated,
    4: lambda item: item.status,
}


@dataclass(frozen=True, slots=True)
class KasKeyService(PolicyService):
    """Keys of registered KAS."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/CreateKey": self.create,
            f"{SERVICE}/GetKey": self.get,
            f"{SERVICE}/ListKeys": self.list_page,
            f"{SERVICE}/GetBaseKey": self.get_base_key,
        }

    def create(self, request: Message, call: Call) -> Message:
        """Register a key; its id must be free on its KAS."""
        response = self.response(f"{PACKAGE}.CreateKeyResponse")
        with self.change(call, "create", KIND) as change:
            server = self.store.servers.get(request.kas_id)
            if server is None:
                raise relation_invalid()
            if any(
                key.kid == request.key_id and key.kas_id == server.id
                for key in self.store.keys.values()
            ):
                raise taken()
            record = KasKey(
                kas_id=server.id,
                kid=request.key_id,
                algorithm=request.key_algorithm,
                mode=request.key_mode,
                status=STATUS_ACTIVE,
                pem=_decoded(request.public_key_ctx.pem),
                legacy=request.legacy,
                private_key=(
                    request.private_key_ctx if request.HasField("private_key_ctx") else None
                ),
                labels=labels_of(request),
                **self.store.times(),
            )
            self.store.keys[record.id] = record
            response.kas_key.CopyFrom(self.renderer.kas_key(record))
            change.object_id, change.original = record.id, self.renderer.kas_key(record)
            # The audit must not hold the private part, wrapped or not.
            change.original.key.ClearField("private_key_ctx")
        return response

    def get(self, request: Message, _call: Call) -> Message:
        """Return a key by its own id, or by KAS and key id."""
        record = find(self.store.keys, request.id) if request.id else self._by_kid(request.key)
        response = self.response(f"{PACKAGE}.GetKeyResponse")
        response.kas_key.CopyFrom(self.renderer.kas_key(record))
        return response

    def _by_kid(self, wanted: Message) -> KasKey:
        for key in self.store.keys.values():
            if key.kid == wanted.kid and _is_meant(self.store.servers[key.kas_id], wanted):
                return key
        raise missing()

    def list_page(self, request: Message, _call: Call) -> Message:
        """List keys by KAS, algorithm, order and page."""
        filtered = request.WhichOneof("kas_filter")
        chosen = [
            item
            for item in ordered(self.store.keys.values(), request.sort, SORT_KEYS)
            if (not request.key_algorithm or item.algorithm == request.key_algorithm)
            and (not request.HasField("legacy") or item.legacy == request.legacy)
            and (not filtered or self._matches(item, filtered, getattr(request, filtered)))
            and found(item.kid, request.search)
        ]
        response = self.response(f"{PACKAGE}.ListKeysResponse")
        response.kas_keys.extend(
            self.renderer.kas_key(item)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def _matches(self, key: KasKey, filtered: str, wanted: str) -> bool:
        server = self.store.servers[key.kas_id]
        return {"kas_id": server.id, "kas_name": server.name, "kas_uri": server.uri}[
            filtered
        ] == wanted

    def get_base_key(self, _request: Message, _call: Call) -> Message:
        """Return the base key; there is none until key management can set one."""
        return self.response(f"{PACKAGE}.GetBaseKeyResponse")


def _is_meant(server: KeyAccessServer, wanted: Message) -> bool:
    return (wanted.kas_id or server.id, wanted.name or server.name, wanted.uri or server.uri) == (
        server.id,
        server.name,
        server.uri,
    )


def _decoded(pem: str) -> str:
    try:
        return base64.b64decode(pem, validate=True).decode()
    except (binascii.Error, ValueError):
        raise invalid_argument("expected base64 encoded value") from None
