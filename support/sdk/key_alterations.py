"""Alterations of the keys in a manifest: how they are sealed, and how they are split."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

KeyAccess = list[dict[str, Any]]
"""The key access objects of a manifest, which an alteration changes in place."""


def _flip_sealed_key(keys: KeyAccess) -> None:
    for entry in keys:
        wrapped = bytearray(base64.b64decode(entry["wrappedKey"]))
        wrapped[-1] ^= 1
        entry["wrappedKey"] = base64.b64encode(wrapped).decode()


def _exchange_sender(keys: KeyAccess) -> None:
    for entry in keys:
        public = load_pem_public_key(entry["ephemeralPublicKey"].encode())
        if isinstance(public, ec.EllipticCurvePublicKey):
            entry["ephemeralPublicKey"] = _fresh(public.curve)


def _exchange_curve(keys: KeyAccess) -> None:
    for entry in keys:
        _ = entry["ephemeralPublicKey"]
        entry["ephemeralPublicKey"] = _fresh(ec.SECP384R1())


def _fresh(curve: ec.EllipticCurve) -> str:
    public = ec.generate_private_key(curve).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _leave_first_out(keys: KeyAccess) -> None:
    if len(keys) > 1:
        del keys[0]


def _exchange_places(keys: KeyAccess) -> None:
    if len(keys) > 1:
        keys[0]["url"], keys[1]["url"] = keys[1]["url"], keys[0]["url"]


def _repeat_first(keys: KeyAccess) -> None:
    keys.append({**keys[0], "sid": f"{keys[0].get('sid', '')}-again"})


def _count_as_one_part(keys: KeyAccess) -> None:
    for entry in keys:
        entry["sid"] = keys[0].get("sid", "")


KEY_ALTERATIONS: Mapping[str, Callable[[KeyAccess], None]] = {
    "one bit of the sealed key is flipped": _flip_sealed_key,
    "the author's elliptic-curve key is somebody else's": _exchange_sender,
    "the author's elliptic-curve key is on another curve": _exchange_curve,
    "the first key service is left out": _leave_first_out,
    "the key services of the first two keys are exchanged": _exchange_places,
    "the first part of the key is there twice": _repeat_first,
    "the parts of the key are said to be one": _count_as_one_part,
}
"""What can be done to the keys of a document, by the words that scenarios use."""
