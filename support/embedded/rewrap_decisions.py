"""Decisions for key access: what a rewrap asks the authorization service, and what it is told."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connectrpc.errors import ConnectError

from support.embedded.authorization import PACKAGE
from support.embedded.calls import Call, validate
from support.embedded.database import Database
from support.embedded.faults import Fault
from support.embedded.questions import question_of
from support.embedded.rewrap import Access, Denied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.embedded.authorization import AuthorizationService
    from support.embedded.decisions import ResourceDecision
    from support.embedded.protocol import Message


@dataclass(frozen=True, slots=True)
class RewrapDecider:
    """Asks the authorization service for a rewrap, in the name of the caller's token.

    Attributes:
        service: Who decides.
        faults: Promises to break.
        client_id: The client as which a key service of its own asks, so that obligations for one
            client are those for this one; within the platform it is the caller's.
        database: Without it nobody decides.
    """

    service: AuthorizationService
    faults: frozenset[Fault] = frozenset()
    client_id: str = ""
    database: Database = field(default_factory=Database)

    async def decide(
        self, call: Call, resources: Sequence[Sequence[str]], fulfillable: Sequence[str]
    ) -> list[Access]:
        """Return one access for each list of attribute value names.

        Raises:
            Denied: A name is malformed, or no decision is possible.
        """
        if self.database.lacks:
            raise Denied
        request = self._request(call, resources, fulfillable)
        caller = call.caller
        if caller is not None and self.client_id:
            caller = replace(caller, claims={**caller.claims, "azp": self.client_id})
        # The platform's KAS asks by a call of its own, with a request id of its own.
        inner = Call(call.headers, call.trail.nested(str(uuid.uuid4())), caller)
        try:
            validate(request)
            answer = await self.service.answer(question_of(request), inner)
        except ConnectError as problem:
            raise Denied from problem
        call.trail.adopt(inner.trail)
        return [self._access(decision) for decision in answer.decisions]

    def _access(self, decision: ResourceDecision) -> Access:
        """Return whether the key is released, and the obligations that an entitled reader has."""
        permitted = decision.passed
        if Fault.REWRAP_IGNORES_OBLIGATIONS in self.faults:
            permitted = decision.entitled
        told = decision.duty.required or ()
        if not decision.entitled and Fault.REWRAP_LEAKS_OBLIGATIONS not in self.faults:
            told = ()
        if not permitted and Fault.REWRAP_HIDES_OBLIGATIONS in self.faults:
            told = ()
        return Access(permitted, told)

    def _request(
        self, call: Call, resources: Sequence[Sequence[str]], fulfillable: Sequence[str]
    ) -> Message:
        forgotten = Fault.REWRAP_FORGETS_FULFILLABLE in self.faults
        request = self.service.protocol.message(f"{PACKAGE}.GetDecisionMultiResourceRequest")(
            fulfillable_obligation_fqns=() if forgotten else fulfillable
        )
        token = request.entity_identifier.token
        token.ephemeral_id = "rewrap-token"
        token.jwt = call.caller.token if call.caller else ""
        request.action.name = "read"
        for index, names in enumerate(resources):
            resource = request.resources.add(ephemeral_id=f"rewrap-{index}")
            resource.attribute_values.fqns.extend(names)
        return request
