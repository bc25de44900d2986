"""Reading TDF files, and tampering with them: pure functions from bytes to bytes.

A TDF is a ZIP archive of two stored entries, the encrypted payload and a JSON manifest (OpenTDF
specification, TDF3). Each alteration changes exactly what its name says and nothing else, and
raises when it would change nothing: a scenario that tampers with nothing would prove nothing.
"""

import base64
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from support.foundation.errors import EnvironmentUnfitError, FrameworkError
from support.sdk.key_alterations import KEY_ALTERATIONS, KeyAccess

MANIFEST_ENTRY = "0.manifest.json"
PAYLOAD_ENTRY = "0.payload"

# AES-GCM as TDF uses it: a segment is nonce, ciphertext, tag.
_NONCE_BYTES = 12
_HEX_DIGEST_CHARACTERS = 64

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Container:
    """The two parts of a TDF; `manifest_text` is the manifest exactly as written."""

    manifest_text: str
    payload: bytes

    @property
    def manifest(self) -> Manifest:
        """A fresh copy of the decoded manifest."""
        return dict(json.loads(self.manifest_text))

    @property
    def policy(self) -> Mapping[str, Any]:
        """The decoded policy."""
        text = self.manifest["encryptionInformation"]["policy"]
        return dict(json.loads(base64.b64decode(text)))

    @property
    def required_attributes(self) -> tuple[str, ...]:
        """The attribute values that the policy requires, as the writer put them."""
        attributes = self.policy["body"].get("dataAttributes") or ()
        return tuple(entry["attribute"] for entry in attributes)


def read(data: bytes) -> Container:
    """Take a TDF apart.

    Raises:
        EnvironmentUnfitError: the bytes are no TDF.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            manifest_text = archive.read(MANIFEST_ENTRY).decode()
            payload = archive.read(PAYLOAD_ENTRY)
        is_object = isinstance(json.loads(manifest_text), dict)
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError) as error:
        raise _not_a_tdf(data, str(error)) from error
    if not is_object:
        raise _not_a_tdf(data, "the manifest is no JSON object")
    return Container(manifest_text, payload)


def _not_a_tdf(data: bytes, why: str) -> EnvironmentUnfitError:
    return EnvironmentUnfitError(
        f"Expected a TDF, got {len(data)} bytes beginning with {data[:8]!r}: {why}. The SDK that "
        "wrote the file is broken, or it writes another format."
    )


def write(container: Container) -> bytes:
    """Put a TDF together: stored entries, the payload first, as SDKs write them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(PAYLOAD_ENTRY), container.payload)
        archive.writestr(zipfile.ZipInfo(MANIFEST_ENTRY), container.manifest_text)
    return buffer.getvalue()


def rewritten(data: bytes) -> bytes:
    """Return the same TDF put together anew: the control that rewriting itself harms nothing."""
    return write(read(data))


def altered(data: bytes, alteration: str) -> bytes:
    """Return a copy of a TDF with one named alteration, one of `ALTERATIONS`.

    Raises:
        FrameworkError: no such alteration, or it would change nothing in this file.
        EnvironmentUnfitError: the file is no TDF, or its manifest has another shape.
    """
    change = ALTERATIONS.get(alteration)
    if change is None:
        raise FrameworkError(
            f'No alteration of a document is called "{alteration}". Known: '
            f"{'; '.join(sorted(ALTERATIONS))}."
        )
    before = read(data)
    try:
        after = change(before)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise EnvironmentUnfitError(
            f'Cannot make a copy in which "{alteration}": the manifest lacks what that needs '
            f"({type(error).__name__}: {error}). Manifest: {before.manifest_text[:500]}"
        ) from error
    if after.payload == before.payload and after.manifest == before.manifest:
        raise FrameworkError(f'"{alteration}" changes nothing in this document; choose another.')
    return write(after)


def with_key_service(data: bytes, url: str) -> bytes:
    """Return a copy whose key is said to be at another key access service."""
    container = read(data)
    manifest = container.manifest
    for entry in manifest["encryptionInformation"]["keyAccess"]:
        entry["url"] = url
    return write(_with_manifest(container, manifest))


def with_statements_of(data: bytes, other: bytes) -> bytes:
    """Return a copy that carries the statements of another document instead of its own.

    Raises:
        FrameworkError: it would change nothing.
    """
    container, statements = read(data), read(other).manifest.get("assertions")
    if not statements or statements == container.manifest.get("assertions"):
        raise FrameworkError("The other document carries no other statement; name one that does.")
    return write(_with_manifest(container, {**container.manifest, "assertions": statements}))


