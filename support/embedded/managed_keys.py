"""The keys of a KAS that are kept in the platform's registry, sealed under a root key.

As the platform does it (service/kas/key_indexer.go, internal/security/basic_manager.go): a document
names its key, whatever became of that since; whoever asks for a public key gets the newest active
one. The private part is sealed by AES-256-GCM: nonce, ciphertext and tag.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.embedded.faults import Fault
from support.embedded.keys import EC_P256, RSA_2048, KeyPair, generate, public_pem
from support.embedded.policy.kas_keys import STATUS_ACTIVE
from support.embedded.policy.key_material import MODE_CONFIG_ROOT_KEY, seal, unseal
from support.embedded.policy.records import KasKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.embedded.policy.render import Renderer
    from support.embedded.policy.store import PolicyStore

ROOT_KEY_BYTES = 32
ROOT_KEY_ID = "root"
ALGORITHMS = {
    1: RSA_2048,
    2: "rsa:4096",
    3: EC_P256,
    4: "ec:secp384r1",
    5: "ec:secp521r1",
}
"""The platform's names of algorithms by the numbers of ``policy.Algorithm``."""
FIRST_KEYS = {"r1": 1, "e1": 3}


def published_base_key(store: PolicyStore) -> dict[str, Any]:
    """Return the base key as the well-known configuration tells it; nothing where there is none."""
    stale = Fault.BASE_KEY_STALE in store.faults
    key = store.keys.get(store.first_base_key_id if stale else store.base_key_id)
    if key is None or Fault.BASE_KEY_NOT_ANNOUNCED in store.faults:
        return {}
    return {
        "kas_id": key.kas_id,
        "kas_uri": store.servers[key.kas_id].uri,
        "public_key": {
            "algorithm": ALGORITHMS.get(key.algorithm, ""),
            "kid": key.kid,
            "pem": key.pem,
        },
    }


@dataclass(frozen=True, slots=True)
class ManagedKeys:
    """The keys that are registered for the KAS of an address."""

    store: PolicyStore
    uri: str

    def by_algorithm(self, algorithm: str) -> KeyPair | None:
        """Return the newest active key of an algorithm."""
        kept = list(self._registered())
        if Fault.ROTATED_KEY_HANDED_OUT not in self.store.faults:
            kept = [key for key in kept if key.status == STATUS_ACTIVE][::-1]
        for key in kept:
            if ALGORITHMS.get(key.algorithm) == algorithm and not key.legacy:
                return self._pair(key)
        return None

    def by_kid(self, kid: str) -> KeyPair | None:
        """Return a key by its id, also one that was rotated out: documents may need it."""
        for key in self._registered():
            if key.kid == kid and not self._is_forgotten(key):
                pair = self._pair(key)
                return pair if pair.is_made else None
        return None

    def _is_forgotten(self, key: KasKey) -> bool:
        forgets = Fault.ROTATED_KEY_LOSES_DATA in self.store.faults
        return forgets and key.status != STATUS_ACTIVE

    def legacy_rsa(self) -> list[KeyPair]:
        """Return the keys to try for a key access object that names none: the configured one."""
        first = self.by_kid("r1")
        return [first] if first is not None else []

    def warm_up(self) -> None:
        """Do nothing: these keys are there already."""

    def register_first(self, renderer: Renderer) -> None:
        """Register the keys that the KAS begins with, as an operator would."""
        server = next(item for item in self.store.servers.values() if item.uri == self.uri)
        for kid, algorithm in FIRST_KEYS.items():
            private = generate(ALGORITHMS[algorithm])
            sealed = renderer.new("PrivateKeyCtx")
            sealed.key_id, sealed.wrapped_key = ROOT_KEY_ID, seal(private, self.store.root_key)
            record = KasKey(
                kas_id=server.id,
                kid=kid,
                algorithm=algorithm,
                mode=MODE_CONFIG_ROOT_KEY,
                status=STATUS_ACTIVE,
                pem=public_pem(private.public_key()),
                private_key=sealed,
                **self.store.times(),
            )
            self.store.keys[record.id] = record

    def _registered(self) -> Iterator[KasKey]:
        for key in tuple(self.store.keys.values()):
            if self.store.servers[key.kas_id].uri == self.uri:
                yield key

    def _pair(self, key: KasKey) -> KeyPair:
        """Return a key with its private part where that is sealed under the root key."""
        sealed = key.private_key.wrapped_key if key.private_key is not None else ""
        private = unseal(sealed, self.store.root_key) if sealed else None
        return KeyPair(key.kid, ALGORITHMS.get(key.algorithm, ""), private, published=key.pem)
