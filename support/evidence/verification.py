"""Verifying a run offline: signature, tree, schema, completeness, and every file's digest."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from support.evidence import envelope, run_files, signing_key, statement
from support.evidence.envelope import EnvelopeError, key_id
from support.evidence.facts import digest
from support.evidence.migration import UNKNOWN
from support.evidence.reading import PATTERN
from support.evidence.sealing import ATTESTATION, PUBLIC_KEY, SEAL, Entry, measured, root
from support.foundation.documents import Document, check, load_json
from support.foundation.errors import ConfigurationError

_REQUIREMENT = "BR-[0-9][0-9][0-9]"


@dataclass(slots=True)
class Verdict:
    """What was found.

    Attributes:
        problems: what does not hold, one line each; nothing where the evidence stands.
        notes: what a reader has to know, though nothing is wrong.
    """

    run_id: str = ""
    key: str = ""
    records: int = 0
    files: int = 0
    units: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(folder: Path, key: Ed25519PublicKey | None = None) -> Verdict:
    """Verify the evidence of a run.

    Args:
        folder: the run's folder, `artifacts/<run>`.
        key: who has to have signed it; without one, the key in the run's folder is taken, which
            shows that nothing was altered since, but not by whom it was signed.

    Raises:
        ConfigurationError: there is no run.
    """
    if not (folder / run_files.RUN).exists() and not (folder / ATTESTATION).exists():
        raise ConfigurationError(
            f"{folder}: there is no run of which evidence could be verified. Name the folder of "
            "one run: artifacts/<run>."
        )
    verdict = Verdict(run_id=folder.name)
    made = _statement(folder, key, verdict)
    entries = _entries(folder, made, verdict)
    _check_files(folder, entries, verdict)
    records = _records(folder, entries, verdict)
    _check_plan(folder, made, records, verdict)
    if made is not None:
        _check_results(made, records, verdict)
        _check_chain(folder, made, verdict)
    return verdict


def _statement(
    folder: Path, key: Ed25519PublicKey | None, verdict: Verdict
) -> Mapping[str, Any] | None:
    """Return the statement, if it is signed and one of ours."""
    try:
        raw = (folder / ATTESTATION).read_bytes()
    except OSError:
        verdict.problems.append(
            f"{ATTESTATION}: the run has no attestation: it was removed, or the run goes on or was "
            "cut short (`acceptance evidence recover` makes that whole)"
        )
        return None
    try:
        if key is None:
            key = signing_key.public_key(folder / PUBLIC_KEY)
            verdict.notes.append(
                f"nobody vouches for the key {key_id(key)[:16]}, which lies beside the evidence: "
                "anybody can make one. Name the key you trust: --key PEM"
            )
        verdict.key = key_id(key)
        made = json.loads(envelope.opened(json.loads(raw), key))
        _check_form(made)
    except ConfigurationError as error:
        verdict.problems.append(str(error))
    except (EnvelopeError, ValueError, KeyError, TypeError, AttributeError) as error:
        verdict.problems.append(f"{ATTESTATION}: {error}")
    else:
        found: Mapping[str, Any] = made
        return found
    return None


def _check_form(made: Any) -> None:  # noqa: ANN401 -- whatever was signed
    """Refuse a statement that is not one of ours.

    Raises:
        EnvelopeError: it is of another type.
        KeyError, TypeError: it lacks what ours have.
    """
    if made["_type"] != statement.TYPE or made["predicateType"] != statement.PREDICATE_TYPE:
        raise EnvelopeError(
            f"it states a {made['predicateType']}, but {statement.PREDICATE_TYPE} was expected"
        )
    for name in (statement.EVIDENCE, statement.PLAN):
        statement.configuration_of(made, name)["digest"]["sha256"]


def _entries(folder: Path, made: Mapping[str, Any] | None, verdict: Verdict) -> list[Entry]:
    """Return the entries of the seal, with what is wrong with their list noted."""
    try:
        document = load_json(folder / SEAL, "evidence-seal", run_files.WRITER)
    except ConfigurationError as error:
        verdict.problems.append(str(error))
        return []
    entries: list[Entry] = document.value["entries"]
    paths = [entry["path"] for entry in entries]
    for path, count in Counter(paths).items():
        if count > 1:
            verdict.problems.append(f"{SEAL}: {path} is listed {count} times")
    if paths != sorted(paths):
        verdict.problems.append(f"{SEAL}: its entries are out of order")
    if made is not None:
        signed = statement.configuration_of(made, statement.EVIDENCE)["digest"]["sha256"]
        if root(entries) != signed:
            verdict.problems.append(
                f"{SEAL}: it was altered: its entries do not have the root that was signed"
            )
    return entries


def _check_files(folder: Path, entries: list[Entry], verdict: Verdict) -> None:
    """Hold every file against its entry, and find files that have none."""
    by_digest = {entry["sha256"]: entry["path"] for entry in entries}
    listed = {entry["path"] for entry in entries}
    unlisted = {path: _digest(folder, path) for path in _present(folder) if path not in listed}
    moved = {found: path for path, found in unlisted.items()}
    for entry in entries:
        problem = _problem_of(folder, entry, by_digest, moved)
        if problem:
            verdict.problems.append(f"{entry['path']}: {problem}")
    for path, found in unlisted.items():
        if entries and found not in by_digest:
            verdict.problems.append(f"{path}: it was added: the seal does not list it")
        elif entries and (folder / by_digest[found]).exists():
            verdict.problems.append(f"{path}: it was added: a copy of {by_digest[found]}")
    verdict.files = len(entries)


def _problem_of(
    folder: Path, entry: Entry, by_digest: Mapping[str, str], moved: Mapping[str, str]
) -> str:
    path = entry["path"]
    try:
        size, found = measured(folder, path)
    except ConfigurationError as error:
        return str(error)
    except OSError as error:
        return _unreadable(entry, moved, error)
    return "" if found == entry["sha256"] else _altered(entry, size, found, by_digest)


def _unreadable(entry: Entry, moved: Mapping[str, str], error: OSError) -> str:
    if not isinstance(error, FileNotFoundError):
        return f"it cannot be read: {error}"
    if entry["sha256"] in moved:
        return f"it was renamed to {moved[entry['sha256']]}"
    return f"it was removed: the seal lists this {entry['kind']}"


def _altered(entry: Entry, size: int, found: str, by_digest: Mapping[str, str]) -> str:
    if found in by_digest:
        return f"it was exchanged: its content is that of {by_digest[found]}"
    if size < entry["bytes"]:
        return f"it was cut: {size} bytes of {entry['bytes']} are left"
    return f"it was altered: sha256 {found[:16]}…, but {entry['sha256'][:16]}… was sealed"


def _present(folder: Path) -> Iterator[str]:
    """Yield every file of the requirements' folders, and every record wherever it stands."""
    found = {path for each in folder.glob(_REQUIREMENT) for path in each.rglob("*")}
    found |= set(folder.rglob(PATTERN))
    for path in sorted(found):
        if path.is_symlink() or not path.is_dir():
            yield path.relative_to(folder).as_posix()


