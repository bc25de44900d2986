"""The audit record of a decision, in the platform's shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.embedded.audit import event

if TYPE_CHECKING:
    from support.embedded.decisions import Action, ResourceDecision, RuleResult

ABSENT_FIELDS = ("active", "allow_traversal", "grants", "kas_keys", "metadata", "namespace")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionEvent:
    """What one decision about one entity was, and on what grounds."""

    entity_id: str
    action: Action
    decisions: list[ResourceDecision]
    entitlements: dict[str, list[Action]]
    fulfillable: list[str]
    obligations_satisfied: bool

    def content(self, client: dict[str, str]) -> dict[str, Any]:
        """Return the event; ``client`` is its ``clientInfo`` part."""
        permitted = all(decision.entitled for decision in self.decisions)
        permitted = permitted and self.obligations_satisfied
        relevant = {
            fqn: [_audited_action(action) for action in actions]
            for fqn, actions in self.entitlements.items()
        }
        return event(
            ("read", "success" if permitted else "failure"),
            {
                "type": "entity_object",
                "id": f"{self.entity_id}-{self.action.name}",
                "name": f"decisionRequest-{self.action.name}",
                "attributes": {"assertions": None, "attrs": None, "permissions": None},
            },
            actor={
                "attributes": [{"entitlements_relevant_to_decision": relevant}],
                "id": self.entity_id,
            },
            client=client,
            metadata={
                "fulfillable_obligation_value_fqns": self.fulfillable,
                "obligations_satisfied": self.obligations_satisfied,
                "resource_decisions": [self._audited(decision) for decision in self.decisions],
            },
        )

    def _audited(self, decision: ResourceDecision) -> dict[str, Any]:
        results = [_audited_rule(result, self.action) for result in decision.rules]
        required = decision.duty.required
        return {
            "data_rule_results": None if decision.unknown else results,
            "entitled": decision.entitled,
            "obligations_satisfied": decision.duty.satisfied,
            "passed": decision.passed,
            "required_obligation_value_fqns": None if required is None else list(required),
            "resource_id": decision.resource_id,
            "resource_name": decision.name,
        }


def _audited_action(action: Action) -> dict[str, Any]:
    return {
        "Value": None,
        "id": action.id,
        "metadata": None,
        "name": action.name,
        "namespace": _audited_namespace(action) if action.id and action.namespace_id else None,
    }


def _audited_namespace(action: Action) -> dict[str, Any]:
    return {
        **dict.fromkeys(("active", "grants", "kas_keys", "metadata")),
        "fqn": action.namespace_fqn,
        "id": action.namespace_id,
        "name": action.namespace_fqn.removeprefix("https://"),
    }


def _audited_rule(result: RuleResult, action: Action) -> dict[str, Any]:
    failures = [{"action": action.name, "attribute_value": fqn} for fqn in result.failures]
    return {
        "attribute": {
            **dict.fromkeys(ABSENT_FIELDS),
            "fqn": result.definition.fqn,
            "id": result.definition.id,
            "name": "",
            "rule": int(result.definition.rule),
            "values": None,
        },
        "entitlement_failures": failures or None,
        "passed": result.passed,
        "resource_value_fqns": list(result.value_fqns),
    }
