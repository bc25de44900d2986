"""Golden documents: made by released SDKs, and to be opened by every release after them.

They are sealed for keys that everybody has (support/foundation/golden) at a key access service
that is gone. The only thing that is changed when one is taken in hand is that address: it is bound
to nothing, and names the key access service of the stack then.
"""

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.golden import ADDRESS
from support.foundation.settings import ROOT
from support.sdk import container
from support.sdk.container import Container
from support.world.documents import Document
from support.world.words import meaning_of

FOLDER = ROOT / "features" / "tdf" / "golden"
NOTE = "note.txt"


@dataclass(frozen=True, slots=True)
class Golden:
    """What is recorded of a golden document."""

    document: str
    file: str
    maker: str
    version: str
    made: str
    container: str
    key: str
    sha256: str


def record(folder: Path = FOLDER) -> tuple[Golden, ...]:
    """Return what is recorded of every golden document."""
    entries = yaml.safe_load((folder / "golden.yaml").read_text("utf-8"))
    return tuple(Golden(**entry) for entry in entries)


@functools.cache
def _by_name() -> Mapping[str, Golden]:
    return {entry.document: entry for entry in record()}


def golden_document(name: str, kas_url: str, folder: Path = FOLDER) -> Document:
    """Return a golden document whose key is at the key access service of the stack.

    Raises:
        SpecificationError: no such document.
        EnvironmentUnfitError: the file is another one than was made.
    """
    entry = meaning_of(name, _by_name(), "a golden document")
    data = (folder / f"{entry.file}.tdf").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != entry.sha256:
        raise EnvironmentUnfitError(
            f"{entry.file}.tdf has the digest {digest}, and {entry.sha256} was recorded when it "
            "was made. Golden documents are never changed: restore it."
        )
    return Document((folder / NOTE).read_bytes(), readdressed(data, kas_url))


def readdressed(data: bytes, kas_url: str) -> bytes:
    """Return a copy whose key is at another address where it was at the golden one."""
    parts = container.read(data)
    manifest = parts.manifest
    for entry in manifest["encryptionInformation"]["keyAccess"]:
        if entry["url"] == ADDRESS:
            entry["url"] = kas_url
    return container.write(Container(json.dumps(manifest), parts.payload))
