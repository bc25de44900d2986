"""Key envelopes made by hand: a data key sealed for a KAS and bound to a policy.

SDKs make such key access objects inside a TDF and never make wrong ones; scenarios about what a
KAS must refuse need wrong ones. Form: OpenTDF specification, key access object and policy binding
(HMAC-SHA256 of the base64 policy under the data key, as base64 of hexadecimal text).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from support.foundation import kems
from support.platform.sealing import (
    EC_WRAPPED,
    WRAPPED,
    algorithm_of,
    sealed,
    sender_on_another_curve,
    stranger_of_the_same_kind,
)


class Sealed(Protocol):
    """A data key that is sealed for a KAS under a policy."""

    @property
    def policy(self) -> str:
        """The policy as base64 text."""
        ...

    def key_access_object(self) -> dict[str, Any]:
        """Return the key access object in the JSON form of rewrap requests."""
        ...


@dataclass(frozen=True, slots=True)
class SealedInDocument:
    """The sealed key of a document, as one key access object of its manifest has it."""

    policy: str
    entry: Mapping[str, Any]

    def key_access_object(self) -> dict[str, Any]:
        """Return what the KAS needs of it; container version 4.2.2 has the binding as bare text."""
        binding = self.entry["policyBinding"]
        if isinstance(binding, str):
            binding = {"alg": "HS256", "hash": binding}
        kept = ("type", "url", "protocol", "kid", "sid", "wrappedKey", "ephemeralPublicKey")
        told = {name: self.entry[name] for name in kept if self.entry.get(name)}
        return {**told, "policyBinding": binding}


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed data key.

    Attributes:
        key: the data key that was sealed: what a rewrap must give back.
        policy: the policy as base64 text, the form that the binding covers.
        wrapped_key: the data key encrypted for the KAS.
        binding: text of the policy binding's `hash`.
        sealed_for: the public key of the KAS, as PEM.
        kind: the `type` of the key access object.
        sender_key: the author's public key as PEM, where an elliptic curve needs one.
    """

    key: bytes
    policy: str
    wrapped_key: bytes
    binding: str
    kas_url: str
    key_id: str
    sealed_for: str = ""
    kind: str = WRAPPED
    sender_key: str = ""

    def key_access_object(self) -> dict[str, Any]:
        """Return the key access object in the JSON form of manifests and rewrap requests."""
        sender = {"ephemeralPublicKey": self.sender_key} if self.sender_key else {}
        return {
            **sender,
            "type": self.kind,
            "url": self.kas_url,
            "protocol": "kas",
            "kid": self.key_id,
            "wrappedKey": base64.b64encode(self.wrapped_key).decode(),
            "policyBinding": {"alg": "HS256", "hash": self.binding},
        }


@dataclass(frozen=True, slots=True)
class KasKey:
    """A public key of a KAS, as PEM, with the id that the KAS knows it by."""

    pem: str
    key_id: str

    @property
    def encoded(self) -> str:
        """The PEM as base64 text, as the registry takes it."""
        return base64.b64encode(self.pem.encode()).decode()


def seal(
    data_key: bytes, fqns: Sequence[str], policy_id: str, kas_key: KasKey, kas_url: str
) -> Envelope:
    """Seal `data_key` for a KAS under a policy that requires the attribute values `fqns`.

    Raises:
        EnvironmentUnfitError: the KAS key is of no known kind.
    """
    policy = policy_text(policy_id, fqns)
    made = sealed(data_key, kas_key.pem)
    return Envelope(
        key=data_key,
        policy=policy,
        wrapped_key=made.wrapped_key,
        binding=binding_of(data_key, policy),
        kas_url=kas_url,
        key_id=kas_key.key_id,
        sealed_for=kas_key.pem,
        kind=made.kind,
        sender_key=made.sender_key,
    )


def policy_text(policy_id: str, fqns: Sequence[str]) -> str:
    """Return a policy that requires `fqns`, as base64 text."""
    attributes = [
        {"attribute": fqn, "displayName": "", "isDefault": False, "pubKey": "", "kasURL": ""}
        for fqn in fqns
    ]
    policy = {"uuid": policy_id, "body": {"dataAttributes": attributes, "dissem": []}}
    return base64.b64encode(json.dumps(policy).encode()).decode()


