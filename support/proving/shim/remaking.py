"""Writing a document anew, as the specification says but for what a fault asks for.

An SDK does not give away the key of what it wrote. So a new one is made, wrapped for the same key
access services, and the content is encrypted with it.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.http import HttpSession
from support.platform.connect import ConnectClient
from support.platform.envelope import binding_of
from support.platform.kas import KasClient, kas_key
from support.platform.sealing import OAEP
from support.sdk.container import Container, Manifest
from support.sdk.proof import NONCE_BYTES, TAG_BYTES

_KEY_BYTES = 32
_HEX_DIGEST_BYTES = 64


def remade(
    container: Container, content: bytes, *, reuses_vector: bool = False, splits: bool = True
) -> Container:
    """Return a document of the same content, policy and key access services.

    Args:
        container: what the SDK wrote.
        content: what it holds.
        reuses_vector: encrypt every segment with the same initialization vector.
        splits: give each split a share of the key; without, each gets the whole key.

    Raises:
        EnvironmentUnfitError: a key access service does not give its RSA key.
    """
    manifest = container.manifest
    information = manifest["encryptionInformation"]
    key = secrets.token_bytes(_KEY_BYTES)
    shares = dict(_shares(information["keyAccess"], key, splits=splits))
    for entry in information["keyAccess"]:
        share = shares[str(entry.get("sid", ""))]
        _wrap(entry, share, str(information["policy"]))
        if not splits and "sid" in entry:
            entry["sid"] = "everything"
    vector = secrets.token_bytes(NONCE_BYTES) if reuses_vector else None
    sealed = list(_sealed(information["integrityInformation"], content, key, vector))
    _sign(information["integrityInformation"], sealed, key)
    return Container(json.dumps(manifest), b"".join(sealed))


def _shares(access: list[Manifest], key: bytes, *, splits: bool) -> Iterator[tuple[str, bytes]]:
    names = list(dict.fromkeys(str(entry.get("sid", "")) for entry in access))
    rest = key
    for name in names[:-1]:
        share = secrets.token_bytes(_KEY_BYTES) if splits else key
        rest = bytes(one ^ other for one, other in zip(rest, share, strict=True))
        yield name, share
    yield names[-1], rest if splits else key


def _wrap(entry: Manifest, share: bytes, policy: str) -> None:
    base = str(entry["url"]).removesuffix("/kas")
    answer = KasClient(ConnectClient(HttpSession(), base)).public_key("rsa:2048")
    published = kas_key(answer)
    public: Any = load_pem_public_key(published.pem.encode())
    if not hasattr(public, "encrypt"):
        raise EnvironmentUnfitError(f"{base} gives no RSA key, which the faulty shim needs.")
    entry["type"], entry["kid"] = "wrapped", published.key_id
    entry.pop("ephemeralPublicKey", None)
    entry["wrappedKey"] = base64.b64encode(public.encrypt(share, OAEP)).decode()
    binding = binding_of(share, policy)
    bound = entry.get("policyBinding")
    entry["policyBinding"] = (
        binding if isinstance(bound, str) else {**(bound or {}), "hash": binding}
    )


def _sealed(
    integrity: Manifest, content: bytes, key: bytes, vector: bytes | None
) -> Iterator[bytes]:
    size = int(integrity["segmentSizeDefault"])
    cipher = AESGCM(key)
    for start in range(0, max(len(content), 1), size):
        nonce = vector or secrets.token_bytes(NONCE_BYTES)
        yield nonce + cipher.encrypt(nonce, content[start : start + size], None)


def _sign(integrity: Manifest, sealed: list[bytes], key: bytes) -> None:
    as_text = len(base64.b64decode(integrity["rootSignature"]["sig"])) == _HEX_DIGEST_BYTES

    def encoded(raw: bytes) -> bytes:
        return raw.hex().encode() if as_text else raw

    hashes = []
    for part in sealed:
        gmac = integrity["segmentHashAlg"] == "GMAC"
        digest = part[-TAG_BYTES:] if gmac else hmac.new(key, part, hashlib.sha256).digest()
        hashes.append(encoded(digest))
    integrity["segments"] = [
        {
            "hash": base64.b64encode(digest).decode(),
            "segmentSize": len(part) - NONCE_BYTES - TAG_BYTES,
            "encryptedSegmentSize": len(part),
        }
        for part, digest in zip(sealed, hashes, strict=True)
    ]
    signature = hmac.new(key, b"".join(hashes), hashlib.sha256).digest()
    integrity["rootSignature"] = {
        **integrity["rootSignature"],
        "alg": "HS256",
        "sig": base64.b64encode(encoded(signature)).decode(),
    }
