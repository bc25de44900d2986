"""``authorization.AuthorizationService``, the first version: decisions regardless of the action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.audit import event
from support.embedded.calls import invalid_argument
from support.embedded.decisions import Action, decide
from support.embedded.faults import Fault
from support.embedded.resolvers import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.embedded.calls import Call, Handler
    from support.embedded.entities import EntityService, Representation
    from support.embedded.entitlements import EntitlementPolicy
    from support.embedded.protocol import Message, Protocol

PACKAGE = "authorization"
SERVICE = f"/{PACKAGE}.AuthorizationService"
PERMIT = 2
DENY = 1
TRANSMIT = 2
# Any entitlement counts, whatever it allows: this stands for all of them.
ANY_ACTION = Action("any")


@dataclass(frozen=True, slots=True)
class AuthorizationServiceV1:
    """Decisions and entitlements of the first version."""

    protocol: Protocol
    entities: EntityService
    policy: EntitlementPolicy
    faults: frozenset[Fault] = frozenset()

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            f"{SERVICE}/GetDecisions": self.get_decisions,
            f"{SERVICE}/GetDecisionsByToken": self.get_decisions_by_token,
            f"{SERVICE}/GetEntitlements": self.get_entitlements,
        }

    async def get_decisions(self, request: Message, call: Call) -> Message:
        """Decide for entity chains."""
        response = self.protocol.message(f"{PACKAGE}.GetDecisionsResponse")()
        for wanted in request.decision_requests:
            chains = [
                (chain.id, [(entity.id, entity) for entity in chain.entities])
                for chain in wanted.entity_chains
            ]
            await self._decide(chains, wanted, response, call)
        return response

    async def get_decisions_by_token(self, request: Message, call: Call) -> Message:
        """Decide for tokens."""
        response = self.protocol.message(f"{PACKAGE}.GetDecisionsByTokenResponse")()
        for wanted in request.decision_requests:
            chains = [
                (token.id, await self.entities.chain_of_token(token.jwt)) for token in wanted.tokens
            ]
            await self._decide(chains, wanted, response, call)
        return response

    async def _decide(
        self,
        chains: Sequence[tuple[str, Sequence[tuple[str, Message]]]],
        wanted: Message,
        response: Message,
        call: Call,
    ) -> None:
        known = [
            (
                chain_id,
                [
                    await self.entities.represent(entity, name)
                    for name, entity in chain
                    if entity.category != ENVIRONMENT
                ],
            )
            for chain_id, chain in chains
        ]
        for resource in wanted.resource_attributes:
            names = [fqn.lower() for fqn in resource.attribute_value_fqns]
            for chain_id, entities in known:
                permitted = self._permits(names, entities)
                response.decision_responses.add(
                    entity_chain_id=chain_id,
                    resource_attributes_id=resource.resource_attributes_id,
                    action=self.protocol.message("policy.Action")(standard=TRANSMIT),
                    decision=PERMIT if permitted else DENY,
                )
                content = _event(chain_id, resource, entities, call, permitted=permitted)
                call.trail.add("decision", content)

    def _permits(self, names: list[str], entities: list[Representation]) -> bool:
        if not names or Fault.FIRST_VERSION_PERMITS in self.faults:
            return True
        definitions = self.policy.definitions_of(names)
        store = self.policy.store
        known = [store.value_by_fqn(name) for name in names]
        if any(value is None or not store.is_value_active(value) for value in known):
            raise ConnectError(Code.INTERNAL, "resource retrieval failed")
        values = self.policy.values_of(definitions.values())
        decisions = []
        for entity in entities:
            entitled = {name: [ANY_ACTION] for name in self.policy.entitled(entity, values)}
            decision = decide(
                "",
                names,
                definitions,
                entitlements=entitled,
                action=ANY_ACTION,
                faults=self.faults,
            )
            decisions.append(decision.entitled)
        return bool(decisions) and all(decisions)

    async def get_entitlements(self, request: Message, _call: Call) -> Message:
        """Return the names of values that entities are entitled to."""
        if not request.entities:
            raise invalid_argument("requires entities")
        known = [await self.entities.represent(entity, entity.id) for entity in request.entities]
        scope = {fqn.lower() for fqn in request.scope.attribute_value_fqns}
        store = self.policy.store
        values = {
            store.value_fqn(value): value
            for value in store.values.values()
            if store.is_attribute_active(store.attributes[value.attribute_id])
        }
        response = self.protocol.message(f"{PACKAGE}.GetEntitlementsResponse")()
        everything = Fault.ENTITLEMENTS_OF_EVERYTHING in self.faults
        lower = Fault.LOWER_RANKS_NOT_LISTED not in self.faults
        for entity in known:
            entitled = self.policy.entitled(entity, values, everybody=everything)
            if request.with_comprehensive_hierarchy and lower:
                entitled = self.policy.with_lower_values(entitled)
            names = [fqn for fqn in entitled if not scope or fqn in scope]
            response.entitlements.add(entity_id=entity.original_id, attribute_value_fqns=names)
        return response


def _event(
    chain_id: str,
    resource: Message,
    entities: list[Representation],
    call: Call,
    *,
    permitted: bool,
) -> dict[str, Any]:
    decision = "permit" if permitted else "deny"
    return event(
        ("read", "success" if permitted else "failure"),
        {
            "type": "entity_object",
            "id": f"{chain_id}-{resource.resource_attributes_id}",
            "name": "",
            "attributes": {
                "assertions": None,
                "attrs": list(resource.attribute_value_fqns),
                "permissions": None,
            },
        },
        actor={"attributes": [], "id": chain_id},
        client=call.trail.client_info("authorization"),
        metadata={
            "entities": [
                {"id": entity.original_id, "decision": decision, "entitlements": []}
                for entity in entities
            ]
        },
    )