def binding_of(data_key: bytes, policy: str) -> str:
    """Return the policy binding that belongs to a data key and a policy."""
    digest = hmac.new(data_key, policy.encode(), hashlib.sha256).hexdigest()
    return base64.b64encode(digest.encode()).decode()


def _without_requirements(envelope: Envelope) -> Envelope:
    policy = json.loads(base64.b64decode(envelope.policy))
    return replace(envelope, policy=policy_text(policy["uuid"], ()))


def _with_flipped_bit(envelope: Envelope) -> Envelope:
    digest = bytearray.fromhex(base64.b64decode(envelope.binding).decode())
    digest[0] ^= 1
    return replace(envelope, binding=base64.b64encode(digest.hex().encode()).decode())


def _with_another_key(envelope: Envelope) -> Envelope:
    another = hashlib.sha256(envelope.key).digest()
    return replace(envelope, binding=binding_of(another, envelope.policy))


def _with_shortened_binding(envelope: Envelope) -> Envelope:
    digest = base64.b64decode(envelope.binding)[:32]
    return replace(envelope, binding=base64.b64encode(digest).decode())


def _with_flipped_key_bit(envelope: Envelope) -> Envelope:
    wrapped = bytearray(envelope.wrapped_key)
    wrapped[-1] ^= 1
    return replace(envelope, wrapped_key=bytes(wrapped))


def _sealed_for_a_stranger(envelope: Envelope) -> Envelope:
    made = sealed(envelope.key, stranger_of_the_same_kind(envelope.sealed_for))
    return replace(envelope, wrapped_key=made.wrapped_key, sender_key=made.sender_key)


def _with_another_sender(envelope: Envelope) -> Envelope:
    return replace(envelope, sender_key=stranger_of_the_same_kind(envelope.sealed_for))


def _with_altered_half(half: str) -> Callable[[Envelope], Envelope]:
    def alter(envelope: Envelope) -> Envelope:
        name = algorithm_of(envelope.sealed_for)
        changed = kems.with_altered_half(envelope.wrapped_key, name, half)
        return replace(envelope, wrapped_key=changed)

    return alter


ALTERATIONS: Mapping[str, Callable[[Envelope], Envelope]] = {
    "the policy no longer requires anything": _without_requirements,
    "one bit of the binding is flipped": _with_flipped_bit,
    "the binding is made with another key": _with_another_key,
    "only half of the binding is left": _with_shortened_binding,
    "the binding is not base64": lambda envelope: replace(envelope, binding="*** no base64 ***"),
    "the binding is empty": lambda envelope: replace(envelope, binding=""),
    "one bit of the sealed key is flipped": _with_flipped_key_bit,
    "the key is sealed for another key service": _sealed_for_a_stranger,
    "the sealed key is cut short": lambda envelope: replace(
        envelope, wrapped_key=envelope.wrapped_key[:-1]
    ),
    "a byte is added to the sealed key": lambda envelope: replace(
        envelope, wrapped_key=envelope.wrapped_key + b"\0"
    ),
    "the sender's key is somebody else's": _with_another_sender,
    "the sender's key is on another curve": lambda envelope: replace(
        envelope, sender_key=sender_on_another_curve(envelope.sealed_for)
    ),
    "the sender's key is missing": lambda envelope: replace(envelope, sender_key=""),
    "the sender's key is no key": lambda envelope: replace(envelope, sender_key="*** no key ***"),
    "it says that an elliptic curve sealed it": lambda envelope: replace(envelope, kind=EC_WRAPPED),
    "it says that nobody knows what sealed it": lambda envelope: replace(
        envelope, kind="sealing-wax"
    ),
    "one bit of the post-quantum half is flipped": _with_altered_half("post-quantum"),
    "one bit of the classical half is flipped": _with_altered_half("classical"),
}
"""What can be done to an envelope, by the words that scenarios use; each changes one thing."""
