"""What audit faults make of events."""

from typing import Any

import pytest

from support.embedded.audit import Entry
from support.embedded.audit_faults import distorted
from support.embedded.faults import Fault


def entry(verb: str, **content: Any) -> Entry:  # noqa: ANN401
    event = {
        "action": {"type": "rewrap", "result": "error"},
        "actor": {"id": "somebody"},
        "object": {"id": "1", "attributes": {"attrs": ["label"]}},
        "original": {},
        "updated": {},
        "eventMetaData": {
            "keyID": "r1",
            "algorithm": "rsa:2048",
            "resource_decisions": [
                {"data_rule_results": [], "required_obligation_value_fqns": ["obligation"]}
            ],
        },
    }
    return "request", verb, {**event, **content}


EVENTS = [entry("rewrap"), entry("rewrap"), entry("decision"), entry("policy crud")]


def test_without_a_fault_nothing_is_changed() -> None:
    assert distorted(EVENTS, frozenset(), "") == EVENTS


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        (Fault.REWRAP_NOT_AUDITED, ["decision", "policy crud"]),
        (Fault.DECISION_NOT_AUDITED, ["rewrap", "rewrap", "policy crud"]),
        (Fault.POLICY_CHANGE_NOT_AUDITED, ["rewrap", "rewrap", "decision"]),
    ],
)
def test_some_are_never_written(fault: Fault, left: list[str]) -> None:
    assert [verb for _, verb, _ in distorted(EVENTS, frozenset({fault}), "")] == left


def test_several_become_one() -> None:
    events = [entry("rewrap", original={"number": number}) for number in range(3)]
    left = distorted(events, frozenset({Fault.ONE_RECORD_FOR_SEVERAL}), "")
    assert left == events[:1]


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        (Fault.REFUSED_REWRAP_AUDITED_AS_SUCCESS, 2),
        (Fault.AUDIT_WITHOUT_KEY, 2),
        (Fault.AUDIT_WITHOUT_ATTRIBUTES, 2),
        (Fault.CHANGE_AUDIT_WITHOUT_ORIGINAL, 1),
        (Fault.CHANGE_AUDIT_WITHOUT_UPDATED, 1),
        (Fault.REFUSED_CHANGE_AUDITED_AS_SUCCESS, 1),
        (Fault.CHANGE_AUDIT_WRONG_OBJECT, 1),
        (Fault.DENY_AUDITED_AS_SUCCESS, 1),
        (Fault.DECISION_AUDIT_WITHOUT_OBLIGATIONS, 1),
        (Fault.DECISION_AUDIT_WITHOUT_RULES, 1),
        (Fault.DECISION_AUDIT_WRONG_ENTITY, 1),
        (Fault.ACTOR_FORGEABLE, 4),
    ],
)
def test_a_fault_changes_events_of_its_kind_alone(fault: Fault, changed: int) -> None:
    told = distorted(EVENTS, frozenset({fault}), "the auditor")
    assert sum(one != other for one, other in zip(told, EVENTS, strict=True)) == changed
