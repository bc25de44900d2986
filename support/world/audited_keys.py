"""What the audit has to say about requests for keys, of envelopes made by hand and of documents."""

import base64
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from support.foundation.errors import SpecificationError
from support.platform.audit import REWRAP, AuditRecord
from support.platform.envelope import Envelope
from support.world.audit import Heard, expect_heard
from support.world.documents import Document
from support.world.expectations import expect_equal, fail
from support.world.words import NOTHING

SESSION_ALGORITHM = "rsa:2048"
FORMAT = "tdf3"
RESULTS: Mapping[str, str] = {"released": "success", "withheld": "error"}
"""What became of a key, and the result in its audit record."""

_WORDS = {result: word for word, result in RESULTS.items()}
_TIMES = re.compile(r"(released|withheld) (?:once|twice|(\d+) times)")
_NONE = "neither released nor withheld"


@dataclass(frozen=True, slots=True)
class KeyAccess:
    """A sealed key, with what a record of a request for it has to name.

    Attributes:
        policy_id: empty where documents of this SDK share one.
    """

    name: str
    policy_id: str
    binding: str
    key_id: str
    labels: tuple[str, ...]

    def is_in(self, record: AuditRecord) -> bool:
        """Whether a record is about this key."""
        same_policy = not self.policy_id or record.object_id == self.policy_id
        return same_policy and record.metadata.get("policyBinding") == self.binding


def of_envelopes(envelopes: Mapping[str, Envelope]) -> tuple[KeyAccess, ...]:
    """Return the keys in envelopes, by their names."""
    return tuple(_of_envelope(name, envelope) for name, envelope in envelopes.items())


def _of_envelope(name: str, envelope: Envelope) -> KeyAccess:
    policy_id, labels = _policy(json.loads(base64.b64decode(envelope.policy)))
    return KeyAccess(name, policy_id, envelope.binding, envelope.key_id, labels)


def of_document(
    document: Document, name_of: Callable[[str], str] = lambda _: "the document"
) -> tuple[KeyAccess, ...]:
    """Return the keys that a document names.

    Args:
        document: what was protected.
        name_of: names a key by the address of its key access service.
    """
    parts = document.container
    policy_id, labels = _policy(parts.policy)
    return tuple(
        KeyAccess(
            name_of(str(entry["url"])), policy_id, _hash(entry), str(entry.get("kid", "")), labels
        )
        for entry in parts.manifest["encryptionInformation"].get("keyAccess", ())
    )


def _hash(entry: Mapping[str, Any]) -> str:
    binding = entry.get("policyBinding")  # container version 4.2.2 writes the bare hash
    return str(binding.get("hash", "") if isinstance(binding, Mapping) else binding)


def _policy(policy: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return the id of a policy and what it requires."""
    policy_id = str(policy.get("uuid", ""))
    body = policy.get("body") or {}
    labels = tuple(str(entry["attribute"]) for entry in body.get("dataAttributes") or ())
    # otdf-python gives every document the same id, which tells nothing about this one.
    return (policy_id if policy_id.strip("0-") else "", labels)


Found = tuple[tuple[KeyAccess, AuditRecord], ...]
"""Records, each with the key that it is about."""


def expect_of_each(
    heard: Heard, keys: Iterable[KeyAccess], request_ids: Iterable[str], rows: Mapping[str, str]
) -> Found:
    """Expect what the audit says about each key, and about no other key of the same requests.

    Args:
        heard: what the audit says.
        keys: that were asked for.
        request_ids: of the requests for keys.
        rows: `released`, `withheld` or `nothing` for each key; several are separated by commas.

    Returns:
        Each record with the key that it is about.
    """
    found = tuple(_found(heard, keys))
    known = {record.text for _, record in found}
    asked = set(request_ids)
    others = [r for r in heard.of(REWRAP) if r.request_id in asked and r.text not in known]
    told = {name: _told(r for key, r in found if key.name == name) for name in rows}
    if others:
        told["no such envelope"] = _told(others)
    expect_heard("What the audit says about the keys", heard, told, dict(rows))
    return found


def expect_of_document(heard: Heard, document: Document, outcome: str) -> Found:
    """Expect what the audit says about the keys of a document, such as `released 5 times`.

    Returns:
        Each record with the key that it is about.

    Raises:
        SpecificationError: the words are none of those.
    """
    # Key services of whom either will do have the same part, with which a record is about both.
    parts = {key.binding: key for key in of_document(document)}
    found = tuple(_found(heard, parts.values()))
    results = Counter(record.result for _, record in found)
    expect_heard("What the audit says about the document's key", heard, results, _results(outcome))
    return found


def expect_particulars(found: Found) -> None:
    """Expect each record to name the key, its algorithm, the binding of the policy and the labels.

    Raises:
        AssertionError: one does not, or there is none.
    """
    if not found:
        fail("No record of a key is there that could name anything.")
    for key, record in found:
        expected = {
            "key": key.key_id,
            "algorithm": SESSION_ALGORITHM,
            "binding": key.binding,
            "format": FORMAT,
            "labels": sorted(key.labels),
            "policy": key.policy_id or record.object_id,
            "kind of object": "key_object",
            "service": "kas",
        }
        actual = {
            "key": record.metadata.get("keyID"),
            "algorithm": record.metadata.get("algorithm"),
            "binding": record.metadata.get("policyBinding"),
            "format": record.metadata.get("tdfFormat"),
            "labels": sorted(record.labels),
            "policy": record.object_id,
            "kind of object": record.object_type,
            "service": record.platform,
        }
        expect_equal(f"The record of the key of {key.name}", actual, expected)


def _found(heard: Heard, keys: Iterable[KeyAccess]) -> Iterator[tuple[KeyAccess, AuditRecord]]:
    for key in keys:
        for record in heard.of(REWRAP):
            if key.is_in(record):
                yield key, record


def _told(records: Iterable[AuditRecord]) -> str:
    return ", ".join(_WORDS.get(r.result, r.result) for r in records) or NOTHING


def _results(outcome: str) -> Counter[str]:
    """Return how many records of which result are expected.

    Raises:
        SpecificationError: the words say nothing that is known.
    """
    if outcome == _NONE:
        return Counter()
    match = _TIMES.fullmatch(outcome)
    if match is None:
        problem = (
            f'"{outcome}" says not what became of a key. Known: released once, released twice, '
            f"withheld 3 times and the like; {_NONE}."
        )
        raise SpecificationError((problem,))
    number = int(match[2]) if match[2] else 1 + outcome.endswith("twice")
    return Counter({RESULTS[match[1]]: number})
