"""``policy.kasregistry.KeyAccessServerRegistryService``: registered KAS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.calls import invalid_argument
from support.embedded.faults import Fault
from support.embedded.policy.base import PolicyService, labels_of, relation_invalid
from support.embedded.policy.paging import found, ordered, page
from support.embedded.policy.records import KeyAccessServer
from support.embedded.policy.store import find, missing, taken

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.protocol import Message

SERVICE = "/policy.kasregistry.KeyAccessServerRegistryService"
PACKAGE = "policy.kasregistry"
KIND = "kas_registry"
SORT_KEYS = {
    1: lambda item: item.name,
    2: lambda item: item.uri,
    3: lambda item: item.created,
    4: lambda item: item.updated,
}


@dataclass(frozen=True, slots=True)
class KasRegistryService(PolicyService):
    """Registered KAS."""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/ListKeyAccessServers": self.list_page,
            f"{SERVICE}/GetKeyAccessServer": self.get,
            f"{SERVICE}/CreateKeyAccessServer": self.create,
            f"{SERVICE}/UpdateKeyAccessServer": self.update,
            f"{SERVICE}/DeleteKeyAccessServer": self.delete,
        }

    def list_page(self, request: Message, _call: Call) -> Message:
        """List the registered KAS by order and page."""
        chosen = [
            item
            for item in ordered(self.store.servers.values(), request.sort, SORT_KEYS)
            if found(f"{item.name} {item.uri}", request.search)
            and Fault.KEY_SERVICE_NOT_LISTED not in self.store.faults
        ]
        response = self.response(f"{PACKAGE}.ListKeyAccessServersResponse")
        response.key_access_servers.extend(
            self.renderer.server(item)
            for item in page(chosen, request.pagination, response.pagination)
        )
        return response

    def get(self, request: Message, _call: Call) -> Message:
        """Return one KAS by id, name or URI."""
        matching = [
            item
            for item in self.store.servers.values()
            if (request.uri and item.uri == request.uri)
            or (request.name and item.name == request.name.lower())
            or item.id in {request.id, request.kas_id}
        ]
        if not matching or Fault.KEY_SERVICE_NOT_LISTED in self.store.faults:
            raise missing()
        response = self.response(f"{PACKAGE}.GetKeyAccessServerResponse")
        response.key_access_server.CopyFrom(self.renderer.server(matching[0]))
        return response

    def create(self, request: Message, call: Call) -> Message:
        """Register a KAS; URI and name must be free."""
        response = self.response(f"{PACKAGE}.CreateKeyAccessServerResponse")
        with self.change(call, "create", KIND) as change:
            record = KeyAccessServer(
                uri=request.uri,
                name=request.name.lower(),
                source_type=request.source_type,
                public_key=request.public_key if request.HasField("public_key") else None,
                labels=labels_of(request),
                **self.store.times(),
            )
            self._check_free(record)
            self.store.servers[record.id] = record
            # The answer to a creation tells no times, unlike every other.
            made = self.renderer.server(record)
            made.metadata.ClearField("created_at")
            made.metadata.ClearField("updated_at")
            if record.public_key is None:
                made.ClearField("public_key")
            response.key_access_server.CopyFrom(made)
            change.object_id, change.original = record.id, response.key_access_server
        return response

    def update(self, request: Message, call: Call) -> Message:
        """Change a KAS's URI, name, key, source or labels."""
        response = self.response(f"{PACKAGE}.UpdateKeyAccessServerResponse")
        names = ("uri", "name", "source_type")
        with self.change(call, "update", KIND, request.id) as change:
            record = find(self.store.servers, request.id)
            given = {name: getattr(request, name) for name in names if getattr(request, name)}
            has_key, has_labels = request.HasField("public_key"), request.HasField("metadata")
            if not given and not has_key and not has_labels:
                raise invalid_argument("cannot update to unspecified value")
            change.original = self.renderer.server(record)
            wanted = KeyAccessServer(
                id=record.id,
                uri=given.get("uri", record.uri),
                name=given.get("name", record.name).lower(),
                **self.store.times(),
            )
            self._check_free(wanted)
            self.update_labels(record, request)
            record.uri, record.name = wanted.uri, wanted.name
            record.source_type = given.get("source_type", record.source_type)
            if has_key:
                record.public_key = request.public_key
            self.touch(record)
            change.updated = self.renderer.server(record)
        response.key_access_server.id = record.id
        return response

    def delete(self, request: Message, call: Call) -> Message:
        """Forget a KAS; one that has keys cannot be forgotten."""
        response = self.response(f"{PACKAGE}.DeleteKeyAccessServerResponse")
        with self.change(call, "delete", KIND, request.id):
            record = find(self.store.servers, request.id)
            kept = [key for key in self.store.keys.values() if key.kas_id == record.id]
            if kept and Fault.KEY_SERVICE_DELETED_WITH_KEYS not in self.store.faults:
                raise relation_invalid()
            for key in kept:
                self.store.delete_key(key)
            del self.store.servers[record.id]
        response.key_access_server.id = record.id
        return response

    def _check_free(self, wanted: KeyAccessServer) -> None:
        for item in self.store.servers.values():
            if item.id != wanted.id and (
                item.uri == wanted.uri or (wanted.name and item.name == wanted.name)
            ):
                raise taken()
