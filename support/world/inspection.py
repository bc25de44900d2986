"""Inspecting documents without a key and without any service: what has to hold for all of them.

The policy binding, the root signature and the ciphertext can be checked with the document's key
only; what is seen here is form, sizes, and segment hashes of the kind GMAC, which are the
authentication tags that stand at the end of each segment (OpenTDF specification, integrity
information).
"""

import base64
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema

from support.foundation.settings import ROOT
from support.foundation.text import slug
from support.world.documents import Document
from support.world.manifests import (
    BEFORE_VERSIONS_WERE_NAMED,
    VERSIONS,
    accounted_sizes,
    actual_sizes,
    form_version,
    manifest_schema,
)
from support.world.words import meaning_of

KEPT = ROOT / "features" / "tdf" / "kept"

FORM = "the manifest breaks the published form"
SIZES = "the sizes do not add up"
HASH = "a segment has another hash"
POLICY = "the policy cannot be read"
VERSION = "its form is of no one version"
PARTS = "the parts of its key contradict each other"
FINDINGS = (FORM, SIZES, HASH, POLICY, VERSION, PARTS)
"""What inspection can find, by the words that scenarios use."""

_TAG_BYTES = 16
_HEX_TAG_CHARACTERS = 2 * _TAG_BYTES
_DIGEST_BYTES = {"GMAC": _TAG_BYTES, "HS256": 32}
_ATTRIBUTE_VALUE = re.compile(r"https?://[^/\s]+/attr/[^/\s]+/value/[^/\s]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a document: one of `FINDINGS`, and what exactly."""

    what: str
    detail: str

    def __str__(self) -> str:
        return f"{self.what} ({self.detail})"


def kept_document(name: str) -> Document:
    """Return a document that an earlier run left, with what it held.

    Raises:
        SpecificationError: no such document.
    """
    known = {path.stem: path for path in KEPT.glob("*.tdf")}
    path = meaning_of(slug(name), known, "a kept document")
    return Document(path.with_suffix(".txt").read_bytes(), path.read_bytes())


def inspect(document: Document) -> tuple[Finding, ...]:
    """Return everything that is seen to be wrong with a document.

    Raises:
        EnvironmentUnfitError: the file is no TDF at all.
    """
    validator = jsonschema.Draft202012Validator(dict(manifest_schema()))
    manifest = document.container.manifest
    broken = tuple(
        Finding(FORM, f"{error.json_path}: {error.message}")
        for error in sorted(validator.iter_errors(manifest), key=lambda error: error.json_path)
    )
    # Where segments end is known only when the sizes are right, and sizes only in the right form.
    return broken or (
        *_policy(document),
        *_version(document),
        *_parts(document),
        *_contents(document),
    )


def _contents(document: Document) -> tuple[Finding, ...]:
    return tuple(_sizes(document)) or tuple(_hashes(document))


def _policy(document: Document) -> Iterator[Finding]:
    """Yield what is wrong with the policy: its id, and the attribute values that it requires."""
    try:
        policy = document.container.policy
        names = document.container.required_attributes
        uuid.UUID(str(policy["uuid"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        yield Finding(POLICY, f"{type(error).__name__}: {error}")
        return
    for name in names:
        if not _ATTRIBUTE_VALUE.fullmatch(str(name)):
            yield Finding(POLICY, f"{name!r} is no attribute value")


def _version(document: Document) -> Iterator[Finding]:
    """Yield what contradicts the version of the container: each has digests of one form only."""
    integrity = document.container.manifest["encryptionInformation"]["integrityInformation"]
    version = form_version(document)
    if version not in VERSIONS:
        yield Finding(VERSION, version)
        return
    of_other_form = _DIGEST_BYTES[integrity["segmentHashAlg"]]
    if version != BEFORE_VERSIONS_WERE_NAMED:
        of_other_form *= 2
    for index, segment in enumerate(integrity["segments"]):
        if len(_decoded(segment["hash"])) == of_other_form:
            told = f"the hash of segment {index} has {of_other_form} bytes in {version}"
            yield Finding(VERSION, told)


def _parts(document: Document) -> Iterator[Finding]:
    """Yield what contradicts itself in the split of the key.

    A policy binding is made with the part that its key access object holds, so that equal parts
    have equal bindings: objects with one split id hold one part, and those with others, others.
    """
    bindings: dict[str, str] = {}
    places: set[tuple[str, str]] = set()
    for entry in document.container.manifest["encryptionInformation"]["keyAccess"]:
        part, url, bound = str(entry.get("sid", "")), str(entry["url"]), entry["policyBinding"]
        binding = str(bound["hash"] if isinstance(bound, Mapping) else bound)
        if (part, url) in places:
            yield Finding(PARTS, f'{url} has the part "{part}" twice')
        places.add((part, url))
        if bindings.setdefault(part, binding) != binding:
            yield Finding(PARTS, f'the part "{part}" is another one at {url}')
        other = next((name for name, known in bindings.items() if known == binding), part)
        if other != part:
            yield Finding(PARTS, f'the parts "{other}" and "{part}" are the same')


def _sizes(document: Document) -> Iterator[Finding]:
    accounted, actual = accounted_sizes(document), actual_sizes(document)
    for part, size in actual.items():
        if accounted[part] != size:
            told = f"the segments account for {accounted[part]} bytes of the {part}, it has {size}"
            yield Finding(SIZES, told)


def _hashes(document: Document) -> Iterator[Finding]:
    container = document.container
    integrity = container.manifest["encryptionInformation"]["integrityInformation"]
    start = 0
    for index, segment in enumerate(integrity["segments"]):
        end = start + _size(segment, integrity)
        tag = container.payload[max(start, end - _TAG_BYTES) : end]
        if integrity["segmentHashAlg"] == "GMAC" and _digest(segment["hash"]) != tag:
            yield Finding(HASH, f"segment {index} ends with {tag.hex()}")
        start = end


def _size(segment: Mapping[str, Any], integrity: Mapping[str, Any]) -> int:
    return int(segment.get("encryptedSegmentSize", integrity["encryptedSegmentSizeDefault"]))


def _digest(text: str) -> bytes:
    """Return a digest as bytes; container version 4.2.2 writes it as hexadecimal text."""
    raw = _decoded(text)
    try:
        return bytes.fromhex(raw.decode()) if len(raw) == _HEX_TAG_CHARACTERS else raw
    except ValueError:
        return b""


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError:
        return b""


def expect_sound(findings: tuple[Finding, ...]) -> None:
    """Expect that inspection found nothing.

    Raises:
        AssertionError: it found something.
    """
    if findings:
        raise AssertionError(f"Inspection found: {'; '.join(map(str, findings))}")


def expect_finding(findings: tuple[Finding, ...], what: str) -> None:
    """Expect that inspection found one thing, and nothing of another kind.

    Raises:
        AssertionError: it found nothing, or something else.
        SpecificationError: inspection never finds that.
    """
    wanted = meaning_of(what, {word: word for word in FINDINGS}, "a finding of inspection")
    kinds = {finding.what for finding in findings}
    if kinds != {wanted}:
        told = "; ".join(map(str, findings)) or "nothing"
        raise AssertionError(f'Inspection: expected "{wanted}", found {told}')