def _digest(folder: Path, path: str) -> str:
    try:
        return measured(folder, path)[1]
    except (OSError, ConfigurationError):
        return UNKNOWN


def _records(folder: Path, entries: list[Entry], verdict: Verdict) -> list[Mapping[str, Any]]:
    """Return the records that the seal lists and that are valid, what is wrong with them noted."""
    files = {entry["path"]: entry for entry in entries}
    found: list[Mapping[str, Any]] = []
    seen: dict[tuple[str, int], str] = {}
    paths = [entry["path"] for entry in entries if entry["kind"] == "record"]
    if not entries:  # the seal is gone: what is there can still be held against the plan
        paths = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob(PATTERN))]
    for path in paths:
        record = _record(folder, path, verdict)
        if record is None:
            continue
        key = (record["unit_id"], record["attempt"])
        if key in seen:
            verdict.problems.append(f"{path}: a duplicate: {seen[key]} is of the same attempt")
        seen[key] = path
        for file in record["files"]:
            entry = files.get(file["path"], {})
            if entries and any(entry.get(name) != file[name] for name in ("bytes", "sha256")):
                verdict.problems.append(f"{path}: its file {file['path']} is not sealed as it says")
        found.append(record)
    verdict.records = len(found)
    return found


def _record(folder: Path, path: str, verdict: Verdict) -> Mapping[str, Any] | None:
    where = folder / path
    try:
        value: Mapping[str, Any] = json.loads(where.read_bytes())
        check(Document(where, value, {}), "evidence")
    except OSError:
        return None  # told already
    except (ValueError, RecursionError):
        verdict.problems.append(f"{path}: it is not JSON")
        return None
    except ConfigurationError as error:
        verdict.problems.append(str(error).removeprefix(f"{folder}/"))
        return None
    return value


def _check_plan(
    folder: Path,
    made: Mapping[str, Any] | None,
    records: list[Mapping[str, Any]],
    verdict: Verdict,
) -> None:
    """Hold the records against what was planned, and against the run that they say they are of."""
    try:
        files = run_files.read(folder)
    except ConfigurationError as error:
        verdict.problems.append(str(error))
        return
    verdict.units = len(files.units)
    planned = digest((folder / run_files.PLAN).read_bytes())
    signed = statement.configuration_of(made, statement.PLAN) if made is not None else None
    if signed is not None and planned != f"sha256:{signed['digest']['sha256']}":
        verdict.problems.append(f"{run_files.PLAN}: it is not the plan that the attestation names")
    shared = files.facts
    for record in records:
        unit_id = record["unit_id"]
        differing = [name for name, value in shared.items() if record.get(name) != value]
        if differing:
            verdict.problems.append(
                f"the record of {unit_id} is of another run: {', '.join(differing)} differ(s) from "
                f"{run_files.RUN}"
            )
        unit = files.units.get(unit_id)
        if unit is None:
            verdict.problems.append(f"the record of {unit_id} is of a unit that was not planned")
        elif any(record.get(name) != value for name, value in unit.items()):
            verdict.problems.append(f"the record of {unit_id} is not of what was planned")
    told = {record["unit_id"] for record in records}
    verdict.problems += [
        f"{unit_id}: it was planned, and has no evidence"
        for unit_id in files.units
        if unit_id not in told
    ]


def _check_results(
    made: Mapping[str, Any], records: list[Mapping[str, Any]], verdict: Verdict
) -> None:
    """Hold what the statement says came of the run against the records."""
    found = statement.results(records)
    for name, value in found.items():
        if made["predicate"].get(name) != value:
            verdict.problems.append(f"{ATTESTATION}: {name} is not what the records say")
    never = sum(1 for record in records if not record["begun"])
    if never:
        verdict.notes.append(f"{never} planned unit(s) never began; their records say why")


def _check_chain(folder: Path, made: Mapping[str, Any], verdict: Verdict) -> None:
    """Hold the run before this one, if it is still here, against the link to it."""
    link = statement.configuration_of(made, statement.PREVIOUS)
    if not link:
        return
    name = str(link.get("annotations", {}).get("run_id", ""))
    before = folder.parent / Path(name).name / ATTESTATION
    if not before.is_file():
        verdict.notes.append(f"the run before this one, {name}, is not here any more")
    elif hashlib.sha256(before.read_bytes()).hexdigest() != link["digest"]["sha256"]:
        verdict.problems.append(f"the run before this one, {name}, was attested anew since")
