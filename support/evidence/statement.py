"""The in-toto statement of a run: what was tested, by which evidence, and what came of it.

Statement v1 with the predicate test-result v0.1 (https://github.com/in-toto/attestation).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from support.evidence.facts import Facts
from support.evidence.migration import UNKNOWN
from support.model.outcome import Status

TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
EVIDENCE, PLAN, PROFILE, SUITE, PREVIOUS = "evidence", "plan", "profile", "suite", "previous run"


@dataclass(frozen=True, slots=True)
class Previous:
    """The attestation that this checkout made before: its run and the digest of its file."""

    run_id: str
    sha256: str


def of_run(
    facts: Facts,
    records: Iterable[Mapping[str, Any]],
    tree: Mapping[str, Any],
    previous: Previous | None,
) -> dict[str, Any]:
    """Return the statement of a run.

    Args:
        facts: the part that all its evidence shares.
        records: its evidence.
        tree: root and number of leaves of the Merkle tree over everything that is sealed.
        previous: what was attested before.
    """
    evidence = tuple(records)
    return {
        "_type": TYPE,
        "subject": _subjects(facts, evidence),
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            **results(evidence),
            "configuration": list(_configuration(facts, tree, previous)),
        },
    }


def results(records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the verdict and the lists of tests; of a unit that was tried again, the last counts.

    What was not run is in no list: it neither passed nor failed.
    """
    last: dict[str, Mapping[str, Any]] = {}
    for record in sorted(records, key=lambda record: (record["unit_id"], record["attempt"])):
        last[record["unit_id"]] = record
    statuses = {unit_id: Status(record["status"]) for unit_id, record in last.items()}
    failed = [unit_id for unit_id, status in statuses.items() if status.is_red]
    warned = [unit_id for unit_id, status in statuses.items() if status is Status.WAIVED]
    passed = [unit_id for unit_id, status in statuses.items() if status is Status.PASSED]
    return {
        "result": "FAILED" if failed or not passed else "WARNED" if warned else "PASSED",
        "passedTests": passed,
        "warnedTests": warned,
        "failedTests": failed,
    }


def configuration_of(statement: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the entry of a name in a statement's configuration, or nothing."""
    for entry in statement["predicate"]["configuration"]:
        if entry.get("name") == name:
            found: Mapping[str, Any] = entry
            return found
    return {}


def _subjects(facts: Facts, records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what was tested, by digest; without any, the suite itself by its commit."""
    found: dict[str, str] = {}
    for part in facts["stack"]["components"]:
        found[f"{part['name']} {part['version']}".strip()] = part["digest"]
    for record in records:
        for sdk in record["sdks"]:
            found[sdk["id"]] = sdk["digest"]
    subjects: list[dict[str, Any]] = [
        {"name": name, "digest": {"sha256": value.removeprefix("sha256:")}}
        for name, value in sorted(found.items())
        if value != UNKNOWN
    ]
    return subjects or [{"name": PLAN, "digest": {"sha256": _hex(facts["plan_digest"])}}]


def _configuration(
    facts: Facts, tree: Mapping[str, Any], previous: Previous | None
) -> Iterator[dict[str, Any]]:
    yield {
        "name": EVIDENCE,
        "digest": {"sha256": tree["root"]},
        "annotations": {
            "run_id": facts["run_id"],
            "tree": "RFC 6962 over seal.json",
            "leaves": tree["leaves"],
        },
    }
    yield {"name": PLAN, "digest": {"sha256": _hex(facts["plan_digest"])}}
    if facts["profile_digest"] != UNKNOWN:
        annotations = {"id": facts["profile_id"]}
        digest = {"sha256": _hex(facts["profile_digest"])}
        yield {"name": PROFILE, "digest": digest, "annotations": annotations}
    if facts["commit_sha"] != UNKNOWN:
        yield {"name": SUITE, "digest": {"gitCommit": facts["commit_sha"]}}
    if previous is not None:
        annotations = {"run_id": previous.run_id}
        yield {
            "name": PREVIOUS,
            "digest": {"sha256": previous.sha256},
            "annotations": annotations,
        }


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")
