"""What a document's own key proves about it: written from the specification, used by no SDK.

A second reader beside those under test: it opens each segment, and computes every hash, signature
and binding anew (OpenTDF specification, integrity information and policy binding). Container
version 4.2.2 writes digests as hexadecimal text and signs that text; 4.3.0 has the bytes.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from support.sdk.container import Container

NONCE_BYTES = 12
TAG_BYTES = 16

BINDING = "the policy is not bound to this key"
SEGMENT_HASH = "a segment's hash is not that of the segment"
CIPHERTEXT = "a segment does not open with the key"
SIZE = "a segment has another size than declared"
NONCE = "a nonce is used for two segments, which gives away what they hold"
ROOT_SIGNATURE = "the root signature is not that of the hashes"

Manifest = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proof:
    """What the key proves: the content as far as it opens, and everything that is wrong."""

    content: bytes
    wrong: tuple[str, ...] = ()


def prove(container: Container, keys: Sequence[bytes]) -> Proof:
    """Open a document with the keys in its key access objects, and check all that they prove.

    Args:
        container: the document.
        keys: the key of each key access object, in their order.
    """
    manifest = container.manifest
    access = manifest["encryptionInformation"]["keyAccess"]
    policy = manifest["encryptionInformation"]["policy"]
    wrong = [
        f"{BINDING} (key access object {index})"
        for index, (entry, key) in enumerate(zip(access, keys, strict=True))
        if not _is_bound(entry, policy, key)
    ]
    payload_key = combined(access, keys)
    nonces = list(_nonces(container))
    if len(set(nonces)) != len(nonces):
        wrong.append(NONCE)
    content = bytearray()
    for plain, problems in _segments(container, payload_key):
        content += plain
        wrong.extend(problems)
    if not _is_signed(manifest, payload_key):
        wrong.append(ROOT_SIGNATURE)
    return Proof(bytes(content), tuple(wrong))


def combined(access: Sequence[Manifest], keys: Sequence[bytes]) -> bytes:
    """Return the payload key: the exclusive or of one share of each split."""
    shares: dict[str, bytes] = {}
    for entry, key in zip(access, keys, strict=True):
        shares.setdefault(str(entry.get("sid", "")), key)
    whole = bytes(len(keys[0]))
    for share in shares.values():
        whole = bytes(one ^ other for one, other in zip(whole, share, strict=True))
    return whole


def _is_bound(entry: Manifest, policy: str, key: bytes) -> bool:
    binding = entry["policyBinding"]
    text = binding if isinstance(binding, str) else str(binding["hash"])
    digest = hmac.new(key, policy.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(_decoded(text), digest.hex().encode())


def _nonces(container: Container) -> Iterator[bytes]:
    """Yield the nonce that each segment begins with (NIST SP 800-38D, section 8: never twice)."""
    integrity = _integrity(container.manifest)
    start = 0
    for entry in integrity["segments"]:
        yield container.payload[start : start + NONCE_BYTES]
        start += int(entry.get("encryptedSegmentSize", integrity["encryptedSegmentSizeDefault"]))


def _segments(container: Container, key: bytes) -> Iterator[tuple[bytes, list[str]]]:
    """Yield what each segment holds, and what is wrong with it."""
    integrity = _integrity(container.manifest)
    start = 0
    for index, entry in enumerate(integrity["segments"]):
        size = int(entry.get("encryptedSegmentSize", integrity["encryptedSegmentSizeDefault"]))
        sealed = container.payload[start : start + size]
        start += size
        yield _segment(integrity, entry, sealed, (index, size, key))
    if start != len(container.payload):
        yield b"", [f"{SIZE} (the payload has {len(container.payload)} bytes, {start} declared)"]


def _segment(
    integrity: Manifest, entry: Manifest, sealed: bytes, expected: tuple[int, int, bytes]
) -> tuple[bytes, list[str]]:
    index, size, key = expected
    wrong: list[str] = []
    if len(sealed) != size:
        wrong.append(f"{SIZE} (segment {index})")
    if _decoded(entry["hash"]) != _digest(integrity["segmentHashAlg"], sealed, key, integrity):
        wrong.append(f"{SEGMENT_HASH} (segment {index})")
    try:
        content = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
    except (InvalidTag, ValueError):
        return b"", [*wrong, f"{CIPHERTEXT} (segment {index})"]
    if len(content) != int(entry.get("segmentSize", integrity["segmentSizeDefault"])):
        wrong.append(f"{SIZE} (segment {index})")
    return content, wrong


def _is_signed(manifest: Manifest, key: bytes) -> bool:
    integrity = _integrity(manifest)
    hashes = b"".join(_decoded(entry["hash"]) for entry in integrity["segments"])
    signature = integrity["rootSignature"]
    digest = _digest(signature["alg"], hashes, key, integrity)
    return hmac.compare_digest(_decoded(signature["sig"]), digest)


def _digest(algorithm: str, data: bytes, key: bytes, integrity: Manifest) -> bytes:
    """Return the digest in the form of the document's version."""
    raw = data[-TAG_BYTES:] if algorithm == "GMAC" else hmac.new(key, data, hashlib.sha256).digest()
    return raw.hex().encode() if _writes_hexadecimal(integrity) else raw


def _writes_hexadecimal(integrity: Manifest) -> bool:
    return len(_decoded(integrity["rootSignature"]["sig"])) == 2 * hashlib.sha256().digest_size


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _integrity(manifest: Manifest) -> Manifest:
    found: Manifest = manifest["encryptionInformation"]["integrityInformation"]
    return found
