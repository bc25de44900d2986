"""What audit faults make of the events of a call, before they are written."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from support.embedded.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from support.embedded.audit import Entry

    Event = dict[str, Any]
    Distortion = Callable[[Event], Event]

REWRAP, DECISION, CHANGE = "rewrap", "decision", "policy crud"

_NEVER_WRITTEN: Mapping[Fault, str] = {
    Fault.REWRAP_NOT_AUDITED: REWRAP,
    Fault.POLICY_CHANGE_NOT_AUDITED: CHANGE,
    Fault.DECISION_NOT_AUDITED: DECISION,
}


def distorted(entries: Iterable[Entry], faults: frozenset[Fault], claimed: str) -> list[Entry]:
    """Return the events that are written while some faults are switched on.

    Args:
        entries: the events of a call.
        faults: those that are switched on.
        claimed: whom the caller claims to be; empty where that is nobody.
    """
    if not faults:
        return list(entries)
    silent = {verb for fault, verb in _NEVER_WRITTEN.items() if fault in faults}
    kept = [entry for entry in entries if entry[1] not in silent]
    if Fault.ONE_RECORD_FOR_SEVERAL in faults:
        rewraps = [entry for entry in kept if entry[1] == REWRAP]
        kept = [entry for entry in kept if entry not in rewraps[1:]]
    for fault, (verb, distortion) in _DISTORTIONS.items():
        if fault in faults:
            kept = [
                (request, found, distortion(event) if found == verb else event)
                for request, found, event in kept
            ]
    if Fault.ACTOR_FORGEABLE in faults and claimed:
        kept = [(request, verb, _by(claimed)(event)) for request, verb, event in kept]
    return kept


def _as_success(event: Event) -> Event:
    return {**event, "action": {**event["action"], "result": "success"}}


def _without_key(event: Event) -> Event:
    return {**event, "eventMetaData": {**event["eventMetaData"], "keyID": "", "algorithm": ""}}


def _without_attributes(event: Event) -> Event:
    subject = event["object"]
    return {**event, "object": {**subject, "attributes": {**subject["attributes"], "attrs": []}}}


def _of_another_object(event: Event) -> Event:
    return {**event, "object": {**event["object"], "id": str(uuid.uuid4())}}


def _without(member: str) -> Distortion:
    return lambda event: {**event, member: None}


def _without_in_decisions(member: str) -> Distortion:
    def distortion(event: Event) -> Event:
        metadata = event["eventMetaData"]
        decisions = [{**entry, member: None} for entry in metadata["resource_decisions"]]
        return {**event, "eventMetaData": {**metadata, "resource_decisions": decisions}}

    return distortion


def _by(actor: str) -> Distortion:
    return lambda event: {**event, "actor": {**event["actor"], "id": actor}}


_DISTORTIONS: Mapping[Fault, tuple[str, Distortion]] = {
    Fault.REFUSED_REWRAP_AUDITED_AS_SUCCESS: (REWRAP, _as_success),
    Fault.AUDIT_WITHOUT_KEY: (REWRAP, _without_key),
    Fault.AUDIT_WITHOUT_ATTRIBUTES: (REWRAP, _without_attributes),
    Fault.CHANGE_AUDIT_WITHOUT_ORIGINAL: (CHANGE, _without("original")),
    Fault.CHANGE_AUDIT_WITHOUT_UPDATED: (CHANGE, _without("updated")),
    Fault.REFUSED_CHANGE_AUDITED_AS_SUCCESS: (CHANGE, _as_success),
    Fault.CHANGE_AUDIT_WRONG_OBJECT: (CHANGE, _of_another_object),
    Fault.DENY_AUDITED_AS_SUCCESS: (DECISION, _as_success),
    Fault.DECISION_AUDIT_WITHOUT_OBLIGATIONS: (
        DECISION,
        _without_in_decisions("required_obligation_value_fqns"),
    ),
    Fault.DECISION_AUDIT_WITHOUT_RULES: (DECISION, _without_in_decisions("data_rule_results")),
    Fault.DECISION_AUDIT_WRONG_ENTITY: (DECISION, _by("jwtentity-0-clientid-somebody-else")),
}
