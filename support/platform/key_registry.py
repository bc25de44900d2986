"""The registry of key services and of their keys, as an administrator uses it.

Source: policy.kasregistry, policy.keymanagement and policy.unsafe of the platform.
"""

import base64
import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from support.platform.connect import Answer, ConnectClient
from support.platform.policy import UNSAFE
from support.platform.shape import JsonObject, member, members, text

REGISTRY = "policy.kasregistry.KeyAccessServerRegistryService"
PROVIDERS = "policy.keymanagement.KeyManagementService"
ALGORITHM = "ALGORITHM_RSA_2048"
NONCE_BYTES = 12
ROOT_KEY_ID = "root"

# What the platform cannot do it answers with `internal`, for want of an error of its own: keys that
# were rotated out or that nobody holds cannot be used for what only an active key can (0.25.0).
_CANNOT = frozenset({"internal"})


@dataclass(frozen=True, slots=True)
class KeyService:
    """A key service as the registry stored it."""

    id: str
    name: str
    uri: str


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as the registry stored it; `id` is the registry's own, `key_id` what documents name."""

    id: str
    key_id: str
    uri: str
    status: str


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A key pair that was made for a scenario.

    Attributes:
        public: PEM.
        private: PEM, which nobody but its key service should ever see.
    """

    public: str
    private: str

    def sealed(self, root_key: bytes) -> str:
        """Return the private part as the registry takes it: AES-256-GCM under the root key."""
        nonce = os.urandom(NONCE_BYTES)
        return encoded(nonce + AESGCM(root_key).encrypt(nonce, self.private.encode(), None))


@functools.cache
def key_pair(number: int) -> KeyPair:
    """Return the key pair of a number: making one is slow, so scenarios of a process share them."""
    _ = number
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return KeyPair(
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
    )


def encoded(data: bytes) -> str:
    """Return bytes as base64, in which the registry takes keys."""
    return base64.b64encode(data).decode()


@dataclass(slots=True)
class KeyRegistry:
    """Calls the registry with one token; `answers` are all that it ever answered."""

    connect: ConnectClient
    token: str
    answers: list[Answer] = field(default_factory=list)

    def call(self, service: str, method: str, message: Mapping[str, Any]) -> Answer:
        """Call a method; a refusal is an answer like any other.

        Raises:
            ServiceUnreachableError: no answer at all.
            EnvironmentUnfitError: the answer is not of the Connect protocol.
        """
        answer = self.connect.call(service, method, message, token=self.token, verdicts=_CANNOT)
        self.answers.append(answer)
        return answer

    def register(self, name: str, uri: str) -> KeyService:
        """Register a key service.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        answer = self.call(REGISTRY, "CreateKeyAccessServer", {"uri": uri, "name": name})
        return stored_service(answer.required(f"register the key service {uri}"))

    def find(self, uri: str) -> KeyService | None:
        """Return the key service of an address, if one is registered.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        answer = self.call(REGISTRY, "GetKeyAccessServer", {"uri": uri})
        if answer.code == "not_found":
            return None
        return stored_service(answer.required(f"find the key service {uri}"))

    def provider(self, name: str) -> str:
        """Register a provider of keys, and return its id.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        where = "CreateProviderConfig"
        message = {"name": name, "manager": "acceptance", "configJson": encoded(b"{}")}
        body = self.call(PROVIDERS, where, message).required(f"register the key provider {name}")
        return text(where, member(where, body, "providerConfig"), "id")

    def keys_of(self, service: KeyService) -> tuple[StoredKey, ...]:
        """Return the keys of a key service, the newest first.

        Raises:
            EnvironmentUnfitError: the platform refuses, or answers in another shape.
        """
        answer = self.call(REGISTRY, "ListKeys", {"kasUri": service.uri})
        return listed_keys(answer.required(f"list the keys of {service.uri}"))

    def mapped(self, key: StoredKey) -> tuple[str, ...]:
        """Return the names of all that a key protects: namespaces, attributes and values.

        Raises:
            EnvironmentUnfitError: the platform refuses, or answers in another shape.
        """
        where = "ListKeyMappings"
        body = self.call(REGISTRY, where, {"id": key.id}).required("list what a key protects")
        return tuple(
            text(where, entry, "fqn")
            for mapping in members(where, body, "keyMappings")
            for kind in ("namespaceMappings", "attributeMappings", "valueMappings")
            for entry in members(where, mapping, kind)
        )

    def delete(self, key: StoredKey) -> Answer:
        """Delete a key for good."""
        message = {"id": key.id, "kid": key.key_id, "kasUri": key.uri}
        return self.call(UNSAFE, "UnsafeDeleteKasKey", message)


def stored_service(body: JsonObject) -> KeyService:
    """Return the key service in an answer.

    Raises:
        EnvironmentUnfitError: the answer has another shape.
    """
    where = "The key registry"
    found = member(where, body, "keyAccessServer")
    return KeyService(
        text(where, found, "id"), str(found.get("name", "")), text(where, found, "uri")
    )


def stored_key(body: JsonObject) -> StoredKey:
    """Return the key in an answer.

    Raises:
        EnvironmentUnfitError: the answer has another shape.
    """
    return _key(member("The key registry", body, "kasKey"))


def listed_keys(body: JsonObject) -> tuple[StoredKey, ...]:
    """Return the keys in the answer to a list request.

    Raises:
        EnvironmentUnfitError: the answer has another shape.
    """
    return tuple(_key(entry) for entry in members("ListKeys", body, "kasKeys"))


def _key(entry: JsonObject) -> StoredKey:
    where = "The key registry"
    key = member(where, entry, "key")
    return StoredKey(
        text(where, key, "id"),
        text(where, key, "keyId"),
        text(where, entry, "kasUri"),
        text(where, key, "keyStatus"),
    )
