"""What a unit was answered: the finer facts of its evidence, in words that two stacks can share.

Two stacks may end a unit alike and still answer differently: another refusal, a decision that the
scenario does not look at, an obligation more, an audit record less. Ids, addresses, times and the
names of a scenario's own namespaces differ between any two runs, so they are left out.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from support.artifacts.reading import open_artifact
from support.evidence.outcomes import Records
from support.evidence.reading import paths_of
from support.sdk.refusals import classify, words_of

FACETS = ("answers", "decisions", "obligations", "refusals", "audit")
"""What is compared: answers of services, decisions in them, obligations in them, refusals of SDKs,
and records of the audit."""

_PROCEDURE = re.compile(r"/((?:\w+\.)+\w+/\w+)$")
_NAMESPACE = re.compile(r"[a-z0-9-]+-[0-9a-f]{8}-([0-9a-f]{8,}(?:-\w+)?)\.example")
_OBLIGATION = re.compile(r"https://[^\s\"']+/obl/[^\s\"',\\]+")
_DECISION = re.compile(r"\"decision\": ?\"(?:DECISION_)?(PERMIT|DENY)\"")
_SDK = re.compile(r"/(\w+)/dist/[^/]+/cli\.sh$")
_KINDS = ("exchange", "command", "audit")


@dataclass(frozen=True, slots=True)
class Observations:
    """What one unit was answered, by facet; the order within a facet is that of first sight."""

    facets: Mapping[str, tuple[str, ...]]

    def differing(self, other: "Observations") -> tuple[str, ...]:
        """Return the facets that are not the same on both sides."""
        return tuple(name for name in FACETS if self.facets[name] != other.facets[name])


def of_records(
    exchanges: Iterable[Mapping[str, Any]],
    commands: Iterable[Mapping[str, Any]],
    audit: Iterable[Mapping[str, Any]],
) -> Observations:
    """Read what was recorded of a unit.

    Args:
        exchanges: HTTP exchanges, as `ExchangeRecord` has them.
        commands: SDK commands, as `CommandRecord` has them.
        audit: the platform's audit records that belong to the unit.
    """
    answers: dict[str, None] = {}
    decisions: dict[str, None] = {}
    obligations: dict[str, None] = {}
    for exchange in exchanges:
        procedure = _PROCEDURE.search(urlsplit(exchange["url"]).path)
        if procedure is None:
            continue  # the identity provider and public documents: stacks have different ones
        name = procedure[1].rpartition(".")[2]
        answers[f"{name}: {_status(exchange)}"] = None
        body = exchange["response_body"]
        found = [word.lower() for word in _DECISION.findall(body)]
        if found:
            decisions[f"{name}: {', '.join(found)}"] = None
        for fqn in _OBLIGATION.findall(body):
            obligations[f"{name}: {_anonymous(fqn)}"] = None
    return Observations(
        {
            "answers": tuple(answers),
            "decisions": tuple(decisions),
            "obligations": tuple(sorted(obligations)),
            "refusals": tuple(dict.fromkeys(map(_command, commands))),
            "audit": tuple(_counted(Counter(map(_audited, audit)))),
        }
    )


def of_run(folder: Path, records: Records) -> Mapping[str, Observations]:
    """Read the observations of every unit of a run, by the unit's id.

    Args:
        folder: the run's folder, `artifacts/<run>`.
        records: the evidence in it.
    """
    return {
        unit_id: of_records(*(_lines(folder, record, kind) for kind in _KINDS))
        for unit_id, record in records.items()
    }


def _lines(folder: Path, record: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    for name in paths_of(record, kind):
        with open_artifact(folder, name) as file:
            for line in file:
                yield json.loads(line)


def _status(exchange: Mapping[str, Any]) -> str:
    """Return the outcome of a call: the Connect error code where there is one, else the status."""
    if not exchange["status"]:
        return "no answer"
    if exchange["status"] == 200:  # noqa: PLR2004 -- RFC 9110, section 15.3.1
        return "ok"
    try:
        code = json.loads(exchange["response_body"]).get("code")
    except (ValueError, AttributeError):
        code = None
    return str(code or f"status {exchange['status']}")


def _command(record: Mapping[str, Any]) -> str:
    """Return what an SDK's command came to: done, or why it refused."""
    arguments = record["arguments"]
    sdk = _SDK.search(arguments[0])
    language = sdk[1] if sdk else Path(arguments[0]).name
    action = arguments[1] if len(arguments) > 1 else ""
    if record["timed_out"]:
        return f"{language} {action}: did not end"
    if record["exit_code"] == 0:
        return f"{language} {action}: done"
    words = words_of(record["stderr"], record["stdout"])
    return f"{language} {action}: {classify(language, words)}"


def _audited(record: Mapping[str, Any]) -> str:
    """Return what an audit record says: its kind, action, result and object."""
    event = record.get("audit", {})
    action = event.get("action", {})
    kind = event.get("object", {}).get("type", "")
    return " ".join((record.get("msg", ""), action.get("type", ""), action.get("result", ""), kind))


def _counted(counts: Counter[str]) -> Iterator[str]:
    for name, count in sorted(counts.items()):
        yield name if count == 1 else f"{name} ({count} times)"


def _anonymous(text: str) -> str:
    return _NAMESPACE.sub("the scenario's namespace", text)
