"""The key services and keys of one scenario, by the names that it gives them."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from support.embedded.directory import SCOPED_CLIENTS
from support.foundation.errors import EnvironmentUnfitError
from support.platform.connect import ACCEPTED, Answer
from support.platform.key_registry import (
    ALGORITHM,
    PROVIDERS,
    REGISTRY,
    ROOT_KEY_ID,
    KeyPair,
    KeyRegistry,
    KeyService,
    StoredKey,
    encoded,
    key_pair,
    stored_key,
)
from support.platform.policy import ATTRIBUTES, NAMESPACES
from support.platform.shape import JsonObject, member, text
from support.services.secret import Secret
from support.world.labels import Labels
from support.world.words import meaning_of, words_in

ROOT_KEY_BYTES = 32
OWN_SERVICE = "the platform"
OWN_KEY = "the platform's own key"
NORTH, SOUTH = SCOPED_CLIENTS.values()
FIXED: Mapping[str, str] = {
    "north": NORTH,
    "south": SOUTH,
    "north annex": f"{NORTH}-annex",
    "impostor": f"{SOUTH}?for=you&kas_uri={NORTH}",
}
"""Key services whose addresses the roles of a stack name, or nearly name, and those addresses."""

ROOT, PROVIDER, REMOTE, NOWHERE = (
    "KEY_MODE_CONFIG_ROOT_KEY",
    "KEY_MODE_PROVIDER_ROOT_KEY",
    "KEY_MODE_REMOTE",
    "KEY_MODE_PUBLIC_KEY_ONLY",
)
KEPT: Mapping[str, str] = {
    "sealed by the platform": ROOT,
    "sealed by a provider": PROVIDER,
    "held by a provider": REMOTE,
    "held by nobody": NOWHERE,
}
"""Who keeps the private part of a key, by the words of scenarios."""

STATES: Mapping[str, str] = {"KEY_STATUS_ACTIVE": "active", "KEY_STATUS_ROTATED": "rotated out"}
LEVELS: Mapping[str, tuple[str, str, str]] = {
    "value": (ATTRIBUTES, "AssignPublicKeyToValue", "value"),
    "attribute": (ATTRIBUTES, "AssignPublicKeyToAttribute", "attribute"),
    "namespace": (NAMESPACES, "AssignPublicKeyToNamespace", "namespace"),
}
"""What a key can be assigned to: service, method, and what the request calls it."""


@dataclass(frozen=True, slots=True)
class Made:
    """A key of the scenario.

    Attributes:
        stored: what the registry stored.
        kept: who keeps its private part, by the words of the scenario.
        pair: what it was made of.
        created: by itself, not by a rotation.
    """

    stored: StoredKey
    kept: str
    pair: KeyPair
    created: bool = True


@dataclass(slots=True)
class Keys:
    """Registers key services, and creates, rotates, assigns and lists their keys."""

    registry: KeyRegistry
    labels: Labels
    own_uri: str
    root_key: Secret | None
    services: dict[str, KeyService] = field(default_factory=dict)
    made: dict[str, Made] = field(default_factory=dict)
    sealed: list[str] = field(default_factory=list)
    _providers: list[str] = field(default_factory=list)

    def register(self, names: str) -> None:
        """Register key services at addresses that nobody has used.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        for name in words_in(names):
            self.service(name)

    def service(self, name: str) -> KeyService:
        """Return a key service by its name in the scenario, registered when it is first named.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        if name not in self.services:
            host = self.labels.fresh_name()
            known = {OWN_SERVICE: self.own_uri, **FIXED}.get(name)
            found = self.registry.find(known) if known else None
            self.services[name] = found or self.registry.register(
                host.replace(".", "-"), known or f"https://{host}/kas"
            )
        return self.services[name]

    def create(self, name: str, service: str, kept: str) -> None:
        """Create a key that the scenario cannot do without.

        Raises:
            SpecificationError: nobody keeps keys like that.
            EnvironmentUnfitError: the platform refuses, or the key has to open documents and
                nobody tells us what to seal it under.
        """
        meaning_of(kept, KEPT, "a way to keep a key")
        if service == OWN_SERVICE:
            self._expect_known_root_key()
        pair = key_pair(len(self.made))
        answer = self.registry.call(
            REGISTRY, "CreateKey", self.request(self.service(service), name, kept, pair)
        )
        self.keep(name, kept, pair, answer.required(f"create the key {name}"))

    def keep(self, name: str, kept: str, pair: KeyPair, body: Mapping[str, object]) -> None:
        """Remember the key in an answer by its name in the scenario."""
        self.made[name] = Made(stored_key(body), kept, pair)

    def request(
        self, service: KeyService, name: str, kept: str, pair: KeyPair
    ) -> dict[str, object]:
        """Return the request for a key, whose id tells its name and is new on every run."""
        return {
            "kasId": service.id,
            "keyId": f"{name.replace(' ', '-')}-{self.labels.fresh.token('key', 3)}",
            "keyAlgorithm": ALGORITHM,
            **self.material(kept, pair),
        }

    def material(self, kept: str, pair: KeyPair) -> dict[str, object]:
        """Return the part of a request that depends on who keeps the private part."""
        mode = KEPT[kept]
        private: dict[str, object] = {}
        if mode in {ROOT, PROVIDER}:
            sealed = pair.sealed(self._sealing_key)
            self.sealed.append(sealed)
            private = {"privateKeyCtx": {"keyId": ROOT_KEY_ID, "wrappedKey": sealed}}
        elif mode == REMOTE:
            private = {"privateKeyCtx": {"keyId": "at-the-provider"}}
        provider = {"providerConfigId": self.provider()} if mode in {PROVIDER, REMOTE} else {}
        return {
            "keyMode": mode,
            "publicKeyCtx": {"pem": encoded(pair.public.encode())},
            **private,
            **provider,
        }

    def provider(self) -> str:
        """Return the id of the scenario's provider of keys, registered when it is first needed."""
        if not self._providers:
            name = self.labels.fresh_name().replace(".", "-")
            self._providers.append(self.registry.provider(name))
        return self._providers[0]

    def adopt_provider(self, body: JsonObject) -> None:
        """Note a provider in an answer, to be removed with the others."""
        found = member("CreateProviderConfig", body, "providerConfig")
        self._providers.append(text("CreateProviderConfig", found, "id"))

    def _expect_known_root_key(self) -> None:
        if self.root_key is None:
            raise EnvironmentUnfitError(
                "A scenario needs a key that the platform can open, but this stack does not tell "
                "the root key that such keys are sealed under. Use a stack that we start."
            )

    @property
    def _sealing_key(self) -> bytes:
        """The root key; where it is not known, another, for keys that open nothing."""
        if self.root_key is None:
            return secrets.token_bytes(ROOT_KEY_BYTES)
        return bytes.fromhex(self.root_key.reveal())

    def rotate(self, old: str, new: str) -> Answer:
        """Put a new key in the place of another.

        Raises:
            SpecificationError: the scenario has no such key.
        """
        before = self.known(old)
        pair = key_pair(len(self.made))
        message = {
            "id": before.stored.id,
            "newKey": {
                "keyId": f"{new.replace(' ', '-')}-{self.labels.fresh.token('key', 3)}",
                "algorithm": ALGORITHM,
                **self.material(before.kept, pair),
            },
        }
        answer = self.registry.call(REGISTRY, "RotateKey", message)
        if answer.accepted:
            stored = stored_key(answer.body)
            self.made[new] = Made(stored, before.kept, pair, created=False)
        return answer

    def known(self, name: str) -> Made:
        """Return a key of the scenario.

        Raises:
            SpecificationError: it has no such key.
        """
        return meaning_of(name, self.made, "a key of this scenario")

    def assign(self, key: str, level: str, label: str) -> Answer:
        """Let a key protect what carries a label, or has its attribute, or its namespace.

        Raises:
            SpecificationError: no such key, level or label.
        """
        service, method, kind = meaning_of(level, LEVELS, "a level that keys are assigned at")
        message = {
            f"{kind}Key": {
                f"{kind}Id": self.labels.identifier(level, label),
                "keyId": self.known(key).stored.id,
            }
        }
        return self.registry.call(service, method, message)

    def name_of(self, uri: str, key_id: str) -> str:
        """Return what the scenario calls a key that is named by address and id."""
        for name, made in self.made.items():
            if (made.stored.uri, made.stored.key_id) == (uri, key_id):
                return name
        return OWN_KEY if uri == self.own_uri else f"{key_id} of {uri}"

    def told(self) -> list[dict[str, str]]:
        """Return the keys of all the scenario's key services, in the form of its table.

        Raises:
            EnvironmentUnfitError: the registry cannot be read.
        """
        rows = [
            {
                "key": self.name_of(key.uri, key.key_id),
                "state": STATES.get(key.status, key.status),
                "protects": self._protected(key),
            }
            for name, service in self.services.items()
            for key in reversed(self.registry.keys_of(service))
            if name != OWN_SERVICE or self.name_of(key.uri, key.key_id) != OWN_KEY
        ]
        return sorted(rows, key=lambda row: self._place(row["key"]))

    def _place(self, name: str) -> int:
        names = list(self.made)
        return names.index(name) if name in names else len(names)

    def _protected(self, key: StoredKey) -> str:
        names = [self.labels.described(fqn) for fqn in self.registry.mapped(key)]
        return ", ".join(sorted(names)) or "nothing"

    def remove_all(self) -> tuple[str, ...]:
        """Remove the keys, key services and providers of the scenario; return what remained.

        A base key cannot be removed, nor can the key service that has one.
        """
        for service in self.services.values():
            own = service.uri not in {self.own_uri, *FIXED.values()}
            for key in self.registry.keys_of(service):
                if own or self.name_of(key.uri, key.key_id) in self.made:
                    self.registry.delete(key)
        answers = [
            self.registry.call(REGISTRY, "DeleteKeyAccessServer", {"id": service.id})
            for service in self.services.values()
            if service.uri != self.own_uri
        ]
        answers += [
            self.registry.call(PROVIDERS, "DeleteProviderConfig", {"id": entry})
            for entry in self._providers
        ]
        self.services.clear()
        return _refusals(answers)


def _refusals(answers: Iterable[Answer]) -> tuple[str, ...]:
    return tuple(
        f"{answer.code}: {answer.message}"
        for answer in answers
        if answer.code not in {ACCEPTED, "not_found"}
    )
