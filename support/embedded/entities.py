"""Entity resolution: who stands behind a token, a client id, a user name or an e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.embedded.resolvers import unpacked_claims

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.protocol import Message, Protocol
    from support.embedded.resolvers import Direct, Resolver

V2 = "entityresolution.v2"
V1 = "entityresolution"


@dataclass(frozen=True, slots=True)
class Representation:
    """What is known of an entity: plain data, which selectors of conditions refer to.

    ``direct`` are the entitlements that it brings itself.
    """

    original_id: str
    properties: tuple[dict[str, Any], ...]
    direct: Direct = ()


@dataclass(frozen=True, slots=True)
class EntityService:
    """Both versions of the service, over one way to resolve entities."""

    protocol: Protocol
    resolver: Resolver

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        v1, v2 = f"/{V1}.EntityResolutionService", f"/{V2}.EntityResolutionService"
        return {
            f"{v1}/ResolveEntities": self.resolve_v1,
            f"{v1}/CreateEntityChainFromJwt": self.chains_v1,
            f"{v2}/ResolveEntities": self.resolve_v2,
            f"{v2}/CreateEntityChainsFromTokens": self.chains_v2,
        }

    async def represent(self, entity: Message, original_id: str) -> Representation:
        """Return what is known of one entity; what it brings itself does not count.

        Raises:
            ConnectError: There is no answer for such an entity, or none at all.
        """
        return Representation(original_id, await self.resolver.properties(entity))

    async def represent_whole(self, entity: Message, original_id: str) -> Representation:
        """Return what is known of one entity, and the entitlements that it brings itself.

        Raises:
            ConnectError: As above; or its entitlements are malformed.
        """
        direct = self.resolver.direct(entity)
        return Representation(original_id, await self.resolver.properties(entity), direct)

    async def represent_of_token(self, entity: Message, original_id: str) -> Representation:
        """Return what is known of an entity of a token; what a token claims is known already.

        Raises:
            ConnectError: There is no answer for such an entity, or none at all.
        """
        if entity.WhichOneof("entity_type") == "claims":
            return Representation(original_id, (unpacked_claims(self.protocol, entity),))
        return await self.represent(entity, original_id)

    async def chain_of_token(self, token: str) -> list[tuple[str, Message]]:
        """Return the entities of a token with the identifiers that the platform gives them."""
        entities = await self.resolver.entities_of_token(token, "entity.Entity")
        return [(_chain_id(index, entity), entity) for index, entity in enumerate(entities)]

    async def resolve_v2(self, request: Message, _call: Call) -> Message:
        """Return what is known of entities."""
        response = self.protocol.message(f"{V2}.ResolveEntitiesResponse")()
        for entity in request.entities:
            known = await self.represent_whole(entity, entity.ephemeral_id)
            added = _add(response, known)
            for item in known.direct:
                added.direct_entitlements.add(
                    attribute_value_fqn=item.value_fqn, actions=item.actions
                )
        return response

    async def resolve_v1(self, request: Message, _call: Call) -> Message:
        """Return what is known of entities, first version."""
        response = self.protocol.message(f"{V1}.ResolveEntitiesResponse")()
        for entity in request.entities:
            _add(response, await self.represent(entity, entity.id))
        return response

    async def chains_v2(self, request: Message, _call: Call) -> Message:
        """Return the entity chains of tokens."""
        response = self.protocol.message(f"{V2}.CreateEntityChainsFromTokensResponse")()
        for token in request.tokens:
            chain = response.entity_chains.add(ephemeral_id=token.ephemeral_id)
            for identifier, entity in await self.chain_of_token(token.jwt):
                entity.ephemeral_id = identifier
                chain.entities.append(entity)
        return response

    async def chains_v1(self, request: Message, _call: Call) -> Message:
        """Return the entity chains of tokens, first version."""
        response = self.protocol.message(f"{V1}.CreateEntityChainFromJwtResponse")()
        for token in request.tokens:
            chain = response.entity_chains.add(id=token.id)
            entities = await self.resolver.entities_of_token(token.jwt, "authorization.Entity")
            for index, entity in enumerate(entities):
                entity.id = _chain_id(index, entity)
                chain.entities.append(entity)
        return response


def _add(response: Message, known: Representation) -> Message:
    added = response.entity_representations.add(original_id=known.original_id)
    for properties in known.properties:
        added.additional_props.add().update(properties)
    return added


def _chain_id(index: int, entity: Message) -> str:
    match entity.WhichOneof("entity_type"):
        case "claims":
            return getattr(entity, "ephemeral_id", "") or "jwtentity-claims"
        case "client_id":
            return f"jwtentity-{index}-clientid-{entity.client_id}"
        case _:
            return f"jwtentity-{index}-username-{entity.user_name}"