def with_key_services(data: bytes, urls: Mapping[str, str]) -> bytes:
    """Return a copy in which some key access services have another address.

    Raises:
        FrameworkError: the document names none of them.
    """
    container = read(data)
    manifest = container.manifest
    entries = manifest["encryptionInformation"]["keyAccess"]
    if not any(entry["url"] in urls for entry in entries):
        raise FrameworkError(f"The document names none of {', '.join(urls)}.")
    for entry in entries:
        entry["url"] = urls.get(entry["url"], entry["url"])
    return write(_with_manifest(container, manifest))


def _with_manifest(container: Container, manifest: Manifest) -> Container:
    return Container(json.dumps(manifest, separators=(",", ":")), container.payload)


def _integrity(manifest: Manifest) -> Manifest:
    found: Manifest = manifest["encryptionInformation"]["integrityInformation"]
    return found


def _with_flipped_bit(text: str) -> str:
    """Flip one bit of what base64 `text` encodes; hexadecimal text inside stays hexadecimal."""
    raw = base64.b64decode(text)
    if len(raw) == _HEX_DIGEST_CHARACTERS:
        digest = bytearray.fromhex(raw.decode())
        digest[0] ^= 1
        return base64.b64encode(digest.hex().encode()).decode()
    flipped = bytearray(raw)
    flipped[0] ^= 1
    return base64.b64encode(flipped).decode()


def _segment_start(container: Container, index: int) -> int:
    segments = _integrity(container.manifest)["segments"]
    default = _integrity(container.manifest)["encryptedSegmentSizeDefault"]
    sizes = [segment.get("encryptedSegmentSize") or default for segment in segments]
    return sum(sizes[: index % len(sizes)])


def _flip_ciphertext(container: Container, segment: int) -> Container:
    payload = bytearray(container.payload)
    payload[_segment_start(container, segment) + _NONCE_BYTES] ^= 1
    return Container(container.manifest_text, bytes(payload))


def _cut_last_byte(container: Container) -> Container:
    return Container(container.manifest_text, container.payload[:-1])


def _drop_last_segment(container: Container) -> Container:
    manifest = container.manifest
    if len(_integrity(manifest)["segments"]) == 1:
        return container
    start = _segment_start(container, -1)
    _integrity(manifest)["segments"].pop()
    return _with_manifest(Container("", container.payload[:start]), manifest)


def _exchange_segments(container: Container) -> Container:
    manifest = container.manifest
    segments = _integrity(manifest)["segments"]
    if len(segments) == 1:
        return container
    size = _segment_start(container, 1)
    payload = container.payload
    exchanged = payload[size : 2 * size] + payload[:size] + payload[2 * size :]
    segments[0], segments[1] = segments[1], segments[0]
    return _with_manifest(Container("", exchanged), manifest)


def _replace_first_segment(container: Container) -> Container:
    payload = bytearray(container.payload)
    end = _segment_start(container, 1) or len(payload)
    payload[:end] = bytes(byte ^ 0xFF for byte in payload[:end])
    return Container(container.manifest_text, bytes(payload))


def _drop_binding(container: Container) -> Container:
    manifest = container.manifest
    for entry in manifest["encryptionInformation"]["keyAccess"]:
        del entry["policyBinding"]
    return _with_manifest(container, manifest)


def _name_no_key_service(container: Container) -> Container:
    manifest = container.manifest
    manifest["encryptionInformation"]["keyAccess"] = []
    return _with_manifest(container, manifest)


def _drop_root_signature(container: Container) -> Container:
    manifest = container.manifest
    del _integrity(manifest)["rootSignature"]
    return _with_manifest(container, manifest)


def _declare_clear(container: Container) -> Container:
    manifest = container.manifest
    manifest["payload"]["isEncrypted"] = False
    return _with_manifest(container, manifest)


def _alter_root_signature(container: Container) -> Container:
    manifest = container.manifest
    signature = _integrity(manifest)["rootSignature"]
    signature["sig"] = _with_flipped_bit(signature["sig"])
    return _with_manifest(container, manifest)


def _alter_segment_hash(container: Container) -> Container:
    manifest = container.manifest
    segment = _integrity(manifest)["segments"][0]
    segment["hash"] = _with_flipped_bit(segment["hash"])
    return _with_manifest(container, manifest)


