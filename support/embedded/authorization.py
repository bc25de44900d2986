"""``authorization.v2.AuthorizationService``: decisions and entitlements over Connect."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectrpc.errors import ConnectError

from support.embedded.calls import not_found
from support.embedded.decision_audit import DecisionEvent
from support.embedded.decisions import Action, ResourceDecision, decide, higher_values, misreported
from support.embedded.entitlements import NO_MODES, of_own_namespace
from support.embedded.faults import Fault
from support.embedded.obligations import Asking, Duties, Duty, duties_of
from support.embedded.questions import (
    Question,
    check_entities,
    question_of,
    questions_of,
    single_question,
)
from support.embedded.resolvers import ENVIRONMENT
from support.embedded.resources import Resources, unexpected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.embedded.calls import Call, Handler
    from support.embedded.decisions import Definition
    from support.embedded.entities import EntityService, Representation
    from support.embedded.entitlements import EntitlementPolicy
    from support.embedded.modes import Modes
    from support.embedded.protocol import Message, Protocol
    from support.embedded.resources import Asked

PACKAGE = "authorization.v2"
SERVICE = f"/{PACKAGE}.AuthorizationService"
PERMIT = 2
DENY = 1
PLATFORM_CLIENT = "opentdf"


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
    modes: Modes = NO_MODES

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
        answer = await self.answer(single_question(request), call)
        response = self.protocol.message(f"{PACKAGE}.GetDecisionResponse")()
        response.decision.CopyFrom(self._message(answer.decisions[0]))
        return response

    async def get_multi(self, request: Message, call: Call) -> Message:
        """Decide about several resources."""
        return self._multi(await self.answer(question_of(request), call))

    async def get_bulk(self, request: Message, call: Call) -> Message:
        """Answer several questions."""
        response = self.protocol.message(f"{PACKAGE}.GetDecisionBulkResponse")()
        questions = list(questions_of(request))
        if Fault.LAST_QUESTION_DROPPED in self.faults:
            questions = questions[:-1]
        if Fault.BULK_REPEATS_FIRST_ANSWER in self.faults:
            questions = questions[:1] * len(questions)
        for question in questions:
            answer = await self.answer(question, call)
            response.decision_responses.append(self._multi(answer))
        return response

    async def get_entitlements(self, request: Message, call: Call) -> Message:
        """Return what entities are entitled to, by value."""
        check_entities(request.entity_identifier, "")
        if request.entity_identifier.WhichOneof("identifier") == "registered_resource_value_fqn":
            return self._registered_entitlements(request)
        entities = await self._resolve(request.entity_identifier, call, skip_environment=False)
        response = self.protocol.message(f"{PACKAGE}.GetEntitlementsResponse")()
        matched = self.policy.matched_values(entities)
        if not matched:
            return response
        for entity in entities:
            everything = Fault.ENTITLEMENTS_OF_EVERYTHING in self.faults
            entitlements = self.policy.entitled(entity, matched, everybody=everything)
            if (
                request.with_comprehensive_hierarchy
                and Fault.LOWER_RANKS_NOT_LISTED not in self.faults
            ):
                entitlements = self.policy.with_lower_values(entitlements)
            self._tell(response, entity.original_id, entitlements)
        return response

    def _registered_entitlements(self, request: Message) -> Message:
        """Return what a registered resource is entitled to."""
        fqn = request.entity_identifier.registered_resource_value_fqn.lower()
        entitlements = Resources.of(self.policy, self.faults).entitlements(fqn)
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
        return Answer([self._together(decisions) for decisions in zip(*rounds, strict=True)])

    def _matter(self, question: Question, call: Call) -> Matter:
        """Look up what a question is about: resources, definitions, and obligations."""
        action = _action(question.action)
        resources = Resources.of(self.policy, self.faults, namespaced=self.modes.namespaced)
        asked = [
            resources.asked(resource, index, action)
            for index, resource in enumerate(question.resources)
        ]
        first_only = Fault.FIRST_FULFILLABLE_ONLY in self.faults
        fulfillable = tuple(question.fulfillable)[: 1 if first_only else None]
        asking = Asking(action.name, _client_of(call), fulfillable)
        duties = duties_of(
            resources.triggers(), asking, [item.triggering for item in asked], self.faults
        )
        wanted = {fqn for item in asked for fqn in item.known or ()}
        definitions = self.policy.definitions_of(wanted, self.modes)
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
            if self.modes.direct:
                self.policy.add_direct(entity, entitlements, definitions)
            if self.modes.dynamic:
                self.policy.add_dynamic(entity, entitlements, definitions)
            told = _relevant(entitlements, definitions, matter.wanted)
            yield entity.original_id, entitlements, told

    def _decide(
        self, asked: Asked, matter: Matter, entitlements: dict[str, list[Action]], duty: Duty
    ) -> ResourceDecision:
        if self.modes.namespaced:
            entitlements = of_own_namespace(entitlements, self.faults)
        decision = decide(
            asked.id,
            asked.needed,
            matter.definitions,
            entitlements=entitlements,
            action=matter.action,
            faults=self.faults,
        )
        if asked.is_open(self.faults):
            decision = replace(decision, entitled=True)
        return replace(decision, name=asked.name or decision.name, duty=duty)

    async def _resolve(
        self, identifier: Message, call: Call, *, skip_environment: bool
    ) -> list[Representation]:
        represent = self.entities.represent_of_token
        match identifier.WhichOneof("identifier"):
            case "entity_chain":
                # The platform hears of what a token's own claims entitle to, and leaves it out.
                represent = self.entities.represent_whole
                chain = [(item.ephemeral_id, item) for item in identifier.entity_chain.entities]
            case "token":
                chain = await self._token_chain(identifier.token.jwt)
            case "with_request_token" if Fault.REQUEST_TOKEN_IGNORED in self.faults:
                chain = [("", self.protocol.message("entity.Entity")(client_id=PLATFORM_CLIENT))]
            case "with_request_token" if call.caller is not None:
                chain = await self._token_chain(call.caller.token)
            case _:
                raise unexpected()
        skip_environment = skip_environment and Fault.ENVIRONMENT_DECIDES not in self.faults
        kept = [
            (name, entity)
            for name, entity in chain
            if not (skip_environment and entity.category == ENVIRONMENT)
        ]
        kept = self._looked_at(kept)
        if not kept:
            raise unexpected()
        try:
            return [await represent(entity, name) for name, entity in kept]
        except ConnectError:
            raise unexpected() from None

    def _looked_at(self, chain: list[tuple[str, Message]]) -> list[tuple[str, Message]]:
        """Return all entities of a chain; only faults leave some out."""
        if Fault.FIRST_OF_CHAIN_ONLY in self.faults:
            return chain[:1]
        if Fault.LAST_OF_CHAIN_SKIPPED in self.faults:
            return chain[:-1] or chain
        return chain

    async def _token_chain(self, token: str) -> list[tuple[str, Message]]:
        try:
            return await self.entities.chain_of_token(token)
        except ConnectError:
            raise unexpected() from None

    def _multi(self, answer: Answer) -> Message:
        response = self.protocol.message(f"{PACKAGE}.GetDecisionMultiResourceResponse")()
        decisions = misreported(answer.decisions, self.faults)
        response.all_permitted.value = answer.all_permitted
        if Fault.OVERALL_PERMIT_ON_ANY in self.faults:
            response.all_permitted.value = any(item.passed for item in decisions)
        response.resource_decisions.extend(self._message(item) for item in decisions)
        return response

    def _together(self, decisions: tuple[ResourceDecision, ...]) -> ResourceDecision:
        """Return the decision about one resource over all entities: each has to be entitled."""
        every = any if Fault.ONE_OF_CHAIN_SUFFICES in self.faults else all
        return replace(decisions[0], entitled=every(item.entitled for item in decisions))

    def _message(self, decision: ResourceDecision) -> Message:
        return self.protocol.message(f"{PACKAGE}.ResourceDecision")(
            ephemeral_resource_id=decision.resource_id,
            decision=PERMIT if decision.passed else DENY,
            required_obligations=self._told(decision),
        )

    def _told(self, decision: ResourceDecision) -> tuple[str, ...]:
        """Return the obligations that an answer tells: none to whoever is not entitled."""
        required = decision.duty.required or ()
        if decision.passed and Fault.OBLIGATIONS_NOT_RETURNED in self.faults:
            return ()
        if not decision.passed and Fault.DENIED_WITHOUT_OBLIGATIONS in self.faults:
            return ()
        leaked = Fault.OBLIGATION_LEAKED_WHEN_NOT_ENTITLED in self.faults
        return required if decision.entitled or leaked else ()


def _action(message: Message) -> Action:
    return Action(message.name, message.id, message.namespace.id, message.namespace.fqn)


def _client_of(call: Call) -> str:
    """Return the client that enforces what is decided: the one that the token was issued to."""
    client = call.caller.claims.get("azp") if call.caller else None
    if not client:
        raise unexpected()
    return str(client)


def _relevant(
    entitlements: dict[str, list[Action]], definitions: dict[str, Definition], wanted: set[str]
) -> dict[str, list[Action]]:
    """Return the entitlements that bear on the resources: on their values and those above."""
    bearing = set(wanted)
    for fqn in wanted & set(definitions):
        bearing.update(higher_values(definitions[fqn], fqn))
    return {fqn: actions for fqn, actions in entitlements.items() if fqn in bearing}
