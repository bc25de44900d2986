"""``authorization.v2.AuthorizationService``: decisions and entitlements over Connect."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.calls import Call, invalid_argument, validate
from support.embedded.decision_audit import DecisionEvent
from support.embedded.decisions import Action, ResourceDecision, decide, higher_values
from support.embedded.resolvers import ENVIRONMENT
from support.embedded.rewrap import Access, Denied

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from support.embedded.calls import Handler
    from support.embedded.decisions import Definition
    from support.embedded.entities import EntityService, Representation
    from support.embedded.entitlements import EntitlementPolicy
    from support.embedded.faults import Fault
    from support.embedded.protocol import Message, Protocol

PACKAGE = "authorization.v2"
SERVICE = f"/{PACKAGE}.AuthorizationService"
PERMIT = 2
DENY = 1
MAXIMUM_FQNS = 20
MAXIMUM_ENTITIES = 10
MAXIMUM_OBLIGATIONS = 50
MAXIMUM_RESOURCES = 1000
MAXIMUM_REQUESTS = 200


def unexpected() -> ConnectError:
    """Return the error that hides its reason, as the platform's does."""
    return ConnectError(Code.INTERNAL, "an unexpected error occurred")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: may these entities take an action on these resources."""

    identifier: Message
    action: Message
    resources: Sequence[Message]
    fulfillable: Sequence[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """One decision for each resource, over all entities together."""

    decisions: list[ResourceDecision]

    @property
    def all_permitted(self) -> bool:
        """Whether every resource is open."""
        return all(decision.entitled for decision in self.decisions)


@dataclass(frozen=True, slots=True)
class AuthorizationService:
    """Decisions of the second version."""

    protocol: Protocol
    entities: EntityService
    policy: EntitlementPolicy
    faults: frozenset[Fault] = frozenset()
    direct_entitlements: bool = False

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/GetDecision": self.get_decision,
            f"{SERVICE}/GetDecisionMultiResource": self.get_multi,
            f"{SERVICE}/GetDecisionBulk": self.get_bulk,
            f"{SERVICE}/GetEntitlements": self.get_entitlements,
        }

    async def get_decision(self, request: Message, call: Call) -> Message:
        """Decide about one resource."""
        question = _question(request, [request.resource])
        _check_limits(question, "", ["resource"])
        answer = await self.answer(question, call)
        response = self.protocol.message(f"{PACKAGE}.GetDecisionResponse")()
        response.decision.CopyFrom(self._message(answer.decisions[0]))
        return response

    async def get_multi(self, request: Message, call: Call) -> Message:
        """Decide about several resources."""
        question = _question(request, request.resources)
        _check_limits(question, "", _paths(question))
        return self._multi(await self.answer(question, call))

    async def get_bulk(self, request: Message, call: Call) -> Message:
        """Answer several questions."""
        _check_count("decision_requests", request.decision_requests, MAXIMUM_REQUESTS)
        questions = [_question(item, item.resources) for item in request.decision_requests]
        for index, question in enumerate(questions):
            _check_limits(question, f"decision_requests[{index}].", _paths(question))
        response = self.protocol.message(f"{PACKAGE}.GetDecisionBulkResponse")()
        for question in questions:
            answer = await self.answer(question, call)
            response.decision_responses.append(self._multi(answer))
        return response

    async def get_entitlements(self, request: Message, call: Call) -> Message:
        """Return what entities are entitled to, by value."""
        _check_entities(request.entity_identifier, "")
        entities = await self._resolve(request.entity_identifier, call, skip_environment=False)
        response = self.protocol.message(f"{PACKAGE}.GetEntitlementsResponse")()
        matched = self.policy.matched_values(entities)
        if not matched:
            return response
        for entity in entities:
            entitlements = self.policy.entitled(entity, matched)
            if request.with_comprehensive_hierarchy:
                entitlements = self.policy.with_lower_values(entitlements)
            added = response.entitlements.add(ephemeral_id=entity.original_id)
            for fqn, actions in entitlements.items():
                added.actions_per_attribute_value_fqn[fqn].actions.extend(
                    self.protocol.message("policy.Action")(id=action.id, name=action.name)
                    for action in actions
                )
        return response

    async def answer(self, question: Question, call: Call) -> Answer:
        """Decide for every entity, record each decision, and permit what all of them permit."""
        resources = [_names(resource) for resource in question.resources]
        entities = await self._resolve(question.identifier, call, skip_environment=True)
        wanted = {fqn for names in resources for fqn in names or ()}
        definitions = self.policy.definitions_of(wanted, invented=self.direct_entitlements)
        values = self.policy.values_of({item.fqn: item for item in definitions.values()}.values())
        action = _action(question.action)
        rounds: list[list[ResourceDecision]] = []
        for entity in entities:
            entitlements = self.policy.entitled(entity, values)
            if self.direct_entitlements:
                self.policy.add_direct(entity, entitlements, definitions)
            decisions = [
                self._decide(index, question, names, definitions, entitlements)
                for index, names in enumerate(resources)
            ]
            rounds.append(decisions)
            event = DecisionEvent(
                entity_id=entity.original_id,
                action=action,
                decisions=decisions,
                entitlements=_relevant(entitlements, definitions, wanted),
                fulfillable=list(question.fulfillable),
            )
            call.trail.add("decision", event.content(call.trail.client_info(PACKAGE)))
        return Answer(
            [
                ResourceDecision(decisions[0].resource_id, all(item.entitled for item in decisions))
                for decisions in zip(*rounds, strict=True)
            ]
        )

    def _decide(
        self,
        index: int,
        question: Question,
        names: list[str] | None,
        definitions: dict[str, Definition],
        entitlements: dict[str, list[Action]],
    ) -> ResourceDecision:
        identifier = question.resources[index].ephemeral_id or f"resource-{index}"
        if names is None:
            # A registered resource: none can be registered yet, so none is known.
            return ResourceDecision(identifier, entitled=False, unknown=True)
        action = _action(question.action)
        return decide(
            identifier,
            names,
            definitions,
            entitlements=entitlements,
            action=action,
            faults=self.faults,
        )

    async def _resolve(
        self, identifier: Message, call: Call, *, skip_environment: bool
    ) -> list[Representation]:
        represent = self.entities.represent
        match identifier.WhichOneof("identifier"):
            case "entity_chain":
                # The platform hears of what a token's own claims entitle to, and leaves it out.
                represent = self.entities.represent_whole
                chain = [(item.ephemeral_id, item) for item in identifier.entity_chain.entities]
            case "token":
                chain = await self._token_chain(identifier.token.jwt)
            case "with_request_token" if call.caller is not None:
                chain = await self._token_chain(call.caller.token)
            case _:
                raise unexpected()
        kept = [
            (name, entity)
            for name, entity in chain
            if not (skip_environment and entity.category == ENVIRONMENT)
        ]
        if not kept:
            raise unexpected()
        try:
            return [await represent(entity, name) for name, entity in kept]
        except ConnectError:
            raise unexpected() from None

    async def _token_chain(self, token: str) -> list[tuple[str, Message]]:
        try:
            return await self.entities.chain_of_token(token)
        except ConnectError:
            raise unexpected() from None

    def _multi(self, answer: Answer) -> Message:
        response = self.protocol.message(f"{PACKAGE}.GetDecisionMultiResourceResponse")()
        response.all_permitted.value = answer.all_permitted
        response.resource_decisions.extend(self._message(item) for item in answer.decisions)
        return response

    def _message(self, decision: ResourceDecision) -> Message:
        return self.protocol.message(f"{PACKAGE}.ResourceDecision")(
            ephemeral_resource_id=decision.resource_id,
            decision=PERMIT if decision.entitled else DENY,
        )


@dataclass(frozen=True, slots=True)
class RewrapDecider:
    """Asks the authorization service for a rewrap, in the name of the caller's token."""

    service: AuthorizationService

    async def decide(
        self, call: Call, resources: Sequence[Sequence[str]], fulfillable: Sequence[str]
    ) -> list[Access]:
        """Return one access for each list of attribute value names.

        Raises:
            Denied: A name is malformed, or no decision is possible.
        """
        request = self._request(call, resources, fulfillable)
        # The platform's KAS asks by a call of its own, with a request id of its own.
        inner = Call(call.headers, call.trail.nested(str(uuid.uuid4())), call.caller)
        try:
            validate(request)
            question = _question(request, request.resources)
            _check_limits(question, "", _paths(question))
            answer = await self.service.answer(question, inner)
        except ConnectError as problem:
            raise Denied from problem
        call.trail.adopt(inner.trail)
        return [Access(permitted=decision.entitled) for decision in answer.decisions]

    def _request(
        self, call: Call, resources: Sequence[Sequence[str]], fulfillable: Sequence[str]
    ) -> Message:
        request = self.service.protocol.message(f"{PACKAGE}.GetDecisionMultiResourceRequest")(
            fulfillable_obligation_fqns=fulfillable
        )
        token = request.entity_identifier.token
        token.ephemeral_id = "rewrap-token"
        token.jwt = call.caller.token if call.caller else ""
        request.action.name = "read"
        for index, names in enumerate(resources):
            resource = request.resources.add(ephemeral_id=f"rewrap-{index}")
            resource.attribute_values.fqns.extend(names)
        return request


