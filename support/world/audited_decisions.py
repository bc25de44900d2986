"""What the audit has to say about decisions: what was decided, and why."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from support.foundation.errors import EnvironmentUnfitError
from support.platform.audit import DECISION, AuditRecord
from support.world.audit import Heard, expect_heard
from support.world.words import NOTHING

VERDICTS: Mapping[str, str] = {"success": "permit", "failure": "deny"}
"""Results of records of decisions, and the words for them."""

Row = dict[str, str]


def expect_decisions(heard: Heard, request_id: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Expect what the audit says about the decisions of one request, in their order.

    Rows have: document, decision, overall, reason; and obligations, where they are of interest.
    """
    records = [r for r in heard.of(DECISION) if r.request_id == request_id]
    columns = tuple(rows[0]) if rows else ("document", "decision", "overall", "reason")
    told = [
        {column: told[column] for column in columns}
        for record in records
        for told in described(record)
    ]
    expect_heard("What the audit says about the decisions", heard, told, list(rows))


def described(record: AuditRecord) -> list[Row]:
    """Return what a record says about each resource, in the words of scenarios.

    Raises:
        EnvironmentUnfitError: it has an unexpected shape.
    """
    try:
        return [
            _row(entry, VERDICTS.get(record.result, record.result))
            for entry in record.metadata["resource_decisions"]
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise EnvironmentUnfitError(
            f"The record of a decision has an unexpected shape ({error!r}): {record.text[:600]}"
        ) from error


def _row(entry: Mapping[str, Any], overall: str) -> Row:
    return {
        "document": str(entry["resource_id"]),
        "decision": "permit" if entry["passed"] else "deny",
        "overall": overall,
        "reason": _reason(entry),
        "obligations": _listed(entry["required_obligation_value_fqns"]),
    }


def _reason(entry: Mapping[str, Any]) -> str:
    rules = entry["data_rule_results"]
    if rules is None:
        return "unknown label"
    lacking = [
        failure["attribute_value"]
        for rule in rules
        if not rule["passed"]
        for failure in rule["entitlement_failures"] or ()
    ]
    if lacking:
        return f"lacks {_listed(lacking)}"
    return "entitled" if entry["entitled"] else "not entitled"


def _listed(fqns: Iterable[str] | None) -> str:
    """Return the last parts of names, sorted: `apollo` for `https://…/value/apollo`."""
    return ", ".join(sorted(fqn.rpartition("/value/")[2] for fqn in fqns or ())) or NOTHING
