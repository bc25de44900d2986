"""Make golden documents with the SDKs of a search root: `python -m tools.golden DIRECTORY`.

For whoever adds those of a new release. What is there is never made anew: a document that exists
is left as it is, so the record tells when it was made, and by what.
"""

import copy
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from support.foundation.golden import ADDRESS
from support.foundation.settings import ROOT
from support.sdk import container, discovery
from support.sdk.client import EncryptRequest, SdkClient, Written
from support.sdk.container import Container
from support.sdk.model import Sdk
from support.services.locator import Services
from support.stack.embedded import start_for_run
from support.world.statements import Statement

FOLDER = ROOT / "features" / "tdf" / "golden"
RECORD = FOLDER / "golden.yaml"
TITLES = {"go": "Go SDK", "python": "Python SDK"}
TIME_LIMIT_SECONDS = 120.0
NOWHERE = ("http://localhost:1/kas", "http://kas.invalid/kas")

Entry = dict[str, Any]


def main(roots: list[str]) -> int:
    """Make what is not there yet."""
    known = yaml.safe_load(RECORD.read_text("utf-8")) if RECORD.exists() else []
    have = {entry["document"] for entry in known}
    with tempfile.TemporaryDirectory() as scratch:
        port = str(urlsplit(ADDRESS).port)
        running = start_for_run(Path(scratch), arguments=("--port", port, "--golden-keys"))
        try:
            for sdk in discovery.discover([Path(root) for root in roots]):
                if sdk.language not in TITLES:  # it writes nothing that a platform accepts
                    continue
                for entry, data in _made(sdk, running.services, Path(scratch)):
                    if entry["document"] not in have:
                        known.append({**entry, "sha256": hashlib.sha256(data).hexdigest()})
                        (FOLDER / f"{entry['file']}.tdf").write_bytes(data)
        finally:
            running.stop()
    RECORD.write_text(yaml.safe_dump(known, sort_keys=False, allow_unicode=True), "utf-8")
    return 0


def _made(sdk: Sdk, services: Services, scratch: Path) -> Iterator[tuple[Entry, bytes]]:
    """Yield what one SDK can make, each with what is recorded of it."""
    title = f"the {TITLES[sdk.language]} {sdk.version.removeprefix('v')}"
    yield _one(sdk, services, scratch, f"a note by {title}", {})
    if sdk.language != "go":
        return
    yield _one(sdk, services, scratch, f"an older note by {title}", {"target_mode": "4.2.2"})
    yield _one(sdk, services, scratch, f"a note under a curve by {title}", {"ec_wrap": True})
    statement = scratch / "statement.json"
    statement.write_text(json.dumps([Statement("handle with care").as_assertion()]))
    name = f"a note with a statement by {title}"
    made, data = _one(sdk, services, scratch, name, {"assertions": statement})
    yield made, data
    yield _derived(made, f"a note with a structured statement after {title}", _structured(data))
    made, data = _one(sdk, services, scratch, "", {})
    yield _derived(made, f"a note at three key services after {title}", _at_three(data))


def _one(
    sdk: Sdk, services: Services, scratch: Path, document: str, wishes: dict[str, Any]
) -> tuple[Entry, bytes]:
    destination = scratch / "made.tdf"
    client = SdkClient(
        sdk, services, services.credentials("admin"), time_limit_seconds=TIME_LIMIT_SECONDS
    )
    result = client.encrypt(EncryptRequest(FOLDER / "note.txt", destination, **wishes))
    if not isinstance(result, Written):
        raise SystemExit(f"{sdk.id} refused {document}: {result.detail}")
    data = destination.read_bytes()
    manifest = container.read(data).manifest
    entry = {
        "document": document,
        "file": document.replace(" ", "-").lower(),
        "maker": TITLES[sdk.language],
        "version": sdk.version,
        "made": datetime.now(UTC).date().isoformat(),
        "container": manifest.get("schemaVersion", "4.2.2"),
        "key": manifest["encryptionInformation"]["keyAccess"][0]["kid"],
    }
    return entry, data


def _derived(made: Entry, document: str, data: bytes) -> tuple[Entry, bytes]:
    changed = {"document": document, "file": document.replace(" ", "-").lower()}
    return {**made, **changed, "maker": f"{made['maker']}, changed by hand"}, data


def _structured(data: bytes) -> bytes:
    """Return the document with a statement that is an object, as early writers had them."""
    parts = container.read(data)
    manifest = parts.manifest
    manifest["assertions"][0]["statement"]["value"] = {"care": "handle", "level": 3}
    return container.write(Container(json.dumps(manifest), parts.payload))


def _at_three(data: bytes) -> bytes:
    """Return the document at three key services, of which two are nowhere; no part is named.

    Neither a split nor a key is named: that was so before there were several of them.
    """
    parts = container.read(data)
    manifest = parts.manifest
    (entry,) = manifest["encryptionInformation"]["keyAccess"]
    for name in ("kid", "sid"):
        entry.pop(name, None)
    entries = [{**copy.deepcopy(entry), "url": url} for url in NOWHERE]
    manifest["encryptionInformation"]["keyAccess"] = [*entries, entry]
    return container.write(Container(json.dumps(manifest), parts.payload))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        raise SystemExit(__doc__)
    sys.exit(main(sys.argv[1:]))
