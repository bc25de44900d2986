"""DSSE envelopes (https://github.com/secure-systems-lab/dsse, v1.0.2), signed with Ed25519."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

IN_TOTO = "application/vnd.in-toto+json"
_MEMBERS = {"payloadType", "payload", "signatures"}


class EnvelopeError(Exception):
    """An envelope is none, or proves nothing; the message says why."""


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """Return what is signed: type and payload with their lengths, so that neither can be moved."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def key_id(key: Ed25519PublicKey) -> str:
    """Return the SHA-256 digest of a public key's DER form, in hexadecimal."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def sign(payload: bytes, key: Ed25519PrivateKey, payload_type: str = IN_TOTO) -> dict[str, Any]:
    """Return an envelope around a payload."""
    signature = key.sign(pre_authentication_encoding(payload_type, payload))
    return {
        "payloadType": payload_type,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [
            {"keyid": key_id(key.public_key()), "sig": base64.b64encode(signature).decode()}
        ],
    }


def opened(envelope: Any, key: Ed25519PublicKey) -> bytes:  # noqa: ANN401 -- whatever a file holds
    """Return the payload of an envelope that a key has signed.

    Raises:
        EnvelopeError: it is no envelope, of another type, or not signed with this key.
    """
    if not isinstance(envelope, Mapping) or not envelope.keys() >= _MEMBERS:
        raise EnvelopeError("it is no DSSE envelope: payloadType, payload and signatures belong")
    kind = envelope["payloadType"]
    if kind != IN_TOTO:
        raise EnvelopeError(f"its payload type is {kind!r}, but {IN_TOTO} was expected")
    try:
        payload = base64.b64decode(envelope["payload"], validate=True)
        signatures = [base64.b64decode(each["sig"], validate=True) for each in _list(envelope)]
    except (ValueError, TypeError, KeyError) as error:
        raise EnvelopeError(f"its payload or a signature is not base64: {error}") from error
    signed = pre_authentication_encoding(kind, payload)
    if not any(_fits(key, signature, signed) for signature in signatures):
        names = ", ".join(str(each.get("keyid", ""))[:16] for each in _list(envelope)) or "nobody"
        raise EnvelopeError(
            f"the signature does not verify with the key {key_id(key)[:16]}: it was altered, or "
            f"signed with another key (it names {names})"
        )
    return payload


def _list(envelope: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = envelope["signatures"]
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise EnvelopeError("its signatures are no list of objects")
    return found


def _fits(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True
