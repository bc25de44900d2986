"""The plain HTTP routes: health, well-known configuration, the identity provider, and the rest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from support.embedded import roles
from support.embedded.dpop import ProofError, ProofTarget, challenge, nonce_header
from support.embedded.faults import Fault
from support.embedded.http import (
    TEXT,
    Response,
    asgi_headers,
    json_response,
    read_body,
    send_response,
    text_response,
)
from support.embedded.identity import TokenRequest
from support.embedded.jose import TokenError

if TYPE_CHECKING:
    from support.embedded.control import Control
    from support.embedded.health import Health
    from support.embedded.http import Receive, Scope, Send
    from support.embedded.identity import IdentityProvider
    from support.embedded.tokens import TokenVerifier
    from support.embedded.wellknown import WellKnown

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Routes:
    """Answers whatever is not a procedure; a KAS of its own has no identity provider."""

    health: Health
    verifier: TokenVerifier
    well_known: WellKnown | None = None
    identity: IdentityProvider | None = None
    control: Control | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await send_response(send, await self._answer(scope, receive))

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        path = scope["path"]
        if path == "/healthz":
            return self._healthz(scope)
        hidden = Fault.WELL_KNOWN_NEEDS_TOKEN in self.verifier.faults
        if path == "/.well-known/opentdf-configuration" and self.well_known and not hidden:
            return _only_get(scope, Response(200, self.well_known.document()))
        if path.startswith("/auth/") and self.well_known:
            return await self._identity(self.identity, scope, receive)
        if self.control and self.control.answers(path):
            sent = asgi_headers(scope).get("authorization", "")
            body = await read_body(receive)
            return self.control.answer(scope["method"], path, sent, body)
        return await self._guarded_not_found(scope)

    def _healthz(self, scope: Scope) -> Response:
        query = dict(parse_qsl(scope["query_string"].decode()))
        status = self.health.status(query.get("service", ""))
        body = json.dumps({"status": status}, separators=(",", ":")) + "\n"
        return _only_get(scope, Response(200 if status == "SERVING" else 503, body.encode(), TEXT))

    async def _identity(
        self, identity: IdentityProvider | None, scope: Scope, receive: Receive
    ) -> Response:
        if identity is None:
            # The issuer is outside: whoever asks here has the wrong address, and is told so.
            return text_response(404, "404 page not found")
        path = scope["path"]
        realm = urlsplit(identity.issuer).path
        protocol = f"{realm}/protocol/openid-connect"
        if path == f"{protocol}/token":
            return await _token(identity, scope, receive)
        documents = {
            f"{realm}/.well-known/openid-configuration": identity.discovery,
            f"{protocol}/certs": identity.jwks,
        }
        if path in documents:
            return json_response(200, documents[path]())
        known = path == realm or path.startswith(f"{realm}/")
        error = "HTTP 404 Not Found" if known else "Realm does not exist"
        return json_response(404, {"error": error})

    async def _guarded_not_found(self, scope: Scope) -> Response:
        """Answer an unknown path as the platform does: who you are comes first."""
        headers = asgi_headers(scope)
        authorization = headers.get("authorization")
        if authorization is None:
            return text_response(401, "missing authorization header")
        url = f"http://{headers.get('host', '')}{scope['path']}"
        proofs = [headers["dpop"]] if "dpop" in headers else []
        target = ProofTarget(scope["method"], (url,))
        await self.verifier.prepare(authorization)
        nonces = self.verifier.nonces
        try:
            caller = self.verifier.verify_header(authorization, proofs, target)
        except ProofError as problem:
            return Response(401, b"unauthenticated\n", TEXT, challenge(problem, nonces))
        except TokenError:
            return text_response(401, "unauthenticated")
        told = nonce_header(nonces)
        action = roles.action_of_http_method(scope["method"])
        if not roles.is_allowed(
            roles.roles_of(caller.claims), scope["path"], action, self.verifier.faults
        ):
            return Response(403, b"permission denied\n", TEXT, told)
        return Response(404, b"404 page not found\n", TEXT, told)


def _only_get(scope: Scope, response: Response) -> Response:
    if scope["method"] in {"GET", "HEAD"}:
        return response
    return Response(405, b"Method Not Allowed\n", TEXT, {"allow": "GET, HEAD"})


async def _token(identity: IdentityProvider, scope: Scope, receive: Receive) -> Response:
    if scope["method"] != "POST":
        return json_response(405, {"error": "HTTP 405 Method Not Allowed"})
    headers = asgi_headers(scope)
    body = await read_body(receive)
    is_form = headers.get("content-type", "").lower().startswith(FORM)
    form = dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True)) if is_form else {}
    client = scope.get("client")
    status, content = identity.token(
        TokenRequest(
            form=form,
            authorization=headers.get("authorization", ""),
            proofs=tuple(v.decode() for n, v in scope["headers"] if n.lower() == b"dpop"),
            client_host=client[0] if client else "127.0.0.1",
        )
    )
    response = json_response(status, content)
    return Response(
        response.status, response.body, headers={"cache-control": "no-store", "pragma": "no-cache"}
    )
