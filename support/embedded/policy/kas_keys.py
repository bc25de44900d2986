"""``policy.kasregistry.KeyAccessServerRegistryService``: keys of registered KAS.

Here keys are registered, listed, found and labelled; ``key_life_cycle`` rotates them.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.faults import Fault
from support.embedded.policy.base import PolicyService, labels_of, relation_invalid
from support.embedded.policy.kas_registry import PACKAGE, SERVICE
from support.embedded.policy.key_material import check_sealed, decoded_public
from support.embedded.policy.paging import found, ordered, page
from support.embedded.policy.records import KasKey
from support.embedded.policy.store import find, missing, taken

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.policy.records import KeyAccessServer
    from support.embedded.policy.store import PolicyStore
    from support.embedded.protocol import Message

KIND = "kas_registry_keys"
STATUS_ACTIVE = 1
LONGEST_KEY_ID = 36
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
            f"{SERVICE}/UpdateKey": self.update,
        }

    def create(self, request: Message, call: Call) -> Message:
        """Register a key; its id must be free on its KAS."""
        response = self.response(f"{PACKAGE}.CreateKeyResponse")
        with self.change(call, "create", KIND) as change:
            record = new_key(self.store, request, request.kas_id, request.key_algorithm)
            record.legacy = request.legacy
            self.store.keys[record.id] = record
            response.kas_key.CopyFrom(self.renderer.kas_key(record))
            change.object_id, change.original = record.id, self._recorded(record)
        return response

    def _recorded(self, record: KasKey) -> Message:
        """Return a key as the audit may know it: without its private part, sealed or not."""
        original = self.renderer.kas_key(record)
        original.ClearField("kas_uri")
        if Fault.PRIVATE_KEY_IN_AUDIT not in self.store.faults:
            original.key.ClearField("private_key_ctx")
        original.key.provider_config.ClearField("config_json")
        return original

    def get(self, request: Message, call: Call) -> Message:
        """Return a key by its own id, or by KAS and key id; that somebody read it is recorded."""
        response = self.response(f"{PACKAGE}.GetKeyResponse")
        with self.change(call, "read", KIND) as change:
            named = request.WhichOneof("identifier") == "key"
            record = key_of(self.store, request.key if named else request.id)
            response.kas_key.CopyFrom(self.renderer.kas_key(record))
            change.object_id = record.kid
        return response

    def list_page(self, request: Message, _call: Call) -> Message:
        """List keys by KAS, algorithm, order and page."""
        return self.page_of(request)

    def page_of(self, request: Message) -> Message:
        """Return the page that a list request asks for."""
        filtered = request.WhichOneof("kas_filter")
        servers = self._servers(filtered, getattr(request, filtered) if filtered else "")
        chosen = [
            item
            for item in ordered(self.store.keys.values(), request.sort, SORT_KEYS)
            if item.kas_id in servers
            and (not request.key_algorithm or item.algorithm == request.key_algorithm)
            and (not request.HasField("legacy") or item.legacy == request.legacy)
            and found(item.kid, request.search)
        ]
        response = self.response(f"{PACKAGE}.ListKeysResponse")
        response.kas_keys.extend(
            self.renderer.kas_key(item, manager=False)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def _servers(self, filtered: str | None, wanted: str) -> set[str]:
        """Return the ids of the KAS that a list is about.

        Raises:
            ConnectError: ``not_found`` where it names one that is unknown.
        """
        chosen = {
            server.id
            for server in self.store.servers.values()
            if filtered is None
            or wanted
            == {"kas_id": server.id, "kas_name": server.name, "kas_uri": server.uri}[filtered]
        }
        if filtered is not None and not chosen:
            raise missing()
        return chosen

    def update(self, request: Message, call: Call) -> Message:
        """Change the labels of a key, which is all that can be changed."""
        response = self.response(f"{PACKAGE}.UpdateKeyResponse")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.keys, request.id)
            change.original = self._state(record)
            self.update_labels(record, request)
            self.touch(record)
            change.updated = self._state(record)
            response.kas_key.CopyFrom(self.renderer.kas_key(record))
        return response

    def _state(self, record: KasKey) -> Message:
        message = self.renderer.new("AsymmetricKey")
        message.key_id, message.key_status = record.kid, record.status
        self.renderer.metadata(record, message)
        return message


def new_key(store: PolicyStore, request: Message, kas_id: str, algorithm: int) -> KasKey:
    """Return the key that a request describes, once it may be stored.

    Raises:
        ConnectError: It may not: its KAS or provider is unknown, its id is taken, or its material
            is not what its mode needs.
    """
    pem = decoded_public(request.public_key_ctx.pem)
    if Fault.UNSEALED_KEY_ACCEPTED not in store.faults:
        check_sealed(request)
    server = store.servers.get(kas_id)
    provider = _uuid(request.provider_config_id)
    if len(request.key_id) > LONGEST_KEY_ID:
        raise ConnectError(Code.INTERNAL, "resource creation failed")
    if server is None or (provider and provider not in store.providers):
        raise relation_invalid()
    if Fault.DUPLICATE_KEY_ID_ACCEPTED not in store.faults and any(
        key.kid == request.key_id and key.kas_id == server.id for key in store.keys.values()
    ):
        raise taken()
    return KasKey(
        kas_id=server.id,
        kid=request.key_id,
        algorithm=algorithm,
        mode=request.key_mode,
        status=STATUS_ACTIVE,
        pem=pem,
        private_key=request.private_key_ctx if request.HasField("private_key_ctx") else None,
        provider_config_id=provider,
        labels=labels_of(request),
        **store.times(),
    )


def key_of(store: PolicyStore, wanted: Message | str) -> KasKey:
    """Return a key by its own id, or by a ``KasKeyIdentifier``.

    Raises:
        ConnectError: ``not_found``.
    """
    if isinstance(wanted, str):
        return find(store.keys, wanted)
    for key in store.keys.values():
        if key.kid == wanted.kid and is_meant(store.servers[key.kas_id], wanted):
            return key
    raise missing()


def is_meant(server: KeyAccessServer, wanted: Message) -> bool:
    """Tell whether a ``KasKeyIdentifier`` names a KAS."""
    return (wanted.kas_id or server.id, wanted.name or server.name, wanted.uri or server.uri) == (
        server.id,
        server.name,
        server.uri,
    )


def _uuid(text: str) -> str:
    """Return an identifier in its one form; the platform takes what is none for nothing."""
    try:
        return str(uuid.UUID(text)) if text else ""
    except ValueError:
        return ""
