"""Rewrap: open wrapped data keys, check their policies' bindings, ask for access, wrap anew."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from typing import Protocol as TypingProtocol

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.audit import event as audit_event
from support.embedded.bindings import is_bound
from support.embedded.faults import Fault
from support.embedded.keys import RSA_2048
from support.embedded.request_token import RequestTokenReader, bad_request, refusal
from support.embedded.wrapping import SessionEncryptor, UnwrapError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.embedded.calls import Call
    from support.embedded.clock import Clock
    from support.embedded.opening import KeyOpener
    from support.embedded.protocol import Message, Protocol

CONTEXT_HEADER = "x-rewrap-additional-context"
OBLIGATIONS_KEY = "X-Required-Obligations"
# lib/identifier: a namespace, alone or with an obligation, alone or with a value of it.
_NAMESPACE = r"https://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}"
_PART = r"[a-z0-9](?:[a-z0-9_-]{0,251}[a-z0-9])?"
_OBLIGATION = re.compile(rf"{_NAMESPACE}(?:/obl/{_PART}(?:/value/{_PART})?)?")
_GENERIC = "bad request"


class Denied(Exception):  # noqa: N818 - an outcome, not a defect
    """No decision could be made, so access is refused for the whole request."""


@dataclass(frozen=True, slots=True)
class Access:
    """Whether a policy's attributes permit reading, and what the reader must then do."""

    permitted: bool
    required_obligations: tuple[str, ...] = ()


class AccessDecider(TypingProtocol):
    """Decides about the attributes of several policies for the caller of a rewrap."""

    async def decide(
        self, call: Call, resources: Sequence[Sequence[str]], fulfillable: Sequence[str]
    ) -> list[Access]:
        """Return one decision for each list of attribute value names.

        Raises:
            Denied: A name is malformed, or no decision is possible.
        """


@dataclass(frozen=True, slots=True)
class DataPolicy:
    """The policy inside a TDF."""

    uuid: str
    attributes: tuple[str, ...]


@dataclass(slots=True)
class _Outcome:
    """What becomes of one key access object."""

    data_key: bytes | None = None
    wrapped: bytes | None = None
    error: str | None = None
    obligations: tuple[str, ...] = ()


@dataclass(slots=True)
class _PolicyWork:
    """One policy of a request with the outcomes of its key access objects, in their order."""

    request: Message
    policy: DataPolicy | None = None
    outcomes: dict[str, _Outcome] = field(default_factory=dict)

    def fail_all(self, error: str) -> None:
        for kao in self.request.key_access_objects:
            self.outcomes[kao.key_access_object_id] = _Outcome(error=error)


