"""Documents made by hand with keys that the test knows, in both forms of the container."""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from support.sdk.container import Container

POLICY = {"uuid": "6d1b9bd4-5d0c-4f0e-8f0b-0a4c2b1f7f11", "body": {"dataAttributes": []}}


def encoded(raw: bytes, *, hexadecimal: bool) -> str:
    return base64.b64encode(raw.hex().encode() if hexadecimal else raw).decode()


def sealed(
    parts: Sequence[bytes], key: bytes, *, old: bool = False, algorithm: str = "GMAC"
) -> Container:
    """Seal each part as a segment; `old` is container version 4.2.2."""
    payload, segments, hashes = b"", [], b""
    for part in parts:
        nonce = os.urandom(12)
        segment = nonce + AESGCM(key).encrypt(nonce, part, None)
        raw = segment[-16:] if algorithm == "GMAC" else mac(key, segment)
        hashes += raw.hex().encode() if old else raw
        payload += segment
        segments.append(
            {
                "hash": encoded(raw, hexadecimal=old),
                "segmentSize": len(part),
                "encryptedSegmentSize": len(segment),
            }
        )
    policy = base64.b64encode(json.dumps(POLICY).encode()).decode()
    binding = encoded(mac(key, policy.encode()), hexadecimal=True)
    entry = {
        "type": "wrapped",
        "url": "http://kas.example",
        "protocol": "kas",
        "kid": "r1",
        "wrappedKey": "A" * 344,
        "policyBinding": binding if old else {"alg": "HS256", "hash": binding},
    }
    manifest: dict[str, Any] = {
        "encryptionInformation": {
            "type": "split",
            "policy": policy,
            "keyAccess": [entry],
            "method": {"algorithm": "AES-256-GCM", "isStreamable": True, "iv": ""},
            "integrityInformation": {
                "rootSignature": {
                    "alg": "HS256",
                    "sig": encoded(mac(key, hashes), hexadecimal=old),
                },
                "segmentHashAlg": algorithm,
                "segmentSizeDefault": 1000,
                "encryptedSegmentSizeDefault": 1028,
                "segments": segments,
            },
        },
        "payload": {
            "type": "reference",
            "url": "0.payload",
            "protocol": "zip",
            "mimeType": "text/plain",
            "isEncrypted": True,
        },
    }
    if not old:
        manifest["schemaVersion"] = "4.3.0"
    return Container(json.dumps(manifest), payload)


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()
