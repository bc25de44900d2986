"""Connect over JSON, the platform's way, in front of endpoints that speak binary messages.

The Connect library offers no say in how JSON is read: it refuses unknown fields, which the
platform ignores, and answers malformed JSON with an internal error. So JSON is turned into binary
here and the answer back; gRPC and binary Connect pass through.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from google.protobuf.json_format import ParseError
from google.protobuf.message import DecodeError

from support.embedded.http import Response, asgi_headers, read_body, send_response

if TYPE_CHECKING:
    from support.embedded.http import App, Receive, Scope, Send
    from support.embedded.protocol import Method, Protocol

_JSON_TYPES = frozenset({"application/json", "application/json; charset=utf-8"})
_KNOWN_TYPES = _JSON_TYPES | {"application/proto"}
_GRPC = "application/grpc"
_SUCCESS = 200


class Transcoder:
    """An ASGI application around a Connect application."""

    def __init__(self, protocol: Protocol, inner: App) -> None:
        self._protocol = protocol
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request of a known procedure."""
        method = self._protocol.methods[scope["path"]]
        headers = asgi_headers(scope)
        content_type = headers.get("content-type", "").lower()
        if scope["method"] == "GET":
            await self._get(method, scope, receive, send)
        elif content_type.startswith((_GRPC, "application/connect+")):
            await self._inner(scope, receive, send)
        elif method.streaming or content_type not in _KNOWN_TYPES:
            await send_response(send, Response(415, b"", ""))
        else:
            await self._post(method, scope, receive, send)

    async def _get(self, method: Method, scope: Scope, receive: Receive, send: Send) -> None:
        if not method.side_effect_free:
            await send_response(send, Response(405, b"", "", {"allow": "POST"}))
            return
        query = {
            name: values[0]
            for name, values in parse_qs(
                scope["query_string"].decode(), keep_blank_values=True
            ).items()
        }
        if query.get("encoding") not in {"json", "proto"}:
            await send_response(send, Response(415, b"", ""))
            return
        if query["encoding"] == "proto":
            await self._inner(scope, receive, send)
            return
        message = query.get("message", "")
        is_encoded = query.get("base64") == "1"
        text = base64.urlsafe_b64decode(f"{message}===") if is_encoded else message.encode()
        await self._as_binary(method, text, scope, send)

    async def _post(self, method: Method, scope: Scope, receive: Receive, send: Send) -> None:
        headers = asgi_headers(scope)
        body = await read_body(receive)
        if headers.get("content-encoding") == "gzip":
            try:
                body = gzip.decompress(body)
            except (OSError, EOFError, zlib.error):
                await send_response(send, _invalid("decompress request: invalid gzip data"))
                return
        if headers["content-type"].lower() in _JSON_TYPES:
            await self._as_binary(method, body, scope, send)
            return
        try:
            method.request.FromString(body)
        except DecodeError as problem:
            await send_response(send, _invalid(f"unmarshal message: {problem}"))
            return
        await self._inner(_scope_with(scope, "application/proto"), _replay(body), send)

    async def _as_binary(self, method: Method, text: bytes, scope: Scope, send: Send) -> None:
        """Pass a JSON request on as binary and its answer back as JSON."""
        if not text:
            await send_response(
                send,
                _invalid("unmarshal message: zero-length payload is not a valid JSON object"),
            )
            return
        try:
            request = self._protocol.parse_json(text, method.request())
        except (ParseError, UnicodeDecodeError) as problem:
            await send_response(send, _invalid(f"unmarshal message: {problem}"))
            return
        binary: bytes = request.SerializeToString()
        inner_scope = _scope_with(scope, "application/proto")
        if scope["method"] == "GET":
            inner_scope["query_string"] = _binary_query(binary)
        await self._inner(inner_scope, _replay(binary), _JsonSend(self._protocol, method, send))


class _JsonSend:
    """Collects a binary answer and sends it as JSON; errors are JSON already."""

    def __init__(self, protocol: Protocol, method: Method, send: Send) -> None:
        self._protocol = protocol
        self._method = method
        self._send = send
        self._start: dict[str, Any] = {}
        self._body = b""

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._finish()

    async def _finish(self) -> None:
        body = self._body
        if self._start["status"] == _SUCCESS:
            answer = self._method.response.FromString(body)
            body = self._protocol.to_json(answer).encode()
        replaced = (b"content-type", b"content-encoding")
        headers = [(name, value) for name, value in self._start["headers"] if name not in replaced]
        headers.append((b"content-type", b"application/json"))
        headers.append((b"content-length", str(len(body)).encode()))
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})


def _binary_query(binary: bytes) -> bytes:
    message = base64.urlsafe_b64encode(binary).decode()
    return urlencode(
        {"connect": "v1", "encoding": "proto", "base64": "1", "message": message}
    ).encode()


def _scope_with(scope: Scope, content_type: str) -> Scope:
    """Return the scope of an uncompressed binary request that wants an uncompressed answer."""
    replaced = (b"content-type", b"content-encoding", b"content-length", b"accept-encoding")
    headers = [(name, value) for name, value in scope["headers"] if name not in replaced]
    return {**scope, "headers": [*headers, (b"content-type", content_type.encode())]}


def _replay(body: bytes) -> Receive:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _invalid(message: str) -> Response:
    body = json.dumps({"code": "invalid_argument", "message": message}).encode()
    return Response(400, body, "application/json")