@dataclass(slots=True)
class Rewrapper:
    """The rewrap procedure of one KAS."""

    protocol: Protocol
    opener: KeyOpener
    decider: AccessDecider
    clock: Clock
    faults: frozenset[Fault] = frozenset()
    audited: bool = True
    _earlier: tuple[str, bytes] | None = None

    async def rewrap(self, request: Message, call: Call) -> Message:
        """Answer a rewrap; refusals of single objects stand inside a successful answer."""
        bound_key = call.caller.bound_key if call.caller else None
        reader = RequestTokenReader(self.protocol, self.clock, self.faults)
        body = reader.read(request.signed_request_token, bound_key)
        fulfillable = _fulfillable_obligations(call.headers.get(CONTEXT_HEADER, ""))
        if Fault.REWRAP_FIRST_FULFILLABLE_ONLY in self.faults:
            fulfillable = fulfillable[:1]
        works = [
            self._open(wanted, leads=index == 0)
            for index, wanted in enumerate(body.requests)
            if wanted.HasField("policy") and wanted.policy.id
        ]
        session = ""
        ready = [work for work in works if work.policy is not None]
        try:
            accesses = await self._decide(call, ready, fulfillable)
        except Denied:
            denied = _error_text(refusal(Code.PERMISSION_DENIED, "forbidden: pdp-denied"))
            for work in works:
                work.fail_all(denied)
        else:
            encryptor = SessionEncryptor(body.client_key, self.faults)
            session = encryptor.session_public_key
            for work, access in zip(ready, accesses, strict=True):
                self._answer(work, access, encryptor, call)
        return self._response(works, session, is_v1=body.is_v1)

    def _open(self, request: Message, *, leads: bool) -> _PolicyWork:
        """Check the policy's form, open every data key, and verify the policy's bindings.

        Args:
            request: A policy with its key access objects.
            leads: Whether it is the first of the call, which matters to a fault alone.
        """
        work = _PolicyWork(request)
        policy = _read_policy(request.policy.body)
        for kao in request.key_access_objects:
            outcome = _Outcome()
            try:
                if policy is None:
                    raise bad_request(_GENERIC)
                outcome.data_key = self._open_object(kao)
                trusted = Fault.FIRST_BINDING_ONLY in self.faults and not leads
                if not trusted:
                    self._require_bound(kao, request.policy.body, outcome.data_key)
            except ConnectError as problem:
                outcome.data_key = None
                outcome.error = _error_text(problem)
            work.outcomes[kao.key_access_object_id] = outcome
        if any(outcome.error is None for outcome in work.outcomes.values()):
            work.policy = policy
        return work

    def _open_object(self, kao: Message) -> bytes:
        if not kao.HasField("key_access_object"):
            raise bad_request("key access object is nil")
        key_access = kao.key_access_object
        if not key_access.wrapped_key:
            raise bad_request("wrapped key is empty")
        try:
            return self.opener.open(key_access)
        except UnwrapError:
            raise bad_request(_GENERIC) from None

    def _require_bound(self, kao: Message, policy_body: str, data_key: bytes) -> None:
        binding = kao.key_access_object.policy_binding
        missing = not kao.key_access_object.HasField("policy_binding")
        if missing and Fault.MISSING_BINDING_ACCEPTED not in self.faults:
            raise bad_request("missing policy binding")
        if not is_bound(binding.hash, policy_body, data_key, self.faults):
            if Fault.BINDING_TOLD_IN_REFUSAL in self.faults:
                raise bad_request(f"expected policy binding {_binding_of(policy_body, data_key)}")
            raise bad_request(_GENERIC)

    async def _decide(
        self, call: Call, works: list[_PolicyWork], fulfillable: list[str]
    ) -> list[Access]:
        """Return an access for each work; data without attributes is open to every caller."""
        accesses = [Access(permitted=True)] * len(works)
        asked = [
            (index, work.policy.attributes)
            for index, work in enumerate(works)
            if work.policy is not None and work.policy.attributes
        ]
        if asked:
            resources = [attributes for _, attributes in asked]
            if Fault.FIRST_POLICY_FOR_ALL in self.faults:
                resources = [resources[0]] * len(resources)
            if Fault.FIRST_DATA_ATTRIBUTE_ONLY in self.faults:
                resources = [attributes[:1] for attributes in resources]
            decided = await self.decider.decide(call, resources, fulfillable)
            for (index, _), access in zip(asked, decided, strict=True):
                accesses[index] = access
        return accesses

    def _answer(
        self, work: _PolicyWork, access: Access, encryptor: SessionEncryptor, call: Call
    ) -> None:
        for kao in work.request.key_access_objects:
            outcome = work.outcomes[kao.key_access_object_id]
            if outcome.data_key is None or work.policy is None:
                continue
            outcome.obligations = access.required_obligations
            if access.permitted:
                key = self._key_to_release(work.policy, outcome.data_key)
                outcome.wrapped = encryptor.wrap(key)
            else:
                outcome.error = _error_text(refusal(Code.PERMISSION_DENIED, "forbidden"))
            if not self.audited:  # a fault alone
                continue
            event = _event(work, kao.key_access_object, call, permitted=access.permitted)
            if Fault.AUDIT_WRONG_DOCUMENT in self.faults:
                event["object"]["id"] = str(uuid.uuid4())
            if Fault.DATA_KEY_IN_AUDIT in self.faults:
                event["eventMetaData"]["dataKey"] = base64.b64encode(outcome.data_key).decode()
            call.trail.add("rewrap", event)

    def _key_to_release(self, policy: DataPolicy, data_key: bytes) -> bytes:
        """Return the data key; with the fault switched on, that of the policy seen before."""
        if Fault.WRONG_POLICY_KEY not in self.faults:
            return data_key
        earlier = self._earlier
        self._earlier = (policy.uuid, data_key)
        if earlier is not None and earlier[1] != data_key:
            return earlier[1]
        return hashlib.sha256(data_key).digest()[: len(data_key)]

    def _response(self, works: list[_PolicyWork], session: str, *, is_v1: bool) -> Message:
        response = self.protocol.message("kas.RewrapResponse")(session_public_key=session)
        for work in works:
            result = response.responses.add(policy_id=work.request.policy.id)
            for identifier, outcome in work.outcomes.items():
                entry = result.results.add(key_access_object_id=identifier)
                _fill(entry, outcome)
        if is_v1:
            outcomes = [outcome for work in works for outcome in work.outcomes.values()]
            _raise_v1_error(outcomes)
            response.entity_wrapped_key = outcomes[0].wrapped
        return response