def _question(request: Message, resources: Iterable[Message]) -> Question:
    return Question(
        request.entity_identifier,
        request.action,
        list(resources),
        list(request.fulfillable_obligation_fqns),
    )


def _names(resource: Message) -> list[str] | None:
    """Return the attribute values of a resource, or nothing for a registered resource."""
    kind = resource.WhichOneof("resource")
    if kind is None:
        raise unexpected()
    if kind == "attribute_values":
        return [fqn.lower() for fqn in resource.attribute_values.fqns]
    return None


def _action(message: Message) -> Action:
    return Action(message.name, message.id, message.namespace.id, message.namespace.fqn)


def _paths(question: Question) -> list[str]:
    return [f"resources[{index}]" for index in range(len(question.resources))]


def _check_count(path: str, items: Sequence[object], limit: int) -> None:
    if len(items) > limit:
        raise invalid_argument(f"{path} exceeds maximum count: got {len(items)}, max {limit}")


def _check_entities(identifier: Message, prefix: str) -> None:
    path = f"{prefix}entity_identifier.entity_chain.entities"
    _check_count(path, identifier.entity_chain.entities, MAXIMUM_ENTITIES)


def _check_limits(question: Question, prefix: str, paths: Sequence[str]) -> None:
    _check_entities(question.identifier, prefix)
    _check_count(f"{prefix}resources", question.resources, MAXIMUM_RESOURCES)
    for path, resource in zip(paths, question.resources, strict=True):
        fqns = resource.attribute_values.fqns
        _check_count(f"{prefix}{path}.attribute_values.fqns", fqns, MAXIMUM_FQNS)
    path = f"{prefix}fulfillable_obligation_fqns"
    _check_count(path, question.fulfillable, MAXIMUM_OBLIGATIONS)


def _relevant(
    entitlements: dict[str, list[Action]], definitions: dict[str, Definition], wanted: set[str]
) -> dict[str, list[Action]]:
    """Return the entitlements that bear on the resources: on their values and those above."""
    bearing = set(wanted)
    for fqn in wanted & set(definitions):
        bearing.update(higher_values(definitions[fqn], fqn))
    return {fqn: actions for fqn, actions in entitlements.items() if fqn in bearing}
