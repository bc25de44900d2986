"""What surrounds every procedure: who calls, may they, is the request sound, what is recorded."""

from __future__ import annotations

import functools
import inspect
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo
from connectrpc.server import Endpoint

from support.embedded import audit, roles
from support.embedded.dpop import ProofError, ProofTarget, challenge, nonce_header
from support.embedded.faults import Fault
from support.embedded.jose import TokenError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from connectrpc.request import RequestContext

    from support.embedded.audit import AuditLog, AuditTrail
    from support.embedded.protocol import Message, Method, Protocol
    from support.embedded.tokens import Caller, TokenVerifier

WELL_KNOWN = "/wellknownconfiguration.WellKnownService/GetWellKnownConfiguration"
PUBLIC_PROCEDURES = frozenset(
    {
        WELL_KNOWN,
        "/kas.AccessService/PublicKey",
        "/kas.AccessService/LegacyPublicKey",
        "/grpc.health.v1.Health/Check",
    }
)
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a procedure, as its handler sees it; ``caller`` is ``None`` on public ones."""

    headers: Mapping[str, str]
    trail: AuditTrail
    caller: Caller | None = None


Handler: TypeAlias = "Callable[[Message, Call], Message | Awaitable[Message]]"
Handlers: TypeAlias = "Mapping[str, Handler]"
Allows: TypeAlias = "Callable[[Mapping[str, Any], str, Message, frozenset[Fault]], bool]"
"""Tells by the claims of a token whether its bearer may call a procedure with a request."""
# The library has a class for each kind of endpoint and names only their base in public.
AnyEndpoint: TypeAlias = Any


def invalid_argument(message: str) -> ConnectError:
    """Return the error for a request that can never succeed."""
    return ConnectError(Code.INVALID_ARGUMENT, message)


def not_found(message: str) -> ConnectError:
    """Return the error for a thing that is not there."""
    return ConnectError(Code.NOT_FOUND, message)


@functools.cache
def _validator() -> Any:  # noqa: ANN401 - the library is loaded late, its types with it
    # 0.3 s and 20 MB, so not before somebody writes.
    import protovalidate  # noqa: PLC0415

    return protovalidate.Validator()


def validate(message: Message, *, lax_names: bool = False) -> None:
    """Check a request against the rules in the protocol's descriptors.

    Args:
        message: The request.
        lax_names: Whether rules about the form of names are left out, which is a fault.

    Raises:
        ConnectError: ``invalid_argument``, worded as the platform words it.
    """
    violations = [violation.proto for violation in _validator().collect_violations(message)]
    if lax_names:
        violations = [item for item in violations if not item.rule_id.endswith("_format")]
    if violations:
        lines = [f" - {_describe(violation)}" for violation in violations]
        raise invalid_argument("\n".join(["validation error:", *lines]))


def _describe(violation: Any) -> str:  # noqa: ANN401 - see _validator
    path = "".join(
        _path_element(element, first=index == 0)
        for index, element in enumerate(violation.field.elements if violation.field else ())
    )
    text = f"{violation.message} [{violation.rule_id}]".strip()
    return f"{path}: {text}" if path else text


def _path_element(element: Any, *, first: bool) -> str:  # noqa: ANN401 - see _validator
    name = element.field_name if first else f".{element.field_name}"
    subscript = element.subscript
    if subscript is None:
        return str(name)
    value = f'"{subscript.value}"' if subscript.field == "string_key" else subscript.value
    return f"{name}[{value}]"


class Gate:
    """Wraps handlers so that only proper calls reach them, and makes the endpoints."""

    def __init__(
        self,
        protocol: Protocol,
        verifier: TokenVerifier,
        audit_log: AuditLog,
        allows: Allows = roles.allows,
    ) -> None:
        self._protocol = protocol
        self.verifier = verifier
        self._audit_log = audit_log
        hidden = WELL_KNOWN if Fault.WELL_KNOWN_NEEDS_TOKEN in verifier.faults else ""
        self._public = PUBLIC_PROCEDURES - {hidden}
        self._allows = allows

    def endpoints(
        self, handlers: Handlers, services: frozenset[str] | None = None
    ) -> dict[str, AnyEndpoint]:
        """Return an endpoint for every method; those without a handler answer ``unimplemented``.

        Args:
            handlers: By procedure path.
            services: Full names of the services to serve at all; every one by default.
        """
        return {
            path: self._endpoint(method, handlers.get(path))
            for path, method in self._protocol.methods.items()
            if services is None or method.service in services
        }

    def _endpoint(self, method: Method, handler: Handler | None) -> AnyEndpoint:
        level = (
            IdempotencyLevel.NO_SIDE_EFFECTS
            if method.side_effect_free
            else IdempotencyLevel.UNKNOWN
        )
        info = MethodInfo(
            name=method.name,
            service_name=method.service,
            input=method.request,
            output=method.response,
            idempotency_level=level,
        )
        if method.streaming:
            return Endpoint.server_stream(info, _unimplemented_stream)
        return Endpoint.unary(info, functools.partial(self._serve, method, handler))

    async def _serve(
        self,
        method: Method,
        handler: Handler | None,
        request: Message,
        context: RequestContext[Any, Any],
    ) -> Message:
        headers = dict(context.request_headers().items())
        caller = None
        faults = self.verifier.faults
        if not self._is_open(method, headers):
            caller = await self._authenticate(method, context, headers)
            if not self._allows(caller.claims, method.path, request, faults):
                raise ConnectError(Code.PERMISSION_DENIED, "permission denied")
        if handler is None:
            raise ConnectError(Code.UNIMPLEMENTED, f"{method.path[1:]} is not implemented")
        validate(request, lax_names=Fault.MALFORMED_NAME_ACCEPTED in faults)
        trail = audit.open_trail(headers)
        try:
            answer = handler(request, Call(headers, trail, caller))
            return await answer if inspect.isawaitable(answer) else answer
        except ConnectError:
            raise
        except Exception:
            # A defect of ours: say where on standard error, and nothing to the caller.
            LOG.exception("%s failed", method.path)
            raise ConnectError(Code.INTERNAL, "an unexpected error occurred") from None
        finally:
            self._audit_log.write(trail)

    def _is_open(self, method: Method, headers: Mapping[str, str]) -> bool:
        """Tell whether a call is served without looking at who makes it."""
        if method.path in self._public:
            return True
        anonymous = Fault.ANONYMOUS_READS in self.verifier.faults
        reads = roles.action_of_procedure(method.name) == "read"
        return anonymous and reads and "authorization" not in headers

    async def _authenticate(
        self, method: Method, context: RequestContext[Any, Any], headers: Mapping[str, str]
    ) -> Caller:
        authorization = headers.get("authorization")
        if authorization is None:
            raise ConnectError(Code.UNAUTHENTICATED, "missing authorization header")
        host = headers.get("host", "")
        target = ProofTarget(
            context.http_method(),
            (f"http://{host}{method.path}", f"https://{host}{method.path}"),
        )
        proofs = [value for name, value in context.request_headers().allitems() if name == "dpop"]
        answer = context.response_headers()
        await self.verifier.prepare(authorization)
        try:
            caller = self.verifier.verify_header(authorization, proofs, target)
            if Fault.ACCESS_TOKEN_IN_LOG in self.verifier.faults:
                LOG.warning("%s: called with %s", method.path, caller.token)
        except TokenError as problem:
            LOG.warning("%s: unauthenticated: %s", method.path, problem)
            if isinstance(problem, ProofError):
                answer.update(challenge(problem, self.verifier.nonces, self.verifier.faults))
            raise ConnectError(Code.UNAUTHENTICATED, "unauthenticated") from None
        answer.update(nonce_header(self.verifier.nonces))
        return caller


async def _unimplemented_stream(
    _request: Message, _context: RequestContext[Any, Any]
) -> AsyncIterator[Message]:
    messages: tuple[Message, ...] = ()
    for message in messages:
        yield message
    raise ConnectError(Code.UNIMPLEMENTED, "unimplemented")
