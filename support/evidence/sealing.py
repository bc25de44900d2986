"""Sealing a run: a list of everything that counts, its Merkle root, and a signed statement."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from support.artifacts import reading
from support.artifacts.reading import open_artifact
from support.artifacts.stored import MESSAGES
from support.evidence import envelope, journal, merkle, run_files, signing_key, statement
from support.evidence.facts import pretty
from support.evidence.reading import records_in
from support.evidence.signing_key import SigningKey
from support.evidence.statement import Previous
from support.foundation.files import locked, write_atomically
from support.foundation.settings import Settings

SEAL = "seal.json"
ATTESTATION = "attestation.json"
PUBLIC_KEY = "attestation.pub.pem"
CHAIN = "chain.json"

_OF_THE_RUN = {
    run_files.PLAN: "plan",
    run_files.RUN: "run",
    journal.NAME: "journal",
    MESSAGES: "events",
}

Entry = Mapping[str, Any]


def is_sealed(folder: Path) -> bool:
    """Return whether a run has its attestation, which is written last."""
    return (folder / ATTESTATION).is_file()


def seal(folder: Path, settings: Settings) -> None:
    """Attest a run that is over and not yet sealed: the next link of this checkout's chain.

    The chain is ordered by its links alone: it holds whatever the clock does.

    Raises:
        ConfigurationError: the signing key is none, or the run's files are not whole.
        OSError: something cannot be read or written.
    """
    key = signing_key.of(settings)
    chain = settings.build / signing_key.FOLDER / CHAIN
    with locked(chain.with_suffix(".lock")):
        if is_sealed(folder):
            return
        content = attest(folder, key, _previous(chain))
        link = {
            "run_id": folder.name,
            "sha256": hashlib.sha256(content.encode()).hexdigest(),
        }
        write_atomically(chain, pretty(link))


def attest(folder: Path, key: SigningKey, previous: Previous | None) -> str:
    """Write the seal, the public key and the attestation of a run; return the last one."""
    files = run_files.read(folder)
    records = list(records_in(folder))
    entries = sorted(_entries(folder, records), key=lambda entry: str(entry["path"]))
    tree = {"root": root(entries), "leaves": len(entries)}
    made = statement.of_run(files.facts, (record for _, record in records), tree, previous)
    signed = envelope.sign(json.dumps(made, ensure_ascii=False).encode(), key.private)
    write_atomically(folder / SEAL, pretty({"schema_version": 1, "entries": entries}))
    pem = signing_key.public_pem(key.private.public_key())
    write_atomically(folder / PUBLIC_KEY, pem)
    content = pretty(signed)
    write_atomically(folder / ATTESTATION, content)
    return content


def root(entries: Iterable[Entry]) -> str:
    """Return the Merkle root of the entries of a seal: of their names as well as of their content.

    A leaf is the entry as JSON with sorted members and no blanks.
    """
    return merkle.root(
        json.dumps(entry, sort_keys=True, separators=(",", ":")).encode() for entry in entries
    )


def measured(folder: Path, path: str) -> tuple[int, str]:
    """Return size and SHA-256 digest of the plain content of a file of a run.

    Raises:
        ConfigurationError: the name leads elsewhere.
        OSError: it cannot be read.
    """
    with open_artifact(folder, path) as content:
        return reading.measured(content)


def _entries(folder: Path, records: Iterable[tuple[Path, Mapping[str, Any]]]) -> Iterator[Entry]:
    for name, kind in _OF_THE_RUN.items():
        if (folder / name).exists():
            yield _entry(name, kind, *measured(folder, name))
    for path, record in records:
        name = path.relative_to(folder).as_posix()
        yield _entry(name, "record", *measured(folder, name))
        for file in record["files"]:
            yield _entry(file["path"], "file", file["bytes"], file["sha256"])


def _entry(path: str, kind: str, size: int, digest: str) -> Entry:
    return {"path": path, "kind": kind, "bytes": size, "sha256": digest}


def _previous(chain: Path) -> Previous | None:
    try:
        link = json.loads(chain.read_bytes())
        return Previous(str(link["run_id"]), str(link["sha256"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # the first of this checkout
