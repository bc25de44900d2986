"""Copies of a document in which one bit is other: where the bits of each part are.

Payload and manifest are put together anew after the change, with the right checksums, as somebody
who tampers would do; the archive's own directory is changed where it stands.
"""

import base64
import binascii
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from support.sdk.container import MANIFEST_ENTRY, PAYLOAD_ENTRY, Container, Manifest, read, write

BITS = 8
_HEX_DIGEST_CHARACTERS = 64
_HEX_TAG_CHARACTERS = 32
_SIZE_BITS = 24  # enough for a segment of 16 MiB

Copy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of one document.

    Attributes:
        bits: how many bits it has.
        flipped: gives a copy of the document in which one of them, by its number, is other.
    """

    bits: int
    flipped: Copy


def part_of(data: bytes, name: str) -> Part:
    """Return a part of a document, one of `PARTS`.

    Raises:
        KeyError: no such part.
        EnvironmentUnfitError: the bytes are no TDF.
    """
    return PARTS[name](data)


def flipped(data: bytes, bit: int) -> bytes:
    """Return a copy of some bytes with one bit other."""
    changed = bytearray(data)
    changed[bit // BITS] ^= 1 << bit % BITS
    return bytes(changed)


def _content(data: bytes) -> Part:
    container = read(data)

    def copy(bit: int) -> bytes:
        return write(Container(container.manifest_text, flipped(container.payload, bit)))

    return Part(BITS * len(container.payload), copy)


def _manifest(data: bytes) -> Part:
    container = read(data)
    text = container.manifest_text.encode()
    return Part(BITS * len(text), lambda bit: _archive(container.payload, flipped(text, bit)))


def _archive(payload: bytes, manifest: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(PAYLOAD_ENTRY), payload)
        archive.writestr(zipfile.ZipInfo(MANIFEST_ENTRY), manifest)
    return buffer.getvalue()


def _directory(data: bytes) -> Part:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start = archive.start_dir
    return Part(BITS * (len(data) - start), lambda bit: flipped(data, BITS * start + bit))


def _value(find: Callable[[Manifest], tuple[dict[str, Any], str]]) -> Callable[[bytes], Part]:
    """Return the part that is the value, in base64, of one member of the manifest."""

    def part(data: bytes) -> Part:
        container = read(data)
        holder, name = find(container.manifest)
        raw, encode = decoded(holder[name])

        def copy(bit: int) -> bytes:
            manifest = container.manifest
            place, member = find(manifest)
            place[member] = encode(flipped(raw, bit))
            return write(Container(json.dumps(manifest), container.payload))

        return Part(BITS * len(raw), copy)

    return part


def _number(name: str) -> Callable[[bytes], Part]:
    """Return the part that is one size of the first segment."""

    def part(data: bytes) -> Part:
        container = read(data)

        def copy(bit: int) -> bytes:
            manifest = container.manifest
            _segment(manifest)[name] ^= 1 << bit
            return write(Container(json.dumps(manifest), container.payload))

        return Part(_SIZE_BITS, copy)

    return part


def _address(data: bytes) -> Part:
    container = read(data)
    url = _access(container.manifest)["url"]

    def copy(bit: int) -> bytes:
        manifest = container.manifest
        # The upper half of the range would be no ASCII any more, and so no other address.
        _access(manifest)["url"] = flipped(url.encode(), bit + bit // (BITS - 1)).decode("latin-1")
        return write(Container(json.dumps(manifest), container.payload))

    return Part((BITS - 1) * len(url), copy)


def decoded(text: str) -> tuple[bytes, Callable[[bytes], str]]:
    """Return what base64 text encodes, and what encodes it again.

    Digests that stand there as hexadecimal text are taken as the bytes that they mean: a changed
    letter of the text can mean the same.
    """
    raw = base64.b64decode(text)
    if len(raw) in {_HEX_DIGEST_CHARACTERS, _HEX_TAG_CHARACTERS}:
        try:
            meant = binascii.unhexlify(raw)
        except (binascii.Error, ValueError):
            pass
        else:
            return meant, lambda new: base64.b64encode(new.hex().encode()).decode()
    return raw, lambda new: base64.b64encode(new).decode()


def _access(manifest: Manifest) -> Manifest:
    found: Manifest = manifest["encryptionInformation"]["keyAccess"][0]
    return found


def _integrity(manifest: Manifest) -> Manifest:
    found: Manifest = manifest["encryptionInformation"]["integrityInformation"]
    return found


def _segment(manifest: Manifest) -> Manifest:
    found: Manifest = _integrity(manifest)["segments"][0]
    return found


PARTS: Mapping[str, Callable[[bytes], Part]] = {
    "the payload": _content,
    "a segment's hash": _value(lambda manifest: (_segment(manifest), "hash")),
    "a segment's size": _number("encryptedSegmentSize"),
    "the size of a segment's content": _number("segmentSize"),
    "the root signature": _value(lambda manifest: (_integrity(manifest)["rootSignature"], "sig")),
    "the policy": _value(lambda manifest: (manifest["encryptionInformation"], "policy")),
    "the sealed key": _value(lambda manifest: (_access(manifest), "wrappedKey")),
    "the key service's address": _address,
    "the manifest": _manifest,
    "the archive's directory": _directory,
}
"""Parts of a document by the words that scenarios use."""
