"""Asking for access decisions: authorization v2, for one resource, several, or in bulk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from support.platform.connect import Answer, ConnectClient
from support.platform.shape import JsonObject, boolean, member, members, text, texts, unexpected

STRUCT = "type.googleapis.com/google.protobuf.Struct"
AUTHORIZATION = "authorization.v2.AuthorizationService"


class Verdict(StrEnum):
    """What the platform decided."""

    PERMIT = "permit"
    DENY = "deny"


_VERDICTS = {"DECISION_PERMIT": Verdict.PERMIT, "DECISION_DENY": Verdict.DENY}


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource under a name of the caller's choice, with the attribute values it carries.

    A registered resource carries none: the platform knows them by its full name, `registered`.
    """

    name: str
    fqns: tuple[str, ...] = ()
    registered: str | None = None


class Naming(StrEnum):
    """What a request calls an entity by."""

    CLIENT = "clientId"
    USER = "userName"
    EMAIL = "emailAddress"


@dataclass(frozen=True, slots=True)
class Entity:
    """A client or a user; only `is_subject` ones need entitlements, others stand beside them."""

    naming: Naming
    name: str
    is_subject: bool = True


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever an access token was given to."""

    token: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Whoever sends the request."""


@dataclass(frozen=True, slots=True)
class Claimant:
    """Somebody of whom the request itself says everything."""

    claims: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Thing:
    """A registered resource that acts itself, by its full name."""

    fqn: str


Who = tuple[Entity, ...] | Holder | Sender | Claimant | Thing
"""Whom a question is about; several entities are asked about together."""


def client(client_id: str) -> Who:
    """Return what asks about one client."""
    return (Entity(Naming.CLIENT, client_id),)


@dataclass(frozen=True, slots=True)
class Question:
    """May they do this with these resources?

    Attributes:
        action_namespace: the name of the namespace whose action is meant; any by default.
        fulfillable: the obligations that whoever asks can fulfil, by their full names.
    """

    who: Who
    action: str
    resources: tuple[Resource, ...]
    action_namespace: str = ""
    fulfillable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one resource, with the obligations that come with it."""

    resource: str
    verdict: Verdict
    obligations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionSet:
    """The verdicts on the resources of one question, and the platform's own summary."""

    all_permitted: bool
    decisions: tuple[Decision, ...]


class DecisionClient:
    """Asks for decisions about others with the token of a role that may."""

    def __init__(self, connect: ConnectClient, token: str) -> None:
        self._connect = connect
        self._token = token

    def decide(self, question: Question) -> Decision:
        """Ask about exactly one resource.

        Raises:
            EnvironmentUnfitError: refused, or the answer is about something else.
        """
        where = "GetDecision"
        message = single_request(question)
        body = self._call(where, message).required("decide about one resource")
        decision = _decision(where, member(where, body, "decision"))
        if decision.resource != question.resources[0].name:
            unexpected(where, body, f'a decision about "{question.resources[0].name}"')
        return decision

    def decide_each(self, question: Question) -> DecisionSet:
        """Ask about several resources in one request.

        Raises:
            EnvironmentUnfitError: refused, or the answer has another shape.
        """
        where = "GetDecisionMultiResource"
        body = self._call(where, _many(question)).required("decide about several resources")
        return _decision_set(where, body)

    def decide_in_bulk(self, questions: Sequence[Question]) -> tuple[DecisionSet, ...]:
        """Ask several questions in one request; answers come in the order of the questions.

        Raises:
            EnvironmentUnfitError: refused, or the answer has another shape.
        """
        where = "GetDecisionBulk"
        message = {"decisionRequests": [_many(question) for question in questions]}
        body = self._call(where, message).required("decide in bulk")
        return tuple(
            _decision_set(where, entry) for entry in members(where, body, "decisionResponses")
        )

    def _call(self, method: str, message: Mapping[str, object]) -> Answer:
        return self._connect.call(AUTHORIZATION, method, message, token=self._token)


def single_request(question: Question) -> dict[str, object]:
    """Return the GetDecision request for a question about exactly one resource.

    Raises:
        ValueError: the question is about none or several.
    """
    if len(question.resources) != 1:
        raise ValueError(f"GetDecision takes one resource, got {len(question.resources)}.")
    return {**_asked(question), "resource": _resource(question.resources[0])}


def _asked(question: Question) -> dict[str, object]:
    action: dict[str, object] = {"name": question.action}
    if question.action_namespace:
        action["namespace"] = {"fqn": question.action_namespace}
    asked: dict[str, object] = {"entityIdentifier": identifier(question.who), "action": action}
    if question.fulfillable:
        asked["fulfillableObligationFqns"] = list(question.fulfillable)
    return asked


def identifier(who: Who) -> dict[str, object]:
    """Return how a request names whom it is about."""
    match who:
        case Sender():
            return {"withRequestToken": True}
        case Holder(token):
            return {"token": {"ephemeralId": "token", "jwt": token}}
        case Claimant(claims):
            return {"entityChain": {"entities": [_claiming(claims)]}}
        case Thing(fqn):
            return {"registeredResourceValueFqn": fqn}
    entities = [
        {
            "ephemeralId": f"entity-{index}",
            "category": "CATEGORY_SUBJECT" if entity.is_subject else "CATEGORY_ENVIRONMENT",
            entity.naming.value: entity.name,
        }
        for index, entity in enumerate(who)
    ]
    return {"entityChain": {"entities": entities}}


def _claiming(claims: Mapping[str, object]) -> dict[str, object]:
    return {
        "ephemeralId": "entity-0",
        "category": "CATEGORY_SUBJECT",
        "claims": {"@type": STRUCT, "value": dict(claims)},
    }


def _many(question: Question) -> dict[str, object]:
    return {**_asked(question), "resources": [_resource(entry) for entry in question.resources]}


def _resource(resource: Resource) -> dict[str, object]:
    if resource.registered is not None:
        return {"ephemeralId": resource.name, "registeredResourceValueFqn": resource.registered}
    return {"ephemeralId": resource.name, "attributeValues": {"fqns": list(resource.fqns)}}


def _decision_set(where: str, body: JsonObject) -> DecisionSet:
    return DecisionSet(
        boolean(where, body, "allPermitted"),
        tuple(_decision(where, entry) for entry in members(where, body, "resourceDecisions")),
    )


def _decision(where: str, entry: JsonObject) -> Decision:
    verdict = _VERDICTS.get(text(where, entry, "decision"))
    if verdict is None:
        unexpected(where, entry, f"one of {', '.join(_VERDICTS)}")
    return Decision(
        text(where, entry, "ephemeralResourceId"),
        verdict,
        texts(where, entry, "requiredObligations"),
    )