def _read_policy(body: str) -> DataPolicy | None:
    try:
        content = json.loads(base64.b64decode(body, validate=True))
        identifier = str(uuid.UUID(content.get("uuid", str(uuid.UUID(int=0)))))
        attributes = (content.get("body") or {}).get("dataAttributes") or []
        return DataPolicy(identifier, tuple(str(item.get("attribute", "")) for item in attributes))
    except (binascii.Error, ValueError, AttributeError, TypeError):
        return None


def _fulfillable_obligations(header: str) -> list[str]:
    if not header:
        return []
    try:
        content = json.loads(base64.b64decode(header, validate=True))
        names = (content.get("obligations") or {}).get("fulfillableFQNs") or []
        stripped = [name.strip() for name in names]
    except (binascii.Error, ValueError, AttributeError):
        raise bad_request("failed to get additional rewrap context") from None
    kept = [name for name in stripped if name]
    if not all(_OBLIGATION.fullmatch(name.lower()) for name in kept):
        raise bad_request("failed to get additional rewrap context")
    return kept


def _binding_of(policy_body: str, data_key: bytes) -> str:
    digest = hmac.new(data_key, policy_body.encode(), hashlib.sha256).hexdigest()
    return base64.b64encode(digest.encode()).decode()


def _error_text(problem: ConnectError) -> str:
    return f"{problem.code.value}: {problem.message}"


def _fill(entry: Message, outcome: _Outcome) -> None:
    required = entry.metadata[OBLIGATIONS_KEY].list_value
    required.SetInParent()  # an empty list, where the default would be null
    required.extend(outcome.obligations)
    if outcome.wrapped is not None:
        entry.status = "permit"
        entry.kas_wrapped_key = outcome.wrapped
    else:
        entry.status = "fail"
        entry.error = outcome.error or "kao not processed by kas"


def _raise_v1_error(outcomes: list[_Outcome]) -> None:
    """Turn the one refusal of a version 1 answer into the error of the whole call."""
    if len(outcomes) != 1:
        raise bad_request("invalid request")
    error = outcomes[0].error
    if error is not None:
        code, _, message = error.partition(": ")
        raise ConnectError(Code(code), message)


def _event(
    work: _PolicyWork, key_access: Message, call: Call, *, permitted: bool
) -> dict[str, Any]:
    policy = work.policy or DataPolicy("", ())
    return audit_event(
        ("rewrap", "success" if permitted else "error"),
        {
            "type": "key_object",
            "id": policy.uuid,
            "name": "",
            "attributes": {
                "assertions": [],
                "attrs": list(policy.attributes),
                "permissions": [],
            },
        },
        actor={"attributes": [], "id": call.trail.actor_id},
        client=call.trail.client_info("kas"),
        metadata={
            "algorithm": work.request.algorithm or RSA_2048,
            "keyID": key_access.kid,
            "policyBinding": key_access.policy_binding.hash,
            "tdfFormat": "tdf3",
        },
    )
