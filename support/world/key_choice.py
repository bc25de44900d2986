"""Which keys writers are to seal documents with, and which ones documents are sealed for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from support.platform.connect import Answer, ConnectClient
from support.platform.kas import KasClient
from support.platform.key_registry import REGISTRY, listed_keys
from support.platform.policy import ATTRIBUTES
from support.platform.shape import member, members, text
from support.world.documents import Document
from support.world.expectations import fail
from support.world.keys import FIXED, Keys
from support.world.visitor import WELL_KNOWN_SERVICE

ALGORITHM = "rsa:2048"
MAPPINGS = "fqnKeyMappings"


class KeyChoice:
    """Asks, as writers do, which keys protect documents."""

    def __init__(self, connect: ConnectClient, token: str, keys: Keys) -> None:
        self._connect = connect
        self._token = token
        self._keys = keys

    def ask(self, needs: str) -> Answer:
        """Ask for the keys of documents that need some labels.

        For a document that needs nothing that is the base key, or without one the key that the
        platform's own key service publishes.

        Raises:
            SpecificationError: a label is not known.
        """
        fqns = self._keys.labels.fqns(needs)
        if fqns:
            message = {"fqns": list(fqns)}
            return self._connect.call(
                ATTRIBUTES, "GetKeyMappingsByFqns", message, token=self._token
            )
        told = self._connect.call(WELL_KNOWN_SERVICE, "GetWellKnownConfiguration", {})
        if _base_key(told):
            return told
        return KasClient(self._connect).public_key(ALGORITHM)

    def names(self, answer: Answer) -> list[str]:
        """Return the names of the keys in an answer, each once.

        Raises:
            AssertionError: the platform refused.
            EnvironmentUnfitError: it answers in another shape.
        """
        if not answer.accepted:
            fail(f"Keys: expected some, but was refused ({answer.code}: {answer.message})")
        body = answer.body
        if "kasKeys" in body or not body:
            found = [(key.uri, key.key_id) for key in listed_keys(body)]
        elif MAPPINGS in body:
            mappings: Iterable[Any] = member("GetKeyMappingsByFqns", body, MAPPINGS).values()
            found = [pair for mapping in mappings for pair in _pairs(mapping)]
        elif _base_key(answer):
            key = _base_key(answer)
            found = [(text("base_key", key, "kas_uri"), text("base_key", key["public_key"], "kid"))]
        else:
            found = [(self._keys.own_uri, text("PublicKey", body, "kid"))]
        return sorted({self._keys.name_of(*pair) for pair in found})

    def sealed_for(self, document: Document) -> list[str]:
        """Return the names of the keys that a document is sealed for."""
        access = document.container.manifest["encryptionInformation"]["keyAccess"]
        return sorted({self._keys.name_of(entry["url"], entry.get("kid", "")) for entry in access})

    def readings(self) -> Mapping[str, Callable[[str | None], Answer]]:
        """Return what callers may try to read of the keys of key services, by their words."""
        return dict(self._readings())

    def _readings(self) -> Iterator[tuple[str, Callable[[str | None], Answer]]]:
        for name in FIXED:
            yield f"read the key of the {name}", self._reading(name, "uri")
            yield f"read the key of the {name} by its number", self._reading(name, "id")
            yield f"list the keys of the {name}", self._listing(name, "uri")
            yield f"list the keys of the {name} by its number", self._listing(name, "id")
        yield "list the keys of everybody", self._listing("", "")

    def _reading(self, name: str, by: str) -> Callable[[str | None], Answer]:
        def tried(token: str | None) -> Answer:
            key = next(
                made.stored for made in self._keys.made.values() if made.stored.uri == FIXED[name]
            )
            named = {"key": {"uri": key.uri, "kid": key.key_id}}
            message = named if by == "uri" else {"id": key.id}
            return self._connect.call(REGISTRY, "GetKey", message, token=token)

        return tried

    def _listing(self, name: str, by: str) -> Callable[[str | None], Answer]:
        def tried(token: str | None) -> Answer:
            message: dict[str, str] = {}
            if name:
                service = self._keys.service(name)
                message = {"kasUri": service.uri} if by == "uri" else {"kasId": service.id}
            return self._connect.call(REGISTRY, "ListKeys", message, token=token)

        return tried


def _base_key(answer: Answer) -> Mapping[str, Any]:
    configuration = answer.body.get("configuration") or {}
    found = configuration.get("base_key") or {}
    return found if isinstance(found, dict) else {}


def _pairs(mapping: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    where = "GetKeyMappingsByFqns"
    for key in members(where, mapping, "keys"):
        yield text(where, key, "kasUri"), text(where, member(where, key, "publicKey"), "kid")
