"""Two ways to say what is known of an entity: by a directory, or by the claims that it brings.

A third one, which may ask several sources, is in ``multi_strategy.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from typing import Protocol as TypingProtocol

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded import jose
from support.embedded.calls import invalid_argument
from support.embedded.direct_entitlements import DirectEntitlement, parse_direct_entitlements
from support.embedded.faults import Fault
from support.embedded.jose import TokenError

if TYPE_CHECKING:
    from support.embedded.people import Known, People
    from support.embedded.protocol import Message, Protocol

SUBJECT = 1
ENVIRONMENT = 2
SERVICE_ACCOUNT_PREFIX = "service-account-"
Direct: TypeAlias = "tuple[DirectEntitlement, ...]"
# What a claims resolver leaves out of a token: times are no property of a subject.
_TIMES = frozenset({"exp", "iat", "nbf"})


class Resolver(TypingProtocol):
    """One way of these."""

    async def properties(self, entity: Message) -> Known:
        """Return what is known of an entity.

        Raises:
            ConnectError: There is no answer for such an entity, or none at all.
        """

    def direct(self, entity: Message) -> Direct:
        """Return the entitlements that an entity brings itself.

        Raises:
            ConnectError: They are malformed.
        """

    async def entities_of_token(self, token: str, entity_class: str) -> list[Message]:
        """Return the entities that a token stands for; nobody checks its signature here.

        Raises:
            ConnectError: The text is no token, or lacks the claims that are needed.
        """


@dataclass(frozen=True, slots=True)
class DirectoryResolver:
    """Asks whoever knows clients and people; entities bring nothing but their names."""

    protocol: Protocol
    people: People
    faults: frozenset[Fault] = frozenset()

    async def properties(self, entity: Message) -> Known:
        """Return what the directory knows; an unknown user is what the request says."""
        match entity.WhichOneof("entity_type"):
            case "client_id":
                return await self.people.clients(entity.client_id)
            case "user_name":
                found = self._one(await self.people.users_named(entity.user_name))
                return found or (self.protocol.to_dict(entity),)
            case "email_address":
                return await self._by_email(entity)
            case _:
                raise ConnectError(Code.INTERNAL, "resource retrieval failed")

    def direct(self, entity: Message) -> Direct:  # noqa: ARG002 - whoever it is
        """Return nothing."""
        return ()

    async def entities_of_token(self, token: str, entity_class: str) -> list[Message]:
        """Return the client as environment, and the user or the service account as subject."""
        claims = claims_of_token(token)
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

    async def _by_email(self, entity: Message) -> Known:
        address = entity.email_address
        if Fault.EMAIL_NOT_RESOLVED in self.faults:
            return (self.protocol.to_dict(entity),)
        found = self._one(await self.people.users_with_email(address))
        if found:
            return found
        members = await self.people.members_of(address)
        return (self.protocol.to_dict(entity),) if members is None else members

    def _one(self, users: Known) -> Known:
        """Return the user who was found, if it is just one."""
        return () if Fault.FORGET_USERS in self.faults or len(users) != 1 else users


@dataclass(frozen=True, slots=True)
class ClaimsResolver:
    """Believes what entities say of themselves (``entityresolution.mode: claims``)."""

    protocol: Protocol

    async def properties(self, entity: Message) -> Known:
        """Return an entity's claims; of one without, what the request says."""
        if entity.WhichOneof("entity_type") == "claims":
            return (unpacked_claims(self.protocol, entity),)
        return (self.protocol.to_dict(entity),)

    def direct(self, entity: Message) -> Direct:
        """Return the entitlements among an entity's claims."""
        if entity.WhichOneof("entity_type") != "claims":
            return ()
        try:
            return parse_direct_entitlements(unpacked_claims(self.protocol, entity))
        except ValueError as problem:
            raise invalid_argument(str(problem)) from None

    async def entities_of_token(self, token: str, entity_class: str) -> list[Message]:
        """Return one subject with the claims of the token."""
        claims = {
            name: value for name, value in claims_of_token(token).items() if name not in _TIMES
        }
        if isinstance(claims.get("aud"), str):
            claims["aud"] = [claims["aud"]]
        content = self.protocol.message("google.protobuf.Struct")()
        content.update(claims)
        subject = self.protocol.message(entity_class)(category=SUBJECT)
        subject.claims.Pack(content)
        return [subject]


def unpacked_claims(protocol: Protocol, entity: Message) -> dict[str, Any]:
    """Return the claims that an entity brings; none where it is another kind of entity.

    Raises:
        ConnectError: They are no structure.
    """
    content = protocol.message("google.protobuf.Struct")()
    if entity.WhichOneof("entity_type") != "claims":
        return {}
    if entity.claims.type_url and not entity.claims.Unpack(content):
        raise invalid_argument("error unpacking anypb.Any to structpb.Struct")
    return protocol.to_dict(content)


def claims_of_token(token: str) -> dict[str, Any]:
    """Return the claims of a token; nobody checks its signature here.

    Raises:
        ConnectError: The text is no token.
    """
    try:
        return jose.parse_unverified(token).claims
    except TokenError:
        raise ConnectError(Code.UNKNOWN, "error parsing jwt invalid JWT") from None
