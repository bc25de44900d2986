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

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from support.foundation.errors import EnvironmentUnfitError

OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303 -- the protocol


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
    """

    key: bytes
    policy: str
    wrapped_key: bytes
    binding: str
    kas_url: str
    key_id: str

    def key_access_object(self) -> dict[str, Any]:
        """Return the key access object in the JSON form of manifests and rewrap requests."""
        return {
            "type": "wrapped",
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


def seal(
    data_key: bytes, fqns: Sequence[str], policy_id: str, kas_key: KasKey, kas_url: str
) -> Envelope:
    """Seal `data_key` for a KAS under a policy that requires the attribute values `fqns`.

    Raises:
        EnvironmentUnfitError: the KAS key is no RSA key.
    """
    public_key = load_pem_public_key(kas_key.pem.encode())
    if not isinstance(public_key, rsa.RSAPublicKey):
        raise EnvironmentUnfitError(
            f'The KAS key "{kas_key.key_id}" is a {type(public_key).__name__}, expected RSA: '
            "ask the KAS for the algorithm rsa:2048."
        )
    policy = policy_text(policy_id, fqns)
    return Envelope(
        key=data_key,
        policy=policy,
        wrapped_key=public_key.encrypt(data_key, OAEP),
        binding=binding_of(data_key, policy),
        kas_url=kas_url,
        key_id=kas_key.key_id,
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


ALTERATIONS: Mapping[str, Callable[[Envelope], Envelope]] = {
    "the policy no longer requires anything": _without_requirements,
    "one bit of the binding is flipped": _with_flipped_bit,
    "the binding is made with another key": _with_another_key,
    "only half of the binding is left": _with_shortened_binding,
    "the binding is not base64": lambda envelope: replace(envelope, binding="*** no base64 ***"),
    "the binding is empty": lambda envelope: replace(envelope, binding=""),
    "one bit of the sealed key is flipped": _with_flipped_key_bit,
}
"""What can be done to an envelope, by the words that scenarios use; each changes one thing."""
