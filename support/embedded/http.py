"""The little HTTP that is not an RPC: ASGI helpers, cross-origin rules and plain answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from support.embedded.faults import Fault

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
CORS_METHODS = ("GET", "POST", "PATCH", "DELETE", "OPTIONS", "PUT")
CORS_HEADERS = (
    "accept",
    "accept-encoding",
    "authorization",
    "connect-protocol-version",
    "content-length",
    "content-type",
    "dpop",
    "x-csrf-token",
    "x-requested-with",
    "x-rewrap-additional-context",
)
CORS_MAX_AGE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


def text_response(status: int, text: str) -> Response:
    """Return a line of plain text, as Go's ``http.Error`` writes it."""
    return Response(status, f"{text}\n".encode(), TEXT)


def json_response(status: int, content: object) -> Response:
    """Return data as JSON."""
    return Response(status, json.dumps(content).encode())


def asgi_headers(scope: Scope) -> dict[str, str]:
    """Return the request's headers by lower-case name; of repeated ones, the last."""
    return {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}


async def read_body(receive: Receive) -> bytes:
    """Read a request's whole body."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body", False):
            return body


async def send_response(send: Send, response: Response) -> None:
    """Send a complete answer."""
    headers = [(b"content-length", str(len(response.body)).encode())]
    if response.content_type:
        headers.append((b"content-type", response.content_type.encode()))
    headers += [(name.encode(), value.encode()) for name, value in response.headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": False})


class CrossOrigin:
    """An ASGI application that answers preflight requests and marks answers, for any origin."""

    def __init__(self, inner: App, faults: frozenset[Fault] = frozenset()) -> None:
        self._inner = inner
        self._is_refusing = Fault.WEB_PAGES_REFUSED in faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        headers = asgi_headers(scope)
        if self._is_refusing:
            await self._inner(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await send_response(send, _preflight(headers))
            return
        origin = headers.get("origin")
        if origin is None:
            await self._inner(scope, receive, send)
            return
        marks = {
            "vary": "Origin",
            "access-control-allow-origin": origin,
            "access-control-allow-credentials": "true",
        }

        async def marked(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.encode(), value.encode()) for name, value in marks.items()]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        await self._inner(scope, receive, marked)


def _preflight(headers: dict[str, str]) -> Response:
    vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
    method = headers["access-control-request-method"].upper()
    wanted = headers.get("access-control-request-headers", "")
    names = [name.strip().lower() for name in wanted.split(",") if name.strip()]
    origin = headers.get("origin")
    allowed = (
        origin is not None
        and method in CORS_METHODS
        and all(name in CORS_HEADERS for name in names)
    )
    if not allowed or origin is None:
        return Response(200, b"", "", {"vary": vary})
    permission = {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": method,
        **({"access-control-allow-headers": wanted} if wanted else {}),
        "access-control-allow-credentials": "true",
        "access-control-max-age": str(CORS_MAX_AGE_SECONDS),
    }
    return Response(200, b"", "", {"vary": vary, **permission})
