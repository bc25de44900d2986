"""What somebody is entitled to, and decisions of the first version of the decision service."""

from collections.abc import Mapping

from support.platform.connect import ConnectClient
from support.platform.decisions import (
    AUTHORIZATION,
    Decision,
    DecisionClient,
    Entity,
    Question,
    Verdict,
    Who,
    identifier,
)
from support.platform.shape import JsonObject, member, members, text, unexpected

FIRST_VERSION = "authorization.AuthorizationService"
_VERDICTS = {"DECISION_PERMIT": Verdict.PERMIT, "DECISION_DENY": Verdict.DENY}


def entitlements(connect: ConnectClient, token: str, who: Who) -> dict[str, tuple[str, ...]]:
    """Return the actions that somebody is entitled to, by the name of the value.

    Values below a ranked one are listed, too.

    Raises:
        EnvironmentUnfitError: refused, or the answer has another shape.
    """
    where = "GetEntitlements"
    message = {"entityIdentifier": identifier(who), "withComprehensiveHierarchy": True}
    answer = connect.call(AUTHORIZATION, where, message, token=token)
    found: dict[str, tuple[str, ...]] = {}
    for entry in members(where, answer.required("list entitlements"), "entitlements"):
        for fqn, actions in _by_value(where, entry).items():
            names = (text(where, action, "name") for action in members(where, actions, "actions"))
            found[fqn] = (*found.get(fqn, ()), *names)
    return found


def _by_value(where: str, entry: JsonObject) -> Mapping[str, JsonObject]:
    by_value = member(where, entry, "actionsPerAttributeValueFqn")
    return {fqn: member(where, by_value, fqn) for fqn in by_value}


class FirstVersion(DecisionClient):
    """Asks the first version, which knows no actions: any entitlement to a value counts."""

    def decide(self, question: Question) -> Decision:
        """Ask about exactly one resource and people or clients by their names.

        Raises:
            EnvironmentUnfitError: refused, or the answer has another shape.
        """
        where = "GetDecisions"
        (resource,) = question.resources
        message = {
            "decisionRequests": [
                {
                    "actions": [{"name": question.action}],
                    "entityChains": [{"id": "chain", "entities": _entities(question.who)}],
                    "resourceAttributes": [
                        {
                            "resourceAttributesId": resource.name,
                            "attributeValueFqns": list(resource.fqns),
                        }
                    ],
                }
            ]
        }
        answer = self._connect.call(FIRST_VERSION, where, message, token=self._token)
        responses = members(where, answer.required("decide"), "decisionResponses")
        verdicts = [_VERDICTS.get(text(where, entry, "decision")) for entry in responses]
        if len(verdicts) != 1 or verdicts[0] is None:
            unexpected(where, responses, f"one decision, one of {', '.join(_VERDICTS)}")
        return Decision(text(where, responses[0], "resourceAttributesId"), verdicts[0])


def _entities(who: Who) -> list[dict[str, str]]:
    if not isinstance(who, tuple):
        raise TypeError(f"The first version is asked about entities by name, not about {who!r}.")
    return [
        {"id": f"entity-{index}", "category": _category(entity), entity.naming.value: entity.name}
        for index, entity in enumerate(who)
    ]


def _category(entity: Entity) -> str:
    return "CATEGORY_SUBJECT" if entity.is_subject else "CATEGORY_ENVIRONMENT"
