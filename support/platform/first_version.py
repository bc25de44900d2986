"""The first version of the decision service: several documents, callers by token, and lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from support.platform.connect import ConnectClient
from support.platform.decisions import Decision, DecisionSet, Resource, Verdict
from support.platform.entitlements import FIRST_VERSION
from support.platform.shape import JsonObject, members, text, texts, unexpected

_ENTITY = "somebody"
_VERDICTS = {"DECISION_PERMIT": Verdict.PERMIT, "DECISION_DENY": Verdict.DENY}


@dataclass(frozen=True, slots=True)
class Client:
    """A client, named by its id."""

    client_id: str


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever an access token was given to."""

    token: str


class FirstVersionClient:
    """Asks the first version.

    Args:
        connect: calls the platform.
        listing: token of a role that may list entitlements.
        asking: token of a role that may ask for decisions.
    """

    def __init__(self, connect: ConnectClient, listing: str, asking: str) -> None:
        self._connect = connect
        self._listing = listing
        self._asking = asking

    def entitlements(self, client_id: str, *, with_lower_ranks: bool) -> tuple[str, ...]:
        """Return the full names of the values that a client is entitled to.

        Raises:
            EnvironmentUnfitError: refused, or the answer is about somebody else.
        """
        where = "GetEntitlements"
        message = {
            "entities": [{"id": _ENTITY, "clientId": client_id}],
            "withComprehensiveHierarchy": with_lower_ranks,
        }
        body = self._call(where, message, self._listing)
        entries = members(where, body, "entitlements")
        if [text(where, entry, "entityId") for entry in entries] != [_ENTITY]:
            unexpected(where, body, f'entitlements of "{_ENTITY}" alone')
        return texts(where, entries[0], "attributeValueFqns")

    def decisions(
        self, who: Client | Bearer, action: str, resources: Sequence[Resource]
    ) -> DecisionSet:
        """Ask about several resources in one request.

        Raises:
            EnvironmentUnfitError: refused, or the answer has another shape.
        """
        asked: dict[str, Any] = {
            "actions": [{"name": action}],
            "resourceAttributes": [
                {"resourceAttributesId": entry.name, "attributeValueFqns": list(entry.fqns)}
                for entry in resources
            ],
        }
        if isinstance(who, Bearer):
            where, asked["tokens"] = "GetDecisionsByToken", [{"id": _ENTITY, "jwt": who.token}]
        else:
            where, chain = "GetDecisions", [{"id": "1", "clientId": who.client_id}]
            asked["entityChains"] = [{"id": _ENTITY, "entities": chain}]
        body = self._call(where, {"decisionRequests": [asked]}, self._asking)
        found = members(where, body, "decisionResponses")
        decisions = tuple(_decision(where, entry) for entry in found)
        return DecisionSet(all(one.verdict is Verdict.PERMIT for one in decisions), decisions)

    def _call(self, method: str, message: Mapping[str, Any], token: str) -> JsonObject:
        answer = self._connect.call(FIRST_VERSION, method, message, token=token)
        return answer.required(f"answer {method}")


def _decision(where: str, entry: JsonObject) -> Decision:
    verdict = _VERDICTS.get(text(where, entry, "decision"))
    if verdict is None:
        unexpected(where, entry, f"one of {', '.join(_VERDICTS)}")
    return Decision(text(where, entry, "resourceAttributesId"), verdict)
