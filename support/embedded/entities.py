"""Entity resolution: who stands behind a token, a client id, a user name or an e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded import jose
from support.embedded.faults import Fault
from support.embedded.jose import TokenError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.embedded.calls import Call, Handler
    from support.embedded.people import Known, People
    from support.embedded.protocol import Message, Protocol

SUBJECT = 1
ENVIRONMENT = 2
SERVICE_ACCOUNT_PREFIX = "service-account-"
V2 = "entityresolution.v2"
V1 = "entityresolution"


@dataclass(frozen=True, slots=True)
class Representation:
    """What is known of an entity: plain data, which selectors of conditions refer to."""

    original_id: str
    properties: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class EntityService:
    """Resolves entities from tokens' claims, and by whoever knows clients and people."""

    protocol: Protocol
    people: People
    faults: frozenset[Fault] = frozenset()

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
        """Return what is known of one entity.

        Raises:
            ConnectError: ``internal`` for a kind of entity that the directory cannot answer, and
                where it does not answer at all.
        """
        match entity.WhichOneof("entity_type"):
            case "client_id":
                known = await self.people.clients(entity.client_id)
            case "user_name":
                found = self._one(await self.people.users_named(entity.user_name))
                known = found or self._inferred(entity)
            case "email_address":
                known = await self._by_email(entity)
            case _:
                raise ConnectError(Code.INTERNAL, "resource retrieval failed")
        return Representation(original_id, known)

    async def _by_email(self, entity: Message) -> Known:
        address = entity.email_address
        found = self._one(await self.people.users_with_email(address))
        if found:
            return found
        members = await self.people.members_of(address)
        return self._inferred(entity) if members is None else members

    def _one(self, users: Known) -> Known:
        """Return the user who was found, if it is just one."""
        return () if Fault.FORGET_USERS in self.faults or len(users) != 1 else users

    def _inferred(self, entity: Message) -> Known:
        """Return an unknown user as the request describes it."""
        return (self.protocol.to_dict(entity),)

    async def entities_of_token(
        self, token: str, entity_class: str = "entity.Entity"
    ) -> list[Message]:
        """Return the entities of a token: the client as environment, and the subject.

        The signature is not checked, as the platform does not check it here.

        Raises:
            ConnectError: The text is no JWT or lacks the claims that name client and user; or the
                directory does not answer.
        """
        try:
            claims = jose.parse_unverified(token).claims
        except TokenError:
            raise ConnectError(Code.UNKNOWN, "error parsing jwt invalid JWT") from None
        client_id, name = claims.get("azp"), claims.get("preferred_username")
        for selector, value in (("azp", client_id), ("preferred_username", name)):
            if not isinstance(value, str):
                raise ConnectError(Code.UNKNOWN, f"error extracting selector {selector} from jwt")
        new = self.protocol.message(entity_class)
        environment = new(client_id=client_id, category=ENVIRONMENT)
        subject = new(category=SUBJECT)
        account = str(name).removeprefix(SERVICE_ACCOUNT_PREFIX)
        if account != name and len(await self.people.clients(account)) == 1:
            subject.client_id = account
        else:
            subject.user_name = name
        return [environment, subject]

    async def chain_of_token(self, token: str) -> list[tuple[str, Message]]:
        """Return the entities of a token with the identifiers that the platform gives them."""
        entities = await self.entities_of_token(token)
        return [(_chain_id(index, entity), entity) for index, entity in enumerate(entities)]

    async def resolve_v2(self, request: Message, _call: Call) -> Message:
        """Return what is known of entities."""
        response = self.protocol.message(f"{V2}.ResolveEntitiesResponse")()
        pairs = ((entity, entity.ephemeral_id) for entity in request.entities)
        await self._fill(pairs, response)
        return response

    async def resolve_v1(self, request: Message, _call: Call) -> Message:
        """Return what is known of entities, first version."""
        response = self.protocol.message(f"{V1}.ResolveEntitiesResponse")()
        await self._fill(((entity, entity.id) for entity in request.entities), response)
        return response

    async def _fill(self, pairs: Iterable[tuple[Message, str]], response: Message) -> None:
        for entity, original_id in pairs:
            known = await self.represent(entity, original_id)
            added = response.entity_representations.add(original_id=original_id)
            for properties in known.properties:
                added.additional_props.add().update(properties)

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
            entities = await self.entities_of_token(token.jwt, "authorization.Entity")
            for index, entity in enumerate(entities):
                entity.id = _chain_id(index, entity)
                chain.entities.append(entity)
        return response


def _chain_id(index: int, entity: Message) -> str:
    if entity.WhichOneof("entity_type") == "client_id":
        return f"jwtentity-{index}-clientid-{entity.client_id}"
    return f"jwtentity-{index}-username-{entity.user_name}"
