"""The registry of key access services: their keys, and which labels are sealed for which."""

import base64
from collections.abc import Mapping

from support.platform.envelope import KasKey
from support.platform.key_registry import REGISTRY, KeyRegistry, stored_service
from support.platform.policy import ATTRIBUTES, Value
from support.platform.shape import JsonObject, member, members, text

ALREADY_THERE = "already_exists"
NOT_FOUND = "not_found"

ALGORITHMS: Mapping[str, str] = {
    "rsa:2048": "ALGORITHM_RSA_2048",
    "rsa:4096": "ALGORITHM_RSA_4096",
    "ec:secp256r1": "ALGORITHM_EC_P256",
    "ec:secp384r1": "ALGORITHM_EC_P384",
    "ec:secp521r1": "ALGORITHM_EC_P521",
    "hpqt:xwing": "ALGORITHM_HPQT_XWING",
    "hpqt:secp256r1-mlkem768": "ALGORITHM_HPQT_SECP256R1_MLKEM768",
    "hpqt:secp384r1-mlkem1024": "ALGORITHM_HPQT_SECP384R1_MLKEM1024",
    "mlkem:768": "ALGORITHM_MLKEM_768",
    "mlkem:1024": "ALGORITHM_MLKEM_1024",
}
"""The registry's names of algorithms, by those that key access services use."""


class KeyServiceRegistry:
    """Reads the registry, and lists what documents are to be sealed for."""

    def __init__(self, registry: KeyRegistry) -> None:
        self._registry = registry

    def key(self, uri: str, algorithm: str) -> KasKey | None:
        """Return the active key of an algorithm that a KAS is listed with, if there is one.

        Raises:
            EnvironmentUnfitError: the platform refuses, or answers in another shape.
        """
        found = self._find(uri, algorithm)
        if found is None:
            return None
        key = member("ListKeys", found, "key")
        encoded = text("ListKeys", member("ListKeys", key, "publicKeyCtx"), "pem")
        return KasKey(base64.b64decode(encoded).decode(), text("ListKeys", key, "keyId"))

    def seal_for(self, value: Value, uri: str, algorithm: str, key: KasKey) -> None:
        """Let documents that carry a value be sealed for a key of a KAS.

        KAS and key are listed first where they are not; that stays, for it is how it is.

        Raises:
            EnvironmentUnfitError: the platform refuses, or answers in another shape.
        """
        entry = self._find(uri, algorithm) or self._listed(uri, algorithm, key)
        key_id = text("ListKeys", member("ListKeys", entry, "key"), "id")
        message = {"valueKey": {"valueId": value.id, "keyId": key_id}}
        assigned = self._registry.call(ATTRIBUTES, "AssignPublicKeyToValue", message)
        assigned.required(f"have {value.fqn} sealed for a key of {uri}")

    def _find(self, uri: str, algorithm: str) -> JsonObject | None:
        where = "ListKeys"
        message = {"kasUri": uri, "keyAlgorithm": ALGORITHMS[algorithm]}
        answer = self._registry.call(REGISTRY, where, message)
        if answer.code == NOT_FOUND:
            return None
        body = answer.required(f"list the keys of {uri}")
        return next((entry for entry in members(where, body, "kasKeys") if _is_active(entry)), None)

    def _listed(self, uri: str, algorithm: str, key: KasKey) -> JsonObject:
        message = {
            "kasId": self._server(uri),
            "keyId": key.key_id,
            "keyAlgorithm": ALGORITHMS[algorithm],
            "keyMode": "KEY_MODE_PUBLIC_KEY_ONLY",
            "publicKeyCtx": {"pem": key.encoded},
        }
        answer = self._registry.call(REGISTRY, "CreateKey", message)
        if answer.code != ALREADY_THERE:  # else a scenario beside this one was faster
            answer.required(f"list the key {key.key_id} of {uri}")
        found = self._find(uri, algorithm)
        return found if found is not None else answer.required(f"list the key {key.key_id}")

    def _server(self, uri: str) -> str:
        found = self._registry.find(uri)
        if found is None:
            message = {"uri": uri, "name": _name(uri)}
            made = self._registry.call(REGISTRY, "CreateKeyAccessServer", message)
            found = self._registry.find(uri)  # made now, or by a scenario beside this one
            found = found or stored_service(made.required(f"list the key access service {uri}"))
        return found.id


def _is_active(entry: JsonObject) -> bool:
    return member("ListKeys", entry, "key").get("keyStatus") == "KEY_STATUS_ACTIVE"


def _name(uri: str) -> str:
    return "kas-" + "".join(c if c.isalnum() else "-" for c in uri.partition("://")[2]).strip("-")
