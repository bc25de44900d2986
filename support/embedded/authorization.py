"""``authorization.v2.AuthorizationService``: decisions and entitlements over Connect."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectrpc.errors import ConnectError

from support.embedded.calls import Call, invalid_argument, not_found, validate
from support.embedded.decision_audit import DecisionEvent
from support.embedded.decisions import Action, ResourceDecision, decide, higher_values
from support.embedded.obligations import Asking, Duties, Duty, duties_of
from support.embedded.resolvers import ENVIRONMENT
from support.embedded.resources import Resources, unexpected
from support.embedded.rewrap import Access, Denied

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from support.embedded.calls import Handler
    from support.embedded.decisions import Definition
    from support.embedded.entities import EntityService, Representation
    from support.embedded.entitlements import EntitlementPolicy
    from support.embedded.faults import Fault
    from support.embedded.protocol import Message, Protocol
    from support.embedded.resources import Asked

PACKAGE = "authorization.v2"
SERVICE = f"/{PACKAGE}.AuthorizationService"
PERMIT = 2
DENY = 1
MAXIMUM_FQNS = 20
MAXIMUM_ENTITIES = 10
MAXIMUM_OBLIGATIONS = 50
MAXIMUM_RESOURCES = 1000
MAXIMUM_REQUESTS = 200


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
        return all(decision.passed for decision in self.decisions)


@dataclass(frozen=True, slots=True)
class Matter:
    """What a question is about, looked up in the policy."""

    action: Action
    resources: Resources
    asked: list[Asked]
    duties: Duties
    definitions: dict[str, Definition]

    @property
    def wanted(self) -> set[str]:
        """The values that the resources carry."""
        return {fqn for item in self.asked for fqn in item.known or ()}

    @property
    def unknown(self) -> list[str]:
        """The names that nobody knows: of registered resources and of values."""
        unregistered = [item.name for item in self.asked if item.known is None]
        return unregistered + sorted(self.wanted - set(self.definitions))


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
        if request.entity_identifier.WhichOneof("identifier") == "registered_resource_value_fqn":
            return self._registered_entitlements(request)
        entities = await self._resolve(request.entity_identifier, call, skip_environment=False)
        response = self.protocol.message(f"{PACKAGE}.GetEntitlementsResponse")()
        matched = self.policy.matched_values(entities)
        if not matched:
            return response
        for entity in entities:
            entitlements = self.policy.entitled(entity, matched)
            if request.with_comprehensive_hierarchy:
                entitlements = self.policy.with_lower_values(entitlements)
            self._tell(response, entity.original_id, entitlements)
        return response

    def _registered_entitlements(self, request: Message) -> Message:
        """Return what a registered resource is entitled to."""
        fqn = request.entity_identifier.registered_resource_value_fqn.lower()
        entitlements = Resources.of(self.policy).entitlements(fqn)
        if request.with_comprehensive_hierarchy:
            entitlements = self.policy.with_lower_values(entitlements)
        response = self.protocol.message(f"{PACKAGE}.GetEntitlementsResponse")()
        self._tell(response, fqn, entitlements)
        return response

    def _tell(
        self, response: Message, entity_id: str, entitlements: dict[str, list[Action]]
    ) -> None:
        added = response.entitlements.add(ephemeral_id=entity_id)
        for fqn, actions in entitlements.items():
            added.actions_per_attribute_value_fqn[fqn].actions.extend(
                self.protocol.message("policy.Action")(id=action.id, name=action.name)
                for action in actions
            )

    async def answer(self, question: Question, call: Call) -> Answer:
        """Decide for every entity, record each decision, and permit what all of them permit."""
        matter = self._matter(question, call)
        rounds: list[list[ResourceDecision]] = []
        async for entity_id, entitlements, told in self._entitled(question, matter, call):
            decisions = [
                self._decide(item, matter, entitlements, duty)
                for item, duty in zip(matter.asked, matter.duties.by_resource, strict=True)
            ]
            rounds.append(decisions)
            event = DecisionEvent(
                entity_id=entity_id,
                action=matter.action,
                decisions=decisions,
                entitlements=told,
                fulfillable=list(question.fulfillable),
                obligations_satisfied=matter.duties.satisfied,
            )
            call.trail.add("decision", event.content(call.trail.client_info(PACKAGE)))
        return Answer([_together(decisions) for decisions in zip(*rounds, strict=True)])

    def _matter(self, question: Question, call: Call) -> Matter:
        """Look up what a question is about: resources, definitions, and obligations."""
        action = _action(question.action)
        resources = Resources.of(self.policy)
        asked = [
            resources.asked(resource, index, action)
            for index, resource in enumerate(question.resources)
        ]
        asking = Asking(action.name, _client_of(call), tuple(question.fulfillable))
        duties = duties_of(resources.triggers(), asking, [item.triggering for item in asked])
        wanted = {fqn for item in asked for fqn in item.known or ()}
        definitions = self.policy.definitions_of(wanted, invented=self.direct_entitlements)
        return Matter(action, resources, asked, duties, definitions)

    async def _entitled(
        self, question: Question, matter: Matter, call: Call
    ) -> AsyncIterator[tuple[str, dict[str, list[Action]], dict[str, list[Action]]]]:
        """Return for each entity its name, what it may do, and what of that the audit tells."""
        if question.identifier.WhichOneof("identifier") == "registered_resource_value_fqn":
            fqn = question.identifier.registered_resource_value_fqn.lower()
            entitlements = matter.resources.entitlements(fqn, matter.action)
            if matter.unknown:
                raise not_found(
                    f"failed to get decision for registered resource value FQN [{fqn}]: error "
                    "getting decisionable attributes: resource FQNs not found in memory "
                    f"[{' '.join(matter.unknown)}]: access: FQN not found"
                )
            yield fqn, entitlements, entitlements
            return
        definitions = matter.definitions
        values = self.policy.values_of({item.fqn: item for item in definitions.values()}.values())
        for entity in await self._resolve(question.identifier, call, skip_environment=True):
            entitlements = self.policy.entitled(entity, values)
            if self.direct_entitlements:
                self.policy.add_direct(entity, entitlements, definitions)
            told = _relevant(entitlements, definitions, matter.wanted)
            yield entity.original_id, entitlements, told

    def _decide(
        self, asked: Asked, matter: Matter, entitlements: dict[str, list[Action]], duty: Duty
    ) -> ResourceDecision:
        decision = decide(
            asked.id,
            asked.needed,
            matter.definitions,
            entitlements=entitlements,
            action=matter.action,
            faults=self.faults,
        )
        return replace(decision, name=asked.name or decision.name, duty=duty)

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
            decision=PERMIT if decision.passed else DENY,
            required_obligations=decision.duty.required or () if decision.entitled else (),
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
        return [
            Access(decision.passed, decision.duty.required or () if decision.entitled else ())
            for decision in answer.decisions
        ]

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


def _action(message: Message) -> Action:
    return Action(message.name, message.id, message.namespace.id, message.namespace.fqn)


def _client_of(call: Call) -> str:
    """Return the client that enforces what is decided: the one that the token was issued to."""
    client = call.caller.claims.get("azp") if call.caller else None
    if not client:
        raise unexpected()
    return str(client)


def _together(decisions: tuple[ResourceDecision, ...]) -> ResourceDecision:
    """Return the decision about one resource over all entities: each has to be entitled."""
    entitled = all(decision.entitled for decision in decisions)
    return replace(decisions[0], entitled=entitled)


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
