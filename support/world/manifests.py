"""What a protected document tells about itself, and what must agree in it."""

import base64
import functools
import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.settings import ROOT
from support.platform.envelope import SealedInDocument
from support.platform.kas import KasClient, Released
from support.platform.sealing import algorithm_of
from support.sdk.proof import Proof, prove
from support.world.documents import Document
from support.world.expectations import (
    expect_absent,
    expect_content,
    expect_different,
    expect_equal,
    fail,
)

SCHEMA = ROOT / "schemas" / "manifest.schema.json"

_HEX_DIGEST_CHARACTERS = 64
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
BEFORE_VERSIONS_WERE_NAMED = "4.2.2"
VERSIONS = (BEFORE_VERSIONS_WERE_NAMED, "4.3.0")


@functools.cache
def manifest_schema() -> Mapping[str, Any]:
    """Return our schema of manifests, which is stricter than the published one."""
    return dict(json.loads(SCHEMA.read_text(encoding="utf-8")))


def form_version(document: Document) -> str:
    """Return the container version by the form of the manifest.

    Version 4.3.0 names itself and writes digests as raw bytes; 4.2.2 names nothing and writes them
    as hexadecimal text. A mixture is neither, and is described instead.
    """
    manifest = document.container.manifest
    named = manifest.get("schemaVersion")
    integrity = manifest["encryptionInformation"]["integrityInformation"]
    digest = base64.b64decode(integrity["rootSignature"]["sig"])
    is_hexadecimal = len(digest) == _HEX_DIGEST_CHARACTERS
    if named is None and is_hexadecimal:
        return BEFORE_VERSIONS_WERE_NAMED
    if named is not None and not is_hexadecimal:
        return str(named)
    form = "hexadecimal" if is_hexadecimal else "raw"
    return f"a mixture: schemaVersion {named}, digests as {form} bytes"


def actual_sizes(document: Document) -> dict[str, int]:
    """Return how many bytes the document's content and payload have."""
    return {"content": len(document.content), "payload": len(document.container.payload)}


def accounted_sizes(document: Document) -> dict[str, int]:
    """Return how many bytes the segments in the manifest add up to."""
    integrity = document.container.manifest["encryptionInformation"]["integrityInformation"]
    plain, encrypted = integrity["segmentSizeDefault"], integrity["encryptedSegmentSizeDefault"]
    return {
        "content": sum(entry.get("segmentSize", plain) for entry in integrity["segments"]),
        "payload": sum(
            entry.get("encryptedSegmentSize", encrypted) for entry in integrity["segments"]
        ),
    }


def key_services(document: Document) -> set[str]:
    """Return the addresses of the key services that the document's keys are sealed for."""
    return {entry["url"] for entry in _keys(document)}


def seals(document: Document) -> list[Mapping[str, str]]:
    """Return how each key of a document is sealed: the type, and the id of the key it is for."""
    return [
        {"type": str(entry.get("type")), "key": str(entry.get("kid"))} for entry in _keys(document)
    ]


def sender_keys(documents: Iterable[Document]) -> Mapping[str, str]:
    """Return the author's public key in each key of some documents, by where it stands.

    Raises:
        AssertionError: a key has none, or none of an elliptic curve.
    """
    found: dict[str, str] = {}
    for number, document in enumerate(documents, 1):
        for place, entry in enumerate(_keys(document), 1):
            where = f"document {number}, key {place}"
            pem = str(entry.get("ephemeralPublicKey", ""))
            kind = algorithm_of(pem) if "BEGIN PUBLIC KEY" in pem else "(none)"
            if not kind.startswith("ec:"):
                fail(f"{where}: expected the author's key of an elliptic curve, got {kind}")
            found[where] = pem
    return found


def split(document: Document, name_of: Callable[[str], str]) -> list[list[str]]:
    """Return the names of the key services that have each part of a document's key, in order.

    Key access objects that share a split id have the same part; without an id there is but one.
    """
    by_part: dict[str, set[str]] = {}
    for entry in _keys(document):
        by_part.setdefault(str(entry.get("sid") or ""), set()).add(name_of(str(entry["url"])))
    return sorted(sorted(part) for part in by_part.values())


def _keys(document: Document) -> list[Mapping[str, Any]]:
    return list(document.container.manifest["encryptionInformation"]["keyAccess"])


def media_type(document: Document) -> str:
    """Return the media type that the manifest declares."""
    return str(document.container.manifest["payload"].get("mimeType", "(none)"))


def statements(document: Document) -> list[str]:
    """Return the texts of the statements that the document carries."""
    assertions = document.container.manifest.get("assertions") or ()
    return [str(entry["statement"]["value"]) for entry in assertions]


def expect_unreadable(document: Document) -> None:
    """Expect that the content stands nowhere in the document, neither raw nor as base64."""
    encoded = base64.b64encode(document.content).rstrip(b"=")
    needles = [part.decode("latin-1") for part in (document.content, encoded)]
    expect_absent("The protected document", document.data.decode("latin-1"), needles)


def expect_unrelated(first: Document, second: Document) -> None:
    """Expect two documents to share neither ciphertext nor sealed key nor policy binding."""
    for what, secret_part in (
        ("The ciphertext", lambda document: document.container.payload),
        ("The sealed key", lambda document: _key_access(document)["wrappedKey"]),
        ("The policy binding", lambda document: str(_key_access(document)["policyBinding"])),
    ):
        both = {"the first": secret_part(first), "the second": secret_part(second)}
        expect_different(what, both)


def proven(document: Document, kas: KasClient, token: str) -> Proof:
    """Return what the document's key proves of it, when its key service gives the key.

    Raises:
        EnvironmentUnfitError: the key service does not give it.
    """
    information = document.container.manifest["encryptionInformation"]
    policy, access = str(information["policy"]), information["keyAccess"]
    answer = kas.rewrap([SealedInDocument(policy, entry) for entry in access], token)
    keys = [result.key for result in answer.results if isinstance(result, Released)]
    if not access or len(keys) != len(access):
        raise EnvironmentUnfitError(
            f"The key service gave {len(keys)} of the document's {len(access)} keys, which its "
            f"reader may have: {answer.results or answer.answer}"
        )
    return prove(document.container, keys)


def expect_proven(document: Document, proof: Proof) -> None:
    """Expect that a document's key opens all of it, and contradicts nothing that it says."""
    expect_equal("What the document's key contradicts", proof.wrong, ())
    expect_content("What the document's key opens", proof.content, document.content)


def policy_ids(documents: Sequence[Document]) -> dict[str, object]:
    """Return the id in the policy of each document, in their order.

    Raises:
        AssertionError: an id is no UUID, or the one that means nobody.
    """
    ids: dict[str, object] = {}
    for number, document in enumerate(documents, start=1):
        text = str(document.container.policy.get("uuid"))
        if not _UUID.fullmatch(text) or text == str(uuid.UUID(int=0)):
            fail(f'The policy of document {number} has the id "{text}", expected a UUID of its own')
        ids[f"document {number}"] = text
    return ids


def _key_access(document: Document) -> Mapping[str, Any]:
    return dict(_keys(document)[0])