def _lengthen_segment(container: Container) -> Container:
    manifest = container.manifest
    integrity = _integrity(manifest)
    segment = integrity["segments"][0]
    size = segment.get("encryptedSegmentSize") or integrity["encryptedSegmentSizeDefault"]
    segment["encryptedSegmentSize"] = size + 1
    return _with_manifest(container, manifest)


def _require_nothing(container: Container) -> Container:
    policy = dict(container.policy)
    if not container.required_attributes:
        return container
    policy["body"] = {**policy["body"], "dataAttributes": []}
    manifest = container.manifest
    encoded = base64.b64encode(json.dumps(policy).encode()).decode()
    manifest["encryptionInformation"]["policy"] = encoded
    return _with_manifest(container, manifest)


def _alter_binding(container: Container) -> Container:
    manifest = container.manifest
    for entry in manifest["encryptionInformation"]["keyAccess"]:
        binding = entry["policyBinding"]
        if isinstance(binding, str):  # the form before schema version 4.3.0
            entry["policyBinding"] = _with_flipped_bit(binding)
        else:
            binding["hash"] = _with_flipped_bit(binding["hash"])
    return _with_manifest(container, manifest)


def _alter_statement(container: Container) -> Container:
    manifest = container.manifest
    for assertion in manifest.get("assertions") or ():
        statement = assertion["statement"]
        value = statement["value"]
        changed = {**value, "altered": True} if isinstance(value, dict) else f"{value} (altered)"
        statement["value"] = changed
    return _with_manifest(container, manifest)


def _alter_scope(container: Container) -> Container:
    manifest = container.manifest
    for assertion in manifest.get("assertions") or ():
        assertion["scope"] = "tdo" if assertion["scope"] == "payload" else "payload"
    return _with_manifest(container, manifest)


def _take_statement_away(container: Container) -> Container:
    manifest = container.manifest
    manifest.pop("assertions", None)
    return _with_manifest(container, manifest)


def _make_policy_unreadable(container: Container) -> Container:
    manifest = container.manifest
    policy = base64.b64decode(manifest["encryptionInformation"]["policy"])
    manifest["encryptionInformation"]["policy"] = base64.b64encode(policy[:-1]).decode()
    return _with_manifest(container, manifest)


def _conceal_version(container: Container) -> Container:
    manifest = container.manifest
    manifest.pop("schemaVersion", None)
    return _with_manifest(container, manifest)


def _alter_statement_signature(container: Container) -> Container:
    manifest = container.manifest
    for assertion in manifest.get("assertions") or ():
        head, claims, signature = assertion["binding"]["signature"].split(".")
        flipped = "B" if signature[0] == "A" else "A"
        assertion["binding"]["signature"] = f"{head}.{claims}.{flipped}{signature[1:]}"
    return _with_manifest(container, manifest)


def _of_keys(change: Callable[[KeyAccess], None]) -> Callable[[Container], Container]:
    def alter(container: Container) -> Container:
        manifest = container.manifest
        change(manifest["encryptionInformation"]["keyAccess"])
        return _with_manifest(container, manifest)

    return alter


ALTERATIONS: Mapping[str, Callable[[Container], Container]] = {
    "one bit of the first segment is flipped": lambda c: _flip_ciphertext(c, 0),
    "one bit of the last segment is flipped": lambda c: _flip_ciphertext(c, -1),
    "the first segment is exchanged for noise": _replace_first_segment,
    "the last byte is cut off": _cut_last_byte,
    "the last segment is taken away": _drop_last_segment,
    "the first two segments are exchanged": _exchange_segments,
    "the root signature is missing": _drop_root_signature,
    "the payload is declared to be in the clear": _declare_clear,
    "no key service is named": _name_no_key_service,
    "the policy binding is missing": _drop_binding,
    "one bit of the root signature is flipped": _alter_root_signature,
    "one bit of a segment's hash is flipped": _alter_segment_hash,
    "a segment is declared longer than it is": _lengthen_segment,
    "the policy no longer requires anything": _require_nothing,
    "one bit of the policy binding is flipped": _alter_binding,
    "the end of the policy is missing": _make_policy_unreadable,
    "the version is not named": _conceal_version,
    "the statement is altered": _alter_statement,
    "the statement is taken away": _take_statement_away,
    "the scope of the statement is altered": _alter_scope,
    "the signature of the statement is altered": _alter_statement_signature,
    **{name: _of_keys(change) for name, change in KEY_ALTERATIONS.items()},
}
"""What can be done to a document, by the words that scenarios use; each changes one thing."""
